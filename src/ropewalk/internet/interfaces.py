"""Every interface that a user of the engine implements or is handed; each topic has its file in `_interfaces`.

Methods are written as their callers see them, without ``self``. Classes declare with ``@implementer(IProtocol)``;
``IProtocol.providedBy(thing)`` asks.
"""

from ._interfaces.addresses import IAddress
from ._interfaces.binding import Binding
from ._interfaces.clock import IDelayedCall, IReactorTime
from ._interfaces.descriptors import (
    IFileDescriptor,
    IHalfCloseableDescriptor,
    ILoggingContext,
    IReadDescriptor,
    IReadWriteDescriptor,
    ISystemHandle,
    IWriteDescriptor,
)
from ._interfaces.endpoints import (
    IStreamClientEndpoint,
    IStreamClientEndpointStringParserWithReactor,
    IStreamServerEndpoint,
    IStreamServerEndpointStringParser,
)
from ._interfaces.later import carryOut
from ._interfaces.names import (
    IHostnameResolver,
    IHostResolution,
    IResolutionReceiver,
    IResolver,
    IResolverSimple,
)
from ._interfaces.producers import IConsumer, IProducer, IPullProducer, IPushProducer
from ._interfaces.protocols import (
    IFileDescriptorReceiver,
    IHalfCloseableProtocol,
    IHandshakeListener,
    IProcessProtocol,
    IProtocol,
    IProtocolFactory,
    IServiceCollection,
)
from ._interfaces.reach import (
    IReactorMulticast,
    IReactorProcess,
    IReactorSocket,
    IReactorSSL,
    IReactorTCP,
    IReactorTCP2,
    IReactorUDP,
    IReactorUNIX,
    IReactorUNIXDatagram,
)
from ._interfaces.reactor import (
    IReactorCore,
    IReactorDaemonize,
    IReactorFDSet,
    IReactorPluggableNameResolver,
    IReactorPluggableResolver,
    IReactorWin32Events,
)
from ._interfaces.threads import IReactorFromThreads, IReactorInThreads, IReactorThreads
from ._interfaces.tls import (
    IAcceptableCiphers,
    ICipher,
    INegotiated,
    IOpenSSLClientConnectionCreator,
    IOpenSSLContextFactory,
    IOpenSSLServerConnectionCreator,
    IProtocolNegotiationFactory,
    ISSLTransport,
    ITLSTransport,
)
from ._interfaces.transports import (
    IConnector,
    IListeningPort,
    IMulticastTransport,
    IProcessTransport,
    ITCPTransport,
    ITransport,
    IUDPTransport,
    IUNIXDatagramConnectedTransport,
    IUNIXDatagramTransport,
    IUNIXTransport,
)

__all__ = [
    "Binding",
    "IAcceptableCiphers",
    "IAddress",
    "ICipher",
    "IConnector",
    "IConsumer",
    "IDelayedCall",
    "IFileDescriptor",
    "IFileDescriptorReceiver",
    "IHalfCloseableDescriptor",
    "IHalfCloseableProtocol",
    "IHandshakeListener",
    "IHostResolution",
    "IHostnameResolver",
    "IListeningPort",
    "ILoggingContext",
    "IMulticastTransport",
    "INegotiated",
    "IOpenSSLClientConnectionCreator",
    "IOpenSSLContextFactory",
    "IOpenSSLServerConnectionCreator",
    "IProcessProtocol",
    "IProcessTransport",
    "IProducer",
    "IProtocol",
    "IProtocolFactory",
    "IProtocolNegotiationFactory",
    "IPullProducer",
    "IPushProducer",
    "IReactorCore",
    "IReactorDaemonize",
    "IReactorFDSet",
    "IReactorFromThreads",
    "IReactorInThreads",
    "IReactorMulticast",
    "IReactorPluggableNameResolver",
    "IReactorPluggableResolver",
    "IReactorProcess",
    "IReactorSSL",
    "IReactorSocket",
    "IReactorTCP",
    "IReactorTCP2",
    "IReactorThreads",
    "IReactorTime",
    "IReactorUDP",
    "IReactorUNIX",
    "IReactorUNIXDatagram",
    "IReactorWin32Events",
    "IReadDescriptor",
    "IReadWriteDescriptor",
    "IResolutionReceiver",
    "IResolver",
    "IResolverSimple",
    "ISSLTransport",
    "IServiceCollection",
    "IStreamClientEndpoint",
    "IStreamClientEndpointStringParserWithReactor",
    "IStreamServerEndpoint",
    "IStreamServerEndpointStringParser",
    "ISystemHandle",
    "ITCPTransport",
    "ITLSTransport",
    "ITransport",
    "IUDPTransport",
    "IUNIXDatagramConnectedTransport",
    "IUNIXDatagramTransport",
    "IUNIXTransport",
    "IWriteDescriptor",
]

carryOut()
