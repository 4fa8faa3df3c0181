"""The FTP client: what it says, word for word, and whole transfers with a server of ours."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk._wire.events import LocalProtocolError
from ropewalk.internet.address import IPv4Address, IPv6Address
from ropewalk.internet.defer import CancelledError, Deferred, TimeoutError
from ropewalk.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from ropewalk.internet.error import ConnectError, ConnectionDone
from ropewalk.internet.error import ConnectionLost as LostConnection
from ropewalk.internet.error import TimeoutError as ConnectTimeout
from ropewalk.internet.protocol import Protocol
from ropewalk.internet.streams import serve
from ropewalk.internet.task import deferLater
from ropewalk.internet.testing import MemoryReactorClock, StringTransport
from ropewalk.protocols.ftp import (
    BadResponse,
    CommandFailed,
    ConnectionLost,
    FTPClient,
    FTPFileListProtocol,
    Remote,
    connect,
)
from ropewalk.python.failure import Failure
from support.ftp import Site, serving
from support.outcomes import outcome
from support.programs import freePort
from support.reactors import run


class Collector(Protocol):
    """Keeps what it gets."""

    def __init__(self) -> None:
        self.data = b""
        self.ended = False

    def dataReceived(self, data: bytes) -> None:
        self.data += data

    def connectionLost(self, reason: object = None) -> None:
        self.ended = True


class Scripted:
    """A client on a transport that goes nowhere, with a test for a server.

    Attributes:
        dialled: what the client connected to for data: host, port and factory.
    """

    def __init__(self, **options: Any) -> None:
        self.client = FTPClient(**options)
        self.transport = StringTransport()
        self.dialled: list[tuple[str, int, Any]] = []
        self.client.connectFactory = lambda host, port, factory, *rest: self.dialled.append((host, port, factory))  # type: ignore[method-assign]
        self.client.makeConnection(self.transport)

    def hears(self, *lines: str) -> None:
        """The server says something."""
        for line in lines:
            self.client.dataReceived(line.encode() + b"\r\n")

    def said(self) -> list[str]:
        """What the client said since it was last asked."""
        said = self.transport.value().decode().split("\r\n")
        self.transport.clear()
        assert said.pop() == ""
        return said

    def login(self) -> Scripted:
        """Let the client log in."""
        self.hears("220 hello", "331 password", "230 in", "200 I")
        self.said()
        return self


def test_login() -> None:
    """The client waits for the greeting, of several lines maybe, then logs in and chooses TYPE I."""
    script = Scripted(username="fred", password="secret")
    assert script.said() == []
    script.hears("220-hello", "you", "220 there")
    assert script.client.greeting == ["220-hello", "you", "220 there"]
    assert script.said() == ["USER fred"]
    script.hears("331 password")
    assert script.said() == ["PASS secret"]
    script.hears("230 in")
    assert script.said() == ["TYPE I"]
    script.hears("200 I")
    assert script.said() == []


def test_nameIsEnough() -> None:
    """A server that wants no password gets none."""
    script = Scripted()
    script.hears("220 hello", "230 in")
    assert script.said() == ["USER anonymous", "TYPE I"]


@pytest.mark.parametrize(
    "lines", [["421 busy"], ["220 hello", "530 no"], ["220 hello", "331 password", "530 no"], ["SSH-2.0", "999 x"]]
)
def test_refusedLogin(lines: list[str]) -> None:
    """When the login fails all commands fail, those to come as well, and the connection is closed."""
    script = Scripted()
    waiting = script.client.pwd()
    script.hears(*lines)
    assert script.transport.disconnecting
    for deferred in (waiting, script.client.pwd()):
        with pytest.raises(ConnectionLost):
            outcome(deferred)


@pytest.mark.parametrize(
    ("method", "arguments", "command", "reply", "result"),
    [
        ("pwd", (), "PWD", '257 "/x"', ['257 "/x"']),
        ("getDirectory", (), "PWD", '257 "/a ""b"" c" is it', '/a "b" c'),
        ("cwd", ("a b",), "CWD a b", "250 ok", ["250 ok"]),
        ("cdup", (), "CDUP", "250 ok", ["250 ok"]),
        ("makeDirectory", ("d",), "MKD d", '257 "d"', ['257 "d"']),
        ("removeDirectory", ("d",), "RMD d", "250 ok", ["250 ok"]),
        ("removeFile", ("f\ng",), "DELE f\0g", "250 ok", ["250 ok"]),
        ("quit", (), "QUIT", "221 bye", ["221 bye"]),
        ("queueStringCommand", ("NOOP",), "NOOP", "200 ok", ["200 ok"]),
    ],
)
def test_commands(method: str, arguments: tuple[str, ...], command: str, reply: str, result: Any) -> None:
    """Each method says its command, and returns what the server says; a refusal is a `CommandFailed` with it."""
    script = Scripted().login()
    deferred = getattr(script.client, method)(*arguments)
    assert script.said() == [command]
    script.hears(reply)
    assert outcome(deferred) == result
    deferred = getattr(script.client, method)(*arguments)
    script.hears("550-no", "550 way")
    with pytest.raises(CommandFailed) as refused:
        outcome(deferred)
    assert refused.value.args == (["550-no", "550 way"],)


def test_noDirectoryInTheReply() -> None:
    """A reply to PWD without a directory is a failure."""
    script = Scripted().login()
    deferred = script.client.getDirectory()
    script.hears("257 somewhere")
    with pytest.raises(CommandFailed):
        outcome(deferred)


def test_rename() -> None:
    """RNTO follows RNFR at once, whatever else waits; and not when RNFR is refused."""
    script = Scripted().login()
    renamed = script.client.rename("a", "b")
    script.client.pwd()
    assert script.said() == ["RNFR a"]
    script.hears("350 go")
    assert script.said() == ["RNTO b"]
    script.hears("250 done")
    assert outcome(renamed) == (["350 go"], ["250 done"])
    assert script.said() == ["PWD"]
    script.hears('257 "/"')
    refused = script.client.rename("a", "b")
    script.hears("550 no")
    assert script.said() == ["RNFR a"]
    with pytest.raises(CommandFailed):
        outcome(refused)


@pytest.mark.parametrize("text", ["NOOP\r\nDELE f", "NOOP\nDELE f", "NOOP\r"])
def test_oneLineEach(text: str) -> None:
    """A command that would be two is not sent."""
    script = Scripted().login()
    with pytest.raises(LocalProtocolError):
        outcome(script.client.queueStringCommand(text))
    with pytest.raises(LocalProtocolError):
        outcome(script.client.cwd("a\r\nDELE f"))
    assert script.said() == []


def test_cancelledInTheQueue() -> None:
    """A command that is cancelled before its turn is not sent; one that was sent does not confuse the next."""
    script = Scripted().login()
    sent, waiting, last = script.client.pwd(), script.client.cwd("x"), script.client.cdup()
    waiting.cancel()
    sent.cancel()
    for deferred in (sent, waiting):
        with pytest.raises(CancelledError):
            outcome(deferred)
    assert script.said() == ["PWD"]
    script.hears('257 "/"')
    assert script.said() == ["CDUP"]
    script.hears("250 up")
    assert outcome(last) == ["250 up"]


def test_askedBeforeConnecting() -> None:
    """What is asked for before there is a connection waits for it, transfers as well."""
    client = FTPClient()
    directory, listing = client.getDirectory(), client.list("", Collector())
    transport = StringTransport()
    client.makeConnection(transport)
    for line in ("220 hello", "331 password", "230 in", "200 I", '257 "/"'):
        client.dataReceived(line.encode() + b"\r\n")
    assert outcome(directory) == "/"
    assert transport.value().endswith(b"PWD\r\nPASV\r\n")
    client.dataReceived(b"425 no\r\n")
    with pytest.raises(CommandFailed):
        outcome(listing)


def test_connectionLost() -> None:
    """What waits when the connection goes fails, and so does what comes later."""
    script = Scripted().login()
    waiting = [script.client.pwd(), script.client.list("", Collector())]
    script.client.connectionLost(Failure(ConnectionDone()))
    for deferred in [*waiting, script.client.cdup()]:
        with pytest.raises(ConnectionLost):
            outcome(deferred)


def passive(script: Scripted, start: Callable[[], Any], reply: str = "227 Passive (10,0,0,1,4,1).") -> tuple[Any, Any]:
    """Let a transfer agree on a data connection; return what was started, and the protocol of the connection."""
    started = start()
    script.hears(reply)
    protocol = script.dialled[-1][2].buildProtocol(None)
    return started, protocol


def test_retrieve() -> None:
    """A retrieved file comes to the protocol; the transfer is over when the server says so and all has come."""
    for serverFirst in (True, False):
        script = Scripted().login()
        collector = Collector()
        done, data = passive(script, lambda: script.client.retrieveFile("f", collector))  # noqa: B023  # called at once
        assert script.said() == ["PASV", "RETR f"]
        # The address in the reply is not believed (CVE-2020-8284's kind).
        assert script.dialled[0][:2] == ("192.168.1.1", 1025)
        data.makeConnection(StringTransport())
        script.hears("150 here it comes")
        data.dataReceived(b"abc")
        if serverFirst:
            script.hears("226 done")
        assert not done.called
        data.connectionLost(Failure(ConnectionDone()))
        if not serverFirst:
            script.hears("226 done")
        assert collector.data == b"abc"
        assert collector.ended
        assert outcome(done)[0] == (True, [(True, ["150 here it comes", "226 done"])])


def test_believedAddress() -> None:
    """With ``trustPasvAddr`` the address in the reply is connected to."""
    script = Scripted(trustPasvAddr=True).login()
    passive(script, lambda: script.client.nlst("", Collector()))
    assert script.dialled[0][:2] == ("10.0.0.1", 1025)
    assert script.said() == ["PASV", "NLST"]


def test_resume() -> None:
    """REST comes before; when it is refused the file is not touched."""
    script = Scripted().login()
    (connected, done), _ = passive(script, lambda: script.client.storeFile("f", 5))
    assert script.said() == ["PASV", "REST 5"]
    script.hears("502 no REST")
    assert script.said() == []
    for deferred in (connected, done):
        with pytest.raises(CommandFailed):
            outcome(deferred)


def test_store() -> None:
    """A stored file is written to a sender; its ``finish`` ends it."""
    script = Scripted().login()
    (connected, done), data = passive(script, lambda: script.client.storeFile("f"))
    assert script.said() == ["PASV", "STOR f"]
    transport = StringTransport()
    data.makeConnection(transport)
    sender = outcome(connected)
    sender.write(b"abc")
    sender.finish()
    assert transport.value() == b"abc"
    assert transport.disconnecting
    data.connectionLost(Failure(ConnectionDone()))
    script.hears("150 go", "226 done")
    assert outcome(done)


def test_refusedTransfer() -> None:
    """A refused transfer closes its data connection."""
    script = Scripted().login()
    done, data = passive(script, lambda: script.client.retrieveFile("f", Collector()))
    transport = StringTransport()
    data.makeConnection(transport)
    script.hears("550 no")
    with pytest.raises(CommandFailed):
        outcome(done)
    assert transport.disconnecting


def test_badReplies() -> None:
    """A reply to PASV that has no address is a `BadResponse`, and the next command works."""
    script = Scripted().login()
    done = script.client.list("", Collector())
    script.hears("227 somewhere")
    with pytest.raises(BadResponse):
        outcome(done)
    assert not script.transport.disconnecting


def test_extendedPassive() -> None:
    """EPSV is used over IPv6; over IPv4 when it is asked for, and PASV where the server does not know it."""
    script = Scripted()
    script.client.extended = True
    script.login()
    passive(script, lambda: script.client.list("", Collector()), "229 Extended (|||4097|)")
    assert script.said() == ["EPSV", "LIST"]
    assert script.dialled[0][:2] == ("192.168.1.1", 4097)

    script = Scripted()
    script.client.extended = True
    script.login()
    script.client.list("", Collector())
    script.hears("502 what?")
    assert script.said() == ["EPSV", "PASV"]
    script.hears("227 Passive (10,0,0,1,4,1).")
    assert script.said() == ["LIST"]

    script = Scripted().login()
    script.transport.peerAddr = IPv6Address("TCP", "::1", 21)
    passive(script, lambda: script.client.list("", Collector()), "229 Extended (|||4097|)")
    assert script.said() == ["EPSV", "LIST"]
    assert script.dialled[0][:2] == ("::1", 4097)


def test_listings() -> None:
    """`FTPFileListProtocol` reads what UNIX servers send, and passes on what it can't read."""
    unknown: list[str] = []
    reader = FTPFileListProtocol()
    reader.unknownLine = unknown.append  # type: ignore[method-assign]  # instead of a child class
    reader.makeConnection(StringTransport())
    reader.dataReceived(
        b"total 2\r\n"
        b"-rw-r--r--   1 root     other        531 Jan 29 03:26 README\r\n"
        b"drwxr-xr-x+  2 a b 4 Jan  1  2020 my dir\n"
        b"lrwxrwxrwx 1 a b 3 Jan 1 03:04 l -> to there\n"
        b"-rw-r--r-- 1 a b 3 Jan 1 03:04 w\xc3\xa9\n"
    )
    assert unknown == ["total 2\r"]
    assert reader.files[0] == {
        "filetype": "-",
        "perms": "rw-r--r--",
        "nlinks": 1,
        "owner": "root",
        "group": "other",
        "size": 531,
        "date": "Jan 29 03:26",
        "filename": "README",
        "linktarget": None,
    }
    assert [each["filename"] for each in reader.files] == ["README", "my dir", "l", "wé"]
    assert reader.files[2]["linktarget"] == "to there"


