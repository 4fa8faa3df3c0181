"""Where events come from: `Logger`."""

from __future__ import annotations

import sys
from time import time

from ._events import direct
from ._interest import Ears, Era
from ._levels import LEVELS, InvalidLogLevelError, LogLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Self

    from ..python.failure import Failure
    from ._events import Observer
    from ._names import Constant
    from ._operation import Operation

__all__ = ["Logger"]


class Logger:
    """Emits events, each a dict, to an observer.

    As an attribute of a class it knows who logs: reached through an instance (``self.log``) the instance, reached
    through the class the class becomes the events' ``log_source``, and the class's name their ``log_namespace``.

    Args:
        namespace: what the events are filed under; the name of the calling module (or the class) by default.
        source: who logs.
        observer: called with each event; `globalLogPublisher` by default.
    """

    # Whether `emit` is ours, so that `info` need not go through it.
    _plain = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._plain = cls.emit is Logger.emit

    def __init__(self, namespace: str | None = None, source: object = None, observer: Observer | None = None) -> None:
        self._named = namespace is not None
        if namespace is None:
            namespace = sys._getframe(1).f_globals.get("__name__", "<unknown>")
        if observer is None:
            from ._global import globalLogPublisher

            observer = globalLogPublisher
        self._namespace = namespace
        self._observer = observer
        self._call = direct(observer)
        self.source = source
        self._ears = Ears()
        # Namespace -> ears, for the loggers that `__get__` makes from this one.
        self._earsByNamespace: dict[str, Ears] = {}

    @property
    def namespace(self) -> str:
        """What the events are filed under, as their ``log_namespace``."""
        return self._namespace

    @namespace.setter
    def namespace(self, namespace: str) -> None:
        self._namespace = namespace
        self._ears = Ears()

    @property
    def observer(self) -> Observer:
        """What is called with each event."""
        return self._observer

    @observer.setter
    def observer(self, observer: Observer) -> None:
        self._observer = observer
        self._call = direct(observer)
        self._ears = Ears()
        self._earsByNamespace = {}

    def __get__(self, instance: object, owner: type | None = None) -> Self:
        """Return a logger for the object, or the class, of which this one is an attribute."""
        if owner is None:
            owner = type(instance)
        namespace = self._namespace if self._named else f"{owner.__module__}.{owner.__name__}"
        ears = self._earsByNamespace.get(namespace)
        if ears is None:
            ears = self._earsByNamespace[namespace] = Ears()
        # Not made by calling the class: this happens for each ``self.log``, and subclasses keep what they added.
        bound = object.__new__(type(self))
        if type(self) is not Logger:
            bound.__dict__.update(self.__dict__)
        bound._named = True
        bound._namespace = namespace
        bound._observer = self._observer
        bound._call = self._call
        bound.source = owner if instance is None else instance
        bound._ears = ears
        bound._earsByNamespace = self._earsByNamespace
        return bound

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._namespace!r}>"

    # ``Any`` below: an event carries whatever its emitter puts in.

    def emit(self, level: Constant, format: str | None = None, **kwargs: Any) -> None:
        """Emit an event, unless nobody would see it.

        Nothing is formatted here: an observer that wants text does that with `formatEvent`.

        Args:
            level: one of the constants of `LogLevel`.
            format: how the event reads as text, with the keys in braces as `str.format` has them:
                ``"{peer.host} sent {count} bytes: {data!r}"``. A name that ends in ``()`` is called first.
            kwargs: what the event carries. Names that begin with ``log_`` are ours.
        """
        ears = self._ears
        if ears.era != Era.number:
            ears.listen(self._observer, self._namespace)
        try:
            unheard = level not in ears.heard
        except TypeError:
            unheard = True  # Something that has no hash, and so is no level.
        if unheard:
            if not any(level is known for known in LEVELS):
                self._refuse(level)
                return
            if "log_trace" not in kwargs:
                return
        # The dict of keywords is ours alone: it becomes the event.
        event = kwargs
        event["log_logger"] = self
        event["log_level"] = level
        event["log_namespace"] = self._namespace
        event["log_source"] = self.source
        event["log_format"] = format
        event["log_time"] = time()
        if "log_trace" in event:
            event["log_trace"].append((self, self._observer))
        self._call(event)

    def _refuse(self, level: object) -> None:
        """A wrong level is the caller's bug, but not worth an exception in the middle of its work."""
        from ..python.failure import Failure

        self.failure(
            "{logger}.emit() was called with {invalidLevel!r}, which is no log level: use a constant of LogLevel",
            Failure(InvalidLogLevelError(level)),
            invalidLevel=level,
            logger=self,
        )

    def debug(self, format: str | None = None, **kwargs: Any) -> None:
        """Emit an event at `LogLevel.debug`."""
        ears = self._ears
        if ears.era != Era.number or ears.debug or "log_trace" in kwargs:
            self.emit(DEBUG, format, **kwargs)

    def info(self, format: str | None = None, **kwargs: Any) -> None:
        """Emit an event at `LogLevel.info`."""
        ears = self._ears
        if ears.era != Era.number:
            ears.listen(self._observer, self._namespace)
        if not self._plain or "log_trace" in kwargs:
            self.emit(INFO, format, **kwargs)
        elif ears.info:
            # What `emit` does, without the cost of handing the keywords on: most events that anybody sees come here.
            event = kwargs
            event["log_logger"] = self
            event["log_level"] = INFO
            event["log_namespace"] = self._namespace
            event["log_source"] = self.source
            event["log_format"] = format
            event["log_time"] = time()
            self._call(event)

    def warn(self, format: str | None = None, **kwargs: Any) -> None:
        """Emit an event at `LogLevel.warn`."""
        self.emit(LogLevel.warn, format, **kwargs)

    def error(self, format: str | None = None, **kwargs: Any) -> None:
        """Emit an event at `LogLevel.error`: for a failure that was expected and dealt with; see `failure`."""
        self.emit(LogLevel.error, format, **kwargs)

    def critical(self, format: str | None = None, **kwargs: Any) -> None:
        """Emit an event at `LogLevel.critical`."""
        self.emit(LogLevel.critical, format, **kwargs)

    def failure(
        self,
        format: str,
        failure: Failure | None = None,
        level: Constant = LogLevel.critical,
        **kwargs: Any,
    ) -> None:
        """Emit an event about an exception that nobody expected, with its traceback (as ``log_failure``).

        Args:
            format: what was going on, as for `emit`.
            failure: the exception; by default the one that is being handled.
            level: how much it matters.
            kwargs: what else the event carries.

        Raises:
            NoCurrentExceptionError: no ``failure`` is given and no exception is being handled.
        """
        if failure is None:
            from ..python.failure import Failure

            failure = Failure()
        self.emit(level, format, log_failure=failure, **kwargs)

    def failuresHandled(self, format: str, level: Constant = LogLevel.critical, **kwargs: Any) -> _HandledFailures:
        """Log, and swallow, whatever the block under ``with`` raises.

        ::

            with log.failuresHandled("while asking {plugin}", plugin=plugin) as operation:
                plugin.ask()
            if operation.failed:
                ...

        Args:
            format: what was going on.
            level: how much a failure matters.
            kwargs: what else the event carries.

        Returns:
            A context manager whose target is an `Operation`.
        """
        return _HandledFailures(self, format, level, kwargs)

    def failureHandler(self, staticMessage: str, level: Constant = LogLevel.critical) -> _FailureHandler:
        """Make a context manager like that of `failuresHandled` once, to be entered many times.

        For code that is too hot to build one each time: it has no target and carries nothing but the message.
        """
        return _FailureHandler(self, staticMessage, level)


