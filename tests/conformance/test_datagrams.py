"""What datagram transports promise (IUDPTransport, IMulticastTransport, the UNIX ones), on every reactor."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import Any

import pytest

from ropewalk.internet.address import IPv4Address, IPv6Address, UNIXAddress
from ropewalk.internet.error import (
    CannotListenError,
    InvalidAddressError,
    MessageLengthError,
    MulticastJoinError,
    UnsupportedAddressFamily,
)
from ropewalk.internet.protocol import ConnectedDatagramProtocol, DatagramProtocol
from support.reactors import reactor, run
from support.recording import logged, logLines, turns, until

__all__ = ["reactor"]


class Mailbox(DatagramProtocol):
    """Keeps what it receives."""

    noisy = False

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.mail: list[tuple[bytes, Any]] = []

    def startProtocol(self) -> None:
        self.heard.append("start")

    def stopProtocol(self) -> None:
        self.heard.append("stop")

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        self.mail.append((datagram, addr))

    def connectionRefused(self) -> None:
        self.heard.append("refused")


async def stop(*ports: Any) -> None:
    for port in ports:
        await port.stopListening()


@pytest.mark.parametrize("interface", ["127.0.0.1", "::1"])
def test_datagramsGoBothWays(reactor: Any, interface: str) -> None:
    """F127, F128, F137: each datagram comes alone, with its sender's address; start and stop are told."""

    async def main() -> None:
        boxes = [Mailbox(), Mailbox()]
        ports = [reactor.listenUDP(0, box, interface=interface) for box in boxes]
        here, there = [(interface, port.getHost().port) for port in ports]
        assert ports[0].getHost() == (IPv6Address if ":" in interface else IPv4Address)("UDP", *here)
        for number in range(300):
            assert ports[0].write(b"%d" % number, there) == len(b"%d" % number)
            if number % 50 == 49:
                await until(reactor, lambda sent=number + 1: len(boxes[1].mail) == sent)
        assert boxes[1].mail == [(b"%d" % number, here) for number in range(300)]
        ports[1].writeSequence([b"joined", b"", b"up"], here)
        ports[1].write(b"", here)
        await until(reactor, lambda: len(boxes[0].mail) == 2)
        assert boxes[0].mail == [(b"joinedup", there), (b"", there)]
        await stop(*ports)
        assert boxes[0].heard == ["start", "stop"]
        assert ports[0].stopListening() is None

    run(reactor, main)


def test_aPortSaysWhatItDoes(reactor: Any) -> None:
    """The log tells start and end; the port's text its state."""

    class Loud(Mailbox):
        noisy = True

    async def main() -> None:
        with logLines() as lines:
            port = reactor.listenUDP(0, Loud(), interface="127.0.0.1")
            number = port.getHost().port
            assert port.logPrefix() == "Loud (UDP)"
            assert repr(port).endswith(f"on {number}>")
            await stop(port)
        assert f"Loud starting on {number}" in lines
        assert f"(UDP Port {number} Closed)" in lines
        assert repr(port).endswith("not connected>")
        with pytest.raises(RuntimeError, match="closed"):
            port.write(b"x", ("127.0.0.1", 9))

    run(reactor, main)


def test_wrongDatagramsAndAddresses(reactor: Any) -> None:
    """F129: names, the other version, too long, text, nobody: each has its error."""

    async def main() -> None:
        port = reactor.listenUDP(0, Mailbox(), interface="127.0.0.1")
        with pytest.raises(InvalidAddressError, match="hostnames"):
            port.write(b"x", ("localhost", 9))
        with pytest.raises(InvalidAddressError, match="IPv6"):
            port.write(b"x", ("::1", 9))
        with pytest.raises(MessageLengthError, match="70000 bytes"):
            port.write(bytes(70_000), ("127.0.0.1", 9))
        with pytest.raises(TypeError):
            port.write("text", ("127.0.0.1", 9))
        with pytest.raises(TypeError, match="address"):
            port.write(b"x")
        sixth = reactor.listenUDP(0, Mailbox(), interface="::1")
        with pytest.raises(InvalidAddressError, match="IPv4"):
            sixth.write(b"x", ("127.0.0.1", 9))
        with pytest.raises(InvalidAddressError, match="name"):
            reactor.listenUDP(0, Mailbox(), interface="localhost")
        with pytest.raises(CannotListenError) as caught:
            reactor.listenUDP(port.getHost().port, Mailbox(), interface="127.0.0.1")
        assert f"127.0.0.1:{port.getHost().port}" in str(caught.value)
        await stop(port, sixth)

    run(reactor, main)


