"""Two connected transports in memory, and the pump that moves bytes between them.

The transports are the real ones: `stream.Connection`, whose promises about order, backpressure, half-closes and ends
are those of a TCP connection, because it is the same code. Only what is below is replaced: `MemorySocket` stands in
for the socket of the kernel, and `MemoryPump` for the poller, which asks nobody and waits for nothing. One `turn` of
the pump does what a turn of the reactor does, always in the same order.
"""

from __future__ import annotations

import errno
import os
import socket

from ..address import IPv4Address
from .stream import Connection, inherit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

    from ..interfaces import IDelayedCall, IProtocol, IReactorTime

__all__ = ["MemoryConnection", "MemoryPump", "MemorySocket", "connectedPair"]

# Bytes on their way in one direction. The kernel holds more; a test that wants backpressure wants it soon.
ROOM = 65536

# More turns than any conversation takes: two peers that are still at it answer each other for ever.
PATIENCE = 100_000

# Fake descriptors begin here, where the system never gets to: whoever uses one as a real one hears so.
FIRST_FD = 1 << 24

SERVER = IPv4Address("TCP", "127.0.0.1", 80)
CLIENT = IPv4Address("TCP", "127.0.0.1", 54321)


def connectedPair(
    server: IProtocol,
    client: IProtocol,
    *,
    room: int = ROOM,
    pieceSize: int | None = None,
    clock: IReactorTime | None = None,
) -> MemoryPump:
    """Connect two protocols in memory.

    Both have had their ``connectionMade``, the server first, when this returns; what they wrote then is still on its
    way::

        pump = connectedPair(Echo(), client)
        client.transport.write(b"hello")
        pump.settle()
        assert client.received == b"hello"

    Args:
        server: the one end.
        client: the other.
        room: how many bytes fit into each direction before the writer has to wait.
        pieceSize: the most bytes that one ``dataReceived`` is given; 1 is a good test of any parser.
        clock: tells the transports the time; a new `Clock` when not given.

    Returns:
        The pump, which holds the transports as ``server`` and ``client``.
    """
    pump = MemoryPump(clock)
    pump.server, pump.client = pump._transports(room, pieceSize)
    pump.client._isClient = True
    pump.server._begin(server)
    pump.client._begin(client)
    return pump


class MemoryPump:
    """Moves the bytes of a pair, and only when it is told to.

    It is the poller of its two transports (the contract is `_loop.pollers.contract`), and as much of a reactor as they
    need.

    Attributes:
        server: the transport of the server's end.
        client: the transport of the client's.
        clock: the time that the transports go by.
    """

    server: MemoryConnection
    client: MemoryConnection

    def __init__(self, clock: IReactorTime | None = None) -> None:
        if clock is None:
            from .._task.clock import Clock

            clock = Clock()
        self.clock = clock
        self._poller = self
        self._sockets: dict[int, MemorySocket] = {}
        self._readers: dict[int, Callable[[], object]] = {}
        self._writers: dict[int, Callable[[], object]] = {}
        self._corked: list[Any] = []

    def turn(self) -> bool:
        """Do one turn: send what was written, then let each end read once and write on.

        Returns:
            Whether there was anything to do.
        """
        corked, self._corked[:] = self._corked[:], []
        for transport in corked:
            transport.flush()
        moved = bool(corked)
        for watchers, isReady in ((self._readers, MemorySocket.isReadable), (self._writers, MemorySocket.isWritable)):
            for fd, call in list(watchers.items()):
                # An earlier call of this turn may have ended the watching.
                if watchers.get(fd) is call and isReady(self._sockets[fd]):
                    call()
                    moved = True
        return moved

    def settle(self) -> None:
        """Do turns until nothing moves any more.

        Raises:
            AssertionError: things still move after so many turns that they always will.
        """
        for _ in range(PATIENCE):
            if not self.turn():
                return
        raise AssertionError(f"the two ends still talk after {PATIENCE} turns: do they answer each other for ever?")

    # The poller's contract.

    def cork(self, transport: Any) -> None:
        self._corked.append(transport)

    def watchRead(self, fd: int, doRead: Callable[[], Any]) -> None:
        self._readers[fd] = doRead

    def watchWrite(self, fd: int, doWrite: Callable[[], Any]) -> None:
        self._writers[fd] = doWrite

    def ignoreRead(self, fd: int) -> None:
        self._readers.pop(fd, None)

    def ignoreWrite(self, fd: int) -> None:
        self._writers.pop(fd, None)

    def forget(self, fd: int) -> None:
        self.ignoreRead(fd)
        self.ignoreWrite(fd)

    # What transports ask of a reactor.

    def callLater(self, delay: float, callable: Callable[..., object], *args: Any, **kw: Any) -> IDelayedCall:
        """Schedule a call with the clock."""
        return self.clock.callLater(delay, callable, *args, **kw)

    def seconds(self) -> float:
        """Return what the clock shows."""
        return self.clock.seconds()

    def _transports(self, room: int, pieceSize: int | None) -> tuple[MemoryConnection, MemoryConnection]:
        ends = MemorySocket(FIRST_FD, SERVER, room, pieceSize), MemorySocket(FIRST_FD + 1, CLIENT, room, pieceSize)
        ends[0].peer, ends[1].peer = ends[1], ends[0]
        self._sockets = {end.fd: end for end in ends}
        return MemoryConnection(ends[0], None, self), MemoryConnection(ends[1], None, self)


