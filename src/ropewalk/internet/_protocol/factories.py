"""Factories: they make a protocol for each connection, and outlive it."""

from __future__ import annotations

from types import GenericAlias

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Generic, Self, TypeVar

    from zope.interface import implementer

    from ropewalk.python.failure import Failure

    from ..interfaces import IAddress, IConnector, ILoggingContext, IProtocol, IProtocolFactory

    # What a factory's `buildProtocol` makes.
    P = TypeVar("P", bound=IProtocol)
else:
    from .._interfaces.later import ILoggingContext, IProtocolFactory, implementer

    P = None  # a subscript of the bases below, and nothing more

    class Generic:
        """Stands in for ``typing.Generic``, which the start-up path cannot afford."""

        def __class_getitem__(cls, parameter):
            return cls if cls is Generic else GenericAlias(cls, parameter)


@implementer(IProtocolFactory, ILoggingContext)
class Factory(Generic[P]):
    """Makes a protocol for each connection, and keeps what they share.

    Attributes:
        protocol: called without arguments, returns the protocol of a new connection. Set it, or override
            `buildProtocol`.
        numPorts: how many ports and connectors use this factory now.
        noisy: whether the factory's start and stop are logged.
    """

    protocol: Callable[[], P] | None = None
    numPorts: int = 0
    noisy: bool = True

    @classmethod
    def forProtocol(cls, protocol: Callable[[], P], *args: Any, **kwargs: Any) -> Self:
        """Make a factory for a protocol class.

        Args:
            protocol: what becomes the factory's `protocol`.
            args, kwargs: go to the factory's own constructor.
        """
        factory = cls(*args, **kwargs)
        factory.protocol = protocol
        return factory

    def logPrefix(self) -> str:
        """Return the class's name, which marks what is logged about this factory."""
        return self.__class__.__name__

    def doStart(self) -> None:
        """Count one port or connector more; the first one starts the factory. Override `startFactory` instead."""
        if self.numPorts == 0:
            if self.noisy:
                _announce("Starting factory {factory!r}", self)
            self.startFactory()
        self.numPorts += 1

    def doStop(self) -> None:
        """Count one port or connector less; the last one stops the factory. Override `stopFactory` instead."""
        if self.numPorts == 0:
            # A port that never came to listen is stopped too. There is nothing to undo.
            return
        self.numPorts -= 1
        if self.numPorts == 0:
            if self.noisy:
                _announce("Stopping factory {factory!r}", self)
            self.stopFactory()

    def startFactory(self) -> None:
        """Override to prepare what the connections share: open files and databases here, not in ``__init__``.

        Called before the first port listens or the first connector connects, again after each `stopFactory`.
        """

    def stopFactory(self) -> None:
        """Override to let go of what `startFactory` prepared. Called when the last port or connector has stopped."""

    def buildProtocol(self, addr: IAddress | None) -> P | None:
        """Make the protocol of a new connection: call `protocol` and set the result's ``factory``.

        Override it to choose by ``addr``, the peer's address, or to pass arguments; set ``factory`` yourself then.

        Returns:
            The protocol, or `None` to refuse the connection.

        Raises:
            AssertionError: neither `protocol` is set nor this method overridden.
        """
        build = self.protocol
        if build is None:
            raise AssertionError(f"{self!r} has no protocol: set its `protocol` or override `buildProtocol`")
        protocol = build()
        protocol.factory = self  # type: ignore[attr-defined]  # whatever the protocol is, it gets one
        return protocol


def _announce(sentence: str, factory: object) -> None:
    """Log a factory's start or stop, on the factory's own account."""
    from ropewalk.logger import Logger

    cls = factory.__class__
    Logger(f"{cls.__module__}.{cls.__qualname__}", source=factory).info(sentence, factory=factory)


class ServerFactory(Factory[P]):
    """A factory for connections that are accepted. What it says more than `Factory` is its name."""


class ClientFactory(Factory[P]):
    """A factory for connections that we make: it is told how each attempt goes.

    May be used for accepted connections too.
    """

    def startedConnecting(self, connector: IConnector) -> None:
        """Override to hear that an attempt has begun; ``connector.stopConnecting()`` gives it up."""

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Override to hear that an attempt failed; ``connector.connect()`` begins another."""

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """Override to hear that a connection that was made is gone; ``connector.connect()`` makes another."""
