"""What a reactor reaches: TCP, TLS, UNIX sockets, datagrams, child processes, sockets made elsewhere.

Ports and connections made here live until they are closed or the reactor stops. A port's number 0 lets the system
choose one; `IListeningPort.getHost` tells which.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zope.interface import Interface

if TYPE_CHECKING:
    from ropewalk.internet.protocol import AbstractDatagramProtocol, ClientFactory

    from .binding import Binding
    from .protocols import IProcessProtocol, IProtocolFactory
    from .transports import IConnector, IListeningPort, IProcessTransport

    AddressFamily = socket.AddressFamily | int

__name__ = "ropewalk.internet.interfaces"


class IReactorTCP(Interface):
    """A reactor that speaks TCP."""

    def listenTCP(port: int, factory: IProtocolFactory, backlog: int = 50, interface: str = "") -> IListeningPort:
        """Accept connections on a TCP port.

        Args:
            port: its number; 0 for any that is free.
            factory: makes the protocol of each connection.
            backlog: how many connections may wait to be accepted.
            interface: the local IP address to listen at. Empty for all IPv4 ones, ``"::"`` for all.

        Returns:
            The port, which listens.

        Raises:
            ropewalk.internet.error.CannotListenError: it cannot, because something else does so, say.
        """

    def connectTCP(
        host: str,
        port: int,
        factory: ClientFactory[Any],
        timeout: float = 30.0,
        bindAddress: Binding | tuple[str, int] | None = None,
    ) -> IConnector:
        """Connect to a TCP port. Returns at once; the factory hears what comes of it.

        Args:
            host: a name, which is resolved for each attempt, or an IP address.
            port: the port's number, or a service's name.
            factory: makes the protocol once connected; told of failure and loss.
            timeout: seconds until the attempt fails with `ropewalk.internet.error.TimeoutError`.
            bindAddress: the local address and port to connect from.
        """


class IReactorTCP2(IReactorTCP):
    """A reactor that speaks TCP and takes a `Binding`, which says more than an address."""

    def listenTCP(
        port: int, factory: IProtocolFactory, backlog: int = 50, interface: str | Binding | None = None
    ) -> IListeningPort:
        """As `IReactorTCP.listenTCP`; ``interface`` may be a `Binding`, whose ``reusePort`` shares the port."""

    def connectTCP(
        host: str,
        port: int,
        factory: ClientFactory[Any],
        timeout: float = 30.0,
        bindAddress: Binding | tuple[str, int] | None = None,
    ) -> IConnector:
        """As `IReactorTCP.connectTCP`."""


class IReactorSSL(Interface):
    """A reactor that speaks TLS over TCP."""

    def connectSSL(
        host: str,
        port: int,
        factory: ClientFactory[Any],
        contextFactory: Any,
        timeout: float = 30.0,
        bindAddress: Binding | tuple[str, int] | None = None,
    ) -> IConnector:
        """Connect to a TCP port and speak TLS at once.

        Args:
            contextFactory: how: an `IOpenSSLClientConnectionCreator`, as `optionsForClientTLS` makes it.

        The other arguments and the result are those of `IReactorTCP.connectTCP`. The factory makes its protocol
        as soon as TCP is connected; a failed handshake is a lost connection.
        """

    def listenSSL(
        port: int, factory: IProtocolFactory, contextFactory: Any, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """Accept connections on a TCP port and speak TLS at once.

        Args:
            contextFactory: how: an `IOpenSSLServerConnectionCreator`, `CertificateOptions` say.

        The other arguments and the result are those of `IReactorTCP.listenTCP`.
        """


class IReactorUNIX(Interface):
    """A reactor that speaks over UNIX sockets."""

    def connectUNIX(
        address: str | bytes, factory: ClientFactory[Any], timeout: float = 30, checkPID: bool = False
    ) -> IConnector:
        """Connect to a UNIX socket.

        Args:
            address: its path; one that begins with a zero byte is in Linux's abstract namespace.
            factory: as for `IReactorTCP.connectTCP`.
            timeout: seconds until the attempt fails.
            checkPID: fail at once unless the lock file beside the socket names a process that lives.
        """

    def listenUNIX(
        address: str | bytes, factory: IProtocolFactory, backlog: int = 50, mode: int = 0o666, wantPID: bool = False
    ) -> IListeningPort:
        """Accept connections on a UNIX socket.

        Args:
            address: the path to make it at.
            factory: makes the protocol of each connection.
            backlog: how many connections may wait to be accepted.
            mode: the permission bits of the socket's file.
            wantPID: hold a lock file ``address.lock``; a socket whose owner died is then taken over.

        Raises:
            ropewalk.internet.error.CannotListenError: it cannot.
        """


class IReactorUNIXDatagram(Interface):
    """A reactor that sends datagrams over UNIX sockets."""

    def connectUNIXDatagram(
        address: str | bytes,
        protocol: AbstractDatagramProtocol,
        maxPacketSize: int = 8192,
        mode: int = 0o666,
        bindAddress: str | bytes | None = None,
    ) -> IListeningPort:
        """Connect to a UNIX datagram socket.

        Args:
            address: the path of the peer's socket.
            protocol: a `ropewalk.internet.protocol.ConnectedDatagramProtocol`.
            maxPacketSize: the longest datagram that is received whole, in bytes.
            mode: the permission bits of our socket's file.
            bindAddress: the path of our socket; without it the peer cannot answer.
        """

    def listenUNIXDatagram(
        address: str | bytes, protocol: AbstractDatagramProtocol, maxPacketSize: int = 8192, mode: int = 0o666
    ) -> IListeningPort:
        """Receive datagrams on a UNIX socket; arguments as for `connectUNIXDatagram`.

        Raises:
            ropewalk.internet.error.CannotListenError: it cannot.
        """


class IReactorUDP(Interface):
    """A reactor that speaks UDP."""

    def listenUDP(
        port: int, protocol: AbstractDatagramProtocol, interface: str = "", maxPacketSize: int = 8192
    ) -> IListeningPort:
        """Send and receive UDP datagrams.

        Args:
            port: the local port's number; 0 for any that is free.
            protocol: told of each datagram.
            interface: the local IP address; its kind chooses between IPv4 and IPv6. Empty for all IPv4 ones.
            maxPacketSize: the longest datagram that is received whole, in bytes.

        Raises:
            ropewalk.internet.error.CannotListenError: the port is taken.
        """


class IReactorMulticast(Interface):
    """A reactor that speaks UDP to groups."""

    def listenMulticast(
        port: int,
        protocol: AbstractDatagramProtocol,
        interface: str = "",
        maxPacketSize: int = 8192,
        listenMultiple: bool = False,
    ) -> IListeningPort:
        """As `IReactorUDP.listenUDP`; the port offers `IMulticastTransport`.

        Args:
            listenMultiple: let others listen on the port too, if they say the same.
        """


class IReactorSocket(Interface):
    """A reactor that takes over sockets made elsewhere: inherited from systemd, say.

    The descriptor given is copied, and stays the caller's to close. Set it non-blocking first.
    """

    def adoptStreamPort(fileDescriptor: int, addressFamily: AddressFamily, factory: IProtocolFactory) -> IListeningPort:
        """Accept connections on a socket that listens.

        Raises:
            ropewalk.internet.error.UnsupportedAddressFamily: ``addressFamily`` is none that is served.
            ropewalk.internet.error.UnsupportedSocketType: it is no stream socket.
        """

    def adoptStreamConnection(fileDescriptor: int, addressFamily: AddressFamily, factory: IProtocolFactory) -> Any:
        """Serve a socket that is connected. Raises as `adoptStreamPort`.

        Returns:
            The transport.
        """

    def adoptDatagramPort(
        fileDescriptor: int,
        addressFamily: AddressFamily,
        protocol: AbstractDatagramProtocol,
        maxPacketSize: int = 8192,
    ) -> IListeningPort:
        """Send and receive datagrams on a socket that is bound. Raises as `adoptStreamPort`."""


class IReactorProcess(Interface):
    """A reactor that starts child processes."""

    def spawnProcess(
        processProtocol: IProcessProtocol,
        executable: str | bytes,
        args: Sequence[str | bytes] = (),
        env: Mapping[str | bytes, str | bytes] | Mapping[str, str] | None = None,
        path: str | bytes | None = None,
        uid: int | None = None,
        gid: int | None = None,
        usePTY: bool | tuple[int, int, str | bytes] = False,
        childFDs: Mapping[int, int | str] | None = None,
    ) -> IProcessTransport:
        """Start a child process.

        Args:
            processProtocol: hears what the child says and how it ends.
            executable: the program's file; a bare name is looked up on ``PATH``: the child's, ours, the system's usual.
            args: the child's arguments; the first is the name that it goes by. Text is encoded as file names are.
            env: the child's environment; `None` hands on ours. Say which: left away, our reactors give an empty one.
            path: the directory that the child begins in; `None` for ours.
            uid: the user to run as; needs to be root.
            gid: the group to run as; needs to be root.
            usePTY: give the child a pseudo-terminal in place of pipes. A tuple is one that is open already:
                master, slave, name; both are the reactor's then. Excludes ``childFDs``.
            childFDs: what stands behind each of the child's descriptors: ``"w"`` is a pipe that we write to,
                ``"r"`` one that we read from, a number is a descriptor of ours. What is not named is closed.
                `None` means ``{0: "w", 1: "r", 2: "r"}``.

        Raises:
            OSError: the program cannot be executed, or no process could be made. The protocol hears nothing then.
        """
