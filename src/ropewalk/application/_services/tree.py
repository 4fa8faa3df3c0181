"""A service, and a service that is made of services."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from typing import Any

from zope.interface import implementer

from ropewalk.internet.defer import Deferred, DeferredList, maybeDeferred
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure

from .contracts import IService, IServiceCollection

_log = Logger("ropewalk.application.service")


@implementer(IService)
class Service:
    """A service that does nothing yet: override `startService` and `stopService`, and call these.

    Attributes:
        running: 1 between start and stop. It isn't pickled.
        name: what its parent knows it by.
        parent: the collection it belongs to.
        volatile: names of attributes that aren't pickled: what is there only while the service runs. A list for each
            class that adds some.
    """

    running: int = 0
    name: str | None = None
    parent: IServiceCollection | None = None
    volatile: list[str] = []

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what belongs to a run."""
        forgotten = {"running", *(name for cls in type(self).__mro__ for name in cls.__dict__.get("volatile", ()))}
        return {name: value for name, value in self.__dict__.items() if name not in forgotten}

    def setName(self, name: str) -> None:
        """Give it a name; see `IService.setName`."""
        if self.parent is not None:
            raise RuntimeError(
                f"{self!r} can't be named {name!r}: it has a parent, which knows it as {self.name!r}; "
                "name it before setServiceParent()"
            )
        self.name = name

    def setServiceParent(self, parent: Any) -> None:
        """Become a child of a collection; see `IService.setServiceParent`."""
        if self.parent is not None:
            self.disownServiceParent()
        # An application is no collection, but adapts to one.
        self.parent = IServiceCollection(parent, parent)
        try:
            self.parent.addService(self)
        except BaseException:
            if self not in self.parent:
                self.parent = None
            raise

    def disownServiceParent(self) -> Deferred[Any] | None:
        """Leave the parent, which stops this if it runs; see `IService.disownServiceParent`."""
        if self.parent is None:
            raise RuntimeError(f"{self!r} has no parent to leave")
        stopping: Deferred[Any] | None = self.parent.removeService(self)
        self.parent = None
        return stopping

    def privilegedStartService(self) -> None:
        """Override to do what only root may do; see `IService.privilegedStartService`."""

    def startService(self) -> None:
        """Begin. Override, and call this."""
        self.running = 1

    def stopService(self) -> Deferred[Any] | Coroutine[Any, Any, Any] | None:
        """End. Override, and call this; return a Deferred if it takes time, or make it a coroutine function."""
        self.running = 0
        return None


@implementer(IServiceCollection)
class MultiService(Service):
    """Services that are started together, in the order in which they were added, and stopped together.

    What is added while it runs is started at once.

    Attributes:
        services: the children, in that order.
        namedServices: those that have a name, by it.
    """

    def __init__(self) -> None:
        self.services: list[Any] = []
        self.namedServices: dict[str, Any] = {}
        self.parent = None

    def privilegedStartService(self) -> None:
        """Let each child do what only root may do."""
        super().privilegedStartService()
        for service in list(self.services):
            service.privilegedStartService()

    def startService(self) -> None:
        """Start each child. What one of them raises is raised, and the later ones aren't started."""
        super().startService()
        for service in list(self.services):
            service.startService()

    def stopService(self) -> Deferred[list[tuple[bool, Any]]]:
        """Stop each child, the last one first; none waits for another.

        Returns:
            A Deferred of pairs, fired when all have stopped: whether it went well, and the result or the failure, which
            is logged. Cancelling it cancels what is still waited for.
        """
        super().stopService()
        stopping = []
        for service in reversed(self.services):
            stopped: Deferred[Any] = maybeDeferred(service.stopService)
            stopped.addErrback(_logUnstopped, service)
            stopping.append(stopped)
        return DeferredList(stopping, consumeErrors=True)

    def getServiceNamed(self, name: str) -> Any:
        """Return the child of that name. Raises `KeyError` when there is none."""
        return self.namedServices[name]

    def __iter__(self) -> Iterator[Any]:
        """Go through the children, in the order in which they were added."""
        return iter(self.services)

    def addService(self, service: Any) -> None:
        """Take a child in; see `IServiceCollection.addService`."""
        if service.name is not None:
            if service.name in self.namedServices:
                raise RuntimeError(f"{self!r} has a service named {service.name!r}: a name belongs to one of a parent")
            self.namedServices[service.name] = service
        self.services.append(service)
        if self.running:
            # The time to do what only root may do is over, as a rule: whoever needs it hears so from the system.
            service.privilegedStartService()
            service.startService()

    def removeService(self, service: Any) -> Deferred[Any] | None:
        """Let a child go; see `IServiceCollection.removeService`."""
        if service not in self.services:
            raise ValueError(f"{service!r} is no child of {self!r}")
        if service.name is not None:
            del self.namedServices[service.name]
        self.services.remove(service)
        if self.running:
            # Returned, so that whoever removes it can wait for it.
            return maybeDeferred(service.stopService)
        return None


def _logUnstopped(failure: Failure, service: Any) -> Failure:
    _log.failure("while stopping {service!r}, named {name!r}", failure, service=service, name=service.name)
    return failure
