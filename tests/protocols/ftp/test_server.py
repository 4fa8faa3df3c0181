"""The FTP server, spoken to over real sockets: logins, directories, transfers, and all that can go wrong."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, ClassVar

import pytest

from ropewalk.internet.defer import Deferred, succeed
from ropewalk.internet.error import ConnectionLost
from ropewalk.internet.streams import connect, serve
from ropewalk.internet.task import deferLater
from ropewalk.protocols.ftp import FTP, FTPCmdError, FTPShell
from ropewalk.python import log
from support.ftp import Site, Talk, factoryFor, serving
from support.reactors import run


def conversation(reactor: Any, root: Path, test: Any, **settings: Any) -> None:
    """Run a test against a site, with bob logged in."""

    async def main() -> None:
        async with serving(root, reactor, **settings) as site:
            await test(site, await site.login())

    run(reactor, main)


# Logging in.


def test_logins(reactor: Any, tmp_path: Path) -> None:
    """Users log in with their password, guests with anything; nobody gets far without."""

    async def main() -> None:
        async with serving(tmp_path, reactor) as site:
            talk = await site.dial()
            assert (await talk.say("PWD")).startswith("530 ")
            assert (await talk.say("PASS x")).startswith("503 ")
            assert (await talk.say("USER bob")).startswith("331 ")
            assert (await talk.say("PWD")).startswith("503 ")
            assert (await talk.say("PASS wrong")).startswith("530 ")
            assert (await talk.say("USER bob")).startswith("331 ")
            assert (await talk.say("PASS secret")).startswith("230 ")
            assert await talk.say("PWD") == '257 "/"'
            assert (await talk.say("PASS secret")).startswith("503 ")
            assert (await talk.say("USER anonymous")).startswith("331 ")
            assert (await talk.say("PASS me@home")).startswith("230 ")
            assert (await talk.say("DELE x")).startswith("550 ")
            assert (await talk.say("REIN")).startswith("220 ")
            assert (await talk.say("PWD")).startswith("530 ")
            assert (await talk.say("QUIT")).startswith("221 ")
            assert await talk.control.read() == b""

    run(reactor, main)


def test_guestsMayBeRefused(reactor: Any, tmp_path: Path) -> None:
    """Where there are no guests, the name of guests is a name like any other."""

    async def main() -> None:
        async with serving(tmp_path, reactor, allowAnonymous=False) as site:
            talk = await site.dial()
            assert "anonymous" in await talk.say("USER anonymous")
            assert (await talk.say("PASS x")).startswith("530 ")

    run(reactor, main)


def test_tooManyFailedLogins(reactor: Any, tmp_path: Path) -> None:
    """Who fails to log in three times is sent away."""

    async def main() -> None:
        async with serving(tmp_path, reactor) as site:
            talk = await site.dial()
            for code in ("530", "530", "421"):
                await talk.say("USER bob")
                assert (await talk.say("PASS wrong"))[:3] == code
            assert await talk.control.read() == b""

    run(reactor, main)


def test_namesThatArePathsDontLogIn(reactor: Any, tmp_path: Path) -> None:
    """A user whose name leads out of the directory of homes has none."""

    async def main() -> None:
        async with serving(tmp_path, reactor) as site:
            checker = next(iter(site.factory.portal.checkers.values()))
            for each in site.factory.portal.checkers.values():
                if hasattr(each, "addUser"):
                    checker = each
            checker.addUser(b"../guests", b"x")
            talk = await site.dial()
            await talk.say("USER ../guests")
            assert (await talk.say("PASS x")).startswith("530 ")

    run(reactor, main)


def test_connectionLimit(reactor: Any, tmp_path: Path) -> None:
    """Who comes when the server is full hears so, and is closed."""

    async def main() -> None:
        async with serving(tmp_path, reactor, connectionLimit=1) as site:
            await site.dial()
            stream = await connect("127.0.0.1", site.port, reactor=reactor)
            assert (await stream.readUntil(b"\r\n")).startswith(b"421 ")
            assert await stream.read() == b""

    run(reactor, main)


# Directories and files that stay where they are.


def test_tree(reactor: Any, tmp_path: Path) -> None:
    """Directories are made, entered, left, listed and removed; files renamed and removed."""

    async def test(site: Site, talk: Talk) -> None:
        assert await talk.say('MKD a "b"') == '257 "/a ""b""" is there now'
        assert (await talk.say('MKD a "b"')).startswith("550 ")
        assert (await talk.say('CWD a "b"')).startswith("250 ")
        assert await talk.say("PWD") == '257 "/a ""b"""'
        assert (await talk.say("CWD nowhere")) == "550 nowhere: No such file or directory."
        assert (await talk.say("CDUP")).startswith("250 ")
        assert (await talk.say("CDUP")).startswith("550 ")
        assert (await talk.say("CWD ../..")).startswith("550 ")
        (site.home / "f").write_text("hello")
        assert await talk.say("CWD f") == "550 f: Not a directory"
        assert await talk.say("SIZE f") == "213 5"
        assert (await talk.say("SIZE .")).startswith("550 ")
        assert (await talk.say("MDTM f")).startswith("213 20")
        assert (await talk.say("RNFR f")).startswith("350 ")
        assert (await talk.say("RNTO g")).startswith("250 ")
        assert (site.home / "g").exists()
        assert (await talk.say("RNTO h")).startswith("503 ")
        assert (await talk.say("RNFR g")).startswith("350 ")
        assert (await talk.say("NOOP")).startswith("503 ")
        assert (await talk.say("NOOP")).startswith("200 ")
        assert (await talk.say("DELE g")).startswith("250 ")
        assert (await talk.say("DELE g")).startswith("550 ")
        assert (await talk.say('RMD a "b"')).startswith("250 ")
        assert (await talk.say("XPWD")) == '257 "/"'

    conversation(reactor, tmp_path, test)


