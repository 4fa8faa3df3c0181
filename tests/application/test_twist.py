"""``twist``: its command line, then the program as an operator meets it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from ropewalk.application.twist._options import MOST_WORKERS, TwistOptions
from ropewalk.python.usage import UsageError
from support.programs import Caller, Program

PLUGIN = """
from twisted.application.service import ServiceMaker

greet = ServiceMaker("greet", "greet", "Greets whoever calls.", "greet")
"""

SERVICE = """
import os

from twisted.application import strports
from twisted.internet.protocol import Factory
from twisted.protocols.basic import LineReceiver
from twisted.python import usage


class Options(usage.Options):
    optParameters = [["port", "p", "tcp:0:interface=127.0.0.1", "Where to listen"], ["trouble", None, "", "Raise it"]]


class Greeter(LineReceiver):
    delimiter = b"\\n"

    def connectionMade(self):
        self.sendLine(b"greetings from %d" % os.getpid())

    def lineReceived(self, line):
        self.sendLine(b"echo " + line)
        if line == b"bye":
            self.transport.loseConnection()


def makeService(options):
    if options["trouble"] == "usage":
        raise usage.UsageError("--trouble is not to be asked for")
    if options["trouble"]:
        raise ValueError(options["trouble"])
    return strports.service(options["port"], Factory.forProtocol(Greeter))
"""


# What the installed command does.
COMMAND = "import sys; sys.argv[0] = 'twist'; from ropewalk.scripts.twist import run; run()"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with a program and its plugin, written for Twisted."""
    (tmp_path / "twisted" / "plugins").mkdir(parents=True)
    (tmp_path / "twisted" / "plugins" / "greet_plugin.py").write_text(PLUGIN)
    (tmp_path / "greet.py").write_text(SERVICE)
    return tmp_path


def twist(folder: Path, *words: str) -> Program:
    """Start the command in a directory."""
    return Program([sys.executable, "-c", COMMAND, *words], cwd=folder)


def portIn(line: str) -> int:
    return int(line.rpartition(" ")[2])


def pidIn(line: bytes) -> int:
    return int(line.split()[-1])


class Reserved:
    """A port that nobody else gets, and nobody listens at."""

    def __enter__(self) -> int:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind(("127.0.0.1", 0))
        port: int = self._socket.getsockname()[1]
        return port

    def __exit__(self, *trouble: object) -> None:
        self._socket.close()


def untilThere(file: Path, text: str, count: int = 1) -> None:
    """Wait until a program has written something to a file: nothing tells us when it does."""
    deadline = time.monotonic() + 20
    while not file.exists() or file.read_text().count(text) < count:
        assert time.monotonic() < deadline, f"no {text!r} in {file}"
        time.sleep(0.01)


