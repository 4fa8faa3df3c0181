"""FTP for coroutines: connect, then await each thing in turn.

async with await connect("ftp.example", "fred", "secret") as remote:
    for entry in await remote.entries("/pub"):
        print(entry.name, entry.size)
    with open("here", "wb") as file:
        await remote.download("/pub/there", file)
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, BinaryIO, Self

from ropewalk.internet.endpoints import HostnameEndpoint, connectProtocol
from ropewalk.internet.protocol import Protocol
from ropewalk.python.failure import Failure

from .._wire.ftplisting import Entry
from .client import FTPClient
from .errors import CommandFailed
from .files import FileSender256
from .listings import EntryListProtocol

__all__ = ["Remote", "connect"]


async def connect(
    host: str,
    username: str = "anonymous",
    password: str = "ropewalk@",
    *,
    port: int = 21,
    contextFactory: Any = None,
    passive: bool = True,
    reactor: Any = None,
    timeout: float = 30.0,
) -> Remote:
    """Connect to a server and log in.

    Args:
        host: a name or an address.
        contextFactory: makes TLS: ``ssl.optionsForClientTLS(host)``. `None` for none: all is sent in the clear.
        passive: whether we open the data connections; few networks let servers do that.
        reactor: what connects; `None` for the reactor.
        timeout: seconds that connecting may take, and seconds that logging in may.

    Raises:
        ropewalk.internet.defer.TimeoutError: the server took longer to let us in.
        ConnectionLost: the server would not let us in; the second argument says why.
        ropewalk.internet.error.ConnectError: there is no server.
    """
    if reactor is None:
        from ropewalk.internet import reactor
    client = FTPClient(username, password, passive)
    client.contextFactory = contextFactory
    client.reactor = reactor
    client.connectTimeout = timeout
    await connectProtocol(HostnameEndpoint(reactor, host, port, timeout), client)
    try:
        # Its turn comes after the login, and it fails when that does.
        await client.queueStringCommand("NOOP").addTimeout(timeout, reactor)
    except BaseException:
        client.transport.abortConnection()
        raise
    return Remote(client)


class Remote:
    """A server that we are logged in to.

    Args:
        client: who talks to it. Use it for what is not here.
    """

    def __init__(self, client: FTPClient) -> None:
        self.client = client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            await self.close()
        else:
            self.client.transport.abortConnection()

    async def close(self) -> None:
        """Say good-bye, and close."""
        await self.client.quit()
        self.client.transport.loseConnection()

    async def entries(self, path: str = "") -> list[Entry]:
        """Return what is in a directory: as MLSD tells it, or LIST where the server knows nothing better."""
        for verb, forPrograms in (("MLSD", True), ("LIST", False)):
            reader = EntryListProtocol(forPrograms)
            command = f"{verb} {path}" if path else verb
            try:
                await self.client.receiveFromConnection([command], reader)
            except CommandFailed as refused:
                if verb == "LIST" or refused.args[0][-1][:2] != "50":
                    raise
            else:
                break
        return reader.entries

    async def download(self, path: str, file: BinaryIO, offset: int = 0) -> None:
        """Retrieve a file.

        Args:
            file: is written to, from where it stands.
            offset: where in the remote file to begin: the size of what a broken transfer left.
        """
        await self.client.retrieveFile(path, _Writer(file), offset)

    async def upload(self, file: BinaryIO, path: str, offset: int = 0) -> None:
        """Store a file.

        Args:
            file: is read from where it stands.
            offset: where in the remote file to begin: what `size` says of what a broken transfer left.
        """
        connected, done = self.client.storeFile(path, offset)
        try:
            sender = await connected
            try:
                await FileSender256().beginFileTransfer(file, sender)
            except BaseException:
                if sender.reason is None:
                    raise  # our own file
                # The server broke the connection: its reply says why, and comes.
                await done
                raise
        except BaseException:
            done.cancel()
            done.addErrback(lambda _: None)
            raise
        sender.finish()
        await done

    async def size(self, path: str) -> int:
        """Return how many bytes a file has."""
        lines = await self.client.queueStringCommand(f"SIZE {path}")
        return int(lines[-1][4:])

    async def remove(self, path: str) -> None:
        """Remove a file."""
        await self.client.removeFile(path)

    async def rename(self, fromPath: str, toPath: str) -> None:
        """Rename a file."""
        await self.client.rename(fromPath, toPath)

    async def makeDirectory(self, path: str) -> None:
        """Make a directory."""
        await self.client.makeDirectory(path)

    async def removeDirectory(self, path: str) -> None:
        """Remove an empty directory."""
        await self.client.removeDirectory(path)


class _Writer(Protocol):
    """Writes what comes into a file; what the file says to that becomes the transfer's failure."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def dataReceived(self, data: bytes) -> None:
        self._file.write(data)

    def connectionLost(self, reason: Failure | None = None) -> None:
        pass
