"""Two ends that do anything at any time, over real sockets: no byte is lost, doubled or out of order.

Each seed is a conversation of its own: writes of every size and kind, pauses, producers, half-closes, drains, closes
and aborts in any order, on both ends, from inside callbacks and outside of them.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from ropewalk.internet.task import deferLater
from support.reactors import run
from support.recording import TCP, UNIX, Connecting, HalfCloseable, Recorder, Serving, declare, logged, until

SIZES = (0, 1, 10, 1000, 5000, 70_000, 300_000)
SEEDS = range(12)


class Whimsical(Recorder):
    """Does as its dice say."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice
        self.sent = bytearray()
        self.closing = ""
        self.halfClosed = False
        self.paused = False
        self.producer: Producer | None = None

    @property
    def over(self) -> bool:
        return self.reason is not None

    def connectionMade(self) -> None:
        super().connectionMade()
        self.act()

    def dataReceived(self, data: bytes) -> None:
        assert not self.over
        super().dataReceived(data)
        if self.dice.random() < 0.3:
            self.act()

    def connectionLost(self, reason: Any) -> None:
        assert not self.over, "lost twice"
        # All of this is legal, and useless, by now.
        self.transport.write(b"too late")
        self.transport.loseConnection()
        self.transport.abortConnection()
        self.transport.getPeer()
        super().connectionLost(reason)

    def send(self, data: bytes) -> None:
        """Write, and remember what must arrive."""
        if self.closing or self.halfClosed or self.over:
            return
        if self.dice.random() < 0.3:
            step = max(1, len(data) // self.dice.choice((1, 2, 30, 2000)))
            self.transport.writeSequence(iter([data[at : at + step] for at in range(0, len(data), step)]))
        else:
            self.transport.write(self.dice.choice((bytes, bytearray, memoryview))(data))
        self.sent += data

    def act(self) -> None:
        if self.over:
            return
        transport, chance = self.transport, self.dice.random()
        if chance < 0.55:
            self.send(self.dice.randbytes(self.dice.choice(SIZES)))
        elif chance < 0.62:
            transport.pauseProducing()
            self.paused = True
        elif chance < 0.75:
            if self.paused and not self.closing:
                transport.resumeProducing()
                self.paused = False
        elif chance < 0.80:
            if self.producer is None and not self.closing:
                self.producer = Producer(self, streaming=self.dice.random() < 0.5)
                transport.registerProducer(self.producer, self.producer.streaming)
        elif chance < 0.86:
            self.stopProducer()
        elif chance < 0.88:
            self.close("loseConnection")
        elif chance < 0.885:
            self.close("abortConnection")
        elif chance < 0.90:
            if isinstance(self, HalfCloseable) and not self.closing:
                self.halfClosed = True
                transport.loseWriteConnection()
        else:
            transport.drain().addErrback(lambda _: None)

    def stopProducer(self) -> None:
        if self.producer is not None:
            self.producer = None
            self.transport.unregisterProducer()

    def close(self, how: str) -> None:
        if not self.closing and not self.over:
            self.closing = how
            getattr(self.transport, how)()

    def settle(self) -> None:
        """Come to an end: read all, and produce no more."""
        self.act = lambda: None  # type: ignore[method-assign]  # the dice are put away
        if not self.over:
            self.stopProducer()
            self.transport.resumeProducing()


class WhimsicalHalf(Whimsical, HalfCloseable):
    """Likewise, and goes on when one half is closed."""


class Producer:
    """Writes a few pieces, or fewer."""

    def __init__(self, owner: Whimsical, streaming: bool) -> None:
        self.owner = owner
        self.streaming = streaming
        self.left = owner.dice.randrange(1, 20)

    def resumeProducing(self) -> None:
        owner = self.owner
        if owner.producer is not self:
            return
        self.left -= 1
        owner.send(owner.dice.randbytes(owner.dice.choice(SIZES[1:])))
        if not self.left or owner.closing or owner.halfClosed:
            owner.stopProducer()

    def pauseProducing(self) -> None:
        pass

    def stopProducing(self) -> None:
        self.owner.producer = None


async def converse(reactor: Any, network: Any, seed: int) -> None:
    dice = random.Random(seed)
    cls = dice.choice((Whimsical, WhimsicalHalf))
    server, client = cls(dice), cls(dice)
    ends = (server, client)
    port = network.listen(reactor, Serving(server))
    network.connect(reactor, port, Connecting(client))
    await server.made
    await client.made

    for _ in range(dice.randrange(10, 120)):
        for end in ends:
            end.act()
        if dice.random() < 0.5:
            await deferLater(reactor, 0)
    for end in ends:
        end.settle()

    # What was written before any close arrives whole.
    if not any(end.closing or end.over for end in ends):
        for sender, receiver in (ends, ends[::-1]):
            await until(reactor, lambda s=sender, r=receiver: len(r.received) >= len(s.sent) or s.over or r.over)
        if not any(end.over for end in ends):
            assert server.received == client.sent
            assert client.received == server.sent

    for end in ends:
        end.close("loseConnection")
    # Two ends that are both closing, with more to send than the kernels hold, read nothing and wait for each other.
    impatient = reactor.callLater(0.3, lambda: [end.transport.abortConnection() for end in ends])
    await until(reactor, lambda: server.over and client.over)
    if impatient.active():
        impatient.cancel()

    for sender, receiver in (ends, ends[::-1]):
        assert sender.sent.startswith(receiver.received)
        assert receiver.heard.count("connectionMade") == receiver.heard.count("connectionLost") == 1
        assert receiver.heard[-1] == "connectionLost"
        assert receiver.heard.count("readConnectionLost") <= 1
        assert receiver.heard.count("writeConnectionLost") <= 1
    assert reactor.getWriters() == []
    await port.stopListening()


@pytest.mark.slow
@pytest.mark.parametrize("network", [TCP, UNIX], ids=lambda network: network.__name__)
def test_whateverHappensBytesStayInOrder(reactor: Any, network: Any) -> None:
    """Each end receives a beginning of what the other sent, and all of it unless somebody closed; nothing raises."""
    declare()
    with logged():
        for seed in SEEDS:
            try:
                run(reactor, converse, reactor, network(), seed, timeout=10)
            except BaseException as problem:
                problem.add_note(f"the seed was {seed}")
                raise
