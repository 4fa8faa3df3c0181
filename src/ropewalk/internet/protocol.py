"""Protocols and the factories that make them: what a user derives from.

A `Protocol` serves one connection and is then thrown away; what outlives it stands on its `Factory`. Neither knows
which network it is used on: the same pair serves TCP, TLS, UNIX sockets and tests in memory.
"""

from __future__ import annotations

from types import GenericAlias

from ropewalk.python.components import Adapter
from ropewalk.python.failure import Failure

from .error import ConnectionDone, NotConnectingError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Generic, Self, TypeVar

    from zope.interface import implementer

    from .defer import Deferred
    from .interfaces import (
        IAddress,
        IConnector,
        IConsumer,
        IDelayedCall,
        ILoggingContext,
        IMulticastTransport,
        IProcessProtocol,
        IProcessTransport,
        IProtocol,
        IProtocolFactory,
        IReactorTime,
        ITransport,
    )

    # What a factory's `buildProtocol` makes.
    P = TypeVar("P", bound=IProtocol)
else:
    from ._interfaces.later import (
        IConsumer,
        ILoggingContext,
        IProcessProtocol,
        IProtocol,
        IProtocolFactory,
        ITransport,
        adapter,
        implementer,
    )

    P = Any = None  # subscripts of the bases below, and nothing more

    class Generic:
        """Stands in for ``typing.Generic``, which the start-up path cannot afford."""

        def __class_getitem__(cls, parameter):
            return cls if cls is Generic else GenericAlias(cls, parameter)


__all__ = [
    "AbstractDatagramProtocol",
    "BaseProtocol",
    "ClientCreator",
    "ClientFactory",
    "ConnectedDatagramProtocol",
    "ConsumerToProtocolAdapter",
    "DatagramProtocol",
    "Factory",
    "FileWrapper",
    "ProcessProtocol",
    "Protocol",
    "ProtocolToConsumerAdapter",
    "ReconnectingClientFactory",
    "ServerFactory",
    "connectionDone",
]

# The reason of a connection that ended in good order; the default of `Protocol.connectionLost`.
connectionDone = Failure(ConnectionDone())
connectionDone.cleanFailure()


class BaseProtocol:
    """What protocols over streams and those of child processes have in common.

    Attributes:
        connected: 1 from `makeConnection` on.
        transport: what to write to. There from `makeConnection` on; nothing else is called before that.
    """

    connected: int = 0
    transport: Any = None  # `Protocol` and `ProcessProtocol` say which kind

    def makeConnection(self, transport: Any) -> None:
        """Take the transport, then call `connectionMade`. Called once, by the transport."""
        self.connected = 1
        self.transport = transport
        self.connectionMade()

    def connectionMade(self) -> None:
        """Override to hear that the connection is there. Called once, before any data."""


@implementer(IProtocol, ILoggingContext)
class Protocol(BaseProtocol):
    """One end of one connection: override `dataReceived`, and `connectionMade` and `connectionLost` as needed.

    Attributes:
        factory: the factory that made this protocol; `Factory.buildProtocol` sets it.
    """

    transport: ITransport
    factory: Any = None  # factories carry attributes of their own, meant for their protocols

    def logPrefix(self) -> str:
        """Return the class's name, which marks what is logged about this connection."""
        return self.__class__.__name__

    def dataReceived(self, data: bytes) -> None:
        """Override to take bytes from the peer, cut anyhow: collect them until a message is complete."""

    if TYPE_CHECKING:
        # Checkers don't see the default: then an override may go without it, as most do.
        def connectionLost(self, reason: Failure) -> None: ...
    else:

        def connectionLost(self, reason: Failure = connectionDone) -> None:
            """Override to hear that the connection is over. Called once; let go of what refers to this protocol here.

            Args:
                reason: its ``value`` is a `ropewalk.internet.error.ConnectionDone` after an orderly close, else a
                    `ropewalk.internet.error.ConnectionLost` or kin.
            """


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


def _say(sentence: str) -> None:
    from ropewalk.python import log

    log.msg(sentence)


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


