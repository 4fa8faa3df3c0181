"""Ident: ask a host who owns a connection from it, and answer those who ask. Spec: RFC 1413.

What a host tells is as good as the host: it identifies users to their own administrators, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ropewalk._wire.events import RemoteProtocolError
from ropewalk.internet.defer import Deferred, fail, maybeDeferred
from ropewalk.protocols._answering import Answering
from ropewalk.protocols._wire.ident import (
    MAX_LINE,
    PortPair,
    answer,
    isPort,
    problem,
    query,
    readAnswer,
    readQuery,
)
from ropewalk.protocols.basic import LineOnlyReceiver
from ropewalk.protocols.policies import TimeoutMixin
from ropewalk.python import log
from ropewalk.python.failure import Failure

try:
    from pwd import getpwuid
except ImportError:  # a system without users has no /proc/net/tcp either
    getpwuid = None  # type: ignore[assignment]

__all__ = ["HiddenUser", "IdentClient", "IdentError", "IdentServer", "InvalidPort", "NoUser", "ProcServerMixin"]


class IdentError(Exception):
    """It is not known, for a reason that is not told."""

    identDescription = "UNKNOWN-ERROR"


class NoUser(IdentError):
    """There is no such connection, or nobody owns it."""

    identDescription = "NO-USER"


class InvalidPort(IdentError):
    """A number is none of a port."""

    identDescription = "INVALID-PORT"


class HiddenUser(IdentError):
    """The user does not want it told."""

    identDescription = "HIDDEN-USER"


# Server.


class IdentServer(Answering, LineOnlyReceiver, TimeoutMixin):
    """Tells who owns connections from here. Override `lookup`.

    Attributes:
        patience: seconds a client may be silent; `None` for any time.
    """

    MAX_LENGTH = MAX_LINE
    patience: float | None = 180  # RFC 1413 §2 recommends 60 to 180

    def connectionMade(self) -> None:
        """Begin to count the time."""
        self.setTimeout(self.patience)

    def connectionLost(self, reason: Failure) -> None:
        """Stop."""
        self.setTimeout(None)

    def dataReceived(self, data: bytes) -> Any:
        """Answer queries, as long as the client takes the answers."""
        self.resetTimeout()
        super().dataReceived(data)
        self._waitToBeHeard()

    def lineReceived(self, line: bytes) -> None:
        """Answer a query; more may follow on the same connection."""
        try:
            ports = readQuery(line)
        except RemoteProtocolError:
            self.invalidQuery()
            return
        if isPort(ports.server) and isPort(ports.client):
            self.validQuery(ports.server, ports.client)
        else:
            self.sendLine(problem(ports, InvalidPort.identDescription.encode()))

    def invalidQuery(self) -> None:
        """What came is no query: close. There is nothing that could be answered."""
        self.transport.loseConnection()

    def validQuery(self, portOnServer: int, portOnClient: int) -> None:
        """Look up who owns the connection between these two ports, and answer."""
        server = self.transport.getHost().host, portOnServer
        client = self.transport.getPeer().host, portOnClient
        ports = PortPair(portOnServer, portOnClient)
        maybeDeferred(self.lookup, server, client).addCallbacks(
            self._found, self._failed, callbackArgs=(ports,), errbackArgs=(ports,)
        ).addErrback(self._failed, ports)

    def lookup(self, serverAddress: tuple[str, int], clientAddress: tuple[str, int]) -> Any:
        """Override to find out who owns a connection.

        Args:
            serverAddress: address and port at this host.
            clientAddress: address and port at the host that asks.

        Returns:
            The name of the system, ``"UNIX"`` say, and that of the user, as text or bytes; or a Deferred of them.

        Raises:
            IdentError: what the client is told instead.
        """
        raise NotImplementedError(f"{type(self).__name__} has to override lookup")

    def _found(self, result: Any, ports: PortPair) -> None:
        system, user = result
        self.sendLine(answer(ports, _asBytes(system), _asBytes(user)))

    def _failed(self, reason: Failure, ports: PortPair) -> None:
        if not reason.check(IdentError):
            # A fault of ours; the client is told that there is one.
            log.err(reason, f"ident: the lookup of {ports} failed")
        description = getattr(reason.value, "identDescription", IdentError.identDescription)
        self.sendLine(problem(ports, description.encode("ascii")))


def _asBytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


class ProcServerMixin:
    """Looks up who owns a TCP connection where Linux tells it, in ``/proc/net/tcp``. Put it before `IdentServer`.

    Attributes:
        SYSTEM_NAME: the name of the system that is told.
    """

    SYSTEM_NAME = "LINUX"

    def entries(self) -> Iterator[str]:
        """Return the lines that tell of connections."""
        with open("/proc/net/tcp", encoding="ascii") as table:
            next(table, None)  # the names of the columns
            for line in table:
                yield line.strip()

    def dottedQuadFromHexString(self, hexstr: str) -> str:
        """Return an address as people write it; the system writes it in hexadecimal, in its own byte order."""
        from sys import byteorder

        return ".".join(map(str, int(hexstr, 16).to_bytes(4, byteorder)))

    def unpackAddress(self, packed: str) -> tuple[str, int]:
        """Return address and port of ``0100007F:0277``."""
        address, port = packed.split(":")
        return self.dottedQuadFromHexString(address), int(port, 16)

    def parseLine(self, line: str) -> tuple[tuple[str, int], tuple[str, int], int]:
        """Return the address here, the address there, and the user's number."""
        parts = line.split()
        return self.unpackAddress(parts[1]), self.unpackAddress(parts[2]), int(parts[7])

    def getUsername(self, uid: int, getpwuid: Callable[[int], Any] = getpwuid) -> str:
        """Return a user's name."""
        name: str = getpwuid(uid)[0]
        return name

    def lookup(self, serverAddress: tuple[str, int], clientAddress: tuple[str, int]) -> tuple[str, str]:
        """Find who owns a connection, see `IdentServer.lookup`."""
        for line in self.entries():
            here, there, uid = self.parseLine(line)
            if (here, there) == (serverAddress, clientAddress):
                try:
                    return self.SYSTEM_NAME, self.getUsername(uid)
                except KeyError:
                    break  # a user without a name
        raise NoUser