def test_settings(reactor: Any, tmp_path: Path) -> None:
    """TYPE, MODE and STRU take what there is, in any case, and refuse the rest."""

    async def test(site: Site, talk: Talk) -> None:
        for line, code in {
            "TYPE A": "200",
            "type i": "200",
            "TYPE A N": "200",
            "TYPE L 8": "200",
            "TYPE L 7": "504",
            "TYPE E": "504",
            "TYPE": "500",
            "MODE S": "200",
            "MODE B": "504",
            "STRU F": "200",
            "STRU R": "504",
            "OPTS UTF8 ON": "200",
            "OPTS nothing": "502",
            "ALLO 5": "202",
            "SYST": "215",
            "HELP": "214",
            "HELP RETR": "214",
            "HELP nothing": "502",
            "STAT": "211",
            "STAT .": "213",
            "ABOR": "226",
            "NOPE": "502",
            "N*PE": "500",
            "": "500",
            "REST x": "501",
            "PBSZ 0": "503",
            "AUTH TLS": "504",
        }.items():
            assert (await talk.say(line))[:3] == code, line

    conversation(reactor, tmp_path, test)


def test_features(reactor: Any, tmp_path: Path) -> None:
    """FEAT tells what is supported, before a login, too (RFC 2389)."""

    async def main() -> None:
        async with serving(tmp_path, reactor) as site:
            told = (await (await site.dial()).say("FEAT")).split("\n")
            assert told[0].startswith("211-")
            assert {" EPSV", " EPRT", " MDTM", " REST STREAM", " SIZE", " UTF8"} <= set(told)
            assert " AUTH TLS" not in told
            assert told[-1] == "211 End"

    run(reactor, main)


