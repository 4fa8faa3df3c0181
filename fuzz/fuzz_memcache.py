"""Memcached's answers: the same events however they are cut, and nothing unforeseen is raised."""

from __future__ import annotations

from typing import Any

from fuzzing import main, pieces

from ropewalk._wire.events import NEED_DATA, RemoteProtocolError
from ropewalk.internet.defer import Deferred
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols._wire.memcache import ReplyReader
from ropewalk.protocols.memcache import MemCacheProtocol

WORDS = [b"VALUE k ", b"END\r\n", b"STORED\r\n", b"STAT ", b"NOT_FOUND\r\n", b"SERVER_ERROR ", b"ERROR\r\n"]


def spell(data: bytes) -> bytes:
    """Turn high bytes into the server's words: by chance alone none would ever come up."""
    return b"".join([WORDS[byte % len(WORDS)] if byte >= 0xF0 else bytes([byte]) for byte in data])


def events(parts: list[bytes]) -> list[object]:
    reader = ReplyReader(40, 40)
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
    text = spell(data)
    assert events([text]) == events(pieces(text))
    client = MemCacheProtocol(None)
    client.makeConnection(StringTransport())
    results: list[object] = []
    asked: list[Deferred[Any]] = [client.get(b"k"), client.set(b"k", b"v"), client.increment(b"k"), client.stats()]
    for waiting in asked:
        waiting.addBoth(results.append)
    for part in pieces(text):
        client.dataReceived(part)
    assert len(results) <= len(asked)


if __name__ == "__main__":
    main(target)
