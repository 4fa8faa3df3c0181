"""System events: what programs ask to be called for when the reactor starts and stops, or at an event of their own.

An event has three phases. *Before* may take time: what its functions return as Deferreds is waited for. *During*
and *after* follow, in one go. Within a phase functions are called in the order in which they were added; each is
called for one event only and is then gone. What one raises is logged and keeps nobody else from being called.
"""

from __future__ import annotations

from contextvars import copy_context

from .trouble import logTrouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    # What the caller may hand back to `Triggers.remove`; opaque to them.
    TriggerID = tuple[str, "Trigger"]

__all__ = ["Triggers"]

PHASES = ("before", "during", "after")


class Trigger:
    """One function to be called in one phase."""

    __slots__ = ("args", "context", "func", "kw", "phase")

    def __init__(
        self, phase: str, func: Callable[..., object], args: tuple[object, ...], kw: dict[str, object]
    ) -> None:
        self.phase = phase
        self.func = func
        self.args = args
        self.kw = kw
        self.context: Context | None = copy_context() or None

    def __repr__(self) -> str:
        return f"<{self.phase}: {self.func!r}>"

    def __call__(self) -> object:
        try:
            if self.context is not None:
                return self.context.run(self.func, *self.args, **self.kw)
            return self.func(*self.args, **self.kw)
        except BaseException:
            logTrouble(f"while calling the system event trigger {self.func!r}")
            return None


class Event:
    """The triggers of one event that wait for it."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[Trigger]] = {phase: [] for phase in PHASES}
        # Something of its own from the first "before" until the last "after", or until it was abandoned.
        self.firing: object | None = None

    def take(self, phase: str) -> Trigger | None:
        """Remove and return the next trigger of a phase; one added meanwhile is still called."""
        return self.waiting[phase].pop(0) if self.waiting[phase] else None


class Triggers:
    """The system events of one reactor."""

    def __init__(self) -> None:
        self._events: dict[str, Event] = {}

    def add(
        self, phase: str, event: str, func: Callable[..., object], args: tuple[object, ...], kw: dict[str, object]
    ) -> TriggerID:
        """Call ``func`` in a phase of the next event of that name; return what `remove` takes.

        Raises:
            AssertionError: ``func`` cannot be called.
            KeyError: there is no such phase.
        """
        if not callable(func):
            raise AssertionError(f"a trigger must be callable, not {func!r}")
        if phase not in PHASES:
            raise KeyError(f"the phase of a trigger is one of {', '.join(PHASES)}, not {phase!r}")
        trigger = Trigger(phase, func, args, kw)
        self._events.setdefault(event, Event()).waiting[phase].append(trigger)
        return event, trigger

    def remove(self, triggerID: TriggerID) -> None:
        """Do not call a trigger. One that was called in the event that is going on is let pass.

        Raises:
            ValueError: it was removed before, or its event is over.
            TypeError: that is not what `add` returned.
        """
        try:
            name, trigger = triggerID
            phase = trigger.phase
        except (TypeError, ValueError, AttributeError):
            raise TypeError(f"expected what addSystemEventTrigger returned, not {triggerID!r}") from None
        event = self._events.get(name)
        if event is not None:
            if trigger in event.waiting[phase]:
                event.waiting[phase].remove(trigger)
                return
            if event.firing is not None:
                return
        raise ValueError(f"the trigger {trigger!r} for {name!r} is gone: it was called or removed already")

    def fire(self, name: str, during: Callable[[], object] | None = None) -> None:
        """Go through the phases of an event.

        Args:
            during: what the reactor itself does, before all others of that phase.
        """
        event = self._events.setdefault(name, Event())
        if event.firing is not None:
            return
        event.firing = firing = object()
        waitFor = []
        while (trigger := event.take("before")) is not None:
            result = trigger()
            if hasattr(result, "addBoth"):
                waitFor.append(result)
        if not waitFor:
            self._finish(event, during)
            return

        # One count for all: a Deferred may fire while the callback is being added.
        missing = len(waitFor)

        def arrived(result: object) -> object:
            nonlocal missing
            missing -= 1
            if not missing and event.firing is firing:
                self._finish(event, during)
            return result

        for deferred in waitFor:
            deferred.addBoth(arrived)

    def _finish(self, event: Event, during: Callable[[], object] | None) -> None:
        if during is not None:
            during()
        for phase in ("during", "after"):
            while (trigger := event.take(phase)) is not None:
                trigger()
        event.firing = None

    def abandon(self) -> None:
        """Wait no longer for the Deferreds of an event that goes on: its later phases are left out.

        Their triggers wait for the next such event.
        """
        for event in self._events.values():
            event.firing = None