DEBUG, INFO = LogLevel.debug, LogLevel.info


class _HandledFailures:
    """The context manager and the target of `Logger.failuresHandled`."""

    __slots__ = ("_format", "_kwargs", "_level", "_logger", "failure", "succeeded")

    def __init__(self, logger: Logger, format: str, level: Constant, kwargs: dict[str, Any]) -> None:
        self._logger = logger
        self._format = format
        self._level = level
        self._kwargs = kwargs
        self.failure: Failure | None = None
        self.succeeded = False

    @property
    def failed(self) -> bool:
        """Whether the block has raised."""
        return self.failure is not None

    def __enter__(self) -> Operation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if kind is None:
            self.succeeded = True
            return False
        from ..python.failure import Failure

        self.failure = Failure(value, kind, traceback)
        self._logger.failure(self._format, self.failure, self._level, **self._kwargs)
        return True


class _FailureHandler:
    """The context manager of `Logger.failureHandler`. It keeps nothing, so it can be entered by anyone any time."""

    __slots__ = ("_level", "_logger", "_message")

    def __init__(self, logger: Logger, message: str, level: Constant) -> None:
        self._logger = logger
        self._message = message
        self._level = level

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if kind is None:
            return False
        from ..python.failure import Failure

        self._logger.failure(self._message, Failure(value, kind, traceback), self._level)
        return True
