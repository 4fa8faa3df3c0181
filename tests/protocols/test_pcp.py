"""Proxies between producers and consumers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from ropewalk.internet.interfaces import IConsumer, IProducer
from ropewalk.protocols.pcp import BasicProducerConsumerProxy, ProducerConsumerProxy


class Ends:
    """A consumer and a producer in one: notes what it is told, and produces what it was given when it is asked."""

    def __init__(self, *pieces: bytes) -> None:
        self.told: list[Any] = []
        self.pieces = list(pieces)
        self.proxy: Any = None

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        self.told.append(("register", streaming))

    def unregisterProducer(self) -> None:
        self.told.append("unregister")

    def write(self, data: bytes) -> None:
        self.told.append(data)

    def finish(self) -> None:
        self.told.append("finish")

    def resumeProducing(self) -> None:
        self.told.append("resume")
        if self.pieces:
            self.proxy.write(self.pieces.pop(0))

    def pauseProducing(self) -> None:
        self.told.append("pause")

    def stopProducing(self) -> None:
        self.told.append("stop")

    def heard(self) -> list[Any]:
        """Return what it was told since the last time."""
        told, self.told = self.told, []
        return told


class Pulled(ProducerConsumerProxy):
    """A proxy that has to be asked."""

    iAmStreaming = False


def between(kind: Any, streaming: bool | None, *pieces: bytes) -> tuple[Any, Ends, Ends]:
    """Return a proxy, its consumer and, registered unless ``streaming`` is `None`, its producer."""
    consumer, producer = Ends(), Ends(*pieces)
    proxy = producer.proxy = kind(consumer)
    if streaming is not None:
        proxy.registerProducer(producer, streaming)
    assert consumer.heard() == [("register", kind.iAmStreaming)]
    return proxy, consumer, producer


@pytest.mark.parametrize("kind", [BasicProducerConsumerProxy, ProducerConsumerProxy])
def test_provides(kind: Any) -> None:
    """A proxy is a producer and a consumer."""
    verifyObject(IProducer, kind(None))
    verifyObject(IConsumer, kind(None))


def test_basic() -> None:
    """All is passed on; what is written while paused waits."""
    proxy, consumer, producer = between(BasicProducerConsumerProxy, True)
    proxy.write(b"a")
    proxy.pauseProducing()
    proxy.write(b"b")
    proxy.write(b"c")
    assert (consumer.heard(), producer.heard()) == ([b"a"], ["pause"])
    proxy.resumeProducing()
    assert (consumer.heard(), producer.heard()) == ([b"bc"], ["resume"])
    proxy.finish()
    assert consumer.heard() == ["finish", "unregister"]


@pytest.mark.parametrize("kind", [BasicProducerConsumerProxy, ProducerConsumerProxy])
def test_stopped(kind: Any) -> None:
    """A consumer that has enough stops the producer, and is given nothing more."""
    proxy, consumer, producer = between(kind, True)
    proxy.stopProducing()
    proxy.write(b"late")
    proxy.unregisterProducer()
    assert (consumer.heard(), producer.heard()) == ([], ["stop"])


def test_buffer() -> None:
    """The producer is paused when the buffer is full, once, and goes on when it is empty again."""
    proxy, consumer, producer = between(ProducerConsumerProxy, True)
    proxy.pauseProducing()
    proxy.write(b"x" * (2**16 - 1))
    assert producer.heard() == []
    proxy.write(b"y")
    proxy.write(b"z")
    assert producer.heard() == ["pause"]
    proxy.resumeProducing()
    assert producer.heard() == ["resume"]
    assert consumer.heard() == [b"x" * (2**16 - 1) + b"yz"]


def test_unregisterLater() -> None:
    """The consumer is let go when it has all."""
    proxy, consumer, _ = between(ProducerConsumerProxy, True)
    proxy.pauseProducing()
    proxy.write(b"x")
    proxy.unregisterProducer()
    assert consumer.heard() == []
    proxy.resumeProducing()
    assert consumer.heard() == [b"x", "unregister"]


def test_pullToPush() -> None:
    """A producer that has to be asked is asked until the consumer pauses or nothing comes."""
    consumer, producer = Ends(), Ends(b"1", b"2", b"3")
    proxy = producer.proxy = ProducerConsumerProxy(consumer)
    proxy.registerProducer(producer, False)
    assert consumer.heard()[1:] == [b"1", b"2", b"3"]
    proxy.pauseProducing()
    producer.pieces = [b"4", b"5"]
    proxy.resumeProducing()
    assert consumer.heard() == [b"4", b"5"]


def test_pushToPull() -> None:
    """A consumer that asks gets what waits, or the next piece that comes, once for each time it asks."""
    proxy, consumer, _ = between(Pulled, True)
    proxy.write(b"a")
    proxy.write(b"b")
    assert consumer.heard() == []
    proxy.resumeProducing()
    proxy.resumeProducing()
    assert consumer.heard() == [b"ab"]
    proxy.write(b"c")
    proxy.write(b"d")
    assert consumer.heard() == [b"c"]


def test_pullToPull() -> None:
    """Between two that ask, one piece is kept ready."""
    proxy, consumer, producer = between(Pulled, None, b"1", b"2", b"3")
    proxy.registerProducer(producer, False)
    assert producer.pieces == [b"2", b"3"]
    proxy.resumeProducing()
    assert consumer.heard() == [b"1"]
    assert producer.pieces == [b"3"]


STEPS = st.lists(st.sampled_from(["pause", "resume"]) | st.binary(min_size=1, max_size=4))


@given(STEPS, st.sampled_from([BasicProducerConsumerProxy, ProducerConsumerProxy, Pulled]), st.booleans())
def test_anyOrder(steps: list[Any], kind: Any, small: bool) -> None:
    """However the two are stepped, every byte comes through, in order, and none while paused."""
    proxy, consumer, producer = between(kind, True)
    if small and isinstance(proxy, ProducerConsumerProxy):
        proxy.bufferSize = 3
    for step in steps:
        if step == "pause":
            proxy.pauseProducing()
        elif step == "resume":
            proxy.resumeProducing()
        else:
            before = len(consumer.told)
            proxy.write(step)
            assert not proxy.paused or len(consumer.told) == before
    proxy.resumeProducing()
    assert b"".join(consumer.told) == b"".join([step for step in steps if isinstance(step, bytes)])
    if kind is not BasicProducerConsumerProxy:
        assert producer.told.count("pause") == producer.told.count("resume")