# Client.


class IdentClient(LineOnlyReceiver):
    """Asks a host who owns connections from it.

    Attributes:
        errorTypes: the errors a server may answer with.
        queries: what waits for an answer: for each a Deferred and the two ports, the one that was sent first.
    """

    MAX_LENGTH = MAX_LINE
    errorTypes: tuple[type[IdentError], ...] = (IdentError, NoUser, InvalidPort, HiddenUser)

    def __init__(self) -> None:
        self.queries: list[tuple[Deferred[tuple[str, str]], int, int]] = []
        self._lost: Failure | None = None
        self._asked: PortPair | None = None  # what the answer that is read has to be about

    def lookup(self, portOnServer: int, portOnClient: int) -> Deferred[tuple[str, str]]:
        """Ask who owns the connection between a port there and one here. Questions are sent one after the other.

        Returns:
            Fires with the name of the system and that of the user; fails with `IdentError` or a kin of it, or with
            the reason for which the connection was lost. Bytes that are no UTF-8 come as surrogates.
        """
        if self._lost is not None:
            return fail(self._lost)
        waiting: Deferred[tuple[str, str]] = Deferred()
        self.queries.append((waiting, portOnServer, portOnClient))
        if len(self.queries) == 1:
            self._ask()
        return waiting

    def _ask(self) -> None:
        _, portOnServer, portOnClient = self.queries[0]
        self.sendLine(query(PortPair(portOnServer, portOnClient)))

    def lineReceived(self, line: bytes) -> None:
        """Give the answer to who waits for it; ask the next question."""
        if not self.queries:
            log.msg(f"ident: an answer came to which there is no question: {line[:80]!r}")
            self.transport.loseConnection()
            return
        waiting, portOnServer, portOnClient = self.queries.pop(0)
        if self.queries:
            self._ask()
        self._asked = PortPair(portOnServer, portOnClient)
        self.parseResponse(waiting, line)

    def parseResponse(self, deferred: Deferred[tuple[str, str]], line: bytes) -> None:
        """Fire the Deferred with what an answer says."""
        try:
            read = readAnswer(line)
            if self._asked is not None and read.ports != self._asked:
                raise RemoteProtocolError(f"the answer is about {read.ports}, asked was about {self._asked}")
        except RemoteProtocolError as broken:
            deferred.errback(IdentError(str(broken)))
            return
        if not read.error:
            deferred.callback((_text(read.system), _text(read.user)))
            return
        word = _text(read.error)
        for kind in self.errorTypes:
            if kind.identDescription == word.upper():
                deferred.errback(kind(word))
                return
        deferred.errback(IdentError(word))

    def connectionLost(self, reason: Failure) -> None:
        """Tell all who wait."""
        self._lost = reason
        queries, self.queries = self.queries, []
        for waiting, _, _ in queries:
            waiting.errback(reason)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
