"""SIP: any bytes give messages or nothing, the same however they are cut; and a proxy takes any datagram."""

from __future__ import annotations

from typing import Any

from fuzzing import main, pieces

from ropewalk.internet.defer import Deferred
from ropewalk.internet.task import Clock
from ropewalk.protocols import sip

STARTS = [
    b"",
    b"INVITE sip:joe@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1\r\n",
    b"REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;rport\r\nTo: <sip:joe@example.com>\r\nContact: ",
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5060\r\nVia: ",
    b"ACK sip:",
]


class Datagrams:
    """Counts what is sent."""

    sent = 0

    def write(self, data: bytes, address: Any = None) -> None:
        self.sent += 1


class Nowhere(Clock):
    """A reactor on which no name is ever found."""

    def resolve(self, name: str) -> Deferred[str]:
        return Deferred()


def messages(parts: list[bytes]) -> list[str]:
    found: list[Any] = []
    parser = sip.MessagesParser(found.append)
    for part in parts:
        parser.dataReceived(part)
    parser.dataDone()
    return [message.toString() for message in found]


def target(data: bytes) -> None:
    data = STARTS[data[0] % len(STARTS)] + data[1:] if data else data
    assert messages([data]) == messages(pieces(data))
    text = data.decode("latin-1")
    for parse in (sip.parseURL, sip.parseAddress, sip.parseViaHeader):
        try:
            parse(text)
        except ValueError:
            pass
    proxy = sip.RegisterProxy("127.0.0.1")
    proxy.registry = proxy.locator = sip.InMemoryRegistry("example.com")
    proxy.registry.reactor = proxy.reactor = Nowhere()
    proxy.transport = Datagrams()
    proxy.datagramReceived(data, ("10.0.0.2", 5060))
    assert proxy.transport.sent <= 1


if __name__ == "__main__":
    main(target)