def test_namesAreUTF8(reactor: Any, tmp_path: Path) -> None:
    """Names are UTF-8 (RFC 2640), and bytes that are none name the file that has them."""

    async def test(site: Site, talk: Talk) -> None:
        (site.home / "Größe").write_text("1")
        Path(os.fsdecode(os.fsencode(site.home) + b"/old\xe9")).write_text("22")
        assert await talk.say("SIZE Größe") == "213 1"
        assert await talk.say(b"SIZE old\xe9") == "213 2"
        assert await talk.fetch("NLST") == b"Gr\xc3\xb6\xc3\x9fe\r\nold\xe9\r\n"

    conversation(reactor, tmp_path, test)


def test_namesCantForgeReplies(reactor: Any, tmp_path: Path) -> None:
    """A name that holds line ends is shown without them, in replies and in listings."""

    async def test(site: Site, talk: Talk) -> None:
        (site.home / "a\r\n226 lie").mkdir()
        assert await talk.fetch("NLST") == b"a??226 lie\r\n"
        assert (await talk.say(b"CWD a\n226 lie")).startswith("500 ")

    conversation(reactor, tmp_path, test)


# Listings.


def test_listings(reactor: Any, tmp_path: Path) -> None:
    """LIST, NLST, MLSD and MLST tell of directories and files, in their several ways."""

    async def test(site: Site, talk: Talk) -> None:
        (site.home / "d").mkdir()
        (site.home / "f").write_text("hello")
        os.utime(site.home / "f", (1_000_000_000, 1_000_000_000))
        os.chmod(site.home / "f", 0o640)
        lines = (await talk.fetch("LIST -la")).decode().split("\r\n")
        assert [line.split()[-1] for line in lines[:-1]] == ["d", "f"]
        assert lines[0].startswith("drwx")
        assert lines[1].startswith("-rw-r-----   1 ")
        assert "        5 Sep  9  2001 f" in lines[1]
        assert (await talk.fetch("LIST f")).count(b"\r\n") == 1
        assert await talk.fetch("NLST") == b"d\r\nf\r\n"
        assert await talk.fetch("NLST f*") == b"f\r\n"
        assert await talk.fetch("NLST nothing") == b""
        assert await talk.fetch("LIST d") == b""
        told = await talk.fetch("MLSD")
        assert b"type=file;size=5;modify=20010909014640;UNIX.mode=0640;" in told
        assert b"type=dir;modify=" in told
        assert " /f\n" in await talk.say("MLST f")
        assert (await talk.say("OPTS MLST size;modify;")).startswith("200 ")
        assert "size=5;modify=20010909014640; /f" in (await talk.say("MLST f"))
        stream = await talk.data()
        assert (await talk.say("LIST nowhere")) == "550 nowhere: No such file or directory."
        assert (await talk.say("MLSD f")).startswith("550 ")
        await stream.close()

    conversation(reactor, tmp_path, test)


def test_largeDirectories(reactor: Any, tmp_path: Path) -> None:
    """A directory of some hundred files is listed whole."""

    async def test(site: Site, talk: Talk) -> None:
        for number in range(600):
            (site.home / f"file{number:05}").touch()
        assert (await talk.fetch("NLST")).count(b"\r\n") == 600
        assert (await talk.fetch("LIST")).count(b"\r\n") == 600

    conversation(reactor, tmp_path, test)


# Transfers.


def test_retrieveAndStore(reactor: Any, tmp_path: Path) -> None:
    """A file comes down and goes up as it is, also when it is larger than all buffers."""

    async def test(site: Site, talk: Talk) -> None:
        data = os.urandom(3_000_001)
        (site.home / "down").write_bytes(data)
        assert await talk.fetch("RETR down") == data
        assert await talk.put("STOR up", data) == "226 The transfer is complete"
        assert (site.home / "up").read_bytes() == data
        assert await talk.put("STOR up", b"short") == "226 The transfer is complete"
        assert (site.home / "up").read_bytes() == b"short"
        assert await talk.fetch("RETR up") == b"short"
        assert await talk.put("STOR empty", b"") == "226 The transfer is complete"
        assert (site.home / "empty").read_bytes() == b""
        assert await talk.fetch("RETR empty") == b""

    conversation(reactor, tmp_path, test)