def isAlive(pid: int) -> bool:
    """Whether a process does anything yet: one that nobody reaps does not."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat").read_text()
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc/self/stat").exists()
    return status.rpartition(")")[2].split()[0] != "Z"


# The command line.


class TestCommandLine:
    def parsed(self, *words: str) -> TwistOptions:
        options = TwistOptions()
        options.parseOptions(words)
        return options

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ([], "say which plugin to run: one of the commands"),
            (["nosuch"], "Unknown command: nosuch"),
            (["--bogus"], "option --bogus not recognized"),
            (["--reactor=xx", "procmon", "ls"], "there is no reactor 'xx'; --help-reactors lists those there are"),
            (["--log-level=loud", "procmon", "ls"], "--log-level is one of debug, info, .*, not 'loud'"),
            (["--log-format=xml", "procmon", "ls"], "--log-format is one of text, json, not 'xml'"),
            (["--workers=0", "procmon", "ls"], f"--workers is a number from 1 to {MOST_WORKERS}, or auto, not '0'"),
            (["--workers=1025", "procmon", "ls"], "or auto, not '1025'"),
            (["--drain=-1", "procmon", "ls"], "a time is a number of seconds, zero or more, not '-1'"),
            (["--reload", "--workers=2", "procmon", "ls"], "--reload and --workers exclude each other"),
        ],
    )
    def test_mistakesAreSentences(self, words: list[str], sentence: str) -> None:
        with pytest.raises(UsageError, match=sentence):
            self.parsed(*words)

    def test_workersForEachProcessor(self) -> None:
        assert self.parsed("--workers=auto", "procmon", "ls")["workers"] == len(os.sched_getaffinity(0))

    def test_helpListsThePlugins(self) -> None:
        """The help has the plugins with their descriptions (TW8), and every option."""
        text = str(TwistOptions())
        assert "procmon" in text
        assert "Keep a program running" in text
        for option in ("--reactor", "--log-file", "--log-format", "--log-level", "--workers", "--reload", "--version"):
            assert option in text

    def test_subcommandsHaveTheirOwnHelp(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            self.parsed("procmon", "--help")
        assert ended.value.code == 0
        assert capsys.readouterr().out.startswith(
            "Usage: twist [options] plugin [plugin_options] procmon [procmon options] commandline"
        )

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            self.parsed("--version")
        assert ended.value.code == 0
        assert capsys.readouterr().out.count(".") >= 2


# The program.


class TestServing:
    def test_servesAPluginWrittenForTwisted(self, folder: Path) -> None:
        """A plugin in a directory twisted/plugins is run until SIGTERM, and the exit status is 0 (TW8, SD4)."""
        with twist(folder, "--log-format=text", "greet") as program:
            with Caller(portIn(program.line("starting on"))) as caller:
                assert caller.line() == b"greetings from %d\n" % program.process.pid
            program.process.terminate()
            assert program.wait() == 0
        assert any("Received SIGTERM, shutting down." in line for line in program.output)

    def test_isAModuleToo(self, folder: Path) -> None:
        """python -m ropewalk.application.twist is the same command."""
        command = [sys.executable, "-m", "ropewalk.application.twist", "--log-format=text", "greet"]
        with Program(command, cwd=folder) as program:
            program.line("greet runs as process")
            program.process.terminate()
            assert program.wait() == 0

    def test_diesOfCtrlC(self, folder: Path) -> None:
        """After Ctrl-C a shell knows that it was that."""
        with twist(folder, "--log-format=text", "greet") as program:
            program.line("greet runs as process")
            assert program.interrupt() == -signal.SIGINT

    def test_logsJSONUnlessSomebodyLooks(self, folder: Path) -> None:
        """Where standard output is no terminal, each line of the log is a JSON object."""
        with twist(folder, "greet") as program:
            event = json.loads(program.line("starting on"))
            assert event["log_level"]["name"] == "info"
            program.line("{name} runs as process")
            program.process.terminate()
            assert program.wait() == 0

    def test_logsToAFile(self, folder: Path) -> None:
        """The log is written to --log-file, and nothing to the terminal."""
        with twist(folder, "--log-file=the.log", "--log-format=text", "greet") as program:
            untilThere(folder / "the.log", "greet runs as process")
            program.process.terminate()
            assert program.wait() == 0
        assert program.output == program.errors == []

    def test_leavesOutWhatIsBelowTheLevel(self, folder: Path) -> None:
        """Events below --log-level are not logged."""
        with twist(folder, "--log-level=error", "greet", "--trouble=boom") as program:
            program.wait()
        assert program.output == []

    @pytest.mark.parametrize(
        ("words", "status", "sentence"),
        [
            (["nosuch"], 64, "twist: Unknown command: nosuch; --help lists what there is"),
            (["greet", "--bogus"], 64, "twist: option --bogus not recognized; --help lists what there is"),
            (["greet", "--trouble=usage"], 64, "twist: greet: --trouble is not to be asked for"),
            (["greet", "--trouble=boom"], 70, "twist: greet could not make its service: ValueError: boom"),
            (["greet", "--port=nonsense:1"], 70, "twist: greet could not make its service: ValueError: "),
            (["--log-file=/no/such/log", "greet"], 73, "twist: cannot open the log file '/no/such/log': No such file"),
            (["--reactor=cf", "greet"], 64, "twist: --reactor=cf does not work here: "),
        ],
    )
    def test_mistakesAreSentencesAndStatuses(self, folder: Path, words: list[str], status: int, sentence: str) -> None:
        """Every mistake is a sentence on standard error and a status of sysexits.h."""
        with twist(folder, *words) as program:
            assert program.wait() == status
        assert program.errors[-1].startswith(sentence)

    def test_portInUse(self, folder: Path) -> None:
        """That a port is in use is said in one sentence, and is status 69."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with twist(folder, "greet", f"--port=tcp:{port}:interface=127.0.0.1") as program:
                assert program.wait() == 69
        assert program.errors == [f"twist: cannot listen on 127.0.0.1:{port}: Address already in use"]

    def test_mistakeInThePluginsModule(self, folder: Path) -> None:
        """What a plugin's module raises is shown from its own line on, and is status 78, as it is of twistd."""
        (folder / "greet.py").write_text("import os\n1 / 0\n")
        with twist(folder, "greet") as program:
            assert program.wait() == 78
        assert program.errors[-1] == (
            "twist: the command greet does not work here: ZeroDivisionError: division by zero"
        )
        assert program.errors[1].endswith('greet.py", line 2, in <module>')

    def test_drains(self, folder: Path) -> None:
        """With --drain a connection may go on after SIGTERM, while nobody else is let in."""
        with twist(folder, "--log-format=text", "--drain=20", "greet") as program:
            port = portIn(program.line("starting on"))
            with Caller(port) as caller:
                caller.line()
                program.process.terminate()
                program.line("Received SIGTERM")
                program.line("Closed")
                self.untilRefused(port)
                caller.send(b"bye\n")
                assert caller.line() == b"echo bye\n"
                assert caller.line() == b""
            assert program.wait() == 0

    def untilRefused(self, port: int) -> None:
        """The line in the log comes a moment before the socket is closed."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 5).close()
            except ConnectionRefusedError:
                return
        raise AssertionError("still let in")

    def test_secondSignalCuts(self, folder: Path) -> None:
        """A second SIGTERM ends it at once, whoever is connected."""
        with twist(folder, "--log-format=text", "--drain=60", "greet") as program:
            with Caller(portIn(program.line("starting on"))) as caller:
                caller.line()
                program.process.terminate()
                program.line("Closed")
                program.process.terminate()
                assert program.wait() == -signal.SIGTERM


class TestWorkers:
    def begin(self, folder: Path, port: int, *words: str) -> Program:
        return twist(
            folder, "--log-format=text", "--workers=2", *words, "greet", f"--port=tcp:{port}:interface=127.0.0.1"
        )

    def server(self, port: int, program: Program) -> int:
        """Connect, and return the process that answers."""
        with Caller(port, program) as caller:
            return pidIn(caller.line())

    def ready(self, program: Program, count: int = 2) -> set[int]:
        """Wait until workers are ready, and return their process numbers."""
        return {int(program.line("is ready").partition("(process ")[2].partition(")")[0]) for _ in range(count)}

    def test_sharesAPort(self, folder: Path) -> None:
        """Two processes serve one port, and each line of the log says which one wrote it."""
        with Reserved() as port, self.begin(folder, port) as program:
            expected = self.ready(program)
            served: set[int] = set()
            deadline = time.monotonic() + 20
            while served != expected and time.monotonic() < deadline:
                served.add(self.server(port, program))
            assert served == expected
            program.process.terminate()
            assert program.wait() == 0
        assert any("[worker 1, " in line for line in program.output)
        assert any("[worker 2, " in line for line in program.output)
        for pid in expected:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)

    def test_killedWorkerComesBack(self, folder: Path) -> None:
        """kill -9 of a worker is reported; another one takes its place, while the port is served."""
        with Reserved() as port, self.begin(folder, port) as program:
            victim, other = self.ready(program)
            os.kill(victim, signal.SIGKILL)
            assert f"(process {victim}) has ended after" in program.line("killed by SIGKILL")
            assert self.server(port, program) != victim
            (new,) = self.ready(program, 1)
            assert new not in (victim, other)
            program.process.terminate()
            assert program.wait() == 0

    def test_replacesThemOneByOne(self, folder: Path) -> None:
        """On SIGHUP every worker is replaced; a connection to an old one goes on."""
        with Reserved() as port, self.begin(folder, port) as program:
            old = self.ready(program)
            with Caller(port, program) as caller:
                caller.line()
                program.process.send_signal(signal.SIGHUP)
                new = self.ready(program)
                assert not old & new
                caller.send(b"still there?\n")
                assert caller.line() == b"echo still there?\n"
            program.process.terminate()
            assert program.wait() == 0

    def test_nobodyIsSentAwayMeanwhile(self, folder: Path) -> None:
        """While the workers are replaced, whoever connects is served: the sockets outlive the processes."""
        with Reserved() as port, self.begin(folder, port) as program:
            old = self.ready(program)
            program.process.send_signal(signal.SIGHUP)
            served: set[int] = set()
            deadline = time.monotonic() + 20
            while len(served - old) < 2 and time.monotonic() < deadline:
                served.add(self.once(port))
            for _ in range(100):
                served.add(self.once(port))
            assert len(served - old) == 2
            program.process.terminate()
            assert program.wait() == 0

    def once(self, port: int) -> int:
        """Connect without a second try, and return the process that answers."""
        with socket.create_connection(("127.0.0.1", port), 20) as connection, connection.makefile("rb") as file:
            return pidIn(file.readline())

    def test_portInUse(self, folder: Path) -> None:
        """Workers that can't start end the supervisor, with their exit status; nobody tries for ever."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with self.begin(folder, taken.getsockname()[1]) as program:
                assert program.wait() == 69
        assert any("has ended before it was ready: exit status 69" in line for line in program.output)

    def test_tellsSystemd(self, folder: Path, tmp_path: Path) -> None:
        """systemd hears from the supervisor alone: when all are ready, while they are replaced, and of the end."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, Reserved() as port:
            manager.bind(str(tmp_path / "notify"))
            manager.settimeout(20)
            words = ["--workers=2", "greet", f"--port=tcp:{port}:interface=127.0.0.1"]
            environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
            with Program([sys.executable, "-c", COMMAND, *words], cwd=folder, env=environment) as program:
                ready = f"READY=1\nMAINPID={program.process.pid}".encode()
                assert manager.recv(1000) == ready
                program.process.send_signal(signal.SIGHUP)
                assert manager.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
                assert manager.recv(1000) == ready
                program.process.terminate()
                assert manager.recv(1000) == b"STOPPING=1"
                assert program.wait() == 0

    def test_ctrlCIsOneForAll(self, folder: Path) -> None:
        """A terminal sends Ctrl-C to every process: the workers leave it to their supervisor, and drain."""
        with Reserved() as port, self.begin(folder, port) as program:
            workers = self.ready(program)
            with Caller(port, program) as caller:
                caller.line()
                for pid in (*workers, program.process.pid):
                    os.kill(pid, signal.SIGINT)
                program.line("Received SIGTERM")
                caller.send(b"bye\n")
                assert caller.line() == b"echo bye\n"
            assert program.wait() == -signal.SIGINT

    def test_secondSignalCutsThemAll(self, folder: Path) -> None:
        """A second signal to the supervisor ends it and its workers at once."""
        with Reserved() as port, self.begin(folder, port, "--drain=60") as program:
            workers = self.ready(program)
            with Caller(port, program) as caller:
                caller.line()
                program.process.terminate()
                for _ in range(2):
                    program.line("Port")  # is closed, of each worker
                program.process.terminate()
                assert program.wait() == -signal.SIGTERM
                assert caller.line() == b""
            deadline = time.monotonic() + 20
            while any(isAlive(pid) for pid in workers):
                assert time.monotonic() < deadline
                time.sleep(0.01)

    @pytest.mark.skipif(shutil.which("systemd-socket-activate") is None, reason="needs systemd-socket-activate")
    def test_acceptOnASocketOfSystemds(self, folder: Path) -> None:
        """All workers accept on a socket that systemd has handed to the supervisor (SD2)."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-c", COMMAND, "--log-format=text", "--workers=2", "greet"]
        activate = ["systemd-socket-activate", "-l", f"127.0.0.1:{port}", "-E", f"PYTHONPATH={folder}"]
        with Program([*activate, *command, "--port=systemd:domain=INET:index=0"], cwd=folder) as program:
            with Caller(port, program) as caller:
                served = {pidIn(caller.line())}
            workers = self.ready(program)
            deadline = time.monotonic() + 20
            while served != workers and time.monotonic() < deadline:
                # The kernel wakes whom it likes: two at a time have both awake.
                with Caller(port, program) as one, Caller(port, program) as two:
                    served |= {pidIn(one.line()), pidIn(two.line())}
            assert served == workers
            program.process.terminate()
            assert program.wait() == 0

    def test_workersEndWithTheirSupervisor(self, folder: Path) -> None:
        """When the supervisor is killed, its workers stop in good order."""
        with Reserved() as port, self.begin(folder, port) as program:
            self.ready(program)
            program.process.kill()
            for _ in range(2):
                program.line("Main loop terminated.")

    def test_oneLogFileForAll(self, folder: Path) -> None:
        """All write to one log file; SIGUSR1 has each begin a new one when the old one was put aside."""
        with Reserved() as port, self.begin(folder, port, "--log-file=all.log") as program:
            self.server(port, program)
            log = folder / "all.log"
            untilThere(log, "is ready", 2)
            log.rename(folder / "old.log")
            program.process.send_signal(signal.SIGUSR1)
            # Made by the first one that hears of it; the supervisor tells the others.
            untilThere(log, "")
            program.process.terminate()
            assert program.wait() == 0
        assert "[worker 1, " in (folder / "old.log").read_text()
        assert "Main loop terminated." in log.read_text()


