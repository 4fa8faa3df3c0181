"""What a peer does wrong, or too much of, costs its connection and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ConnectionDone, ConnectionLost
from ropewalk.internet.testing import StringTransport, connectedPair
from ropewalk.protocols import amp
from ropewalk.python.failure import Failure
from support.recording import logged


class Echo(amp.Command):
    arguments = [(b"data", amp.String())]
    response = [(b"data", amp.String())]


class Echoing(amp.AMP):
    asked = 0

    @Echo.responder
    def echo(self, data: bytes) -> dict[str, bytes]:
        self.asked += 1
        return {"data": data}


def connected(protocol: amp.BinaryBoxProtocol) -> StringTransport:
    transport = StringTransport()
    protocol.makeConnection(transport)
    return transport


def test_notAMP() -> None:
    """A stream that is no AMP is closed at its first byte, and what waits hears why."""
    protocol = Echoing()
    transport = connected(protocol)
    reasons: list[Any] = []
    protocol.callRemote(Echo, data=b"").addErrback(reasons.append)
    transport.clear()
    protocol.dataReceived(b"G")
    protocol.dataReceived(b"ET / HTTP/1.1")
    assert transport.disconnecting
    assert transport.value() == b""
    protocol.connectionLost(Failure(ConnectionDone()))
    assert isinstance(reasons[0].value, amp.TooLong)
    assert not reasons[0].value.isLocal


def test_endlessBox() -> None:
    """A box that does not end is refused when it is too long."""
    protocol = Echoing()
    transport = connected(protocol)
    pair = b"\0\1a\xff\xff" + b"x" * 65535
    for _ in range(200):
        protocol.dataReceived(pair)
    assert transport.disconnecting
    assert len(protocol._boxes.rest()) < 100_000


@pytest.mark.parametrize(
    ("box", "error"),
    [
        ({}, amp.NoEmptyBoxes),
        ({b"_ask": b"1"}, amp.NoEmptyBoxes),
        ({b"_answer": b"1"}, amp.MalformedAmpBox),
        ({b"_error": b"1", b"_error_code": b"X", b"_error_description": b"x"}, amp.MalformedAmpBox),
        ({b"_error": b"1"}, amp.MalformedAmpBox),
    ],
)
def test_senselessBoxes(box: dict[bytes, bytes], error: type[Exception]) -> None:
    """A box that means nothing here is an error, for which the transport drops the connection."""
    protocol = Echoing()
    connected(protocol)
    with pytest.raises(error):
        protocol.dataReceived(amp.Box(box).serialize())


def test_nothingIsAnsweredAfterTheEnd() -> None:
    """Commands behind the one for which the connection is closed are not answered."""
    protocol = Echoing()
    transport = connected(protocol)
    good = amp.Box(_ask=b"1", _command=b"Echo", data=b"x").serialize()
    bad = amp.Box(_ask=b"2", _command=b"Echo").serialize()
    with logged(amp.MalformedAmpBox):
        protocol.dataReceived(good + bad + good)
    assert protocol.asked == 1
    assert [sorted(box) for box in amp.parseString(transport.value())] == [
        [b"_answer", b"data"],
        [b"_error", b"_error_code", b"_error_description"],
    ]


def test_paused() -> None:
    """A protocol that is paused takes no boxes, and goes on where it was."""
    protocol = Echoing()
    connected(protocol)
    protocol.pauseProducing()
    protocol.dataReceived(amp.Box(_ask=b"1", _command=b"Echo", data=b"x").serialize() * 2)
    assert protocol.asked == 0
    protocol.resumeProducing()
    assert protocol.asked == 2


def test_peerThatDoesNotRead() -> None:
    """A peer that asks and does not read the answers is not read either, until it does; nothing is lost."""
    server, client = Echoing(), amp.AMP()
    pump = connectedPair(server, client)
    client.transport.pauseProducing()
    answers: list[int] = []
    for _ in range(400):
        client.callRemote(Echo, data=b"x" * 10000).addCallback(lambda answer: answers.append(len(answer["data"])))
    pump.settle()
    assert server.asked < 100
    assert server.paused
    client.transport.resumeProducing()
    pump.settle()
    assert answers == [10000] * 400


def test_askingEachOtherTooMuch() -> None:
    """Two sides that ask each other more than the network holds come to an end: neither waits for the other to read."""
    sides = Echoing(), Echoing()
    pump = connectedPair(*sides)
    answers: list[int] = []
    for _ in range(200):
        for side in sides:
            side.callRemote(Echo, data=b"x" * 30000).addCallback(lambda answer: answers.append(len(answer["data"])))
    pump.settle()
    assert answers == [30000] * 400


def test_askingWhilePaused() -> None:
    """A side that does not read its peer for a while reads again when it asks something itself."""
    server, client = Echoing(), amp.AMP()
    pump = connectedPair(server, client)
    client.transport.pauseProducing()
    for _ in range(400):
        client.callRemote(Echo, data=b"x" * 10000)
    pump.settle()
    assert server.paused
    server.callRemoteString(b"x", requiresAnswer=False)
    assert server.paused
    server.callRemoteString(b"x").addErrback(lambda _: None)
    assert not server.paused


def test_neverReading() -> None:
    """A peer that must be read, and never reads, is dropped when too much waits for it."""

    class Impatient(Echoing):
        MAX_UNREAD = 1_000_000

    server, client = Impatient(), amp.AMP()
    pump = connectedPair(server, client)
    reasons: list[Any] = []
    server.callRemoteString(b"x").addErrback(reasons.append)
    client.transport.pauseProducing()
    for _ in range(400):
        client.callRemote(Echo, data=b"x" * 10000).addErrback(lambda _: None)
    pump.settle()
    assert server.transport is None
    assert isinstance(reasons[0].value, ConnectionLost)
    assert "has not read" in str(reasons[0].value)


def test_askingTooMuch() -> None:
    """A peer that has asked very much is not read until half of that is answered; what the program pauses stays so."""

    class Slow(Echoing):
        MAX_ANSWERING = 10

        def __init__(self) -> None:
            super().__init__()
            self.waiting: list[Deferred[Any]] = []

        @Echo.responder
        def wait(self, data: bytes) -> Deferred[Any]:
            self.waiting.append(Deferred())
            return self.waiting[-1]

    server, client = Slow(), amp.AMP()
    pump = connectedPair(server, client)
    answers: list[Any] = []
    for _ in range(25):
        client.callRemote(Echo, data=b"").addCallback(answers.append)
    for expected in (10, 15, 20, 25):
        pump.settle()
        assert len(server.waiting) == expected
        for waiter in server.waiting[expected - 10 : expected - 5]:
            waiter.callback({"data": b""})
    for waiter in server.waiting[-5:]:
        waiter.callback({"data": b""})
    pump.settle()
    assert len(answers) == 25

    server.pauseProducing()
    server._throttle()
    assert server.paused


def test_answersThatComeTooLate() -> None:
    """Answers after the end of the connection do no harm, whatever was paused then."""

    class Slow(Echoing):
        MAX_ANSWERING = 2

        def __init__(self) -> None:
            super().__init__()
            self.waiting: Deferred[Any] = Deferred()

        @Echo.responder
        async def wait(self, data: bytes) -> dict[str, bytes]:
            await self.waiting
            return {"data": data}

    server, client = Slow(), amp.AMP()
    pump = connectedPair(server, client)
    lost: list[Any] = []
    for _ in range(3):
        client.callRemote(Echo, data=b"").addErrback(lost.append)
    pump.settle()
    client.transport.loseConnection()
    server.transport.resumeProducing()
    pump.settle()
    assert server.transport is None
    server.waiting.callback(None)
    assert len(lost) == 3


def test_manyDescriptors() -> None:
    """Descriptors for which no box comes are refused when there are too many, and closed in the end."""
    import os

    protocol = Echoing()
    connected(protocol)
    kept = [os.dup(0) for _ in range(64)]
    for descriptor in kept:
        protocol.fileDescriptorReceived(descriptor)
    with pytest.raises(amp.MalformedAmpBox, match="64 descriptors"):
        protocol.fileDescriptorReceived(os.dup(0))
    protocol.connectionLost(Failure(ConnectionDone()))
    for descriptor in kept:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)