def test_resume(reactor: Any, tmp_path: Path) -> None:
    """REST begins in the middle, for one transfer, both ways; APPE adds (RFC 3659 §5)."""

    async def test(site: Site, talk: Talk) -> None:
        (site.home / "f").write_bytes(b"0123456789")
        assert (await talk.say("REST 4")).startswith("350 ")
        assert await talk.fetch("RETR f") == b"456789"
        assert await talk.fetch("RETR f") == b"0123456789"
        assert (await talk.say("REST 10")).startswith("350 ")
        assert await talk.fetch("RETR f") == b""
        assert (await talk.say("REST 11")).startswith("350 ")
        stream = await talk.data()
        assert (await talk.say("RETR f")).startswith("554 ")
        await stream.close()
        await talk.say("REST 8")
        await talk.put("STOR f", b"abcd")
        assert (site.home / "f").read_bytes() == b"01234567abcd"
        await talk.put("APPE f", b"!")
        await talk.put("APPE new", b"?")
        assert (site.home / "f").read_bytes() == b"01234567abcd!"
        assert (site.home / "new").read_bytes() == b"?"
        await talk.say("TYPE A")
        assert (await talk.say("REST 4")).startswith("504 ")

    conversation(reactor, tmp_path, test)


def test_uniqueNames(reactor: Any, tmp_path: Path) -> None:
    """STOU thinks of a name, and tells it (RFC 1123 §4.1.2.9)."""

    async def test(site: Site, talk: Talk) -> None:
        stream = await talk.data()
        told = await talk.say("STOU f")
        assert told.startswith("150 FILE: f.")
        stream.write(b"data")
        await stream.close()
        assert (await talk.reply()).startswith("226 ")
        assert (site.home / told.removeprefix("150 FILE: ")).read_bytes() == b"data"

    conversation(reactor, tmp_path, test)


def test_text(reactor: Any, tmp_path: Path) -> None:
    """In TYPE A line ends are those of the net on the way, and those of the system in the file."""

    async def test(site: Site, talk: Talk) -> None:
        (site.home / "f").write_bytes(b"a\nb\r\nc")
        await talk.say("TYPE A")
        assert await talk.fetch("RETR f") == b"a\r\nb\r\nc"
        assert (await talk.put("STOR g", b"a\r\nb\r\n\r")).startswith("226 ")
        assert (site.home / "g").read_bytes() == b"a\nb\n\r"
        assert (await talk.say("SIZE f")).startswith("550 ")

    conversation(reactor, tmp_path, test)


def test_clientMayBeQuick(reactor: Any, tmp_path: Path) -> None:
    """A client may connect, send all and close before the command is carried out."""

    async def test(site: Site, talk: Talk) -> None:
        stream = await talk.data()
        stream.write(b"early")
        await stream.close()
        assert (await talk.say("STOR f")).startswith("1")
        assert (await talk.reply()).startswith("226 ")
        assert (site.home / "f").read_bytes() == b"early"

    conversation(reactor, tmp_path, test)


def test_commandsMayBeSentAhead(reactor: Any, tmp_path: Path) -> None:
    """Commands that are sent ahead are answered in order, however many there are."""

    async def test(site: Site, talk: Talk) -> None:
        (site.home / "f").write_bytes(b"x" * 1_000_000)
        stream = await talk.data()
        talk.send("RETR f", *[f"SIZE nothing{number}" for number in range(200)], "NOOP")
        assert (await talk.reply())[:3] in ("125", "150")
        assert len(b"".join([piece async for piece in stream])) == 1_000_000
        assert (await talk.reply()).startswith("226 ")
        for number in range(200):
            assert (await talk.reply()).startswith(f"550 nothing{number}:")
        assert (await talk.reply()).startswith("200 ")

    conversation(reactor, tmp_path, test)


