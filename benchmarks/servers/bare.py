"""The limit of plain Python: `bare.py WORK` is an epoll loop that does the work and nothing else.

No limits, no errors told apart, no half-closed sockets, no timers, and what does not fit into the kernel's buffer is
lost. What it has is what a program for Twisted sees: a protocol with ``dataReceived``, a transport whose ``write``
appends, and one system call for all that was written. A reactor in Python cannot be faster than this.
"""

from __future__ import annotations

import socket
import sys
from select import EPOLLIN, epoll

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

SIZE = 262144
bytes(1 << 20)  # as the engine does: afterwards the allocator keeps blocks of that size
EIGHTHS = tuple(slice(start, start + 8) for start in range(0, 64, 8))

work = sys.argv[1]
poller = epoll()
readers: dict[int, Callable[[], None]] = {}


class Echo:
    """Send back what comes."""

    transport: Transport

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


class Chatty(Echo):
    """Send it back in eight pieces."""

    def dataReceived(self, data: bytes) -> None:
        write = self.transport.write
        for eighth in EIGHTHS:
            write(data[eighth])


class Transport:
    """A connection: one ``recv``, the protocol, one ``send``."""

    __slots__ = ("out", "protocol", "socket")

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.protocol = Chatty() if work == "chatty" else Echo()
        self.protocol.transport = self

    def write(self, data: bytes) -> None:
        self.out.append(data)

    def doRead(self) -> None:
        try:
            data = self.socket.recv(SIZE)
        except OSError:
            data = b""
        if not data:
            fd = self.socket.fileno()
            del readers[fd]
            poller.unregister(fd)
            self.socket.close()
            return
        self.out: list[bytes] = []
        self.protocol.dataReceived(data)
        out = self.out
        try:
            self.socket.send(out[0] if len(out) == 1 else b"".join(out))
        except OSError:
            pass


def welcome() -> None:
    """Accept until the backlog is empty."""
    try:
        while True:
            connection, _ = listening.accept()
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            readers[connection.fileno()] = Transport(connection).doRead
            poller.register(connection.fileno(), EPOLLIN)
    except BlockingIOError:
        pass


def bounce() -> None:
    """Send datagrams back until there are no more."""
    receive, send = listening.recvfrom, listening.sendto
    try:
        while True:
            send(*receive(8192))
    except BlockingIOError:
        pass


listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if work == "udp" else socket.SOCK_STREAM)
listening.bind(("127.0.0.1", 0))
listening.setblocking(False)
if work != "udp":
    listening.listen(1024)
readers[listening.fileno()] = bounce if work == "udp" else welcome
poller.register(listening.fileno(), EPOLLIN)
print(listening.getsockname()[1], flush=True)
while True:
    for fd, _ in poller.poll(-1, 1024):
        readers[fd]()