# With a server.


def withServer(reactor: Any, root: Path, test: Callable[[Site, FTPClient], Any], **options: Any) -> None:
    """Run a test with a client that is logged in to a server of ours, which does not wait long for connections."""

    async def main() -> None:
        async with serving(root, reactor, dtpTimeout=0.2) as site:
            client = FTPClient("bob", "secret", **options)
            client.reactor = reactor
            await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", site.port), client)
            await test(site, client)
            client.transport.abortConnection()

    run(reactor, main)


@pytest.mark.parametrize("isPassive", [1, 0])
@pytest.mark.parametrize("extended", [False, True])
def test_bothWays(reactor: Any, tmp_path: Path, isPassive: int, extended: bool) -> None:
    """Files go both ways, passive and active, with the old commands and the extended ones."""

    async def test(site: Site, client: FTPClient) -> None:
        client.extended = extended
        data = os.urandom(1_000_000)
        connected, done = client.storeFile("f")
        sender = await connected
        sender.write(data)
        sender.finish()
        await done
        assert (site.home / "f").read_bytes() == data
        collector = Collector()
        await client.retrieveFile("f", collector, 400_000)
        assert collector.data == data[400_000:]
        names = Collector()
        await client.nlst("", names)
        assert names.data == b"f\r\n"
        with pytest.raises(CommandFailed, match="550 nothing: No such file or directory"):
            await client.retrieveFile("nothing", Collector())

    withServer(reactor, tmp_path, test, passive=isPassive)


