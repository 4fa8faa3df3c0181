"""Endpoints: somewhere to connect to, or to listen at, as an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from ropewalk.internet.defer import Deferred

    from .protocols import IProtocol, IProtocolFactory
    from .transports import IListeningPort

__name__ = "ropewalk.internet.interfaces"


class IStreamClientEndpoint(Interface):
    """Somewhere to connect to."""

    def connect(protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect, as often as you like.

        Returns:
            A Deferred of the protocol that ``protocolFactory`` made, connected; or a failure: mostly a
            `ropewalk.internet.error.ConnectError`, and `ropewalk.internet.error.NoProtocol` when the factory made
            none. Cancelling it gives the attempt up.
        """


class IStreamServerEndpoint(Interface):
    """Somewhere to listen at."""

    def listen(protocolFactory: IProtocolFactory) -> Deferred[IListeningPort]:
        """Listen.

        Returns:
            A Deferred of the port, or a failure with `ropewalk.internet.error.CannotListenError`.
        """


class IStreamServerEndpointStringParser(Interface):
    """A plugin that adds a kind of text to ``serverFromString``: ``prefix:argument:key=value``."""

    prefix: str = Attribute("The first word of the text, up to its first colon.")

    def parseStreamServer(reactor: Any, *args: Any, **kwargs: Any) -> IStreamServerEndpoint:
        """Make the endpoint.

        Args:
            reactor: the reactor to listen with.
            args: the text's arguments without a name, as text.
            kwargs: those with one.
        """


class IStreamClientEndpointStringParserWithReactor(Interface):
    """A plugin that adds a kind of text to ``clientFromString``: ``prefix:argument:key=value``."""

    prefix: str = Attribute("The first word of the text, up to its first colon.")

    def parseStreamClient(reactor: Any, *args: Any, **kwargs: Any) -> IStreamClientEndpoint:
        """Make the endpoint.

        Args:
            reactor: the reactor to connect with.
            args: the text's arguments without a name, as text.
            kwargs: those with one.
        """
