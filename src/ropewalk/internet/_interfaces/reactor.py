"""The reactor itself: running, stopping, watching, finding names. What it connects is in ``reach``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from ropewalk.internet.defer import Deferred

    from .descriptors import IReadDescriptor, IWriteDescriptor
    from .names import IHostnameResolver, IResolverSimple

__name__ = "ropewalk.internet.interfaces"


class IReactorCore(Interface):
    """What every reactor can do: run, stop, and tell others about it."""

    running: bool = Attribute("Whether the reactor is in the middle of a run: from its startup to its shutdown.")

    def resolve(name: str, timeout: Sequence[int] = (1, 3, 11, 45)) -> Deferred[str]:
        """Find an IPv4 address of a host; see `IResolverSimple.getHostByName`."""

    def run() -> None:
        """Run until somebody calls `stop`, and then shut down in order. Everything else happens inside this call.

        Raises:
            ropewalk.internet.error.ReactorAlreadyRunning: it runs already.
        """

    def stop() -> None:
        """End `run`: "before shutdown" triggers are called and waited for, then everything is closed.

        Raises:
            ropewalk.internet.error.ReactorNotRunning: it doesn't run, or stops already.
        """

    def crash() -> None:
        """End `run` at once, without closing anything or calling any trigger. For tests and emergencies."""

    def iterate(delay: float = 0) -> None:
        """Do one turn by hand: what is ready now, waiting at most ``delay`` seconds for it. For embedding only."""

    def fireSystemEvent(eventType: str) -> None:
        """Call the triggers of an event: "before"; when their Deferreds have fired, "during"; then "after".

        Args:
            eventType: ``"startup"``, ``"shutdown"``, ``"persist"``, or a name of your own.
        """

    def addSystemEventTrigger(
        phase: str, eventType: str, callable: Callable[..., Any], *args: object, **kwargs: object
    ) -> Any:
        """Have something called when an event happens.

        Args:
            phase: ``"before"``, ``"during"`` or ``"after"``. A Deferred returned by a "before" trigger is waited for.
            eventType: ``"startup"``, ``"shutdown"``, or another event's name.
            callable: what to call, with the arguments that follow.

        Returns:
            A mark for `removeSystemEventTrigger`.
        """

    def removeSystemEventTrigger(triggerID: Any) -> None:
        """Take a trigger back.

        Raises:
            ValueError: ``triggerID`` marks no trigger.
            TypeError: it isn't a mark at all.
        """

    def callWhenRunning(callable: Callable[..., Any], *args: object, **kwargs: object) -> Any:
        """Call something as soon as the reactor runs: at once if it does.

        Returns:
            A mark for `removeSystemEventTrigger`; `None` if the call was made at once.
        """


class IReactorDaemonize(Interface):
    """A reactor that has to be told when its process forks to go into the background."""

    def beforeDaemonize() -> None:
        """Hear that the process is about to fork; the child goes on."""

    def afterDaemonize() -> None:
        """Hear, in the child, that it has."""


class IReactorFDSet(Interface):
    """A reactor that watches descriptors. Watching one twice is the same as once; so is not watching it."""

    def addReader(reader: IReadDescriptor) -> None:
        """Call ``reader.doRead`` whenever its descriptor is readable."""

    def addWriter(writer: IWriteDescriptor) -> None:
        """Call ``writer.doWrite`` whenever its descriptor is writable."""

    def removeReader(reader: IReadDescriptor) -> None:
        """Stop that. Do so before the descriptor is closed."""

    def removeWriter(writer: IWriteDescriptor) -> None:
        """Stop that. Do so before the descriptor is closed."""

    def removeAll() -> list[IReadDescriptor | IWriteDescriptor]:
        """Stop watching everything but what the reactor needs itself, and return what was watched."""

    def getReaders() -> list[IReadDescriptor]:
        """Return what is watched for reading, but for what the reactor needs itself."""

    def getWriters() -> list[IWriteDescriptor]:
        """Return what is watched for writing."""


class IReactorWin32Events(Interface):
    """A reactor that waits for Windows event objects."""

    def addEvent(event: object, fd: object, action: str) -> None:
        """Call the method named ``action`` of ``fd`` whenever the event is set."""

    def removeEvent(event: object) -> None:
        """Stop that."""


class IReactorPluggableResolver(Interface):
    """A reactor that can be told how to find a host's IPv4 address."""

    def installResolver(resolver: IResolverSimple) -> IResolverSimple:
        """Use another resolver from now on, and return the one in use until now."""


class IReactorPluggableNameResolver(Interface):
    """A reactor that can be told how to find a host's addresses."""

    nameResolver: IHostnameResolver = Attribute("The resolver in use. Change it with installNameResolver only.")

    def installNameResolver(resolver: IHostnameResolver) -> IHostnameResolver:
        """Use another resolver from now on, and return the one in use until now."""
