"""Simulated connections, under the names that older tests know."""

from __future__ import annotations

from typing import Any

import pytest
from zope.interface.verify import verifyObject

from ropewalk.internet.endpoints import connectProtocol
from ropewalk.internet.error import ConnectionAborted, ConnectionDone, ConnectionRefusedError
from ropewalk.internet.interfaces import IConsumer, ITCPTransport
from ropewalk.internet.protocol import Protocol, connectionDone
from ropewalk.internet.task import Clock
from ropewalk.python.failure import Failure
from ropewalk.test import iosim

Pair = tuple["Said", "Said", iosim.IOPump]


class Said(Protocol):
    """Notes what it is told."""

    transport: Any  # has more than `ITransport`

    def __init__(self) -> None:
        self.told: list[Any] = []

    def connectionMade(self) -> None:
        self.told.append("made")

    def dataReceived(self, data: bytes) -> None:
        self.told.append(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.told.append(type(reason.value))


@pytest.fixture
def pair() -> Pair:
    return iosim.connectedServerAndClient(Said, Said)


def test_interfaces(pair: Pair) -> None:
    """TR16: the transport offers what those of TCP do."""
    client, server, _ = pair
    verifyObject(ITCPTransport, client.transport)
    verifyObject(IConsumer, client.transport)
    transport: Any = server.transport
    assert (transport.isServer, transport.logPrefix()) == (True, "iosim")
    transport.setTcpNoDelay(True)
    transport.setTcpKeepAlive(True)
    assert transport.getTcpNoDelay()
    assert transport.getTcpKeepAlive()
    named = iosim.FakeTransport(client, False, "here", "there")
    assert (named.getHost(), named.getPeer()) == ("here", "there")
    assert isinstance(transport.getHost(), iosim.FakeAddress)


def test_bytesMoveWhenPumped(pair: Pair) -> None:
    """TR16: what one end writes the other has after a round of the pump, and not before."""
    client, server, pump = pair
    client.transport.write(b"a")
    client.transport.writeSequence([b"b", b"c"])
    assert server.told == ["made"]
    assert pump.pump()
    assert server.told == ["made", b"abc"]
    assert not pump.pump()
    assert not pump.flush()


def test_greetings() -> None:
    """What is written when the connection is made arrives at once, unless it shall not."""

    class Polite(Said):
        def connectionMade(self) -> None:
            self.transport.write(b"hello")

    client, _, _ = iosim.connectedServerAndClient(Polite, Said)
    assert client.told == ["made", b"hello"]
    client, _, pump = iosim.connectedServerAndClient(Polite, Said, greet=False)
    assert client.told == ["made"]
    assert pump.flush()
    assert client.told == ["made", b"hello"]


def test_theEnd(pair: Pair) -> None:
    """What was written before the end arrives, nothing after it does, and both are told once."""
    client, server, pump = pair
    client.transport.write(b"last")
    client.transport.loseConnection()
    client.transport.write(b"too late")
    assert pump.flush()
    assert server.told == ["made", b"last", ConnectionDone]
    assert client.told == ["made", ConnectionDone]
    server.transport.write(b"anybody?")
    assert not pump.flush()


def test_abort(pair: Pair) -> None:
    """After an abort nothing arrives."""
    client, server, pump = pair
    client.transport.write(b"lost")
    client.transport.abortConnection()
    assert pump.flush()
    assert server.told == ["made", ConnectionDone]
    assert client.told == ["made", ConnectionAborted]


def test_producers(pair: Pair) -> None:
    """A pull producer is asked once a round, and the end waits for it."""
    client, server, pump = pair

    class Three:
        left = 3

        def resumeProducing(self) -> None:
            client.transport.write(b"%d" % self.left)
            self.left -= 1
            if not self.left:
                client.transport.unregisterProducer()
                client.transport.loseConnection()

        def stopProducing(self) -> None:
            raise AssertionError("is not stopped")

    client.transport.registerProducer(Three(), False)
    with pytest.raises(RuntimeError, match="registered already"):
        client.transport.registerProducer(Three(), True)
    assert pump.flush()
    assert server.told == ["made", b"3", b"2", b"1", ConnectionDone]


def test_mistakes(pair: Pair) -> None:
    """Text is refused where it is written; two ends that answer each other for ever are found out."""
    client, _, pump = pair
    with pytest.raises(TypeError, match="'text'"):
        client.transport.write("text")

    class Echo(Protocol):
        def dataReceived(self, data: bytes) -> None:
            self.transport.write(data)

    one, _, pump = iosim.connectedServerAndClient(Echo, Echo)
    one.transport.write(b"x")
    with pytest.raises(AssertionError, match="for ever"):
        pump.flush()


def test_clock() -> None:
    """A round makes the calls of the clock that are due."""
    clock, made = Clock(), list[str]()
    clock.callLater(0, made.append, "now")
    clock.callLater(1, made.append, "later")
    _, _, pump = iosim.connectedServerAndClient(Said, Said, clock=clock)
    pump.pump()
    assert made == ["now"]


def test_debug(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    """On request the pump prints what it moves."""
    client, _, pump = pair
    client.transport.write(b"hello")
    pump.pump(debug=True)
    assert capsys.readouterr().out == "C: b'hello'\n"


def test_attempts() -> None:
    """An endpoint's attempts end as the test says."""
    endpoint, completer = iosim.connectableEndpoint()
    assert completer.succeedOnce() is None
    said, refused, timedOut = Said(), Said(), Said()
    connected = connectProtocol(endpoint, said)
    pump = completer.succeedOnce()
    assert pump is not None
    assert connected.result is said
    pump.server.transport.write(b"hello")
    pump.flush()
    assert said.told == ["made", b"hello"]
    failed = connectProtocol(endpoint, refused)
    completer.failOnce()
    assert failed.result.check(ConnectionRefusedError)
    failed.addErrback(lambda _: None)
    failed = connectProtocol(endpoint, timedOut)
    completer.failOnce(Failure(ZeroDivisionError()))
    assert failed.result.check(ZeroDivisionError)
    failed.addErrback(lambda _: None)
