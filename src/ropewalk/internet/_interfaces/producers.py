"""Producers and consumers: how a fast writer learns that the reader is slow.

A producer registers with a consumer. A *push* producer writes whenever it has something, until it is paused. A
*pull* producer writes one piece each time it is asked.
"""

from __future__ import annotations

from zope.interface import Interface

__name__ = "ropewalk.internet.interfaces"


class IConsumer(Interface):
    """Something that takes bytes, and tells their producer when it has enough for now."""

    def registerProducer(producer: IProducer, streaming: bool) -> None:
        """Let a producer feed this consumer until `unregisterProducer`.

        Bytes written otherwise are taken too, but the consumer then cannot hold the writer back.

        Args:
            producer: an `IPushProducer` if ``streaming``, else an `IPullProducer`. When the consumer is closed
                already its ``stopProducing`` is called at once.
            streaming: whether the producer writes by itself; one that doesn't is asked for a piece at a time,
                beginning now.

        Raises:
            RuntimeError: another producer is registered.
        """

    def unregisterProducer() -> None:
        """Say that the producer has written its last: a close that waits for that goes on. Harmless without one."""

    def write(data: bytes) -> None:
        """Take bytes. Never blocks; may pause the registered producer before it returns."""


class IProducer(Interface):
    """Something that makes bytes for a consumer. Implement `IPushProducer` or `IPullProducer`."""

    def stopProducing() -> None:
        """Never write again: what is left interests nobody, most often because the connection is gone.

        Let go of files and the like. Called at most once, and nothing is called after it.
        """


class IPushProducer(IProducer):
    """A producer that writes by itself, whenever it has something."""

    def pauseProducing() -> None:
        """Stop writing until `resumeProducing`: the consumer has as much as it wants to hold."""

    def resumeProducing() -> None:
        """Write again: there is room. May be called without a pause before it."""


class IPullProducer(IProducer):
    """A producer that writes when it is asked to."""

    def resumeProducing() -> None:
        """Write one piece, of 16 to 64 KiB say, now or later. It is asked again when that piece has left.

        A producer that has nothing left calls the consumer's ``unregisterProducer`` instead.
        """