def test_transfersWait(reactor: Any, tmp_path: Path) -> None:
    """Transfers that are asked for at once are done one after the other."""

    async def test(site: Site, client: FTPClient) -> None:
        for name in "abc":
            (site.home / name).write_text(name * 100_000)
        collectors = [Collector() for _ in range(3)]
        done = [client.retrieveFile(name, each) for name, each in zip("abc", collectors, strict=True)]
        for each in done:
            await each
        assert [each.data.decode() for each in collectors] == [name * 100_000 for name in "abc"]

    withServer(reactor, tmp_path, test)


def test_cancelledTransfer(reactor: Any, tmp_path: Path) -> None:
    """Cancelling a transfer breaks its data connection only: the next transfer works."""

    async def test(site: Site, client: FTPClient) -> None:
        with open(site.home / "large", "wb") as file:
            file.truncate(1 << 30)
        (site.home / "f").write_bytes(b"hello")

        class Once(Collector):
            def dataReceived(self, data: bytes) -> None:
                if not self.data:
                    self.data = data[:1]
                    reactor.callLater(0, done.cancel)

        done: Deferred[Any] = client.retrieveFile("large", Once())
        with pytest.raises(CancelledError):
            await done
        collector = Collector()
        await client.retrieveFile("f", collector)
        assert collector.data == b"hello"

    withServer(reactor, tmp_path, test)


