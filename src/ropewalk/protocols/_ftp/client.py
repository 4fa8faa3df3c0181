"""A client of FTP servers: files and directories, passive and active, in the clear and by TLS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ropewalk.internet.defer import CancelledError, Deferred
from ropewalk.internet.error import TimeoutError
from ropewalk.python.failure import Failure

from .._wire.ftpaddresses import (
    BadAddress,
    encodeExtendedAddress,
    encodeHostPort,
    extendedPort,
    passiveAddress,
    plainHost,
)
from .._wire.ftppaths import parsePWDResponse
from .clientcontrol import FTPClientBasic, FTPCommand
from .clientdata import FTPDataPortFactory, PassiveFactory, ProtocolWrapper, SenderProtocol
from .errors import BadResponse, CommandFailed, UnexpectedResponse

__all__ = ["FTPClient"]

# "No such command", "not for this argument": another server's way of saying that it can't (RFC 959 §4.2.1).
_UNKNOWN = ("500", "501", "502", "504")


class FTPClient(FTPClientBasic):
    """Logs in, then does what it is asked to, in order. Files are sent as they are (TYPE I).

    Each transfer has a Deferred. Cancelling it takes the transfer out of the queue, or breaks its data connection; the
    client can be used on.

    Args:
        username: who we are.
        password: the proof.
        passive: whether we open the data connections, or the server does.
        trustPasvAddr: whether to connect where a reply to PASV says, and not to the server we talk to. That would let a
            server send us anywhere.

    Attributes:
        contextFactory: makes TLS, as ``startTLS`` takes it: then nothing is sent in the clear, neither password nor
            file. `None` without. Set it before the connection is made.
        extended: whether to use EPSV and EPRT over IPv4, too. Where the server does not know them, PASV is tried.
        reactor: what connects and listens; `None` for the reactor.
        connectTimeout: seconds that a data connection may take to be made, by us or by the server.
    """

    contextFactory: Any = None
    extended = False
    reactor: Any = None
    connectTimeout: float = 30.0

    def __init__(
        self,
        username: str = "anonymous",
        password: str = "ropewalk@",
        passive: int | bool = 1,
        trustPasvAddr: bool = False,
    ) -> None:
        super().__init__()
        self.passive = passive
        self._trustPasvAddr = trustPasvAddr
        self._isProtected = False
        self._transfers: list[Any] = []  # the data connections there are
        self.queueLogin(username, password)

    # Coming and going.

    def _greeted(self, lines: list[str]) -> None:
        super()._greeted(lines)
        if self.contextFactory is not None:
            self.insertCommand("AUTH TLS").addCallback(self._beginTLS).addErrback(self.fail)

    def _beginTLS(self, lines: list[str]) -> Deferred[Any]:
        if self.clearLineBuffer():
            # Sent before TLS began, by anybody: it must not count as said under TLS.
            raise UnexpectedResponse(lines)
        self.transport.startTLS(self.contextFactory)
        protected = self.insertCommand("PBSZ 0")
        protected.addCallback(lambda _: self.insertCommand("PROT P"))
        return protected.addCallback(self._protected)

    def _protected(self, _lines: list[str]) -> None:
        self._isProtected = True

    def queueLogin(self, username: str, password: str | None) -> None:
        """Log in, and choose TYPE I."""
        super().queueLogin(username, password)
        self.queueStringCommand("TYPE I", public=0).addErrback(self.fail)

    def fail(self, error: Any) -> None:
        """Fail all commands, and close."""
        super().fail(error)
        for data in list(self._transfers):
            data.transport.abortConnection()
        if self.transport is not None:
            self.transport.loseConnection()

    def quit(self) -> Deferred[Any]:
        """Say good-bye; the server closes."""
        return self.queueStringCommand("QUIT")

    # Transfers.

    def retrieveFile(self, path: str, protocol: Any, offset: int = 0) -> Deferred[Any]:
        """Retrieve a file.

        Args:
            path: which.
            protocol: gets the bytes by ``dataReceived``, and ``connectionLost`` when that was all, or it broke.
            offset: where to begin: what is left of a transfer that broke.

        Returns:
            A Deferred that fires when all has come, and the server says so; it fails with `CommandFailed` or whatever
            broke the connection.
        """
        return self.receiveFromConnection([*_rest(offset), f"RETR {self.escapePath(path)}"], protocol)

    retr = retrieveFile

    def storeFile(self, path: str, offset: int = 0) -> tuple[Deferred[Any], Deferred[Any]]:
        """Store a file.

        Args:
            path: under which name.
            offset: where in the file to begin: what is left of a transfer that broke.

        Returns:
            A Deferred of a `SenderProtocol`: write to it, and call its ``finish``; and a Deferred that fires when the
            server says that it has got all.
        """
        return self.sendToConnection([*_rest(offset), f"STOR {self.escapePath(path)}"])

    stor = storeFile

    def list(self, path: str | None, protocol: Any) -> Deferred[Any]:
        """Retrieve a listing for people; `FTPFileListProtocol` reads most. Returns as `retrieveFile` does."""
        return self.receiveFromConnection([_with("LIST", self.escapePath(path or ""))], protocol)

    def nlst(self, path: str | None, protocol: Any) -> Deferred[Any]:
        """Retrieve the names in a directory, a line each. Returns as `retrieveFile` does."""
        return self.receiveFromConnection([_with("NLST", self.escapePath(path or ""))], protocol)

    def receiveFromConnection(self, commands: Sequence[str], protocol: Any) -> Deferred[Any]:
        """Send commands, the last of which makes the server send something.

        Args:
            protocol: gets it.

        Returns:
            A Deferred that fires when all has come and the server says so, with a list: a pair of true and the replies
            (each in a pair likewise), and two for the connection. It is seldom looked at.
        """
        return Deferred.fromCoroutine(self._conduct(commands, ProtocolWrapper(protocol, Deferred())))

    def sendToConnection(self, commands: Sequence[str]) -> tuple[Deferred[Any], Deferred[Any]]:
        """Send commands, the last of which makes the server receive something; see `storeFile`."""
        sender = SenderProtocol()
        done = Deferred.fromCoroutine(self._conduct(commands, sender))

        def failed(failure: Failure) -> Failure:
            if not sender.connectedDeferred.called:
                sender.connectedDeferred.errback(failure)
            return failure

        done.addErrback(failed)
        return sender.connectedDeferred, done

    async def _conduct(self, commands: Sequence[str], data: Any) -> Any:
        """Do a transfer: agree on a data connection, say the commands, wait for the end of both."""
        for text in commands:
            if "\r" in text or "\n" in text:
                raise ValueError(f"a command of FTP is one line, not {text[:80]!r}")
        agreed = await (self._openPassive(data) if self.passive else self._openActive(data))
        self._transfers.append(data)
        replies: list[tuple[bool, Any]] = []
        try:
            for text in commands:
                # One at a time: a file that could not be continued must not be begun anew.
                replies.append((True, await agreed.wait(self.insertCommand(text))))
            over = await agreed.wait(data.deferred)
            data.check()
        finally:
            self._transfers.remove(data)
            agreed.close()
            if data.transport is not None and data.reason is None:
                data.transport.abortConnection()
        return [(True, replies), (True, None), (True, over)]

    # Agreeing on a data connection.

    async def _openPassive(self, data: Any) -> _Agreed:
        # A transfer may be asked for before there is a connection: then it is not known yet what kind it will be.
        isSixth = self.transport is not None and ":" in self._peer()
        command = FTPCommand("EPSV" if self.extended or isSixth else "PASV")
        self.queueCommand(command)
        try:
            lines = await command.deferred
        except CommandFailed as refused:
            if command.text == "PASV" or isSixth or refused.args[0][-1][:3] not in _UNKNOWN:
                raise
            self.extended = False
            command = FTPCommand("PASV")
            lines = await self.insertCommand("PASV")
        host = self._peer()
        try:
            if command.text == "EPSV":
                port = extendedPort(lines[-1])
            else:
                told, port = passiveAddress(lines[-1])
                host = told if self._trustPasvAddr else host
        except BadAddress as problem:
            raise BadResponse(str(problem)) from problem
        if self._isProtected:
            data.security = self.contextFactory, True

        def close() -> None:
            if data.transport is None and hasattr(connector, "disconnect"):
                connector.disconnect()

        agreed = _Agreed(close)
        connector = self.connectFactory(host, port, PassiveFactory(data, agreed.fail), self.connectTimeout)
        return agreed

    async def _openActive(self, data: Any) -> _Agreed:
        if self._isProtected:
            data.security = self.contextFactory, False
        command = FTPCommand("PORT")
        command.protocol = data  # type: ignore[attr-defined]  # as `generatePortCommand` wants it
        self.generatePortCommand(command)
        factory: FTPDataPortFactory = command.factory  # type: ignore[attr-defined]  # it has just been set

        alarm: Any = None

        def close() -> None:
            if factory.port is not None:
                factory.port.stopListening()
                factory.port = None
            if alarm is not None and alarm.active():
                alarm.cancel()

        def late() -> None:
            if data.transport is None:
                patience = f"{self.connectTimeout:g} seconds after {command.text}"
                agreed.fail(Failure(TimeoutError(f"the server did not open the data connection within {patience}")))

        self.queueCommand(command)
        try:
            await command.deferred
        except BaseException:
            close()
            raise
        agreed = _Agreed(close)
        # A server may never connect, and say that all is well none the less.
        alarm = self._theReactor().callLater(self.connectTimeout, late)
        return agreed

    def generatePortCommand(self, portCmd: Any) -> None:
        """Listen for the server, and write the command that tells it where.

        Args:
            portCmd: an `FTPCommand`. Its ``protocol`` will be connected; its ``text`` is set, and its ``factory``.
        """
        portCmd.factory = factory = FTPDataPortFactory()
        factory.protocol = portCmd.protocol
        factory.peerHost = self._peer()
        host = plainHost(self.transport.getHost().host)
        factory.port = self._theReactor().listenTCP(0, factory, interface=host)
        port = factory.port.getHost().port
        if self.extended or ":" in host:
            portCmd.text = f"EPRT {encodeExtendedAddress(host, port)}"
        else:
            portCmd.text = f"PORT {encodeHostPort(host, port)}"

    def _peer(self) -> str:
        return plainHost(self.transport.getPeer().host)

    def connectFactory(
        self, host: str, port: int, factory: Any, timeout: float = 30.0, bindAddress: tuple[str, int] | None = None
    ) -> Any:
        """Connect. Set another function to connect some other way."""
        return self._theReactor().connectTCP(host, port, factory, timeout, bindAddress)

    def _theReactor(self) -> Any:
        if self.reactor is None:
            from ropewalk.internet import reactor

            self.reactor = reactor
        return self.reactor

    # Files and directories that stay where they are.

    def escapePath(self, path: str) -> str:
        """Return a path as a command has it: a line feed, which would end the command, is written as NUL."""
        return path.replace("\n", "\0")

    def cwd(self, path: str) -> Deferred[Any]:
        """Go to a directory."""
        return self._say("CWD", path)

    def cdup(self) -> Deferred[Any]:
        """Go to the directory above."""
        return self.queueStringCommand("CDUP")

    def pwd(self) -> Deferred[Any]:
        """Return a Deferred of the lines that tell where we are; see `getDirectory`."""
        return self.queueStringCommand("PWD")

    def getDirectory(self) -> Deferred[str]:
        """Return a Deferred of the directory we are in; it fails with `CommandFailed`."""

        def found(lines: Sequence[str]) -> str:
            directory = parsePWDResponse(lines[-1][4:])
            if directory is None:
                raise CommandFailed(lines)
            return directory

        return self.pwd().addCallback(found)

    def makeDirectory(self, path: str) -> Deferred[Any]:
        """Make a directory."""
        return self._say("MKD", path)

    def removeDirectory(self, path: str) -> Deferred[Any]:
        """Remove an empty directory."""
        return self._say("RMD", path)

    def removeFile(self, path: str) -> Deferred[Any]:
        """Remove a file."""
        return self._say("DELE", path)

    def rename(self, pathFrom: str, pathTo: str) -> Deferred[Any]:
        """Rename a file. Returns a Deferred of the replies to both commands, in a tuple."""
        toName = f"RNTO {self.escapePath(pathTo)}"
        if "\r" in toName:
            return self.queueStringCommand(toName)

        def ready(first: Any) -> Any:
            return self.insertCommand(toName).addCallback(lambda second: (first, second))

        return self._say("RNFR", pathFrom).addCallback(ready)

    def _say(self, verb: str, path: str) -> Deferred[Any]:
        return self.queueStringCommand(f"{verb} {self.escapePath(path)}")


class _Agreed:
    """What was agreed on for a transfer.

    Args:
        close: stops what is open for it.
    """

    def __init__(self, close: Any) -> None:
        self.close = close
        self._problem: Failure | None = None
        self._awaited: Deferred[Any] | None = None

    def fail(self, reason: Failure) -> None:
        """Hear that there will be no data connection."""
        self._problem = reason
        if self._awaited is not None:
            self._awaited.cancel()

    async def wait(self, awaited: Deferred[Any]) -> Any:
        """Return what is awaited; raise why there is no data connection as soon as that is known."""
        self._awaited = awaited
        try:
            if self._problem is not None:
                awaited.cancel()
            return await awaited
        except CancelledError:
            if self._problem is not None:
                self._problem.raiseException()
            raise


def _rest(offset: int) -> Sequence[str]:
    return [f"REST {offset}"] if offset else []


def _with(verb: str, path: str) -> str:
    return f"{verb} {path}" if path else verb