class TestReload:
    def test_startsAgainWhenAFileChanges(self, folder: Path) -> None:
        """A change of the program's source is told and takes effect; a mistake in it is waited out."""
        with twist(folder, "--log-format=text", "--reload", "greet") as program:
            assert self.greeting(program).startswith(b"greetings")
            self.edit(folder, program, SERVICE.replace("greetings", "welcome"))
            assert self.greeting(program).startswith(b"welcome")
            self.edit(folder, program, "def (:\n")
            program.line("the program has ended")
            self.edit(folder, program, SERVICE)
            assert self.greeting(program).startswith(b"greetings")
            program.process.terminate()
            assert program.wait() == 0
        assert any("SyntaxError" in line for line in program.errors)

    def greeting(self, program: Program) -> bytes:
        """What it says, each time anew: it listens at another port."""
        port = portIn(program.line("starting on"))
        program.line("greet runs as process")
        with Caller(port, program) as caller:
            return caller.line()

    def edit(self, folder: Path, program: Program, text: str) -> None:
        """Save a new text until the change is noticed: the watch may not have begun."""
        deadline = time.monotonic() + 20
        seen = len(program.output)
        while not any("greet.py has changed" in line for line in program.output[seen:]):
            assert time.monotonic() < deadline, program.report()
            new = folder / "greet.new"
            new.write_text(text)
            new.replace(folder / "greet.py")
            time.sleep(0.3)

    def test_aMistakeFromTheStart(self, folder: Path) -> None:
        """A program that cannot be imported is started when it was mended."""
        (folder / "greet.py").write_text("def (:\n")
        with twist(folder, "--log-format=text", "--reload", "greet") as program:
            program.line("the program has ended")
            self.edit(folder, program, SERVICE)
            program.line("greet runs as process")
            program.process.terminate()
            assert program.wait() == 0

    def test_wrongCommandLine(self, folder: Path) -> None:
        """What no change of a file can mend ends it."""
        with twist(folder, "--reload", "greet", "--bogus") as program:
            assert program.wait() == 64
