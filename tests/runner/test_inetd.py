"""`ropewalk.runner.inetd` and ``twist inetd``: files on a disk, real programs, loopback."""

from __future__ import annotations

import grp
import io
import os
import pwd
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet import process
from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from ropewalk.internet.protocol import DatagramProtocol, Protocol
from ropewalk.internet.task import Clock, deferLater
from ropewalk.logger import capturedLogs, formatEvent
from ropewalk.python.usage import UsageError
from ropewalk.runner._inetd.datagrams import ANSWERS, Answering
from ropewalk.runner._inetd.rate import PERIOD, Rate
from ropewalk.runner.inetd import InetdFactory
from ropewalk.runner.inetdconf import InetdConf, ServicesConf
from ropewalk.runner.inetdtap import Options, _serviceFor, makeService, protocolDict
from support.reactors import epoll, fresh, run
from support.recording import until


def me() -> str:
    """The name of who runs the tests: needs no privilege to be."""
    return pwd.getpwuid(os.geteuid()).pw_name


def conf(text: str) -> InetdConf:
    """inetd.conf, on ports of the loopback that the system chooses."""
    services = ServicesConf()
    for name in ANSWERS:
        services.services[name, "tcp"] = services.services[name, "udp"] = 0
    read = InetdConf(services)
    read.parseFile(io.StringIO(text))
    return read


class Talk(Protocol):
    """Says something, and collects all that comes until the connection ends."""

    def __init__(self, said: bytes, enough: int | None = None) -> None:
        self.said = said
        self.enough = enough
        self.heard = b""
        self.ended: Deferred[bytes] = Deferred()

    def connectionMade(self) -> None:
        transport: Any = self.transport
        transport.write(self.said)

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        if self.enough is not None and len(self.heard) >= self.enough:
            self.transport.loseConnection()

    def connectionLost(self, reason: Any = None) -> None:
        self.ended.callback(self.heard)


def portOf(service: Any) -> int:
    """The port of a service that listens."""
    port: int = service.getHost()[1] if hasattr(service, "getHost") else service._port.getHost().port
    return port


def served(text: str, talk: Callable[[Any, int], Any]) -> Any:
    """Serve a line of inetd.conf, and talk to it."""

    async def main(reactor: Any) -> Any:
        service = _serviceFor(conf(text).services[0], reactor)
        service.privilegedStartService()
        service.startService()
        try:
            return await talk(reactor, portOf(service))
        finally:
            await stopped(service)
            # Its programs end by themselves; nobody would reap them once this reactor is gone.
            await until(reactor, lambda: not process.reapProcessHandlers)

    with fresh(epoll) as reactor:
        return run(reactor, main, reactor, timeout=20)


async def stopped(service: Any) -> None:
    stopping = service.stopService()
    if stopping is not None:
        await stopping


async def conversation(reactor: Any, port: int, said: bytes, enough: int | None = None) -> bytes:
    talk = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port), Talk(said, enough))
    return await talk.ended


async def exchange(reactor: Any, port: int, datagram: bytes) -> bytes:
    """Send a datagram, return the answer."""
    heard: Deferred[bytes] = Deferred()

    class Asking(DatagramProtocol):
        noisy = False

        def startProtocol(self) -> None:
            transport: Any = self.transport
            transport.write(datagram, ("127.0.0.1", port))

        def datagramReceived(self, datagram: bytes, addr: Any) -> None:
            heard.callback(datagram)

    asking = reactor.listenUDP(0, Asking(), interface="127.0.0.1")
    try:
        return await heard
    finally:
        await asking.stopListening()


