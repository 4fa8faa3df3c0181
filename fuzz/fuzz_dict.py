"""DICT: any answers are read or refused, the same however they are cut, and every question hears once."""

from __future__ import annotations

from typing import Any

from fuzzing import main, pieces

from ropewalk.internet.defer import Deferred
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols.dict import DictClient

WORDS = [
    b"220 hello\r\n250 ok\r\n",
    b"150 1\r\n",
    b'151 "a" b\r\n',
    b"\r\n.\r\n",
    b"250 ok\r\n",
    b"552 no\r\n",
    b"152 x\r\n",
]


def heard(parts: list[bytes]) -> list[object]:
    client = DictClient()
    client.makeConnection(StringTransport())
    found: list[object] = []
    questions: list[Deferred[Any]] = [client.define("a"), client.match("b"), client.databases()]
    for waiting in questions:
        waiting.addCallbacks(found.append, lambda reason: found.append(str(reason.value)))
    for part in parts:
        client.dataReceived(part)
    assert len(found) <= len(questions)
    return found


def target(data: bytes) -> None:
    text = b"".join([WORDS[byte % len(WORDS)] if byte >= 0xE0 else bytes([byte]) for byte in data])
    if data[:1] < b"\x80":
        text = WORDS[0] + text
    assert heard([text]) == heard(pieces(text))


if __name__ == "__main__":
    main(target)
