"""The protocols of one line each, finger, ident, Postfix's tables: any bytes are answered or refused."""

from __future__ import annotations

from typing import Any

from fuzzing import main, pieces

from ropewalk.internet.address import IPv4Address
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols.finger import Finger
from ropewalk.protocols.ident import IdentClient, IdentServer
from ropewalk.protocols.postfix import PostfixTCPMapDictServerFactory

WORDS = [b"get ", b"put ", b"/W ", b"@", b"USERID:", b"ERROR:", b"%41", b", "]


class Owner(IdentServer):
    """Knows everybody."""

    def lookup(self, serverAddress: Any, clientAddress: Any) -> tuple[str, str]:
        return "UNIX", "bob"


def target(data: bytes) -> None:
    text = b"".join([WORDS[byte % len(WORDS)] if byte >= 0xF0 else bytes([byte]) for byte in data])
    asking = IdentClient()
    table = PostfixTCPMapDictServerFactory({b"A": b"b"}).buildProtocol(None)
    assert table is not None
    finger = Finger()
    finger.patience = table.timeout = None
    for protocol in (finger, Owner(), asking, table):
        transport = StringTransport(IPv4Address("TCP", "192.0.2.1", 113), IPv4Address("TCP", "192.0.2.2", 999))
        protocol.makeConnection(transport)
        if protocol is asking:
            asking.lookup(1, 12).addErrback(lambda reason: None)
        for part in pieces(text):
            if not transport.disconnecting:
                protocol.dataReceived(part)
        assert all(byte in b"\r\n\t" or 32 <= byte < 127 for byte in transport.value())


if __name__ == "__main__":
    main(target)
