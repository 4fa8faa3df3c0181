"""Child processes, on every reactor."""

from __future__ import annotations

import errno
import os
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from ropewalk.internet import process
from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from ropewalk.internet.interfaces import IProcessTransport, IReactorProcess
from ropewalk.internet.protocol import ProcessProtocol
from ropewalk.internet.task import deferLater
from support.children import Child, descriptors, isAlive, python, shell, spawn
from support.reactors import epoll, fresh, run
from support.recording import logged, turns, until

asRoot = pytest.mark.skipif(os.getuid() != 0, reason="only root may run a child as somebody else")

# Both ways to start a child: with a directory given it is forked, without one it is spawned.
bothWays = pytest.mark.parametrize("options", [{}, {"path": "/"}], ids=["spawned", "forked"])


def program(folder: Path, name: str, text: str, mode: int = 0o755) -> str:
    path = folder / name
    path.write_text(text)
    path.chmod(mode)
    return str(path)


# Starting one.


def test_spawnProcess(reactor: Any) -> None:
    """F138: a reactor starts processes; what it returns is their transport, over pipes that never block."""
    verifyObject(IReactorProcess, reactor)
    child = Child()

    async def main() -> None:
        transport = reactor.spawnProcess(child, "cat", ["cat"])
        assert transport is child.transport
        verifyObject(IProcessTransport, transport)
        assert isAlive(transport.pid)
        assert [os.get_blocking(pipe.fileno()) for pipe in transport.pipes.values()] == [False] * 3
        transport.closeStdin()
        assert isinstance(await child.ended, ProcessDone)
        assert transport.pid is None

    run(reactor, main)


@bothWays
def test_arguments(reactor: Any, options: dict[str, Any]) -> None:
    """F139: arguments are text or bytes, and reach the program as they are."""

    async def main() -> None:
        child = spawn(reactor, "printf", "%s|", "a b", b"\xff", "h\xe9", "", "$HOME", **options)
        await child.ended
        assert child.output == b"a b|\xff|h\xc3\xa9||$HOME|"

    run(reactor, main)


def test_noArguments(reactor: Any) -> None:
    """F139: without arguments the program still learns its name."""

    async def main() -> None:
        child = Child()
        reactor.spawnProcess(child, "/bin/echo")
        await child.ended
        assert child.output == b"\n"

    run(reactor, main)


