"""What a service, a collection of services, a process and a maker of services must offer."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from ropewalk.internet.defer import Deferred

__name__ = "ropewalk.application.service"


class IService(Interface):
    """Something that can be started and stopped, and has a place in a tree of its kind."""

    name: str | None = Attribute("A text that no other service of the same parent has, or `None`.")
    running: bool | int = Attribute("Whether it was started, and not stopped since.")
    parent: Any = Attribute("The `IServiceCollection` it belongs to, or `None`.")

    def setName(name: str) -> None:
        """Give it a name.

        Raises:
            RuntimeError: it has a parent, which knows it by the name it has.
        """

    def setServiceParent(parent: Any) -> None:
        """Make it a child of a collection; it leaves the one that it was in.

        Args:
            parent: provides `IServiceCollection`, or can be adapted to it, as an application can.

        Raises:
            RuntimeError: the parent has a service of that name.
        """

    def disownServiceParent() -> Deferred[Any] | None:
        """Leave the parent, which stops this if it runs.

        Returns:
            What stopping returned: a Deferred to wait for, or `None`.
        """

    def privilegedStartService() -> None:
        """Do what must be done while the process may still do everything: bind a low port, read a key.

        Called before `startService`, and before a process that was started as root becomes another user.
        """

    def startService() -> None:
        """Begin to work."""

    def stopService() -> Deferred[Any] | Coroutine[Any, Any, Any] | None:
        """End the work.

        Returns:
            A Deferred that fires when it has ended, a coroutine that sees it to its end, or `None` when it has ended.
        """


class IServiceCollection(Interface):
    """Services that are started and stopped together."""

    def getServiceNamed(name: str) -> Any:
        """Return the service of that name.

        Raises:
            KeyError: there is none.
        """

    def __iter__() -> Iterator[Any]:
        """Go through the services, in the order in which they were added."""

    def addService(service: Any) -> None:
        """Take a service in, and start it if this runs. Services call it from ``setServiceParent``.

        Raises:
            RuntimeError: there is one of that name.
        """

    def removeService(service: Any) -> Deferred[Any] | None:
        """Let a service go, and stop it if this runs. Services call it from ``disownServiceParent``.

        Returns:
            What to wait for until it has stopped, or `None`.

        Raises:
            ValueError: it isn't here.
        """


class IServiceMaker(Interface):
    """A plugin that makes a service from a command line: ``twist NAME`` and ``twistd NAME`` find it by its name."""

    tapname: str = Attribute("The word that users type.")
    description: str = Attribute("A line for the list of what there is.")
    options: Any = Attribute("A class like `ropewalk.python.usage.Options`, which reads the command line.")

    def makeService(options: Any) -> Any:
        """Make the service.

        Args:
            options: an instance of ``options`` that has read the command line.

        Returns:
            What provides `IService`.
        """


class IProcess(Interface):
    """Who the process shall be once it has what only root may have."""

    processName: str | None = Attribute("The name it shall show in lists of processes, or `None` to leave that.")
    uid: int | None = Attribute("The number of the user to become, or `None` to stay who it is.")
    gid: int | None = Attribute("The number of the group to become, or `None` to stay in it.")