class ReconnectingClientFactory(ClientFactory[P]):
    """A client's factory that connects again, each time waiting longer, after failures and losses alike.

    A subclass that overrides `clientConnectionFailed` or `clientConnectionLost` calls these; one whose connection
    has turned out well, in `buildProtocol` say, calls `resetDelay`.

    Attributes:
        initialDelay: seconds to wait before the first retry.
        maxDelay: seconds that the wait never grows beyond.
        factor: what each wait is multiplied with to get the next one.
        jitter: how far a wait strays by chance, as a share of it (a standard deviation), so that the clients of a
            server that went down don't all return in the same moment; `None` or 0 for not at all.
        delay: seconds that the next retry waits, but for the jitter.
        retries: how many retries there were since `resetDelay`.
        maxRetries: after how many to give up; `None` for never.
        continueTrying: false once `stopTrying` was called.
        connector: the latest connector; `None` before there was one, and after `stopTrying`.
        clock: waits are measured by it, an `IReactorTime`; `None` for the reactor.
    """

    initialDelay: float = 1.0
    maxDelay: float = 3600
    # Euler's number: steep enough to spare a server in trouble, with a first few retries that come soon.
    factor: float = 2.718281828459045
    jitter: float | None = 0.119626565582

    delay: float = initialDelay
    retries: int = 0
    maxRetries: int | None = None
    continueTrying: bool | int = 1

    connector: IConnector | None = None
    clock: IReactorTime | None = None

    _waiting: tuple[IDelayedCall, ...] = ()  # the retries to come: one for each connector that uses this factory

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Retry, later."""
        if self.continueTrying:
            self.connector = connector
            self.retry()

    def clientConnectionLost(self, connector: IConnector, unused_reason: Failure) -> None:
        """Retry, later."""
        if self.continueTrying:
            self.connector = connector
            self.retry()

    def retry(self, connector: IConnector | None = None) -> None:
        """Connect again after the wait that is due now, unless that was forbidden or is once too often.

        Args:
            connector: what connects; the latest one when not given.

        Raises:
            ValueError: there was none yet.
        """
        connector = connector or self.connector
        if not self.continueTrying:
            self._tell(f"Abandoning {connector or self} on explicit request")
            return
        if connector is None:
            raise ValueError("no connector to retry: none was given, and none has failed yet")
        self.retries += 1
        if self.maxRetries is not None and self.retries > self.maxRetries:
            self._tell(f"Abandoning {connector} after {self.retries} retries.")
            return

        delay = self.delay
        if self.jitter:
            from random import normalvariate

            delay = max(0.0, normalvariate(delay, delay * self.jitter))
        self._tell(f"{connector} will retry in {int(delay)} seconds")
        self.delay = min(delay * self.factor, self.maxDelay)

        self._waiting = (*self._waiting, self._time().callLater(delay, self._again, connector))

    def _again(self, connector: IConnector) -> None:
        self._waiting = tuple([call for call in self._waiting if call.active()])
        connector.connect()

    def stopTrying(self) -> None:
        """Give up for good: waits, and an attempt that goes on, are ended; a connection that is there stays."""
        waiting, self._waiting = self._waiting, ()
        for call in waiting:
            call.cancel()
        self.continueTrying = 0
        if self.connector is not None:
            try:
                self.connector.stopConnecting()
            except NotConnectingError:
                pass
            # It knows us: the two are not to wait for the garbage collector.
            self.connector = None

    def resetDelay(self) -> None:
        """Begin the series of waits anew; call it when a connection has turned out well."""
        self.delay = self.initialDelay
        self.retries = 0
        self.continueTrying = 1

    def _tell(self, sentence: str) -> None:
        if self.noisy:
            _say(sentence)

    def _time(self) -> Any:  # an `IReactorTime`, which the reactor is at run time only
        if self.clock is not None:
            return self.clock
        from . import reactor

        return reactor

    def __getstate__(self) -> dict[str, Any]:
        """Leave out of pickles what belongs to this process and this series of attempts."""
        state = self.__dict__.copy()
        for name in ("connector", "retries", "delay", "continueTrying", "clock", "_waiting"):
            state.pop(name, None)
        return state


class ClientCreator:
    """Connects, and gives the protocol by a Deferred: for clients that need no factory.

    `ropewalk.internet.endpoints.connectProtocol` does the same on any endpoint.

    Args:
        reactor: what connects.
        protocolClass: called with the arguments that follow, once for each connection.
    """

    def __init__(self, reactor: Any, protocolClass: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self.reactor = reactor
        self.protocolClass = protocolClass
        self.args = args
        self.kwargs = kwargs

    def connectTCP(
        self, host: str, port: int, timeout: float = 30, bindAddress: tuple[str, int] | None = None
    ) -> Deferred[Any]:
        """Connect to a TCP port, see `IReactorTCP.connectTCP`.

        Returns:
            A Deferred of the protocol, connected, or of the reason why not. Cancelling it drops the attempt.
        """
        return self._connect(self.reactor.connectTCP, host, port, timeout=timeout, bindAddress=bindAddress)

    def connectUNIX(self, address: str | bytes, timeout: float = 30, checkPID: bool = False) -> Deferred[Any]:
        """Connect to a UNIX socket, see `IReactorUNIX.connectUNIX`; the result is that of `connectTCP`."""
        return self._connect(self.reactor.connectUNIX, address, timeout=timeout, checkPID=checkPID)

    def connectSSL(
        self,
        host: str,
        port: int,
        contextFactory: Any,
        timeout: float = 30,
        bindAddress: tuple[str, int] | None = None,
    ) -> Deferred[Any]:
        """Connect to a TCP port with TLS, see `IReactorSSL.connectSSL`; the result is that of `connectTCP`."""
        return self._connect(
            self.reactor.connectSSL,
            host,
            port,
            contextFactory=contextFactory,
            timeout=timeout,
            bindAddress=bindAddress,
        )

    def _connect(self, method: Callable[..., IConnector], *args: Any, **kwargs: Any) -> Deferred[Any]:
        from .defer import Deferred

        def giveUp(deferred: Deferred[Any]) -> None:
            factory.forget()
            connector.disconnect()

        result: Deferred[Any] = Deferred(giveUp)
        factory = _Once(self.reactor, self.protocolClass(*self.args, **self.kwargs), result)
        connector = method(*args, factory=factory, **kwargs)
        return result


class _Once(ClientFactory[Any]):
    """Hands out one protocol that exists already, and tells a Deferred.

    The Deferred fires a turn later than the protocol is made: the protocol has heard ``connectionMade`` by then.
    """

    noisy = False

    def __init__(self, reactor: IReactorTime, instance: Any, deferred: Deferred[Any]) -> None:
        self.reactor = reactor
        self.instance = instance
        self.deferred: Deferred[Any] | None = deferred
        self._firing: IDelayedCall | None = None

    def __repr__(self) -> str:
        return f"<ClientCreator factory: {self.instance!r}>"

    def buildProtocol(self, addr: IAddress | None) -> Any:
        if self.deferred is not None:
            self._fireSoon(self.deferred.callback, self.instance)
        return self.instance

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        if self.deferred is not None:
            self._fireSoon(self.deferred.errback, reason)

    def forget(self) -> None:
        """Tell the Deferred nothing any more."""
        self.deferred = None
        if self._firing is not None:
            self._firing.cancel()
            self._firing = None

    def _fireSoon(self, fire: Callable[[Any], None], result: object) -> None:
        def go() -> None:
            self.deferred = self._firing = None
            fire(result)

        self._firing = self.reactor.callLater(0, go)


@implementer(IProcessProtocol)
class ProcessProtocol(BaseProtocol):
    """What a child process is connected to: `connectionMade` says that it runs, the others what it does."""

    transport: IProcessTransport

    def childDataReceived(self, childFD: int, data: bytes) -> None:
        """Pass on what the child wrote: to `outReceived` from its descriptor 1, to `errReceived` from 2.

        Override it for children with other pipes.
        """
        if childFD == 1:
            self.outReceived(data)
        elif childFD == 2:
            self.errReceived(data)

    def outReceived(self, data: bytes) -> None:
        """Override to take bytes from the child's standard output. They are read even so, and dropped."""

    def errReceived(self, data: bytes) -> None:
        """Override to take bytes from the child's standard error. They are read even so, and dropped."""

    def childConnectionLost(self, childFD: int) -> None:
        """Pass on which pipe was closed: to `inConnectionLost`, `outConnectionLost` or `errConnectionLost`."""
        if childFD == 0:
            self.inConnectionLost()
        elif childFD == 1:
            self.outConnectionLost()
        elif childFD == 2:
            self.errConnectionLost()

    def inConnectionLost(self) -> None:
        """Override to hear that the child's standard input is closed."""

    def outConnectionLost(self) -> None:
        """Override to hear that the child's standard output is closed."""

    def errConnectionLost(self) -> None:
        """Override to hear that the child's standard error is closed."""

    def processExited(self, reason: Failure) -> None:
        """Override to hear that the child has ended; output may still come.

        Args:
            reason: its ``value`` is a `ropewalk.internet.error.ProcessDone` or
                `ropewalk.internet.error.ProcessTerminated`, both with ``exitCode`` and ``signal``.
        """

    def processEnded(self, reason: Failure) -> None:
        """Override to hear that the child has ended and all its output has come: always the last call."""