def test_activeMode(reactor: Any, tmp_path: Path) -> None:
    """PORT and EPRT make the server connect to its client (RFC 959, RFC 2428)."""

    async def test(site: Site, talk: Talk) -> None:
        (site.home / "f").write_bytes(b"hello")
        for command in ("PORT 127,0,0,1,{},{}", "EPRT |1|127.0.0.1|{}|"):
            got: Deferred[bytes] = Deferred()

            async def take(stream: Any, got: Deferred[bytes] = got) -> None:
                got.callback(b"".join([piece async for piece in stream]))

            listener: Any = serve(take, 0, interface="127.0.0.1", reactor=reactor)
            port = listener.getHost().port
            parts = (port >> 8, port & 255) if command.startswith("PORT") else (port,)
            assert (await talk.say(command.format(*parts))).startswith("200 ")
            assert (await talk.say("RETR f")).startswith("150 ")
            assert (await talk.reply()).startswith("226 ")
            assert await got == b"hello"
            await listener.stopListening()
        assert (await talk.say("RETR f")).startswith("503 ")

    conversation(reactor, tmp_path, test)


def test_nobodyElseIsBounced(reactor: Any, tmp_path: Path) -> None:
    """The server connects to nobody but its client, and to no server's port (RFC 2577, the bounce attack)."""

    async def test(site: Site, talk: Talk) -> None:
        for line in ("PORT 10,0,0,1,31,64", "EPRT |1|10.0.0.1|8000|", "PORT 127,0,0,1,0,25", "EPRT |1|127.0.0.1|25|"):
            assert (await talk.say(line)).startswith("504 "), line
        for line in ("PORT 1,2", "PORT 300,0,0,1,1,1", "EPRT |1|x|8000|", "EPRT 1"):
            assert (await talk.say(line)).startswith("501 "), line
        assert await talk.say("EPRT |3|x|8000|") == "522 There is no such network here, use (1,2)"
        assert (await talk.say("RETR f")).startswith("503 ")

    conversation(reactor, tmp_path, test)


def test_nobodyElseGetsTheFile(reactor: Any, tmp_path: Path) -> None:
    """A data connection from another address than the client's is closed, and the client's still comes through."""

    async def test(site: Site, talk: Talk) -> None:
        (site.home / "f").write_bytes(b"hello")
        told = await talk.say("PASV")
        *_, high, low = told[told.index("(") + 1 : told.index(")")].split(",")
        port = int(high) * 256 + int(low)
        stranger = await connect("127.0.0.1", port, bindAddress=("127.0.0.2", 0), reactor=reactor)
        assert await stranger.read() == b""
        stream = await connect("127.0.0.1", port, reactor=reactor)
        assert (await talk.say("RETR f"))[0] == "1"
        assert await stream.read() == b"hello"
        assert (await talk.reply()).startswith("226 ")

    conversation(reactor, tmp_path, test)


def test_extendedPassiveOnly(reactor: Any, tmp_path: Path) -> None:
    """After EPSV ALL the other ways are refused (RFC 2428 §4)."""

    async def test(site: Site, talk: Talk) -> None:
        assert (await talk.say("EPSV ALL")).startswith("200 ")
        for line in ("PASV", "PORT 127,0,0,1,31,64", "EPRT |1|127.0.0.1|8000|"):
            assert (await talk.say(line)).startswith("503 "), line
        assert (await talk.say("EPSV 1")).startswith("229 ")
        assert (await talk.say("EPSV 2")) == "522 There is no such network here, use (1)"

    conversation(reactor, tmp_path, test)


def test_IPv6(reactor: Any, tmp_path: Path) -> None:
    """Over IPv6 EPSV works, and PASV says that it can't (RFC 2428)."""

    async def main() -> None:
        site = Site(tmp_path, reactor, factoryFor(tmp_path, reactor), "::1")
        (site.home / "f").write_bytes(b"hello")
        talk = await site.login()
        assert (await talk.say("PASV")).startswith("502 ")
        assert await talk.fetch("RETR f") == b"hello"
        talk.control.abort()
        await site.listener.stopListening()

    run(reactor, main)