def test_noDataConnection(reactor: Any, tmp_path: Path) -> None:
    """A data connection that can't be made fails the transfer at once."""

    async def test(site: Site, client: FTPClient) -> None:
        (site.home / "f").touch()

        def nowhere(host: str, port: int, factory: Any, *rest: Any) -> Any:
            return reactor.connectTCP("127.0.0.1", freePort(), factory, *rest)

        client.connectFactory = nowhere  # type: ignore[method-assign]  # as documented
        with pytest.raises(ConnectError):
            await client.retrieveFile("f", Collector())
        connected, done = client.storeFile("f")
        for each in (connected, done):
            with pytest.raises(ConnectError):
                await each

    withServer(reactor, tmp_path, test)


@pytest.mark.parametrize("replies", [["150 soon"], ["150 soon", "226 done"]])
def test_serverNeverConnects(replies: list[str]) -> None:
    """A server that was to connect, and doesn't, fails the transfer in time, whatever it says; the client goes on."""
    clock = MemoryReactorClock()
    script = Scripted(passive=0)
    script.client.reactor = clock
    script.transport.hostAddr = script.transport.peerAddr = IPv4Address("TCP", "127.0.0.1", 21)
    script.login()
    collector = Collector()
    done = script.client.retrieveFile("f", collector)
    script.hears("200 fine")
    assert script.said()[1:] == ["RETR f"]
    script.hears(*replies)
    clock.advance(29.5)
    assert not done.called
    clock.advance(0.5)
    with pytest.raises(ConnectTimeout, match="did not open the data connection"):
        outcome(done)
    assert clock.getDelayedCalls() == []
    then = script.client.pwd()
    if len(replies) == 1:
        script.hears("425 no")
    assert script.said() == ["PWD"]
    script.hears('257 "/"')
    assert outcome(then) == ['257 "/"']


