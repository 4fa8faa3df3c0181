"""The documents' datagram programs, run as a user runs them."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from support.examples import Starter
from support.programs import PATIENCE, freePort


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    """A blocking IPv4 datagram socket on a port of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.settimeout(0.1)
        ours.bind(("127.0.0.1", 0))
        yield ours


def ask(ours: socket.socket, question: bytes, where: tuple[str, int]) -> tuple[bytes, tuple[str, int]]:
    """Send until an answer comes: the program may not be up yet, and datagrams get lost."""
    for _ in range(int(PATIENCE * 10)):
        ours.sendto(question, where)
        try:
            answer, source = ours.recvfrom(2048)
            return answer, source[:2]
        except (TimeoutError, ConnectionRefusedError):
            continue
    raise AssertionError(f"no answer from {where}")


@pytest.mark.parametrize("program", ["udp/echo.py", "udp/adopted.py"])
def test_udpEcho(start: Starter, peer: socket.socket, program: str) -> None:
    """P04, P67, P68 (F127, F128, F130): datagrams come back, from an adopted socket too after its maker closed it."""
    port = freePort(socket.SOCK_DGRAM)
    with start(program, port) as server:
        assert ask(peer, b"knock", ("127.0.0.1", port)) == (b"knock", ("127.0.0.1", port))
        assert server.line() == f"received b'knock' from {peer.getsockname()}"


def test_udpEchoOverIPv6(start: Starter) -> None:
    """P73 (F137): an interface that is an IPv6 literal opens an IPv6 socket."""
    port = freePort(socket.SOCK_DGRAM, "::1")
    with start("udp/ipv6.py", port) as server, socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as ours:
        ours.settimeout(0.1)
        assert ask(ours, b"knock", ("::1", port))[0] == b"knock"
        assert "received b'knock' from ('::1', " in server.line()


def test_connectedUdp(start: Starter, peer: socket.socket) -> None:
    """P69 (F131): only the peer is heard."""
    peer.settimeout(PATIENCE)
    with start("udp/connected.py", "127.0.0.1", peer.getsockname()[1]) as client:
        hello, source = peer.recvfrom(100)
        assert hello == b"hello"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"from a stranger", source)
        peer.sendto(b"from the peer", source)
        assert client.line().startswith("now we can only send to host 127.0.0.1 port ")
        assert client.line("received") == f"received b'from the peer' from {peer.getsockname()}"


def test_connectedUdpWithNobodyThere(start: Starter) -> None:
    """P69 (F132): the protocol is told that nobody listens."""
    with start("udp/connected.py", "127.0.0.1", freePort(socket.SOCK_DGRAM)) as client:
        client.line("No one listening")


def canMulticast() -> bool:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
            group = socket.inet_aton("228.0.0.5") + socket.inet_aton("0.0.0.0")
            ours.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
            ours.sendto(b"", ("228.0.0.5", 9))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not canMulticast(), reason="this machine has no route for multicast groups")
def test_multicastPing(start: Starter) -> None:
    """P71, P72 (F133-F135): a ping to the group reaches the server, whose answer goes straight to the client."""
    port = freePort(socket.SOCK_DGRAM)
    with start("udp/multicastserver.py", port) as server:
        server.line("joined")
        with start("udp/multicastclient.py", port, freePort(socket.SOCK_DGRAM)) as client:
            assert "b'Client: Ping'" in server.line("Datagram")
            assert "b'Server: Pong'" in client.line("Datagram")


@pytest.mark.skipif(not canMulticast(), reason="this machine has no route for multicast groups")
def test_multicastClientHearsItself(start: Starter) -> None:
    """P72 (F134, F135): a member of the group receives what it sends to it."""
    with start("udp/multicastclient.py", freePort(socket.SOCK_DGRAM)) as client:
        assert "b'Client: Ping'" in client.line("Datagram")
