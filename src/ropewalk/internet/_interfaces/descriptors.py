"""File descriptors as the reactor sees them: something to watch, and to call when it is ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zope.interface import Interface

if TYPE_CHECKING:
    from ropewalk.python.failure import Failure

__name__ = "ropewalk.internet.interfaces"


class ILoggingContext(Interface):
    """Something that log lines are written about."""

    def logPrefix() -> str:
        """Return a short text without line breaks that marks log lines as coming from here."""


class IFileDescriptor(ILoggingContext):
    """Something with a file descriptor that the reactor can watch. See `IReactorFDSet`."""

    def fileno() -> object:
        """Return the descriptor's number: the same one for as long as it is open, -1 once it is closed."""

    def connectionLost(reason: Failure) -> None:
        """Hear that the descriptor is dead, or that the reactor stops. Called once, and no longer watched then."""


class IReadDescriptor(IFileDescriptor):
    """A descriptor that can be read from."""

    def doRead() -> Failure | BaseException | None:
        """Read what is there; called each time the descriptor is readable.

        Returns:
            `None`, or why the connection is over: the reactor then stops watching and calls ``connectionLost``
            with it.
        """


class IWriteDescriptor(IFileDescriptor):
    """A descriptor that can be written to."""

    def doWrite() -> Failure | BaseException | None:
        """Write what waits; called each time the descriptor is writable.

        Returns:
            `None`, or why the connection is over, as ``doRead`` does.
        """


class IReadWriteDescriptor(IReadDescriptor, IWriteDescriptor):
    """A descriptor that can be read from and written to."""


class IHalfCloseableDescriptor(Interface):
    """A descriptor whose two directions end one by one."""

    def writeConnectionLost(reason: Failure) -> None:
        """Hear that nothing can be written any more; reading goes on."""

    def readConnectionLost(reason: Failure) -> None:
        """Hear that nothing will be read any more; writing goes on. Without this method the whole connection ends."""


class ISystemHandle(Interface):
    """Something made around an object of the operating system, and willing to show it."""

    def getHandle() -> object:
        """Return that object, a ``socket.socket`` say. It stays the owner's: look, and don't close it."""