# For coroutines.


def withRemote(reactor: Any, root: Path, test: Callable[[Site, Remote], Any], **settings: Any) -> None:
    async def main() -> None:
        async with (
            serving(root, reactor, **settings) as site,
            await connect("127.0.0.1", "bob", "secret", port=site.port, reactor=reactor) as remote,
        ):
            await test(site, remote)

    run(reactor, main)


def test_remote(reactor: Any, tmp_path: Path) -> None:
    """A coroutine lists, downloads, uploads and resumes."""

    async def test(site: Site, remote: Remote) -> None:
        data = os.urandom(2_000_000)
        await remote.makeDirectory("d")
        await remote.upload(io.BytesIO(data), "d/f")
        assert (site.home / "d" / "f").read_bytes() == data
        assert await remote.size("d/f") == len(data)
        [entry] = await remote.entries("d")
        assert (entry.name, entry.kind, entry.size) == ("f", "file", len(data))
        whole = io.BytesIO()
        await remote.download("d/f", whole)
        assert whole.getvalue() == data
        rest = io.BytesIO()
        await remote.download("d/f", rest, 1_999_990)
        assert rest.getvalue() == data[-10:]
        await remote.upload(io.BytesIO(b"!"), "d/f", len(data))
        assert await remote.size("d/f") == len(data) + 1
        await remote.rename("d/f", "g")
        await remote.remove("g")
        await remote.removeDirectory("d")
        assert await remote.entries() == []

    withRemote(reactor, tmp_path, test)