class AbstractDatagramProtocol:
    """What protocols over datagrams have in common.

    Attributes:
        transport: what to send with; there from `makeConnection` until the port is closed.
        numPorts: how many ports use this protocol now.
        noisy: whether its start and stop are logged.
    """

    transport: Any = None  # `DatagramProtocol` says which kind
    numPorts: int = 0
    noisy: bool = True

    def __getstate__(self) -> dict[str, Any]:
        """Leave the transport out of pickles."""
        return {**self.__dict__, "transport": None}

    def doStart(self) -> None:
        """Count one port more; the first one starts the protocol. Override `startProtocol` instead."""
        if self.numPorts == 0:
            if self.noisy:
                _say(f"Starting protocol {self!r}")
            self.startProtocol()
        self.numPorts += 1

    def doStop(self) -> None:
        """Count one port less; the last one stops the protocol. Override `stopProtocol` instead."""
        if self.numPorts == 0:
            raise AssertionError(f"{self!r} was stopped more often than started")
        self.numPorts -= 1
        self.transport = None
        if self.numPorts == 0:
            if self.noisy:
                _say(f"Stopping protocol {self!r}")
            self.stopProtocol()

    def startProtocol(self) -> None:
        """Override to hear that the port is open: `transport` is there and may be sent with."""

    def stopProtocol(self) -> None:
        """Override to hear that the port is closed; `transport` is gone."""

    def makeConnection(self, transport: Any) -> None:
        """Take the transport, then start. Called by the transport.

        Raises:
            AssertionError: the protocol has one already.
        """
        if self.transport is not None:
            raise AssertionError(f"{self!r} has a port already, {self.transport!r}: make a protocol for each")
        self.transport = transport
        self.doStart()

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Override to take a datagram.

        Args:
            datagram: the whole of it, cut at the port's ``maxPacketSize``.
            addr: the sender: IP address and port, or the path of a UNIX socket.
        """


@implementer(ILoggingContext)
class DatagramProtocol(AbstractDatagramProtocol):
    """Sends and receives datagrams; may be connected to one peer with ``self.transport.connect``."""

    transport: IMulticastTransport

    def logPrefix(self) -> str:
        """Return the class's name, which marks what is logged about this port."""
        return self.__class__.__name__

    def connectionRefused(self) -> None:
        """Override to hear that nobody listens where the port is connected to. Sending may go on."""


