"""SHOUTcast: any stream is heard or given up, and heard the same however it is cut."""

from __future__ import annotations

from fuzzing import main, pieces

from ropewalk.internet.testing import StringTransport
from ropewalk.protocols.shoutcast import ShoutcastClient

WORDS = [b"ICY 200 OK\r\n", b"icy-metaint:3\r\n", b"\r\n\r\n", b"A='", b"';"]


class Listener(ShoutcastClient):
    """Keeps what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []
        self.music = b""

    def gotMP3Data(self, data: bytes) -> None:
        self.music += data

    def gotMetaData(self, metadata: list[tuple[str, str]]) -> None:
        self.heard.append(metadata)


def target(data: bytes) -> None:
    text = b"".join([WORDS[byte % len(WORDS)] if byte >= 0xF0 else bytes([byte]) for byte in data])
    if data[:1] < b"\x80":
        text = b"ICY 200 OK\r\nicy-metaint: 3\r\n\r\n" + text
    whole, cut = Listener(), Listener()
    for client, parts in ((whole, [text]), (cut, pieces(text))):
        client.makeConnection(StringTransport())
        for part in parts:
            client.dataReceived(part)
    assert whole.heard == cut.heard
    assert whole.music == cut.music


if __name__ == "__main__":
    main(target)