def test_passivePorts(reactor: Any, tmp_path: Path) -> None:
    """Data ports come from the range that is set; when all are taken, the client hears so."""

    async def main() -> None:
        busy: Any = serve(lambda stream: stream.close(), 0, interface="127.0.0.1", reactor=reactor)
        taken = busy.getHost().port
        async with serving(tmp_path, reactor, passivePortRange=[taken], passiveAddress="192.0.2.7") as site:
            talk = await site.login()
            assert (await talk.say("PASV")).startswith("425 ")
            await busy.stopListening()
            assert await talk.say("PASV") == f"227 Entering passive mode (192,0,2,7,{taken >> 8},{taken & 255})"

    run(reactor, main)


# What goes wrong.


def test_noDataConnection(reactor: Any, tmp_path: Path) -> None:
    """A data connection that is never made ends the transfer, not the session."""

    async def test(site: Site, talk: Talk) -> None:
        (site.home / "f").write_bytes(b"hello")
        assert (await talk.say("RETR f")).startswith("503 ")
        assert (await talk.say("EPSV")).startswith("229 ")
        assert (await talk.say("RETR f")).startswith("150 ")
        assert (await talk.reply()).startswith("425 ")
        assert await talk.fetch("RETR f") == b"hello"

    conversation(reactor, tmp_path, test, dtpTimeout=0.05)


def test_clientThatStopsReading(reactor: Any, tmp_path: Path) -> None:
    """A client that does not read is waited for, without memory, and after a while no more."""

    async def test(site: Site, talk: Talk) -> None:
        with open(site.home / "f", "wb") as file:
            file.truncate(1 << 30)
        stream = await talk.data()
        stream.transport.pauseProducing()
        assert (await talk.say("RETR f"))[0] == "1"
        status = await talk.say("STAT")
        moved = int(status.split("moved ")[1].split(" ")[0])
        assert moved < 1 << 25
        assert (await talk.reply()).startswith("426 ")
        assert (await talk.say("NOOP")).startswith("200 ")

    conversation(reactor, tmp_path, test, stallTimeout=0.1)


def test_clientThatDoesNotReadReplies(reactor: Any, tmp_path: Path) -> None:
    """A client that asks, and takes no replies, is not read either, and sent away when the time is over."""

    class Recording(FTP):
        made: ClassVar[list[Any]] = []
        heaviest = 0

        def connectionMade(self) -> None:
            self.made.append(self)
            self.lost: Deferred[None] = Deferred()
            super().connectionMade()

        def sendLine(self, line: str | bytes) -> None:
            super().sendLine(line)
            self.heaviest = max(self.heaviest, self.transport._unsent())

        def connectionLost(self, reason: Any = None) -> None:
            super().connectionLost(reason)
            self.lost.callback(None)

    async def main() -> None:
        async with serving(tmp_path, reactor, protocol=Recording, timeOut=0.2) as site:
            talk = await site.dial()
            [session] = Recording.made
            talk.control.transport.pauseProducing()
            talk.control.write(b"FEAT\r\n" * 200_000)
            await session.lost
            assert session.heaviest < 1 << 20

    run(reactor, main)


def test_clientThatDisconnects(reactor: Any, tmp_path: Path) -> None:
    """A data connection that breaks ends the transfer with 426, both ways; what came is kept."""

    async def test(site: Site, talk: Talk) -> None:
        with open(site.home / "f", "wb") as file:
            file.truncate(1 << 30)
        stream = await talk.data()
        assert (await talk.say("RETR f"))[0] == "1"
        await stream.read(1)
        stream.abort()
        assert (await talk.reply()).startswith("426 ")
        stream = await talk.data()
        assert (await talk.say("STOR g"))[0] == "1"
        stream.write(b"x" * 100_000)
        await stream.drain()
        await deferLater(reactor, 0.05)
        stream.abort()
        assert (await talk.reply()).startswith("426 ")
        assert (site.home / "g").stat().st_size == 100_000

    conversation(reactor, tmp_path, test)


