"""Services that listen or connect by the reactor's own methods, and take the same arguments."""

from __future__ import annotations

from typing import Any

from ropewalk.internet.defer import Deferred, maybeDeferred

from .draining import Connections
from .tree import Service


class _Ported(Service):
    """What servers and clients share.

    Args:
        args, kwargs: go to the reactor's method; ``reactor`` says which reactor, the global one if it is missing.

    Attributes:
        method: how the reactor's method is called, after ``listen`` or ``connect``.
        reactor: what listens or connects; `None` for the global reactor, which is looked up at the start.
    """

    method: str
    reactor: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        if "reactor" in kwargs:
            self.reactor = kwargs.pop("reactor")
        self.kwargs = kwargs

    def _call(self, verb: str) -> Any:
        return getattr(self._place(), verb + self.method)(*self.args, **self.kwargs)

    def _place(self) -> Any:
        """The reactor."""
        if self.reactor is not None:
            return self.reactor
        from ropewalk.internet import reactor

        return reactor


class _Server(_Ported):
    """Listens from `privilegedStartService`, or `startService` at the latest, until `stopService`."""

    volatile = ["_port"]
    _port: Any = None

    def privilegedStartService(self) -> None:
        """Listen, while the process may still bind any port. Raises what the reactor's method raises."""
        super().privilegedStartService()
        self._port = self._call("listen")

    def startService(self) -> None:
        """Listen, unless that was done already. Raises what the reactor's method raises."""
        super().startService()
        if self._port is None:
            self._port = self._call("listen")

    def stopService(self) -> Deferred[Any] | None:
        """Close the port; connections live on.

        Returns:
            A Deferred that fires when it is closed, `None` when there is no port.
        """
        super().stopService()
        if self._port is None:
            return None
        port = self._port
        del self._port
        return maybeDeferred(port.stopListening)


class StreamServer(_Server):
    """A server that has connections.

    Attributes:
        drainSeconds: how long connections may take to end when the service stops, which then waits for them; `None`,
            the default, to leave them alone. See `StreamServerEndpointService`.
    """

    volatile = ["_connections"]
    drainSeconds: float | None = None
    _connections: Connections | None = None

    def _call(self, verb: str) -> Any:
        if self.drainSeconds is None:
            return super()._call(verb)
        # The factory is the second argument, or goes by its name.
        args, kwargs = list(self.args), dict(self.kwargs)
        place: Any = (args, 1) if len(args) > 1 else (kwargs, "factory")
        self._connections = connections = Connections(place[0][place[1]])
        place[0][place[1]] = connections.factory
        return getattr(self._place(), verb + self.method)(*args, **kwargs)

    def stopService(self) -> Deferred[Any] | None:
        """Close the port, and see the connections to their end if ``drainSeconds`` says so.

        Returns:
            A Deferred that fires when that is done, `None` when there is no port.
        """
        connections, self._connections = self._connections, None
        if self._port is None or connections is None or self.drainSeconds is None:
            return super().stopService()
        Service.stopService(self)
        port = self._port
        del self._port
        return connections.close(port, self.drainSeconds, self._place())


class _Client(_Ported):
    """Connects at the start, and disconnects at the stop."""

    volatile = ["_connection"]
    _connection: Any = None

    def startService(self) -> None:
        """Begin to connect; the factory hears what comes of it."""
        super().startService()
        self._connection = self._call("connect")

    def stopService(self) -> Deferred[Any] | None:
        """Disconnect, or give up connecting."""
        super().stopService()
        if self._connection is None:
            return None
        connection = self._connection
        del self._connection
        # Datagrams have no connector: their "connection" is a port.
        if hasattr(connection, "disconnect"):
            connection.disconnect()
            return None
        return maybeDeferred(connection.stopListening)


class TCPServer(StreamServer):
    """Listens at a TCP port; see `IReactorTCP.listenTCP` for the arguments."""

    method = "TCP"


class TCPClient(_Client):
    """Connects to a TCP port, once; see `IReactorTCP.connectTCP` for the arguments. `ClientService` connects again."""

    method = "TCP"


class SSLServer(StreamServer):
    """Listens at a TCP port and speaks TLS; see `IReactorSSL.listenSSL` for the arguments."""

    method = "SSL"


class SSLClient(_Client):
    """Connects to a TCP port, once, and speaks TLS; see `IReactorSSL.connectSSL` for the arguments."""

    method = "SSL"


class UNIXServer(StreamServer):
    """Listens at a UNIX socket; see `IReactorUNIX.listenUNIX` for the arguments."""

    method = "UNIX"


class UNIXClient(_Client):
    """Connects to a UNIX socket, once; see `IReactorUNIX.connectUNIX` for the arguments."""

    method = "UNIX"


class UDPServer(_Server):
    """Has a UDP port; see `IReactorUDP.listenUDP` for the arguments."""

    method = "UDP"


class MulticastServer(_Server):
    """Has a UDP port that can join groups; see `IReactorMulticast.listenMulticast` for the arguments."""

    method = "Multicast"


class UNIXDatagramServer(_Server):
    """Takes datagrams at a UNIX socket; see `IReactorUNIXDatagram.listenUNIXDatagram` for the arguments."""

    method = "UNIXDatagram"


class UNIXDatagramClient(_Client):
    """Sends datagrams to a UNIX socket; see `IReactorUNIXDatagram.connectUNIXDatagram` for the arguments."""

    method = "UNIXDatagram"
