"""Netstrings: what comes out was in the bytes, the rest is refused, and nothing unforeseen is raised."""

from __future__ import annotations

from fuzzing import main, pieces

from ropewalk._wire.netstrings import netstring
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols.basic import NetstringReceiver


class Strings(NetstringReceiver):
    MAX_LENGTH = 40

    def __init__(self) -> None:
        self.found: list[bytes] = []

    def stringReceived(self, string: bytes) -> None:
        self.found.append(string)


def target(data: bytes) -> None:
    whole, cut = Strings(), Strings()
    for protocol, parts in ((whole, [data]), (cut, pieces(data))):
        transport = StringTransport()
        protocol.makeConnection(transport)
        for part in parts:
            protocol.dataReceived(part)
        assert bool(protocol.brokenPeer) == transport.disconnecting
        assert data.startswith(b"".join([netstring(string) for string in protocol.found]))
    assert whole.found == cut.found
    assert whole.brokenPeer == cut.brokenPeer


if __name__ == "__main__":
    main(target)