def test_abort(reactor: Any, tmp_path: Path) -> None:
    """ABOR stops a transfer: 426 for that, then 226; with the Telnet signals before it that clients send."""

    async def test(site: Site, talk: Talk) -> None:
        with open(site.home / "f", "wb") as file:
            file.truncate(1 << 30)
        stream = await talk.data()
        assert (await talk.say("RETR f"))[0] == "1"
        assert (await talk.say(b"\xff\xf4\xff\xf2ABOR")).startswith("426 ")
        assert (await talk.reply()).startswith("226 ")
        stream.abort()
        assert (await talk.say("EPSV")).startswith("229 ")
        assert (await talk.say("RETR f")).startswith("150 ")
        assert (await talk.say("ABOR")).startswith("425 ")
        assert (await talk.reply()).startswith("226 ")
        assert (await talk.say("ABOR")).startswith("226 ")

    conversation(reactor, tmp_path, test)


class BrokenFile:
    """A file on a disk that fails."""

    def __init__(self, number: int) -> None:
        self.number = number

    def receive(self) -> Deferred[Any]:
        return succeed(self)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        assert streaming

    def unregisterProducer(self) -> None:
        pass

    def write(self, data: bytes) -> None:
        raise OSError(self.number, os.strerror(self.number))

    def close(self) -> Deferred[None]:
        return succeed(None)


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "452"), (errno.EDQUOT, "552"), (errno.EFBIG, "552"), (errno.EIO, "451")]
)
def test_diskFull(reactor: Any, tmp_path: Path, number: int, code: str) -> None:
    """A full disk is told as one, at once, and the session goes on."""

    class Shell(FTPShell):
        def openForWriting(self, path: Any) -> Deferred[Any]:
            return succeed(BrokenFile(number))

    async def test(site: Site, talk: Talk) -> None:
        next(iter(site.factory.instances)).shell = Shell(next(iter(site.factory.instances)).shell.filesystemRoot)
        assert (await talk.put("STOR f", b"x" * 10_000_000))[:3] == code
        assert (await talk.say("NOOP")).startswith("200 ")

    conversation(reactor, tmp_path, test)


def test_diskFullInTheEnd(reactor: Any, tmp_path: Path) -> None:
    """A disk that is full for the last bytes only, or while the file is closed, is told as well."""

    class Late(BrokenFile):
        def write(self, data: bytes) -> None:
            super().write(data) if data == b"\r" else None

        def close(self) -> Deferred[None]:
            raise OSError(self.number, os.strerror(self.number))

    class Shell(FTPShell):
        def openForWriting(self, path: Any) -> Deferred[Any]:
            return succeed(Late(errno.ENOSPC))

    async def test(site: Site, talk: Talk) -> None:
        next(iter(site.factory.instances)).shell = Shell(next(iter(site.factory.instances)).shell.filesystemRoot)
        assert (await talk.put("STOR f", b"x"))[:3] == "452"
        await talk.say("TYPE A")
        assert (await talk.put("STOR f", b"x\r"))[:3] == "452"

    conversation(reactor, tmp_path, test)


def test_realDiskFull(reactor: Any, tmp_path: Path) -> None:
    """The system's own full device is told as 452."""

    class Shell(FTPShell):
        def openForWriting(self, path: Any) -> Deferred[Any]:
            from ropewalk.protocols._ftp.files import OpenForWriting

            return succeed(OpenForWriting(open("/dev/full", "wb", buffering=0)))  # type: ignore[arg-type]  # it writes

    async def test(site: Site, talk: Talk) -> None:
        next(iter(site.factory.instances)).shell = Shell(next(iter(site.factory.instances)).shell.filesystemRoot)
        assert (await talk.put("STOR f", b"x" * 10_000))[:3] == "452"

    conversation(reactor, tmp_path, test)