def test_aConnectedPortTalksToOnePeer(reactor: Any) -> None:
    """F131: write needs no address, strangers are not heard, and there is no second connect."""

    async def main() -> None:
        client, server, stranger = Mailbox(), Mailbox(), Mailbox()
        ports = [reactor.listenUDP(0, box, interface="127.0.0.1") for box in (client, server, stranger)]
        here, there = [("127.0.0.1", port.getHost().port) for port in ports[:2]]
        with pytest.raises(InvalidAddressError):
            ports[0].connect("localhost", 9)
        ports[0].connect(*there)
        with pytest.raises(RuntimeError, match="already connected"):
            ports[0].connect(*there)
        with pytest.raises(ValueError, match="cannot send"):
            ports[0].write(b"x", ("127.0.0.1", 9))
        ports[0].write(b"one")
        ports[0].write(b"two", there)
        ports[2].write(b"spam", here)
        await until(reactor, lambda: len(server.mail) == 2)
        ports[1].write(b"answer", here)
        await until(reactor, lambda: client.mail)
        assert client.mail == [(b"answer", there)]
        await stop(*ports)

    run(reactor, main)


def test_refusedIsHeardByAConnectedPort(reactor: Any) -> None:
    """F132: nobody listens there; a connected protocol hears so, and goes on."""

    async def main() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gone:
            gone.bind(("127.0.0.1", 0))
            address = gone.getsockname()
        box = Mailbox()
        port = reactor.listenUDP(0, box, interface="127.0.0.1")
        port.connect(*address)
        port.write(b"anybody?")
        await until(reactor, lambda: "refused" in box.heard)
        assert port.connected
        await stop(port)

    run(reactor, main)


def test_aProtocolThatRaisesGoesOn(reactor: Any) -> None:
    """What datagramReceived raises is logged; the next datagram is received."""

    class Raising(Mailbox):
        def datagramReceived(self, datagram: bytes, addr: Any) -> None:
            super().datagramReceived(datagram, addr)
            if len(self.mail) == 1:
                raise ZeroDivisionError("in datagramReceived")

    async def main() -> None:
        box = Raising()
        port = reactor.listenUDP(0, box, interface="127.0.0.1")
        address = ("127.0.0.1", port.getHost().port)
        port.write(b"one", address)
        port.write(b"two", address)
        await until(reactor, lambda: len(box.mail) == 2)
        await stop(port)

    with logged(ZeroDivisionError):
        run(reactor, main)


def test_stoppedInTheMiddleOfABatch(reactor: Any) -> None:
    """After stopListening nothing is received, even if more had arrived."""

    class Once(Mailbox):
        transport: Any

        def datagramReceived(self, datagram: bytes, addr: Any) -> None:
            super().datagramReceived(datagram, addr)
            self.transport.stopListening()

    async def main() -> None:
        box = Once()
        port = reactor.listenUDP(0, box, interface="127.0.0.1")
        for _ in range(5):
            port.write(b"x", ("127.0.0.1", port.getHost().port))
        await until(reactor, lambda: "stop" in box.heard)
        assert len(box.mail) == 1

    run(reactor, main)


def test_broadcastMustBeAllowed(reactor: Any) -> None:
    """F136: off to begin with; "<broadcast>" is an address then."""

    async def main() -> None:
        port = reactor.listenUDP(0, Mailbox())
        assert port.getBroadcastAllowed() is False
        with pytest.raises(OSError, match="denied"):
            port.write(b"x", ("<broadcast>", 9))
        port.setBroadcastAllowed(True)
        assert port.getBroadcastAllowed() is True
        with suppress(OSError):  # a machine without a network has nowhere to send it
            port.write(b"x", ("<broadcast>", 9))
        await stop(port)

    run(reactor, main)


def test_anAdoptedPortReceives(reactor: Any) -> None:
    """F130: the descriptor is copied, the original is the caller's to close; only datagram sockets of IP fit."""

    async def main() -> None:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        address = made.getsockname()
        box = Mailbox()
        with pytest.raises(UnsupportedAddressFamily):
            reactor.adoptDatagramPort(made.fileno(), 99, box)
        port = reactor.adoptDatagramPort(made.fileno(), socket.AF_INET, box)
        made.close()
        port.write(b"to myself", address)
        await until(reactor, lambda: box.mail)
        assert box.mail == [(b"to myself", address)]
        await stop(port)

    run(reactor, main)


# Groups.


def test_multicastOptions(reactor: Any) -> None:
    """F135: one hop and loopback to begin with; each can be set, for both versions."""

    async def main() -> None:
        for interface in ("", "::"):
            port = reactor.listenMulticast(0, Mailbox(), interface=interface)
            assert port.getTTL() == 1
            port.setTTL(7)
            assert port.getTTL() == 7
            with pytest.raises(ValueError, match="0 to 255"):
                port.setTTL(256)
            assert port.getLoopbackMode() is True
            port.setLoopbackMode(False)
            assert port.getLoopbackMode() is False
            await stop(port)
        port = reactor.listenMulticast(0, Mailbox())
        assert port.getOutgoingInterface() == "0.0.0.0"
        assert await port.setOutgoingInterface("127.0.0.1") == 1
        assert port.getOutgoingInterface() == "127.0.0.1"
        with pytest.raises(OSError, match="assign"):
            await port.setOutgoingInterface("192.0.2.77")
        sixth = reactor.listenMulticast(0, Mailbox(), interface="::")
        loopback = socket.if_nametoindex("lo")
        assert await sixth.setOutgoingInterface("lo") == 1
        assert sixth.getOutgoingInterface() == loopback
        await stop(port, sixth)

    run(reactor, main)