class TestPrograms:
    def test_aProgramForEachConnection(self) -> None:
        """The connection is the program's standard input and output, and ends with the program."""
        # Arguments are cut at blanks, as inetd(8) cuts them: the script has none.
        text = f"127.0.0.1:0 stream tcp nowait {me()} {sys.executable} py -c print(input()[::-1])"

        async def talk(reactor: Any, port: int) -> list[bytes]:
            return [await conversation(reactor, port, b"abc\n"), await conversation(reactor, port, b"xyz\n")]

        assert served(text, talk) == [b"cba\n", b"zyx\n"]

    def test_longAnswersArriveWhole(self) -> None:
        """A program that writes more than the socket holds has it all sent, although it has ended."""
        text = f"127.0.0.1:0 stream tcp nowait {me()} {sys.executable} py -c print('x'*3000000)"

        async def talk(reactor: Any, port: int) -> bytes:
            return await conversation(reactor, port, b"")

        assert len(served(text, talk)) == 3000001

    def test_oneProgramForAllWhoWait(self) -> None:
        """With 'wait' the program gets the listening socket, and accepts itself; the next comer starts another."""
        text = f"127.0.0.1:0 stream tcp wait {me()} {sys.executable} py {Path(__file__).with_name('acceptor.py')}"

        async def talk(reactor: Any, port: int) -> list[bytes]:
            return [await conversation(reactor, port, b""), await conversation(reactor, port, b"")]

        first, second = served(text, talk)
        assert first.startswith(b"accepted by ")
        assert second.startswith(b"accepted by ")
        assert first != second

    def test_datagramsForAProgram(self) -> None:
        """A program gets the socket with the datagram in it, and answers by it."""
        text = f"127.0.0.1:0 dgram udp wait {me()} {sys.executable} py {Path(__file__).with_name('answerer.py')}"

        async def talk(reactor: Any, port: int) -> list[bytes]:
            return [await exchange(reactor, port, b"one"), await exchange(reactor, port, b"two")]

        assert served(text, talk) == [b"ONE", b"TWO"]

    @pytest.mark.parametrize("kind", ["nowait", "wait"])
    def test_programThatIsNotThere(self, kind: str) -> None:
        """What can't be started is logged, and the connection of one that doesn't wait is closed."""

        async def talk(reactor: Any, port: int) -> bytes:
            if kind == "nowait":
                return await conversation(reactor, port, b"")
            await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port), Talk(b""))
            while not any("cannot be started" in formatEvent(event) for event in logged):
                await deferLater(reactor, 0.001)
            return b""

        with capturedLogs() as logged:
            assert served(f"127.0.0.1:0 stream tcp {kind} {me()} /no/such", talk) == b""
        assert any("echo: /no/such cannot be started: " in formatEvent(event) for event in logged)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
    def test_runsAsTheUserOfTheLine(self) -> None:
        """The program runs as the user and the group that the line names."""
        text = "127.0.0.1:0 stream tcp nowait nobody:daemon /usr/bin/id id"

        async def talk(reactor: Any, port: int) -> bytes:
            return await conversation(reactor, port, b"")

        expected = f"uid={pwd.getpwnam('nobody').pw_uid}(nobody) gid={grp.getgrnam('daemon').gr_gid}(daemon) "
        assert served(text, talk).startswith(expected.encode())


class TestInternal:
    @pytest.mark.parametrize("name", ["echo", "discard", "chargen", "daytime", "time"])
    def test_byConnections(self, name: str) -> None:
        """The five internal services answer as their RFCs say (RFC 862, 863, 864, 867, 868)."""
        enough = {"echo": 5, "chargen": 100}.get(name)

        async def talk(reactor: Any, port: int) -> bytes:
            if name == "discard":
                talk = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port), Talk(b"hello"))
                talk.transport.loseConnection()
                heard: bytes = await talk.ended
                return heard
            return await conversation(reactor, port, b"hello", enough)

        heard = served(f"127.0.0.1:{name} stream tcp nowait {me()} internal", talk)
        check(name, heard)

    @pytest.mark.parametrize("name", ["echo", "chargen", "daytime", "time"])
    def test_byDatagrams(self, name: str) -> None:
        """And by datagrams."""

        async def talk(reactor: Any, port: int) -> bytes:
            return await exchange(reactor, port, b"h" * 100 if name == "chargen" else b"hello")

        check(name, served(f"127.0.0.1:{name} dgram udp wait {me()} internal", talk))

    def test_servicesDoNotTalkToEachOther(self) -> None:
        """A datagram from the port of a service isn't answered: the two would never stop."""
        sent: list[Any] = []

        class Transport:
            def write(self, data: bytes, addr: Any) -> None:
                sent.append((data, addr))

        answering = Answering(ANSWERS["echo"])
        transport: Any = Transport()
        answering.transport = transport
        answering.datagramReceived(b"x", ("192.0.2.1", 7))
        answering.datagramReceived(b"x", ("192.0.2.1", 1023))
        assert not sent
        answering.datagramReceived(b"x", ("192.0.2.1", 1024))
        assert len(sent) == 1

    @pytest.mark.parametrize("name", [name for name, answer in ANSWERS.items() if answer is not None])
    @pytest.mark.parametrize("size", [0, 1, 72, 73, 8192])
    def test_answersAreNoFloods(self, name: str, size: int) -> None:
        """No answer is longer than the question, or than a line."""
        answer: Any = ANSWERS[name]
        assert len(answer(b"x" * size)) <= max(size, 32)