def test_fileThatShrinks(reactor: Any, tmp_path: Path) -> None:
    """A file that is cut, or removed, while it is sent ends early, and the session goes on."""

    async def test(site: Site, talk: Talk) -> None:
        with open(site.home / "f", "wb") as file:
            file.truncate(1 << 26)
        stream = await talk.data()
        stream.transport.pauseProducing()
        assert (await talk.say("RETR f"))[0] == "1"
        os.truncate(site.home / "f", 0)
        (site.home / "f").unlink()
        stream.transport.resumeProducing()
        assert len(b"".join([piece async for piece in stream])) < 1 << 26
        assert (await talk.reply())[:3] in ("226", "451")
        assert (await talk.say("RETR f")).startswith("503 ")

    conversation(reactor, tmp_path, test)


def test_controlConnectionLost(reactor: Any, tmp_path: Path) -> None:
    """When the control connection goes, the data connection goes, and the file is closed."""

    async def test(site: Site, talk: Talk) -> None:
        before = len(os.listdir("/proc/self/fd"))
        with open(site.home / "f", "wb") as file:
            file.truncate(1 << 30)
        stream = await talk.data()
        assert (await talk.say("RETR f"))[0] == "1"
        talk.control.abort()
        with pytest.raises(ConnectionLost):
            while await stream.read():
                pass
        await deferLater(reactor, 0.01)
        assert len(os.listdir("/proc/self/fd")) <= before
        assert site.factory.instances == []

    conversation(reactor, tmp_path, test)


def test_idleClients(reactor: Any, tmp_path: Path) -> None:
    """A client that says nothing is sent away with 421; one whose transfer goes on is not silent."""

    async def test(site: Site, talk: Talk) -> None:
        (site.home / "f").write_bytes(b"x" * 10_000_000)
        stream = await talk.data()
        stream.transport.pauseProducing()
        assert (await talk.say("RETR f"))[0] == "1"
        await deferLater(reactor, 0.3)
        stream.transport.resumeProducing()
        assert len(b"".join([piece async for piece in stream])) == 10_000_000
        assert (await talk.reply()).startswith("226 ")
        assert (await talk.reply()) == "421 Nothing was said for 0.1 seconds"
        assert await talk.control.read() == b""

    conversation(reactor, tmp_path, test, timeOut=0.1)


def test_longLines(reactor: Any, tmp_path: Path) -> None:
    """A line that is too long is refused, and the connection closed."""

    async def test(site: Site, talk: Talk) -> None:
        assert (await talk.say("CWD " + "x" * (FTP.MAX_LENGTH - 4))).startswith("550 ")
        talk.control.write(b"x" * (FTP.MAX_LENGTH + 2))
        assert (await talk.reply()).startswith("500 ")
        assert await talk.control.read() == b""

    conversation(reactor, tmp_path, test)


def test_surprises(reactor: Any, tmp_path: Path) -> None:
    """An error of the program's is logged, told as one of the server's, and the session goes on."""

    class Tired(FTPCmdError):
        def response(self) -> str:
            return "450 Not today"

    class Odd(FTP):
        def ftp_ODD(self, argument: str) -> Any:
            raise ZeroDivisionError(argument)

        def ftp_EVEN(self, argument: str) -> str:
            return "200.1"

        def ftp_NONE(self) -> str:
            return "no such reply"

        def ftp_FEW(self) -> Any:
            raise FTPCmdError("its kind has no code")

        def ftp_OWN(self) -> Any:
            raise Tired()

    async def main() -> None:
        async with serving(tmp_path, reactor, protocol=Odd) as site:
            talk = await site.login()
            assert (await talk.say("EVEN 2")).startswith("200 ")
            assert (await talk.say("EVEN")).startswith("500 ")
            for line in ("ODD 1", "NONE", "FEW"):
                assert await talk.say(line) == "550 Not done: internal server error"
            assert await talk.say("OWN") == "450 Not today"

    events: list[Any] = []
    log.addObserver(events.append)
    try:
        run(reactor, main)
    finally:
        log.removeObserver(events.append)
    assert [event["why"] for event in events if event["isError"]] == ["while carrying out a command of FTP"] * 3
