"""SOCKS: the proxies and the client take any bytes; each refuses in its own way, and says nothing twice."""

from __future__ import annotations

from typing import Any

from fuzzing import main, pieces

from ropewalk._wire.events import NEED_DATA, RemoteProtocolError
from ropewalk.internet.defer import Deferred
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols._wire import socks4, socks5
from ropewalk.protocols.socks import SOCKSv4, SOCKSv5

STARTS = [b"", b"\4\1\0\x50", b"\4\2\0\x50\0\0\0\1", b"\5\1\0", b"\5\1\0\5\1\0\3", b"\5\1\2\1\3abc", b"\5\0\5\0\0\1"]


class Nowhere(Clock):
    """A reactor on which nothing is ever found."""

    def resolve(self, name: str) -> Deferred[str]:
        return Deferred()


class Lonely:
    """Mixed into a proxy: its connections never come."""

    def connectClass(self, *args: Any) -> Deferred[Any]:
        return Deferred()

    listenClass = connectClass


class Proxy4(Lonely, SOCKSv4):
    """SOCKS 4."""


class Proxy5(Lonely, SOCKSv5):
    """SOCKS 5."""


def events(reader: Any, parts: list[bytes]) -> list[object]:
    found: list[object] = []
    try:
        for part in parts:
            reader.feed(part)
            while (event := reader.next()) is not NEED_DATA:
                found.append(event)
    except RemoteProtocolError as problem:
        found.append(type(problem))
    return found


def target(data: bytes) -> None:
    data = STARTS[data[0] % len(STARTS)] + data[1:] if data else data
    assert events(socks4.RequestReader(), [data]) == events(socks4.RequestReader(), pieces(data))
    for stage in (socks5.Stage.PASSWORD, socks5.Stage.REQUEST, socks5.Stage.VERDICT, socks5.Stage.REPLY):
        assert events(socks5.Reader(stage), [data]) == events(socks5.Reader(stage), pieces(data))
    proxies = [Proxy4(None, Nowhere()), Proxy5(None, Nowhere()), Proxy5(None, Nowhere(), {b"abc": b"def"})]
    for proxy in proxies:
        transport = StringTransport()
        proxy.makeConnection(transport)
        for part in pieces(data):
            proxy.dataReceived(part)
        assert len(transport.value()) <= 14


if __name__ == "__main__":
    main(target)