def test_groupsAreJoinedAndLeft(reactor: Any) -> None:
    """F133, F134: members of both sockets on one port get what is sent to the group; who has left does not."""

    async def main() -> None:
        boxes = [Mailbox(), Mailbox()]
        first = reactor.listenMulticast(0, boxes[0], listenMultiple=True)
        number = first.getHost().port
        second = reactor.listenMulticast(number, boxes[1], listenMultiple=True)
        ports = [first, second]
        for port in ports:
            await port.joinGroup("239.77.77.77", "127.0.0.1")
            await port.setOutgoingInterface("127.0.0.1")
        first.write(b"hello group", ("239.77.77.77", number))
        await until(reactor, lambda: all(box.mail for box in boxes))
        await second.leaveGroup("239.77.77.77", "127.0.0.1")
        with pytest.raises(MulticastJoinError, match=r"239\.77\.77\.77"):
            await second.leaveGroup("239.77.77.77", "127.0.0.1")
        with pytest.raises(MulticastJoinError, match=r"127\.0\.0\.1"):
            await second.joinGroup("127.0.0.1")
        await stop(*ports)

    run(reactor, main)


def test_groupsOfIPv6(reactor: Any) -> None:
    """The same for IPv6, where an interface is a number or a name."""

    async def main() -> None:
        box = Mailbox()
        port = reactor.listenMulticast(0, box, interface="::")
        await port.joinGroup("ff02::7777", "lo")
        await port.setOutgoingInterface(socket.if_nametoindex("lo"))
        try:
            port.write(b"hello", ("ff02::7777%lo", port.getHost().port))
        except OSError:
            pass  # some machines have no route for groups on their loopback
        else:
            await until(reactor, lambda: box.mail)
            assert box.mail[0][0] == b"hello"
        await port.leaveGroup("ff02::7777%lo")
        with pytest.raises(MulticastJoinError):
            await port.leaveGroup("ff02::7777%lo")
        await stop(port)

    run(reactor, main)


# UNIX sockets.


class Connected(ConnectedDatagramProtocol):
    """Keeps what it receives."""

    noisy = False

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.mail: list[bytes] = []
        self.failure: Any = None

    def datagramReceived(self, datagram: bytes, addr: Any = None) -> None:
        self.mail.append(datagram)

    def connectionFailed(self, failure: Any) -> None:
        self.failure = failure

    def connectionRefused(self) -> None:
        self.heard.append("refused")


def test_unixDatagrams(reactor: Any, tmp_path: Any) -> None:
    """A named socket receives, and answers a client that has a name; the files are removed at the end."""

    async def main() -> None:
        there, here = str(tmp_path / "server"), str(tmp_path / "client")
        box, client = Mailbox(), Connected()
        server = reactor.listenUNIXDatagram(there, box, mode=0o600)
        assert os.stat(there).st_mode & 0o777 == 0o600
        with pytest.raises(CannotListenError):
            reactor.listenUNIXDatagram(there, Mailbox())
        port = reactor.connectUNIXDatagram(there, client, bindAddress=here)
        assert (port.getHost(), port.getPeer()) == (UNIXAddress(here), UNIXAddress(there))
        port.write(b"question")
        await until(reactor, lambda: box.mail)
        assert box.mail == [(b"question", here)]
        server.write(b"answer", here)
        await until(reactor, lambda: client.mail)
        assert client.mail == [b"answer"]
        with pytest.raises(MessageLengthError):
            port.write(bytes(5_000_000))
        await stop(server)
        port.write(b"anybody?")
        await until(reactor, lambda: "refused" in client.heard)
        await stop(port)
        assert not os.path.exists(there)
        assert not os.path.exists(here)

    run(reactor, main)


def test_aUnixPeerThatIsNotThere(reactor: Any, tmp_path: Any) -> None:
    """The protocol hears connectionFailed, and our own file is removed."""

    async def main() -> None:
        client = Connected()
        here = tmp_path / "client"
        reactor.connectUNIXDatagram(str(tmp_path / "nobody"), client, bindAddress=str(here))
        assert isinstance(client.failure.value, FileNotFoundError)
        assert not here.exists()
        await turns(reactor)
        assert reactor.getReaders() == []

    run(reactor, main)
