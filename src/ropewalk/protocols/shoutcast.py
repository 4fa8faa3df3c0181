"""A client of SHOUTcast and Icecast radio: music, and the titles that are hidden in it."""

from __future__ import annotations

from ropewalk._wire.events import NEED_DATA, RemoteProtocolError
from ropewalk.copyright import version
from ropewalk.protocols._wire.shoutcast import END, Event, Header, Metadata, Music, Reader, Status
from ropewalk.protocols._wire.shoutcast import parseMetadata as readMetadata
from ropewalk.protocols.basic import LineReceiver
from ropewalk.python import log

__all__ = ["ShoutcastClient"]


class ShoutcastClient(LineReceiver):
    """Listens to a station. Override `gotMP3Data` and `gotMetaData`.

    Args:
        path: of the station on its server.

    Attributes:
        userAgent: what the server is told that we are.
    """

    userAgent = f"Ropewalk Shoutcast client {version}"

    def __init__(self, path: str | bytes = "/") -> None:
        self.path = path
        self._reader = Reader()
        self._isOver = False

    def connectionMade(self) -> None:
        """Ask for the station, with its titles."""
        path = self.path.encode("utf-8") if isinstance(self.path, str) else self.path
        if not path or any(byte <= 32 or byte == 127 for byte in path):
            self.transport.loseConnection()
            raise ValueError(f"a path has no spaces or line ends (write them as %20 ...), and begins with /: {path!r}")
        agent = self.userAgent.encode("ascii")
        self.transport.write(b"GET %b HTTP/1.0\r\nUser-Agent: %b\r\nIcy-MetaData: 1\r\n\r\n" % (path, agent))

    def dataReceived(self, data: bytes) -> None:
        """Tell the headers, the music and the titles apart."""
        if not self._isOver:
            self._reader.feed(data)
            self._read()

    def _read(self) -> None:
        try:
            while not self._isOver and (event := self._reader.next()) is not NEED_DATA:
                self._handle(event)
        except RemoteProtocolError as problem:
            log.msg(f"shoutcast: gave up the station {self.path!r}: {problem}")
            self._giveUp()

    def lineReceived(self, line: bytes) -> None:
        """Take a line of the headers, as if it had just come."""
        self.dataReceived(line + b"\r\n")

    def rawDataReceived(self, data: bytes) -> None:
        """Take music, as if it had just come."""
        self.dataReceived(data)

    def _handle(self, event: Event) -> None:
        match event:
            case Music(data=data):
                self.gotMP3Data(data)
            case Metadata(text=text):
                if text:
                    self.gotMetaData(self.parseMetadata(text))
            case Status():
                self.handleStatus(event.version, event.code, event.message)
            case Header(key=key, value=value):
                if event is END:
                    self.handleEndHeaders()
                else:
                    self.handleHeader(key, value)

    def _giveUp(self) -> None:
        self._isOver = True
        self.transport.loseConnection()

    def handleStatus(self, version: bytes, status: bytes, message: bytes) -> None:
        """Hear how the server answers. Unless that is 200 the connection is closed; override for something else."""
        if status != b"200":
            log.msg(f"shoutcast: the server refused {self.path!r}: {status!r} {message[:80]!r}")
            self._giveUp()

    def handleHeader(self, key: bytes, value: bytes) -> None:
        """Override to hear what the server says about the station: ``icy-name``, ``icy-genre`` ... in lower case."""

    def handleEndHeaders(self) -> None:
        """Override to hear that from now on there is music."""

    def parseMetadata(self, data: bytes) -> list[tuple[str, str]]:
        """Return the pairs of key and value in a text."""
        return readMetadata(data)

    def gotMP3Data(self, data: bytes) -> None:
        """Override to hear the music, cut anyhow."""
        raise NotImplementedError(f"{type(self).__name__} has to override gotMP3Data")

    def gotMetaData(self, metadata: list[tuple[str, str]]) -> None:
        """Override to hear what is played: ``[("StreamTitle", "Artist - Title"), ("StreamUrl", "")]``."""
        raise NotImplementedError(f"{type(self).__name__} has to override gotMetaData")
