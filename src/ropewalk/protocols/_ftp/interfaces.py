"""What a program implements to serve something else than files by FTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zope.interface import Interface

from ropewalk.internet.defer import Deferred
from ropewalk.internet.interfaces import IConsumer

__all__ = ["IFTPShell", "IFinishableConsumer", "IReadFile", "IResumableShell", "IWriteFile"]


class IFTPShell(Interface):
    """What a user sees: a tree of files and directories.

    Each method gets paths as sequences of segments from the user's root, and returns a Deferred. That fails with one
    of the `FTPCmdError` when it cannot be done; the client is told. An ``OSError`` is told as well.
    """

    def makeDirectory(path: Sequence[str]) -> Deferred[None]:
        """Make a directory; its parent is there."""

    def removeDirectory(path: Sequence[str]) -> Deferred[None]:
        """Remove an empty directory."""

    def removeFile(path: Sequence[str]) -> Deferred[None]:
        """Remove a file."""

    def rename(fromPath: Sequence[str], toPath: Sequence[str]) -> Deferred[None]:
        """Give a file or directory another name, in another directory maybe."""

    def access(path: Sequence[str]) -> Deferred[None]:
        """Succeed if the user may go to the directory."""

    def stat(path: Sequence[str], keys: Sequence[str] = ()) -> Deferred[list[Any]]:
        """Tell about a file or directory.

        Args:
            keys: what to tell, in that order: ``size`` (bytes), ``directory`` (whether it is one), ``permissions``
                (a `ropewalk.python.filepath.Permissions`), ``hardlinks`` (their number), ``modified`` (seconds since
                1970), ``owner``, ``group`` (names).
        """

    def list(path: Sequence[str], keys: Sequence[str] = ()) -> Deferred[Sequence[tuple[str, list[Any]]]]:
        """Tell what is in a directory; of a file, tell about itself.

        Returns:
            A Deferred of names, each with what `stat` tells of it.
        """

    def openForReading(path: Sequence[str]) -> Deferred[Any]:
        """Return a Deferred of an `IReadFile`."""

    def openForWriting(path: Sequence[str]) -> Deferred[Any]:
        """Return a Deferred of an `IWriteFile`; what was in the file is gone."""


class IResumableShell(IFTPShell):
    """A tree in which transfers can begin in the middle of a file: REST and APPE work."""

    def openForReadingAt(path: Sequence[str], offset: int) -> Deferred[Any]:
        """Return a Deferred of an `IReadFile` that sends what follows that many bytes."""

    def openForWritingAt(path: Sequence[str], offset: int | None) -> Deferred[Any]:
        """Return a Deferred of an `IWriteFile` that keeps that many bytes; with `None` all there are."""


class IReadFile(Interface):
    """A file that a client retrieves."""

    def send(consumer: Any) -> Deferred[Any]:
        """Send the file to a consumer.

        Returns:
            A Deferred that fires when all has been passed on. Unregister whatever was registered before.
        """


class IWriteFile(Interface):
    """A file that a client stores."""

    def receive() -> Deferred[Any]:
        """Return a Deferred of an `IConsumer` for what the client sends."""

    def close() -> Deferred[Any]:
        """Hear that all has been passed on, or nothing more will be.

        Returns:
            A Deferred; the client is told that the transfer is complete when it has fired.
        """


class IFinishableConsumer(IConsumer):
    """A consumer that wants to know when it has got all."""

    def finish() -> None:
        """Hear that all has been written."""