def test_remoteRefusals(reactor: Any, tmp_path: Path) -> None:
    """What the server refuses is a `CommandFailed` with its words; the connection can be used on."""

    async def test(site: Site, remote: Remote) -> None:
        with pytest.raises(CommandFailed, match="nothing"):
            await remote.download("nothing", io.BytesIO())
        with pytest.raises(CommandFailed, match="550"):
            await remote.upload(io.BytesIO(b"x" * 1_000_000), "nowhere/f")
        with pytest.raises(CommandFailed, match="550"):
            await remote.entries("nowhere")

        class Full(io.BytesIO):
            def write(self, data: Any) -> int:
                raise OSError(28, "No space left on device")

        (site.home / "f").write_bytes(b"hello")
        with pytest.raises(OSError, match="No space"):
            await remote.download("f", Full())

        class Unreadable(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                raise OSError(5, "Input/output error")

        with pytest.raises(OSError, match="Input"):
            await remote.upload(Unreadable(), "g")
        assert await remote.size("f") == 5

    withRemote(reactor, tmp_path, test)


def test_remoteLoginRefused(reactor: Any, tmp_path: Path) -> None:
    """A wrong password is told, with the server's words."""

    async def main() -> None:
        async with serving(tmp_path, reactor) as site:
            with pytest.raises(ConnectionLost) as lost:
                await connect("127.0.0.1", "bob", "wrong", port=site.port, reactor=reactor)
            assert "530" in str(lost.value.args[1])
            await deferLater(reactor, 0)

    run(reactor, main)


def test_silentServer(reactor: Any) -> None:
    """A server that says nothing is not waited for for ever, and nothing stays open."""

    async def main() -> None:
        heard: Deferred[bytes] = Deferred()

        async def silent(stream: Any) -> None:
            try:
                heard.callback(await stream.read())
            except LostConnection:
                heard.callback(b"reset")

        listener: Any = serve(silent, 0, interface="127.0.0.1", reactor=reactor)
        with pytest.raises(TimeoutError):
            await connect("127.0.0.1", port=listener.getHost().port, reactor=reactor, timeout=0.1)
        assert await heard in (b"", b"reset")
        await listener.stopListening()

    run(reactor, main)


def test_brokenLinkIsResumed(reactor: Any, tmp_path: Path) -> None:
    """A transfer whose link is cut goes on where it stopped, and the file is whole: down and up."""

    async def main() -> None:
        data = os.urandom(4_000_000)
        async with serving(tmp_path, reactor) as site:
            (site.home / "down").write_bytes(data)

            class Cut(io.BytesIO):
                """Cuts the link once a megabyte has come."""

                def write(self, piece: Any) -> int:
                    if self.tell() < 1_000_000 <= self.tell() + len(piece):
                        reactor.callLater(0, remote.client.transport.abortConnection)
                    return super().write(piece)

            file = Cut()
            remote = await connect("127.0.0.1", "bob", "secret", port=site.port, reactor=reactor)
            try:
                await remote.download("down", file)
            except Exception:
                assert 0 < len(file.getvalue()) <= len(data)
            again = await connect("127.0.0.1", "bob", "secret", port=site.port, reactor=reactor)
            await again.download("down", file, len(file.getvalue()))
            assert file.getvalue() == data

            (site.home / "up").write_bytes(data[:1_234_567])
            source = io.BytesIO(data)
            source.seek(await again.size("up"))
            await again.upload(source, "up", source.tell())
            assert (site.home / "up").read_bytes() == data
            await again.close()

    run(reactor, main)