class ConnectedDatagramProtocol(DatagramProtocol):
    """Sends and receives datagrams over a UNIX socket that is connected to one peer."""

    def datagramReceived(self, datagram: bytes) -> None:  # type: ignore[override]  # there is only one sender
        """Override to take a datagram from the peer."""

    def connectionFailed(self, failure: Failure) -> None:
        """Override to hear that the socket could not be connected, and why."""


@implementer(ITransport)
class FileWrapper:
    """A file, as a transport that a protocol can write to. Errors of the file are swallowed, see `handleException`.

    Args:
        file: takes bytes with ``write`` and has ``close``.

    Attributes:
        closed: 1 once `loseConnection` was called.
        producer: the producer registered at the moment.
        streamingProducer: whether that is a push producer.
    """

    closed: int = 0
    disconnecting: int = 0
    producer: Any = None  # whatever was registered; a pull producer and a push producer share no base
    streamingProducer: bool | int = 0

    def __init__(self, file: Any) -> None:
        self.file = file
        self._asking = False  # whether a pull producer is being asked, so that its `write` doesn't ask inside that
        self._wrote = False  # whether it has written since it was asked

    def write(self, data: bytes) -> None:
        """Write to the file. A pull producer whose piece this was is asked for the next one."""
        try:
            self.file.write(data)
        except Exception:
            self.handleException()
        self._wrote = True
        self._ask()

    def writeSequence(self, iovec: Iterable[bytes]) -> None:
        """Write several pieces as one."""
        self.write(b"".join(iovec))

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let a producer write here; see `IConsumer.registerProducer`. The file is always ready for more."""
        self.producer = producer
        self.streamingProducer = streaming
        self._wrote = True
        self._ask()

    def unregisterProducer(self) -> None:
        """Forget the producer: it has written its last."""
        self.producer = None

    def _ask(self) -> None:
        """Ask a pull producer for as long as each answer comes at once; later answers ask from `write`."""
        if self._asking:
            return
        self._asking = True
        try:
            while self._wrote and self.producer is not None and not self.streamingProducer and not self.closed:
                self._wrote = False
                self.producer.resumeProducing()
        finally:
            self._asking = False

    def stopConsuming(self) -> None:
        """Forget the producer, and close."""
        self.unregisterProducer()
        self.loseConnection()

    def loseConnection(self) -> None:
        """Close the file."""
        self.closed = 1
        try:
            self.file.close()
        except Exception:
            self.handleException()

    def getPeer(self) -> Any:
        """Return a pair that says that this is a file: it has no address."""
        return "file", "file"

    def getHost(self) -> Any:
        """Return a text that says that this is a file: it has no address."""
        return "file"

    def handleException(self) -> None:
        """Override to hear, from inside ``except``, that the file failed to write or close."""

    def resumeProducing(self) -> None:
        """Do nothing: a file that is written to produces nothing."""

    def pauseProducing(self) -> None:
        """Do nothing: a file that is written to produces nothing."""

    def stopProducing(self) -> None:
        """Close."""
        self.loseConnection()


@implementer(IProtocol)
class ConsumerToProtocolAdapter(Adapter):
    """A consumer, as a protocol: what the connection receives is written to it. ``IProtocol(consumer)`` makes one."""

    def dataReceived(self, data: bytes) -> None:
        """Write the bytes to the consumer."""
        self.original.write(data)

    def connectionLost(self, reason: Failure) -> None:
        """Do nothing: a consumer isn't told that its bytes have ended."""

    def makeConnection(self, transport: Any) -> None:
        """Do nothing: a consumer doesn't write to where its bytes come from."""

    def connectionMade(self) -> None:
        """Do nothing."""


@implementer(IConsumer)
class ProtocolToConsumerAdapter(Adapter):
    """A protocol, as a consumer: what is written is received by it. ``IConsumer(protocol)`` makes one."""

    def write(self, data: bytes) -> None:
        """Have the protocol receive the bytes."""
        self.original.dataReceived(data)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Do nothing: a protocol takes whatever comes, at once."""

    def unregisterProducer(self) -> None:
        """Do nothing."""


if not TYPE_CHECKING:
    adapter(ConsumerToProtocolAdapter, IConsumer, IProtocol)
    adapter(ProtocolToConsumerAdapter, IProtocol, IConsumer)