@bothWays
def test_environment(reactor: Any, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """F139: left away the environment is empty; `None` hands on ours; a dictionary is exactly what the child gets."""
    monkeypatch.setenv("ROPEWALK_TEST", "handed on")

    async def main() -> None:
        empty, ours, exact = Child(), Child(), Child()
        reactor.spawnProcess(empty, "env", ["env"], **options)
        reactor.spawnProcess(ours, "env", ["env"], None, **options)
        reactor.spawnProcess(exact, "env", ["env"], {"A": "h\xe9", b"B": b"\xff"}, **options)
        for child in (empty, ours, exact):
            await child.ended
        assert empty.output == b""
        assert b"ROPEWALK_TEST=handed on\n" in ours.output
        assert sorted(exact.output.split(b"\n")) == [b"", b"A=h\xc3\xa9", b"B=\xff"]

    run(reactor, main)


def test_environmentChangedByTheProgram(reactor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """F139: ``os.environ`` itself may be given."""
    monkeypatch.setenv("ROPEWALK_TEST", "changed")

    async def main() -> None:
        child = shell(reactor, "echo $ROPEWALK_TEST", env=os.environ)
        await child.ended
        assert child.output == b"changed\n"

    run(reactor, main)


@bothWays
def test_lookup(reactor: Any, options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F140: a bare name is looked up on the child's PATH, then on ours, then in the system's usual places."""
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").mkdir()
    program(tmp_path / "theirs", "tool", "#!/bin/sh\necho theirs\n")
    program(tmp_path / "ours", "tool", "#!/bin/sh\necho ours\n")
    monkeypatch.setenv("PATH", str(tmp_path / "ours"))

    async def main() -> None:
        for env, output in [({"PATH": str(tmp_path / "theirs")}, b"theirs\n"), ({}, b"ours\n"), (None, b"ours\n")]:
            child = spawn(reactor, "tool", env=env, **options)
            await child.ended
            assert child.output == output
        monkeypatch.delenv("PATH")
        child = spawn(reactor, "wc", env={}, **options)
        child.transport.closeStdin()
        await child.ended
        assert child.output.split() == [b"0", b"0", b"0"]

    run(reactor, main)


def test_directory(reactor: Any, tmp_path: Path) -> None:
    """F141: a child begins in the directory given, and a program named relatively is found from there; we stay."""
    program(tmp_path, "here", "#!/bin/sh\npwd\n")
    before = os.getcwd()

    async def main() -> None:
        for path in (str(tmp_path), os.fsencode(tmp_path)):
            child = spawn(reactor, "./here", path=path)
            await child.ended
            assert child.output == os.fsencode(tmp_path) + b"\n"

    run(reactor, main)
    assert os.getcwd() == before


@asRoot
@pytest.mark.parametrize(
    ("options", "identity"),
    [
        ({"uid": 65534, "gid": 65534}, b"65534 65534 65534"),
        ({"uid": 65534}, b"65534 0 0"),
        ({"uid": 54321, "gid": 54322}, b"54321 54322 54322"),
    ],
)
def test_identity(reactor: Any, options: dict[str, int], identity: bytes) -> None:
    """F141: a child runs as the user and group given, with none of our groups."""

    async def main() -> None:
        child = shell(reactor, "echo $(id -u) $(id -g) $(id -G)", **options)
        await child.ended
        assert child.output == identity + b"\n"

    run(reactor, main)
    assert os.getuid() == 0


def test_ownIdentityNeedsNoRoot(reactor: Any) -> None:
    """F141: asking for the user and group that we are changes nothing, and is allowed to anybody."""

    async def main() -> None:
        child = shell(reactor, "id -u", uid=os.getuid(), gid=os.getgid())
        await child.ended
        assert int(child.output) == os.getuid()

    run(reactor, main)


# What it inherits.


@bothWays
def test_standardDescriptors(reactor: Any, options: dict[str, Any]) -> None:
    """F143: by default the child has a pipe at 0, 1 and 2, and nothing else: what we have open is not handed on."""
    leaky = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(leaky, True)

    async def main() -> None:
        child = python(reactor, "import os; print(sorted(map(int, os.listdir('/proc/self/fd')))[:-1])", **options)
        assert isinstance(await child.ended, ProcessDone)
        assert child.output == b"[0, 1, 2]\n"

    try:
        run(reactor, main)
    finally:
        os.close(leaky)


@bothWays
def test_childFDs(reactor: Any, options: dict[str, Any]) -> None:
    """F143: ``"w"`` is written by us, ``"r"`` read by us, and a number is a descriptor of ours, which stays ours."""
    read, write = os.pipe()

    async def main() -> None:
        child = shell(
            reactor,
            "cat <&3 >&4; echo to the parent >&5; ls /proc/self/fd",
            childFDs={1: "r", 3: "w", 4: "r", 5: write},
            **options,
        )
        child.transport.writeToChild(3, b"through the child")
        child.transport.closeChildFD(3)
        await child.ended
        assert child.said[4] == b"through the child"
        # `ls` reads the directory through a descriptor of its own.
        assert child.output.split()[:-1] in ([b"0", b"1", b"3", b"4"], [b"1", b"3", b"4", b"5"])
        assert ("lost", 5) not in child.events
        assert os.read(read, 100) == b"to the parent\n"

    try:
        run(reactor, main)
    finally:
        os.close(read)
        os.close(write)


@bothWays
@pytest.mark.parametrize("childFDs", [{}, {0: 0, 1: 1, 2: 2}], ids=["nothing", "ours"])
def test_noPipes(reactor: Any, options: dict[str, Any], childFDs: dict[int, Any]) -> None:
    """F143, F145: a child may have no pipe at all: its end is then all that is heard of it."""

    async def main() -> None:
        child = shell(reactor, "exit 3", childFDs=childFDs, **options)
        child.transport.write(b"nobody")
        assert (await child.ended).exitCode == 3
        assert child.events == ["made", "exited", "ended"]

    run(reactor, main)


@bothWays
def test_crossedDescriptors(reactor: Any, options: dict[str, Any]) -> None:
    """F143: numbers may be exchanged, and a descriptor may keep its own."""
    (firstRead, first), (secondRead, second) = os.pipe(), os.pipe()

    async def main() -> None:
        script = f"import os; os.write({first}, b'one'); os.write({second}, b'two'); os.write({secondRead}, b'three')"
        crossed = {first: second, second: first, secondRead: first}
        await python(reactor, script, childFDs=crossed, **options).ended
        assert os.read(secondRead, 10) == b"one"
        assert os.read(firstRead, 10) == b"twothree"
        await python(reactor, f"import os; os.write({first}, b'mine')", childFDs={first: first}, **options).ended
        assert os.read(firstRead, 10) == b"mine"

    try:
        run(reactor, main)
    finally:
        for fd in (firstRead, first, secondRead, second):
            os.close(fd)


@bothWays
def test_signalsAreDefault(reactor: Any, options: dict[str, Any]) -> None:
    """A child dies of a broken pipe as programs do, though Python ignores that signal."""

    async def main() -> None:
        child = shell(reactor, "kill -PIPE $$; echo survived", **options)
        assert (await child.ended).signal == signal.SIGPIPE
        assert child.output == b""

    run(reactor, main)


# Programs that cannot be started.


@bothWays
@pytest.mark.parametrize(
    ("text", "mode", "expected"),
    [
        (None, 0, FileNotFoundError),
        ("#!/bin/sh\n", 0o644, PermissionError),
        ("no program\n", 0o755, OSError),
        ("#!/no/such/interpreter\n", 0o755, FileNotFoundError),
    ],
)
def test_cannotExecute(
    reactor: Any, tmp_path: Path, options: dict[str, Any], text: str | None, mode: int, expected: type[OSError]
) -> None:
    """What cannot be executed is an error that names it, at once; the protocol hears nothing and nothing is left."""
    path = str(tmp_path / "program") if text is None else program(tmp_path, "program", text, mode)
    before = descriptors()
    child = Child()
    with pytest.raises(expected) as caught:
        reactor.spawnProcess(child, path, [path], **options)
    assert caught.value.filename == path
    assert child.events == []
    assert descriptors() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_unknownName(reactor: Any, tmp_path: Path) -> None:
    """F140: a name that is on no path says so; one that is there and cannot be executed says that."""
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        reactor.spawnProcess(Child(), "no-such-program")
    program(tmp_path, "no-such-program", "#!/bin/sh\n", 0o644)
    with pytest.raises(PermissionError, match=str(tmp_path)):
        reactor.spawnProcess(Child(), "no-such-program", env={"PATH": str(tmp_path)})


def test_noDirectory(reactor: Any, tmp_path: Path) -> None:
    """F141: a directory that is not there is named by the error."""
    with pytest.raises(FileNotFoundError) as caught:
        reactor.spawnProcess(Child(), "true", path=str(tmp_path / "none"))
    assert caught.value.filename == str(tmp_path / "none")


def test_cannotStartWhereChildrenAreReapedByTheSystem(reactor: Any, tmp_path: Path) -> None:
    """A program that ignores SIGCHLD hears what went wrong as others do."""
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        with pytest.raises(FileNotFoundError, match="none"):
            reactor.spawnProcess(Child(), "true", path=str(tmp_path / "none"))
    finally:
        signal.signal(signal.SIGCHLD, before)


@pytest.mark.parametrize(
    ("arguments", "options", "expected", "sentence"),
    [
        (["a\0b"], {}, ValueError, "null byte"),
        (["a", 3], {}, TypeError, "int"),
        (["a"], {"env": {"A": 3}}, TypeError, "int"),
        (["a"], {"childFDs": {0: "x"}}, TypeError, r"childFDs\[0\]"),
        (["a"], {"childFDs": {0: 9999}}, OSError, os.strerror(errno.EBADF)),
        (["a"], {"childFDs": {}, "usePTY": True}, ValueError, "exclude each other"),
    ],
)
def test_wrongArguments(
    reactor: Any, arguments: list[Any], options: dict[str, Any], expected: type[Exception], sentence: str
) -> None:
    """What makes no sense is refused before anything is started, and nothing is left open."""
    before = descriptors()
    with pytest.raises(expected, match=sentence):
        reactor.spawnProcess(Child(), "true", arguments, **options)
    assert descriptors() == before


def test_tooManyProcesses() -> None:
    """At the system's limit of processes `spawnProcess` fails, leaves nothing open, and works again later."""
    script = """
import os, resource, sys
sys.path.insert(0, sys.argv[1])
from ropewalk.internet import process, reactor
from support.children import Child, descriptors
reactor.seconds()
# The interpreter's own files may be closed to that user: everything is imported by now.
os.setuid(64321)
resource.setrlimit(resource.RLIMIT_NPROC, (0, resource.getrlimit(resource.RLIMIT_NPROC)[1]))
before = descriptors()
for options in ({}, {"path": "/"}, {"usePTY": True}):
    try:
        reactor.spawnProcess(Child(), "true", **options)
    except BlockingIOError as problem:
        print(problem.strerror, descriptors() == before)
"""
    if os.getuid() != 0:
        pytest.skip("needs a user without processes")
    tests = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", script, tests], capture_output=True, text=True, timeout=20)
    assert done.stdout == f"{os.strerror(errno.EAGAIN)} True\n" * 3, done.stderr


@pytest.mark.parametrize(
    ("free", "options"), [*((n, {"path": "/"}) for n in range(8)), *((n, {"usePTY": True}) for n in range(4))]
)
def test_noDescriptorsLeft(free: int, options: dict[str, Any]) -> None:
    """At the limit of descriptors `spawnProcess` fails, wherever it meets it, and gives back what it had opened."""
    with fresh(epoll) as reactor:
        run(reactor, lambda: spawn(reactor, "true").ended)
        before = descriptors()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        held = [os.open("/dev/null", os.O_RDONLY) for _ in range(free + 1)]
        for fd in held:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (held[free], hard))
        try:
            with pytest.raises(OSError, match=os.strerror(errno.EMFILE)):
                reactor.spawnProcess(Child(), "/bin/true", **options)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert descriptors() == before


# Talking to it.


def test_events(reactor: Any) -> None:
    """F144: a protocol hears the start, both outputs, and the end of each pipe."""

    class Listening(Child):
        childDataReceived = ProcessProtocol.childDataReceived
        childConnectionLost = ProcessProtocol.childConnectionLost

        def outReceived(self, data: bytes) -> None:
            self.events.append(("out", data))

        def errReceived(self, data: bytes) -> None:
            self.events.append(("err", data))

        def inConnectionLost(self) -> None:
            self.events.append("in lost")

        def outConnectionLost(self) -> None:
            self.events.append("out lost")

        def errConnectionLost(self) -> None:
            self.events.append("err lost")

    async def main() -> None:
        child = shell(reactor, "echo out; echo err >&2; cat >/dev/null", child=Listening())
        await until(reactor, lambda: len(child.events) == 3)
        child.transport.closeStdin()
        await child.ended
        assert child.events[0] == "made"
        assert sorted(child.events[1:3]) == [("err", b"err\n"), ("out", b"out\n")]
        assert {"in lost", "out lost", "err lost"} < set(child.events[3:])
        assert child.events[-1] == "ended"

    run(reactor, main)


def test_unheardOutputIsRead(reactor: Any) -> None:
    """F144: a protocol that takes no data doesn't keep the child from writing."""

    class Deaf(ProcessProtocol):
        def __init__(self) -> None:
            self.ended: Deferred[Any] = Deferred()

        def processEnded(self, reason: Any) -> None:
            self.ended.callback(reason.value)

    async def main() -> None:
        child = shell(reactor, "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2", child=Deaf())
        assert (await child.ended).exitCode == 0

    run(reactor, main)


def test_endComesLast(reactor: Any) -> None:
    """F145: ``processExited`` when it is reaped; ``processEnded`` after that, all data and all pipes' ends."""

    async def main() -> None:
        for _ in range(5):
            child = shell(reactor, "head -c 300000 /dev/zero; head -c 100000 /dev/zero >&2; exit 3")
            assert (await child.ended).exitCode == 3
            assert (len(child.said[1]), len(child.said[2])) == (300000, 100000)
            assert child.events[-1] == "ended"
            assert child.events.count("exited") == 1
            assert {("lost", 0), ("lost", 1), ("lost", 2)} < set(child.events)

    run(reactor, main)


def test_exitedBeforeEnded(reactor: Any) -> None:
    """F145: a grandchild that holds the pipes delays ``processEnded``, not ``processExited``; its data still comes."""

    async def main() -> None:
        child = shell(reactor, "(read line; echo grandchild $line) <&3 3<&- & exit 2", childFDs={1: "r", 3: "w"})
        assert (await child.exited).exitCode == 2
        assert "ended" not in child.events
        child.transport.writeToChild(3, b"lives\n")
        await child.ended
        assert child.output == b"grandchild lives\n"

    run(reactor, main)


def test_grandchildIsNotWaitedFor(reactor: Any) -> None:
    """F145, F147: ``loseConnection`` lets go of pipes that a grandchild holds open."""

    async def main() -> None:
        child = shell(reactor, "sleep 20 & echo $!")
        await child.exited
        await until(reactor, lambda: child.output)
        child.transport.loseConnection()
        assert (await child.ended).exitCode == 0
        os.kill(int(child.output), signal.SIGKILL)

    run(reactor, main)


@pytest.mark.parametrize(
    ("script", "kind", "exitCode", "number"),
    [
        ("exit 0", ProcessDone, 0, None),
        ("exit 1", ProcessTerminated, 1, None),
        ("exit 255", ProcessTerminated, 255, None),
        ("kill -TERM $$", ProcessTerminated, None, signal.SIGTERM),
        ("kill -KILL $$", ProcessTerminated, None, signal.SIGKILL),
    ],
)
def test_exitStatus(reactor: Any, script: str, kind: type[Exception], exitCode: int | None, number: int | None) -> None:
    """F146: how a child ended: its exit code, or the signal that ended it, and the system's status."""

    async def main() -> None:
        child = shell(reactor, script)
        value = await child.ended
        assert type(value) is kind
        assert (value.exitCode, value.signal) == (exitCode, number)
        assert value.status == child.transport.status
        if exitCode is not None:
            assert os.waitstatus_to_exitcode(value.status) == exitCode

    run(reactor, main)


def test_inputIsQueued(reactor: Any) -> None:
    """F147: ``write`` never blocks, and ``closeStdin`` waits for what was written."""
    data = os.urandom(2_000_000)

    async def main() -> None:
        child = spawn(reactor, "cat")
        child.transport.write(data[:1000])
        child.transport.writeSequence([data[1000:2000], data[2000:]])
        child.transport.closeStdin()
        assert isinstance(await child.ended, ProcessDone)
        assert child.output == data

    run(reactor, main)


def test_textIsRefused(reactor: Any) -> None:
    """F147: only bytes are written."""

    async def main() -> None:
        child = spawn(reactor, "cat")
        with pytest.raises(TypeError, match="encode the text first"):
            child.transport.write("text")
        child.transport.loseConnection()
        await child.ended

    run(reactor, main)


@pytest.mark.parametrize(
    ("close", "fd", "script"),
    [
        ("closeStdin", 0, "cat; echo input ended >&2"),
        ("closeStdout", 1, "trap '' PIPE; read go; echo x 2>/dev/null || echo output refused >&2"),
        ("closeStderr", 2, "trap '' PIPE; read go; echo x >&2 || echo errors refused"),
    ],
)
def test_closeOne(reactor: Any, close: str, fd: int, script: str) -> None:
    """F147: each pipe is closed by itself, and the child finds it so."""

    async def main() -> None:
        child = shell(reactor, script)
        getattr(child.transport, close)()
        await until(reactor, lambda: ("lost", fd) in child.events)
        child.transport.write(b"go\n")
        await child.ended
        assert b"ended" in child.said.get(2, b"") or b"refused" in child.output + child.said.get(2, b"")

    run(reactor, main)


def test_loseConnection(reactor: Any) -> None:
    """F147: all three pipes are closed, once what was written has left; the child goes on until it notices."""

    async def main() -> None:
        child = shell(reactor, "read line; trap '' PIPE; sleep 0.05; [ $line = last ] && exit 7")
        child.transport.write(b"last\n")
        child.transport.loseConnection()
        child.transport.loseConnection()
        assert (await child.ended).exitCode == 7
        assert child.events[-2:] == ["exited", "ended"]

    run(reactor, main)


def test_afterTheEnd(reactor: Any) -> None:
    """F147: when all is over writes are dropped, closing is harmless, and a signal says that nobody is there."""

    async def main() -> None:
        child = spawn(reactor, "true")
        await child.ended
        child.transport.write(b"nobody")
        child.transport.writeSequence([b"there"])
        child.transport.closeStdin()
        child.transport.loseConnection()
        with pytest.raises(KeyError):
            child.transport.writeToChild(0, b"nobody")
        with pytest.raises(ProcessExitedAlready):
            child.transport.signalProcess("KILL")

    run(reactor, main)


@pytest.mark.parametrize("signalID", ["KILL", "HUP", "INT", "TERM", "SIGUSR1", signal.SIGALRM, 15])
def test_signals(reactor: Any, signalID: Any) -> None:
    """F147: signals by name, with or without ``SIG``, and by number."""

    async def main() -> None:
        child = spawn(reactor, "sleep", "20")
        child.transport.signalProcess(signalID)
        number = (await child.ended).signal
        assert signalID in (number, signal.Signals(number).name, signal.Signals(number).name[3:])

    run(reactor, main)


def test_unknownSignal(reactor: Any) -> None:
    """A signal that there is none of is refused by name; no attribute of the signal module will do."""

    async def main() -> None:
        child = spawn(reactor, "cat")
        for name in ("NOPE", "_DFL", ""):
            with pytest.raises(TypeError, match="no signal's name"):
                child.transport.signalProcess(name)
        child.transport.loseConnection()
        await child.ended

    run(reactor, main)


def test_childThatIgnoresTERM(reactor: Any) -> None:
    """F147: a child that ignores SIGTERM lives on, and dies of SIGKILL."""

    async def main() -> None:
        child = shell(reactor, "trap '' TERM; echo ready; while :; do sleep 0.01; done")
        await until(reactor, lambda: child.output)
        child.transport.signalProcess("TERM")
        await deferLater(reactor, 0.1)
        assert "exited" not in child.events
        child.transport.signalProcess("KILL")
        child.transport.loseConnection()
        assert (await child.ended).signal == signal.SIGKILL

    run(reactor, main)


def test_extraDescriptors(reactor: Any) -> None:
    """F148: data and ends of any descriptor, by the child's number; each is written and closed by itself."""

    async def main() -> None:
        child = shell(reactor, "cat <&7 >&9; echo closed >&9", childFDs={7: "w", 9: "r"})
        child.transport.writeToChild(7, b"seven ")
        child.transport.closeChildFD(7)
        await child.ended
        assert child.said == {9: b"seven closed\n"}
        assert {("lost", 7), ("lost", 9)} < set(child.events)
        assert ("lost", 0) not in child.events

    run(reactor, main)


def test_producer(reactor: Any) -> None:
    """F147: a producer that feeds the input is paused while the child doesn't read, and resumed when it does."""
    events: list[str] = []

    class Producer:
        sent = 0

        def pauseProducing(self) -> None:
            events.append("pause")
            self.paused = True

        def resumeProducing(self) -> None:
            events.append("resume")
            self.paused = False
            self.produce()

        def stopProducing(self) -> None:
            events.append("stop")

        def produce(self) -> None:
            while not self.paused and self.sent < 1_000_000:
                self.sent += 10_000
                child.transport.write(bytes(10_000))
            if self.sent == 1_000_000:
                child.transport.unregisterProducer()
                child.transport.closeStdin()

    async def main() -> None:
        producer = Producer()
        producer.paused = False
        child.transport.registerProducer(producer, True)
        producer.produce()
        assert events == ["pause"]
        assert producer.sent < 300_000
        child.transport.writeToChild(3, b"go\n")
        await child.ended
        assert child.output.strip() == b"1000000"
        assert events[:2] == ["pause", "resume"]
        assert "stop" not in events

    child = Child()

    async def begin() -> None:
        shell(reactor, "read go <&3; wc -c", child=child, childFDs={0: "w", 1: "r", 3: "w"})
        await main()

    run(reactor, begin)


def test_producerOfADeadChild(reactor: Any) -> None:
    """F147: a producer is stopped when the child's input is closed, and at once when it is closed already."""
    stopped: list[str] = []

    class Producer:
        def __init__(self, name: str) -> None:
            self.name = name

        def stopProducing(self) -> None:
            stopped.append(self.name)

    async def main() -> None:
        child = spawn(reactor, "sleep", "20")
        child.transport.registerProducer(Producer("first"), True)
        child.transport.signalProcess("KILL")
        await child.ended
        child.transport.registerProducer(Producer("second"), True)
        assert stopped == ["first", "second"]

    run(reactor, main)


def test_pausedOutput(reactor: Any) -> None:
    """F147: ``pauseProducing`` lets a child that writes much wait, and ``resumeProducing`` go on."""

    async def main() -> None:
        child = shell(reactor, "head -c 1000000 /dev/zero; echo done >&2", childFDs={1: "r", 2: "r"})
        child.transport.pauseProducing()
        await deferLater(reactor, 0.1)
        assert child.said == {}
        assert "exited" not in child.events
        child.transport.resumeProducing()
        await child.ended
        assert len(child.output) == 1_000_000

    run(reactor, main)


# Children that behave oddly.


def test_childThatClosesItsPipes(reactor: Any) -> None:
    """A child that closes all its pipes lives on: the ends are heard of, and no exit until it comes."""

    async def main() -> None:
        child = shell(reactor, "exec 0<&- 1>&- 2>&-; read go <&3; exit 4", childFDs={0: "w", 1: "r", 2: "r", 3: "w"})
        await until(reactor, lambda: {("lost", 0), ("lost", 1), ("lost", 2)} < set(child.events))
        assert "exited" not in child.events
        child.transport.write(b"nobody reads this")
        child.transport.writeToChild(3, b"go\n")
        assert (await child.ended).exitCode == 4

    run(reactor, main)


def test_childThatNeverReads(reactor: Any) -> None:
    """A child that never reads holds up nobody, and when it is killed what was queued for it is dropped."""

    async def main() -> None:
        child = spawn(reactor, "sleep", "20")
        child.transport.write(bytes(5_000_000))
        child.transport.loseConnection()
        await until(reactor, lambda: ("lost", 1) in child.events)
        assert ("lost", 0) not in child.events
        child.transport.signalProcess("KILL")
        assert (await child.ended).signal == signal.SIGKILL
        assert ("lost", 0) in child.events

    run(reactor, main)


def test_abort(reactor: Any) -> None:
    """``abortConnection`` drops what a grandchild that holds the pipe would have to read."""

    async def main() -> None:
        child = shell(reactor, "exec 3<&0; sleep 20 <&3 & echo $!")
        child.transport.write(bytes(1_000_000))
        await child.exited
        await until(reactor, lambda: child.output)
        child.transport.abortConnection()
        child.transport.abortConnection()
        assert "ended" not in child.events
        await child.ended
        assert isAlive(int(child.output))
        os.kill(int(child.output), signal.SIGKILL)

    run(reactor, main)


def test_protocolThatRaises(reactor: Any) -> None:
    """A protocol's mistakes are logged, drop the pipe that they concern, and don't hide the child's end."""

    class Mistake(Exception):
        pass

    class Faulty(Child):
        def connectionMade(self) -> None:
            super().connectionMade()
            raise Mistake("made")

        def childDataReceived(self, childFD: int, data: bytes) -> None:
            super().childDataReceived(childFD, data)
            raise Mistake("data")

        def childConnectionLost(self, childFD: int) -> None:
            super().childConnectionLost(childFD)
            raise Mistake("lost")

        def processExited(self, reason: Any) -> None:
            super().processExited(reason)
            raise Mistake("exited")

        def processEnded(self, reason: Any) -> None:
            super().processEnded(reason)
            raise Mistake("ended")

    async def main() -> None:
        child = shell(reactor, "echo hello", child=Faulty())
        assert (await child.ended).exitCode == 0
        assert child.output == b"hello\n"

    with logged(*[Mistake] * 7):
        run(reactor, main)


# Terminals.


def test_shellOnATerminal(reactor: Any) -> None:
    """F142: a shell on a pseudo-terminal: it prompts, echoes, edits lines, and Ctrl-C reaches what it runs."""

    async def main() -> None:
        child = spawn(reactor, "sh", "-i", usePTY=True, env={**os.environ, "PS1": "prompt> ", "ENV": ""})
        terminal = child.transport
        await until(reactor, lambda: b"prompt> " in child.output)
        terminal.write(b"tty; echo mis\x7f\x7f\x7fread-$((6*7))\n")
        await until(reactor, lambda: b"\nread-42" in child.output)
        assert b"\n/dev/" in child.output
        child.said.clear()
        # The command is echoed before it runs; its output comes in two words that it did not contain so.
        terminal.write(b"trap 'echo inter''rupted' INT; echo sle''eping; sleep 20\n")
        await until(reactor, lambda: b"sleeping" in child.output)
        await deferLater(reactor, 0.05)
        terminal.write(b"\x03")
        await until(reactor, lambda: b"interrupted" in child.output)
        terminal.write(b"stty size; exit 5\n")
        assert (await child.ended).exitCode == 5
        # Its last words may be read after its end is known.
        assert [event for event in child.events if isinstance(event, str)][-2:] == ["exited", "ended"]

    run(reactor, main)


def test_terminalIsExact(reactor: Any) -> None:
    """F142: 0, 1 and 2 are the terminal, of which the child leads the session; nothing else is open."""

    async def main() -> None:
        script = (
            "import os; print([os.isatty(n) for n in range(3)], os.getsid(0) == os.getpid() == os.tcgetpgrp(0), "
            "sorted(map(int, os.listdir('/proc/self/fd')))[:-1])"
        )
        child = python(reactor, script, usePTY=True)
        await child.ended
        assert child.output == b"[True, True, True] True [0, 1, 2]\r\n"

    run(reactor, main)


def test_hangUp(reactor: Any) -> None:
    """F142, F147: losing the connection of a terminal hangs up."""

    async def main() -> None:
        child = spawn(reactor, "cat", usePTY=True)
        child.transport.write(b"typed\n")
        await until(reactor, lambda: child.output.count(b"typed") == 2)
        child.transport.loseConnection()
        assert (await child.ended).signal == signal.SIGHUP
        child.transport.write(b"nobody")
        child.transport.loseConnection()

    run(reactor, main)


def test_abortOnATerminal(reactor: Any) -> None:
    """``abortConnection`` hangs up at once on a child that reads nothing; ``loseConnection`` waits for it."""

    async def main() -> None:
        child = spawn(reactor, "sh", "-c", "stty raw; echo $$; kill -STOP $$", usePTY=True)
        await until(reactor, lambda: child.output.endswith(b"\n"))
        child.transport.write(bytes(1_000_000))
        child.transport.loseConnection()
        await turns(reactor)
        assert "ended" not in child.events
        child.transport.abortConnection()
        child.transport.abortConnection()
        # A stopped one is woken by the kernel when its terminal is gone (setpgid(2)).
        assert (await child.ended).signal == signal.SIGHUP

    run(reactor, main)


def test_givenTerminal(reactor: Any) -> None:
    """F142: a terminal that is open already is used, and closed in the end."""
    before = descriptors()

    async def main() -> None:
        master, slave = os.openpty()
        name = os.ttyname(slave)
        child = spawn(reactor, "tty", usePTY=(master, slave, name))
        await child.ended
        assert child.output.strip() == name.encode()

        assert not any("ptmx" in each for each in descriptors() - before)
        assert not any(name in each for each in descriptors() - before)

    run(reactor, main)


def test_terminalCannotExecute(reactor: Any) -> None:
    """F142: a program that is not there fails as without a terminal."""
    before = descriptors()
    with pytest.raises(FileNotFoundError, match="nowhere"):
        reactor.spawnProcess(Child(), "/nowhere/program", usePTY=True)
    assert descriptors() == before


def test_terminalHasOneConnection(reactor: Any) -> None:
    """F142: a terminal's ends cannot be closed one by one, nor written to by number."""

    async def main() -> None:
        child = spawn(reactor, "cat", usePTY=True)
        child.transport.closeStdin()
        child.transport.closeStdout()
        child.transport.closeStderr()
        with pytest.raises(NotImplementedError, match="loseConnection"):
            child.transport.closeChildFD(0)
        with pytest.raises(NotImplementedError, match="write"):
            child.transport.writeToChild(0, b"")
        for where in (child.transport.getHost, child.transport.getPeer):
            with pytest.raises(NotImplementedError, match="no address"):
                where()
        child.transport.write(b"\x04")
        assert (await child.ended).exitCode == 0

    run(reactor, main)


@asRoot
def test_terminalOfAnother(reactor: Any) -> None:
    """F141, F142: a child that runs as another user owns its terminal."""

    async def main() -> None:
        child = shell(reactor, "id -u; echo > $(tty) && echo opened", usePTY=True, uid=65534, gid=65534)
        await child.ended
        assert child.output.split() == [b"65534", b"opened"]

    run(reactor, main)


def test_terminalThatIsClosedFirst(reactor: Any) -> None:
    """F145: a child that closes its terminal before it exits is not hung up on: how it ends is its own affair."""

    async def main() -> None:
        child = shell(reactor, "echo hello; exec 0<&- 1>&- 2>&-; sleep 0.1; exit 6", usePTY=True)
        assert (await child.ended).exitCode == 6
        assert child.output == b"hello\r\n"

    run(reactor, main)


# Reaping.


@pytest.mark.parametrize("count", [60, pytest.param(2000, marks=pytest.mark.slow)])
def test_manyChildren(count: int) -> None:
    """Many children, 50 at a time: none is lost, no zombie or descriptor stays, ``subprocess`` is undisturbed."""

    def open_() -> int:
        return len(os.listdir("/proc/self/fd"))

    with fresh(epoll) as reactor:
        run(reactor, lambda: spawn(reactor, "true").ended)
        before = open_()
        codes: list[int] = []
        bystander = subprocess.Popen(["cat"], stdin=subprocess.PIPE)

        async def worker(numbers: Any) -> None:
            for number in numbers:
                child = spawn(reactor, "sh", "-c", f"echo {number}; exit {number % 200}")
                codes.append((await child.ended).exitCode - int(child.output) % 200)
                if number % 100 == 0:
                    other = subprocess.Popen(["sh", "-c", "exit 9"])
                    assert await deferLater(reactor, 0, other.wait) == 9

        async def main() -> None:
            from ropewalk.internet.defer import gatherResults

            numbers = iter(range(count))
            await gatherResults([Deferred.fromCoroutine(worker(numbers)) for _ in range(50)])

        run(reactor, main, timeout=60)
        assert codes == [0] * count
        assert process.reapProcessHandlers == {}
        bystander.communicate(b"")
        assert bystander.returncode == 0
        assert open_() == before
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)


def test_othersAreLeftAlone(reactor: Any) -> None:
    """Exit statuses of children that we did not start stay for those who did."""
    other = subprocess.Popen(["sh", "-c", "exit 3"])

    async def main() -> None:
        for _ in range(3):
            await spawn(reactor, "true").ended
        process.reapAllProcesses()

    run(reactor, main)
    assert other.wait() == 3
    assert signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL


def test_besideAsyncio(reactor: Any) -> None:
    """F138: asyncio's own children and ours live in one loop, and each side hears how its own ended."""
    import asyncio

    async def main() -> None:
        theirs = [await asyncio.create_subprocess_exec("sh", "-c", f"exit {code}") for code in (1, 2, 3)]
        ours = [shell(reactor, f"exit {code}") for code in (4, 5, 6)]
        assert [await each.wait() for each in theirs] == [1, 2, 3]
        assert [(await each.ended).exitCode for each in ours] == [4, 5, 6]

    run(reactor, main)


def test_startedBeforeTheRun(reactor: Any) -> None:
    """F138: a child may be started before the reactor runs, and may have ended by then."""
    child = spawn(reactor, "echo", "early")
    os.waitid(os.P_PID, child.transport.pid, os.WEXITED | os.WNOWAIT)
    assert child.events == ["made"]

    async def main() -> None:
        assert (await child.ended).exitCode == 0
        assert child.output == b"early\n"

    run(reactor, main)


def test_withoutProcessDescriptors(reactor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system without descriptors for processes, children are reaped all the same."""
    monkeypatch.delattr(os, "pidfd_open")

    async def main() -> None:
        children = [shell(reactor, f"exit {code}") for code in range(1, 6)]
        assert [(await child.ended).exitCode for child in children] == [1, 2, 3, 4, 5]

    run(reactor, main)
    assert process.reapProcessHandlers == {}


def test_withoutWaitid(reactor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Likewise on one that can only wait by reaping."""
    monkeypatch.delattr(os, "pidfd_open")
    monkeypatch.delattr(os, "waitid")

    async def main() -> None:
        children = [shell(reactor, f"exit {code}") for code in range(1, 6)]
        assert [(await child.ended).exitCode for child in children] == [1, 2, 3, 4, 5]

    run(reactor, main)
    assert process.reapProcessHandlers == {}


def test_statusTakenByAnother(reactor: Any) -> None:
    """A child whose status somebody else took has ended for unknown reasons, but ended."""

    async def main() -> None:
        child = spawn(reactor, "cat")
        child.transport.signalProcess("KILL")
        os.waitpid(child.transport.pid, 0)
        value = await child.ended
        assert isinstance(value, ProcessTerminated)
        assert (value.exitCode, value.signal, value.status) == (None, None, None)

    run(reactor, main)


def test_childOutlivesARun(reactor: Any) -> None:
    """A child that lives when the reactor stops is reaped when that runs again."""
    started: list[Any] = []

    async def begin() -> None:
        started.append(spawn(reactor, "sleep", "20"))

    async def end() -> None:
        started[0].transport.signalProcess("TERM")
        assert (await started[0].ended).signal == signal.SIGTERM

    run(reactor, begin)
    assert ("lost", 1) in started[0].events
    assert isAlive(started[0].transport.pid)
    run(reactor, end)


def test_registering() -> None:
    """A child that was started in another way can be registered for `reapAllProcesses`, once."""
    statuses: list[int | None] = []

    class Mine:
        def __init__(self, pid: int) -> None:
            self.pid = pid

        def reapProcess(self) -> None:
            found, status = os.waitpid(self.pid, 0)
            process.unregisterReapProcessHandler(found, self)
            self.processEnded(status)

        def processEnded(self, status: int | None) -> None:
            statuses.append(status)

    mine = Mine(os.posix_spawn("/bin/sleep", ["sleep", "20"], {}))
    process.registerReapProcessHandler(mine.pid, mine)
    with pytest.raises(RuntimeError, match="registered already"):
        process.registerReapProcessHandler(mine.pid, mine)
    with pytest.raises(RuntimeError, match="not registered"):
        process.unregisterReapProcessHandler(mine.pid, Mine(1))
    os.kill(mine.pid, signal.SIGKILL)
    process.reapAllProcesses()
    assert statuses == [signal.SIGKILL]
    assert process.reapProcessHandlers == {}


def test_registeringTooLate() -> None:
    """A child that has ended before it is registered is told so at once."""
    statuses: list[int | None] = []

    class Mine(process.BaseProcess):
        def processEnded(self, status: int | None) -> None:
            statuses.append(status)

    pid = os.posix_spawn("/bin/false", ["false"], {})
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    process.registerReapProcessHandler(pid, Mine(None))
    assert statuses == [256]
    assert process.reapProcessHandlers == {}


def test_nothingIsLoadedUntilNeeded() -> None:
    """A program that starts no process doesn't load what starts them."""
    script = (
        "import sys; from ropewalk.internet import reactor, protocol, defer; reactor.callLater; "
        "print([name for name in sys.modules if 'process' in name or '_transports.child' in name])"
    )
    assert subprocess.check_output([sys.executable, "-c", script]) == b"[]\n"


def test_pipesAreOurs() -> None:
    """Pipes are made close-on-exec: another thread's child doesn't inherit them."""
    with fresh(epoll) as reactor:

        async def main() -> None:
            child = spawn(reactor, "cat")
            pipes = [pipe.fileno() for pipe in child.transport.pipes.values()]
            assert not any(os.get_inheritable(fd) for fd in pipes)
            assert all(stat.S_ISFIFO(os.fstat(fd).st_mode) for fd in pipes)
            child.transport.loseConnection()
            await child.ended

        run(reactor, main)