class MemoryConnection(Connection):
    """A stream transport over a `MemorySocket`."""

    def _begin(self, protocol: IProtocol) -> None:
        """Be connected, and tell the protocol."""
        self.protocol = protocol
        self._context = inherit()
        self._open()
        try:
            self._tell(protocol.makeConnection, self)
        except BaseException:
            self._protocolFailed("makeConnection")

    def getHandle(self) -> NoReturn:
        """There is no socket to give away.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("a connection in memory has no socket: test what needs one over the loopback")


class MemorySocket:
    """What a `Connection` asks of a non-blocking TCP socket, answered as the kernel does.

    Args:
        fd: its number, for the pump alone.
        address: where it is.
        room: how many bytes it takes from its peer before the peer has to wait.
        pieceSize: the most bytes that one `recv` returns.
    """

    family = socket.AF_INET
    type = socket.SOCK_STREAM
    proto = 0

    peer: MemorySocket

    def __init__(self, fd: int, address: IPv4Address, room: int, pieceSize: int | None) -> None:
        self.fd = fd
        self.address = address
        self._room = room
        self._pieceSize = pieceSize
        # What has arrived and was not read.
        self._arrived = bytearray()
        # The peer sends no more; it is gone; it left with a reset.
        self._ended = False
        self._broken = False
        # We send no more; we are closed.
        self._shut = False
        self._closed = False
        self._options: dict[tuple[int, int], Any] = {}

    def isReadable(self) -> bool:
        """Whether `recv` has something to tell: bytes, the end, or an error."""
        return bool(self._arrived) or self._ended or self._broken

    def isWritable(self) -> bool:
        """Whether `send` takes something, or has an error to tell."""
        return self._broken or self.peer._closed or self.peer._space() > 0

    def _space(self) -> int:
        return self._room - len(self._arrived)

    # The socket's own methods.

    def recv(self, size: int) -> bytes:
        size = min(size, self._pieceSize or size)
        # What has arrived is there to be read whatever came after it; and an end is an end, even if a reset followed.
        if self._arrived:
            data = bytes(self._arrived[:size])
            del self._arrived[:size]
            return data
        if self._ended:
            return b""
        raise _trouble(errno.ECONNRESET if self._broken else errno.EAGAIN)

    def send(self, data: bytes | memoryview) -> int:
        if self._broken:
            raise _trouble(errno.ECONNRESET)
        if self._shut:
            raise _trouble(errno.EPIPE)
        if self.peer._closed:
            # A network takes the bytes, and answers with a reset.
            self._broken = True
            return len(data)
        count = min(len(data), self.peer._space())
        if count <= 0 < len(data):
            raise _trouble(errno.EAGAIN)
        self.peer._arrived += data[:count]
        return count

    def sendmsg(self, pieces: Sequence[bytes | memoryview]) -> int:
        return self.send(b"".join(pieces))

    def shutdown(self, how: int) -> None:
        if self._broken:
            raise _trouble(errno.ENOTCONN)
        if how in (socket.SHUT_WR, socket.SHUT_RDWR):
            self._shut = True
            self.peer._ended = True

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        # A kernel that is asked for it, or that would throw away what nobody read, resets instead of ending.
        if (socket.SOL_SOCKET, socket.SO_LINGER) in self._options or self._arrived:
            self.peer._broken = True
        else:
            self.peer._ended = True

    def setblocking(self, flag: bool) -> None:
        """It never blocks."""

    def setsockopt(self, level: int, option: int, value: Any) -> None:
        self._options[level, option] = value

    def getsockopt(self, level: int, option: int) -> Any:
        return self._options.get((level, option), 0)

    def fileno(self) -> int:
        return self.fd

    def getsockname(self) -> tuple[str, int]:
        return self.address.host, self.address.port

    def getpeername(self) -> tuple[str, int]:
        return self.peer.getsockname()


def _trouble(number: int) -> OSError:
    return OSError(number, os.strerror(number))