def check(name: str, heard: bytes) -> None:
    if name == "echo":
        assert heard == b"hello"
    elif name == "discard":
        assert heard == b""
    elif name == "chargen":
        assert len(heard) >= 100
        assert heard.startswith(b"@ABC")
    elif name == "daytime":
        year = str(time.gmtime().tm_year).encode()
        assert year in heard
        assert heard.endswith(b"\r\n")
    else:
        (seconds,) = struct.unpack("!I", heard)
        assert abs(seconds - 2208988800 - time.time()) < 60


class TestRate:
    def test_soManyAMinute(self) -> None:
        """There are so many starts within a minute; then it is said how long to wait."""
        rate = Rate(2)
        assert rate.start(0) == 0
        assert rate.start(10) == 0
        assert rate.start(20) == PERIOD - 20
        assert rate.start(PERIOD - 0.5) == 0.5
        assert rate.start(PERIOD) == 0
        assert rate.start(PERIOD) == 10

    def test_connectionsAboveItAreRefused(self) -> None:
        """Whoever comes too often is sent away until the minute is over, and that is logged once."""
        clock: Any = Clock()
        factory = InetdFactory(conf("127.0.0.1:0 stream tcp nowait.1 root /bin/cat").services[0], clock)
        with capturedLogs() as logged:
            built = [factory.buildProtocol(None) is not None for _ in range(3)]
        assert built == [True, False, False]
        assert [formatEvent(event) for event in logged] == [
            "echo was asked for 1 times within a minute: nobody is let in for 60 seconds"
        ]
        clock.advance(PERIOD)
        assert factory.buildProtocol(None) is not None


class TestCommandLine:
    def parsed(self, folder: Path, text: str, *words: str) -> Options:
        (folder / "services").write_text("echo 7/tcp\n")
        (folder / "inetd.conf").write_text(text)
        options = Options()
        options.parseOptions(["-f", str(folder / "inetd.conf"), "-s", str(folder / "services"), *words])
        return options

    def test_servesTheFile(self, tmp_path: Path) -> None:
        """There is a service for each line; --nointernal leaves those out that need no program."""
        text = f"echo stream tcp nowait {me()} internal\n8000 stream tcp nowait {me()} /bin/cat cat\n"
        assert len(list(makeService(self.parsed(tmp_path, text)))) == 2
        assert len(list(makeService(self.parsed(tmp_path, text, "--nointernal")))) == 1

    def test_logSaysWhatIsServed(self, tmp_path: Path) -> None:
        """The log names each service, by its number if it has no name."""
        text = f"7 stream tcp nowait {me()} internal\n127.0.0.1:8000 stream tcp nowait {me()} /bin/cat cat\n"
        options = self.parsed(tmp_path, text)
        with capturedLogs() as logged:
            makeService(options)
        assert [formatEvent(event) for event in logged] == [
            "serving <echo/tcp at *:7, internal>",
            "serving <8000/tcp at 127.0.0.1:8000, /bin/cat>",
        ]

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("echo stream tcp\n", "inetd.conf, line 1: 'echo stream tcp' is not all that is needed"),
            ("nosuch stream tcp nowait root internal\n", r"inetd.conf, line 1: Unknown service: nosuch \(tcp\)"),
            (
                "8 stream tcp nowait root internal\n",
                "inetd.conf: '8' is no internal service; there are c",
            ),
            (
                "8 stream tcp nowait no-one /bin/cat\n",
                "inetd.conf: '8' cannot be served: there is no user 'no-one' here",
            ),
            (
                "8 stream tcp nowait root:no-g /bin/cat\n",
                "inetd.conf: '8' cannot be served: there is no group 'no-g' here",
            ),
        ],
    )
    def test_mistakesInTheFileAreSentences(self, tmp_path: Path, text: str, sentence: str) -> None:
        with pytest.raises(UsageError, match=sentence):
            self.parsed(tmp_path, text)

    def test_noFile(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"/nowhere/inetd\.conf cannot be read: No such file or directory"):
            self.parsed(tmp_path, "", "-f", "/nowhere/inetd.conf")

    def test_protocolNumbers(self) -> None:
        assert protocolDict == {"tcp": socket.IPPROTO_TCP, "udp": socket.IPPROTO_UDP}
