"""Servers that answer, and clients that ask and take no answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from ropewalk.internet.defer import Deferred
from ropewalk.internet.protocol import Factory
from ropewalk.internet.task import deferLater
from ropewalk.protocols.ident import IdentServer
from ropewalk.protocols.postfix import PostfixTCPMapServer
from support.reactors import epoll, fresh, run


class Watched:
    """What a test wants to know of a server that it is mixed into."""

    transport: Any
    heaviest = 0

    def connectionMade(self) -> None:
        self.over: Deferred[None] = Deferred()
        super().connectionMade()  # type: ignore[misc]  # of a protocol

    def callLater(self, period: float, func: Any) -> Any:
        # This test's reactor need not be the installed one.
        return self.transport.reactor.callLater(period, func)

    def sendLine(self, line: bytes) -> None:
        super().sendLine(line)  # type: ignore[misc]  # of a protocol of lines
        self.heaviest = max(self.heaviest, self.transport._unsent())

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)  # type: ignore[misc]  # of a protocol
        self.over.callback(None)


class Ident(Watched, IdentServer):
    patience = 0.3

    def lookup(self, serverAddress: tuple[str, int], clientAddress: tuple[str, int]) -> Any:
        return "UNIX", "bob" * 300


class Postfix(Watched, PostfixTCPMapServer):
    timeout = 0.3


class Known(Factory[Any]):
    """Knows the same of everything, and keeps the server that it makes."""

    server: Any

    def get(self, key: bytes) -> bytes:
        return b"v" * 1000

    def buildProtocol(self, addr: Any) -> Any:
        self.server = super().buildProtocol(addr)
        return self.server


@pytest.fixture
def reactor() -> Iterator[Any]:
    with fresh(epoll) as one:
        yield one


@pytest.mark.parametrize(("server", "question"), [(Ident, b"1,2\r\n"), (Postfix, b"get k\n")])
def test_whoTakesNoAnswersIsNotRead(reactor: Any, server: Any, question: bytes) -> None:
    """What waits for a client that doesn't read is bounded; when the time is over the client is cut off."""

    async def main() -> None:
        factory = Known.forProtocol(server)
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        with socket.create_connection(("127.0.0.1", port.getHost().port)) as client:
            client.setblocking(False)
            asked = question * 2000
            while True:
                try:
                    client.send(asked)
                except BlockingIOError:
                    pass
                except ConnectionError:
                    break
                await deferLater(reactor, 0.001)
            await factory.server.over
        # All that one read brings may be answered, no more.
        assert factory.server.heaviest < 32 << 20
        await port.stopListening()

    run(reactor, main)


@pytest.mark.parametrize(("server", "question", "size"), [(Ident, b"1,2\r\n", 925), (Postfix, b"get k\n", 1005)])
def test_whoReadsLateGetsAll(reactor: Any, server: Any, question: bytes, size: int) -> None:
    """A client that asked much, and reads only then, gets every answer."""

    async def main() -> None:
        factory = Known.forProtocol(type("Patient", (server,), {"patience": 30, "timeout": 30}))
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        with socket.create_connection(("127.0.0.1", port.getHost().port)) as client:
            client.setblocking(False)
            client.send(question * 5000)
            await deferLater(reactor, 0.05)
            taken = 0
            while taken < 5000 * size:
                try:
                    data = client.recv(1 << 20)
                except BlockingIOError:
                    await deferLater(reactor, 0.001)
                    continue
                assert data, taken
                taken += len(data)
            assert taken == 5000 * size
        await factory.server.over
        await port.stopListening()

    run(reactor, main)
