"""FTP: the readers take any bytes; a session answers each line once, in codes, and never with an error of ours."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from fuzzing import main, pieces

from ropewalk._wire.events import NEED_DATA, RemoteProtocolError
from ropewalk.cred.checkers import AllowAnonymousAccess
from ropewalk.cred.portal import Portal
from ropewalk.internet.defer import succeed
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols._wire.ftpaddresses import decodeExtendedAddress, decodeHostPort, extendedPort, passiveAddress
from ropewalk.protocols._wire.ftpcommands import asText
from ropewalk.protocols._wire.ftplisting import parseListLine, parseMLSDLine
from ropewalk.protocols._wire.ftppaths import parsePWDResponse
from ropewalk.protocols._wire.ftpreplies import ReplyReader
from ropewalk.protocols.ftp import FTPFactory, IFTPShell

STARTS = [b"", b"RETR ", b"CWD ", b"PORT ", b"EPRT |1|", b"REST ", b"TYPE ", b"LIST -", b"OPTS ", b"RNFR a\r\nRNTO "]
STARTS += [b"220-", b"227 (1,2,3,", b"229 (|||", b"-rw-r--r-- 1 a b 3 Jan ", b"01-02-20  03:04", b"type=file;size="]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Nothing:
    """A shell in which everything is there and empty."""

    def access(self, path: Any) -> Any:
        return succeed(None)

    makeDirectory = removeDirectory = removeFile = access

    def rename(self, fromPath: Any, toPath: Any) -> Any:
        return succeed(None)

    def stat(self, path: Any, keys: Any = ()) -> Any:
        told = {"size": 0, "directory": True, "permissions": 0o700, "hardlinks": 1, "modified": 0}
        return succeed([told.get(key, "x") for key in keys])

    def list(self, path: Any, keys: Any = ()) -> Any:
        return succeed([])


class Realm:
    """Everybody gets that."""

    def requestAvatar(self, avatarId: Any, mind: Any, *interfaces: Any) -> Any:
        return IFTPShell, Nothing(), lambda: None


def target(data: bytes) -> None:
    data = STARTS[data[0] % len(STARTS)] + data[1:] if data else data
    text = asText(data)
    for read in (
        decodeHostPort,
        decodeExtendedAddress,
        passiveAddress,
        extendedPort,
        parsePWDResponse,
        parseMLSDLine,
        lambda line: parseListLine(line, NOW),
    ):
        try:
            read(text)  # type: ignore[operator]  # each takes text
        except RemoteProtocolError:
            pass
    reader = ReplyReader()
    try:
        for line in data.split(b"\r\n"):
            reader.feed(line)
            while reader.next() is not NEED_DATA:
                pass
    except RemoteProtocolError:
        pass

    factory = FTPFactory(Portal(Realm(), [AllowAnonymousAccess()]))
    factory.reactor = Clock()
    session = factory.buildProtocol(None)
    transport = StringTransport()
    session.makeConnection(transport)
    session.dataReceived(b"USER anonymous\r\nPASS x\r\n")
    for piece in pieces(data):
        if not transport.disconnecting:
            session.dataReceived(piece)
    said = transport.value()
    assert said.endswith(b"\r\n")
    assert b"internal server error" not in said or b"PASV" in data.upper() or b"EPSV" in data.upper()
    assert all(re.match(rb"\d{3}[ -]| ", line) for line in said[:-2].split(b"\r\n")), said


if __name__ == "__main__":
    main(target)
