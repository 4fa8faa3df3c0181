"""``twistd`` as an operator uses it: real processes, started, watched, rotated, stopped."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import threading
from collections import Counter
from pathlib import Path

import pytest

from support.programs import PATIENCE, Caller, Program, freePort
from support.twistd import EMPTY, TWISTD, Daemon, foreground, outcome

# A server that says who it is, and what it is asked to.
SERVER = """\
import os
from ropewalk.application import internet, service
from ropewalk.internet import protocol, reactor
from ropewalk.protocols import basic
from ropewalk.python import log

class Answers(basic.LineReceiver):
    def lineReceived(self, line):
        log.msg("asked", line.decode())
        if line == b"finish":
            self.sendLine(b"the answer: " + b"x" * 100000)
            self.transport.loseConnection()
        elif line == b"who":
            self.sendLine(b"%d %d %o %s" % (os.getuid(), os.getgid(), os.umask(0o77), os.getcwd().encode()))

application = service.Application("answers")
factory = protocol.ServerFactory()
factory.protocol = Answers
internet.TCPServer(int(os.environ["PORT"]), factory, interface="127.0.0.1").setServiceParent(application)
"""

isRoot = os.getuid() == 0


@pytest.fixture
def port() -> int:
    return freePort()


@pytest.fixture
def env(port: int, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "server.tac").write_text(SERVER)
    (tmp_path / "empty.tac").write_text(EMPTY)
    return {"PORT": str(port)}


def test_daemonLogsAndIsStoppedByItsPidFile(tmp_path: Path, port: int, env: dict[str, str]) -> None:
    """It goes to the background, logs to twistd.log, has its number in twistd.pid until it ends (TW1, F186, F187)."""
    with Daemon(tmp_path, "-y", "server.tac", env=env) as daemon:
        assert (daemon.started.returncode, daemon.started.stdout, daemon.started.stderr) == (0, "", "")
        with Caller(port) as caller:
            caller.send(b"who\r\n")
            assert caller.line().split()[2:] == [b"77", os.fsencode(tmp_path)]
        daemon.stop()
        assert not daemon.pidfile.exists()
        log = daemon.log()
    expected = [
        "Log opened.",
        "Loading server.tac...",
        "Loaded.",
        "twistd 0.1.0 (",
        "reactor class: ropewalk.internet.",
    ]
    expected += [f"ServerFactory starting on {port}", "asked who", "Received SIGTERM", "Main loop terminated."]
    places = [log.index(text) for text in [*expected, "Server Shut Down."]]
    assert places == sorted(places)


def test_startUpTranscript(tmp_path: Path, port: int, env: dict[str, str]) -> None:
    """The documents' lines come in their order and form: time, system in brackets, text (TW2, TW10)."""
    with foreground(tmp_path, "-y", "server.tac", env=env) as program:
        program.line("Starting factory")
        whenRunning(program, port)
        program.interrupt()
    form = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} \[([^\]]+)\] (.*)")
    lines = [match.groups() for match in map(form.fullmatch, program.output) if match]
    assert len(lines) == len(program.output)
    assert [system for system, text in lines[:6]] == ["-"] * 6
    wanted = [r"Log opened\.", "Loading .*", r"Loaded\.", r"twistd \S+ \(\S+ [\d.]+\) starting up\."]
    wanted += [r"reactor class: ropewalk\.internet\.\w+\.\w+\.", rf"ServerFactory starting on {port}"]
    for pattern, (_, text) in zip(wanted, lines, strict=False):
        assert re.fullmatch(pattern, text)
    assert lines[6][1].startswith("Starting factory <")


@pytest.mark.parametrize("flag", ["-n", "--nodaemon", "--no-daemon"])
def test_foreground(tmp_path: Path, env: dict[str, str], flag: str) -> None:
    """Each spelling stays in the foreground (TW2), and -noy is understood (TW3)."""
    quick = EMPTY + "from ropewalk.internet import reactor\nreactor.callWhenRunning(reactor.stop)\n"
    (tmp_path / "quick.tac").write_text(quick)
    done = outcome(tmp_path, flag, "-oy", "quick.tac")
    assert done.returncode == 0
    assert "Main loop terminated." in done.stdout
    assert not (tmp_path / "twistd.pid").exists()


def test_daemonHasNoTerminalAndNoStreams(tmp_path: Path) -> None:
    """A daemon is in a session of its own, and its standard streams lead nowhere (F190)."""
    tac = EMPTY + (
        "import os\nfrom ropewalk.python import log\nfrom ropewalk.internet import reactor\n"
        "def show():\n"
        "    log.msg('streams', [os.readlink(f'/proc/self/fd/{fd}') for fd in (0, 1, 2)])\n"
        "    log.msg('leads', os.getsid(0) == os.getpid(), 'session', os.getsid(0))\n"
        "    reactor.stop()\n"
        "reactor.callWhenRunning(show)\n"
    )
    (tmp_path / "show.tac").write_text(tac)
    with Daemon(tmp_path, "-y", "show.tac") as daemon:
        daemon.wait()
        assert "streams ['/dev/null', '/dev/null', '/dev/null']" in daemon.log()
        assert f"leads False session {os.getsid(0)}" not in daemon.log()
        assert "leads False" in daemon.log()


def test_startedWithoutStreams(tmp_path: Path, port: int, env: dict[str, str]) -> None:
    """A starter that closed the standard streams gets a daemon that works, and a log in its file only."""
    shell = f"exec {shlex.join(TWISTD)} -y server.tac <&- >&- 2>&-"
    done = subprocess.run(["sh", "-c", shell], cwd=tmp_path, env={**os.environ, **env}, timeout=50, check=False)
    assert done.returncode == 0
    with Caller(port) as caller:
        caller.send(b"who\r\n")
        assert caller.line()
        # Its connections end with it.
        os.kill(int((tmp_path / "twistd.pid").read_text()), signal.SIGTERM)
        assert caller.rest() == b""
    assert "asked who" in (tmp_path / "twistd.log").read_text()


def test_secondStartIsRefused(tmp_path: Path, env: dict[str, str]) -> None:
    """A pid file of a process that lives refuses the second start, and does not harm the first."""
    with Daemon(tmp_path, "-y", "server.tac", env=env) as daemon:
        done = outcome(tmp_path, "-y", "server.tac", env=env)
        assert done.returncode == 75
        assert done.stderr == (
            f"twistd: it runs already, as process {daemon.pid} says {str(daemon.pidfile)!r}: stop that one, "
            "or choose another --pidfile and --logfile\n"
        )
        assert int(daemon.pidfile.read_text()) == daemon.pid
        daemon.stop()


def test_stalePidFileIsReplaced(tmp_path: Path, env: dict[str, str]) -> None:
    """What a killed process left does not keep it from starting again."""
    with Daemon(tmp_path, "-y", "server.tac", env=env) as daemon:
        daemon.send(signal.SIGKILL)
        daemon.wait()
        assert daemon.pidfile.exists()
    with Daemon(tmp_path, "-y", "server.tac", env=env) as again:
        assert again.started.returncode == 0
        again.stop()
        assert "Removing stale pidfile" in again.log()


def test_oneOfManyStarts(tmp_path: Path) -> None:
    """Of several that start at the same time with the same pid file, exactly one runs."""
    (tmp_path / "empty.tac").write_text(EMPTY)
    command = [*TWISTD, "-y", "empty.tac"]
    started = [subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE) for _ in range(5)]
    statuses = sorted((one.communicate(timeout=50), one.returncode)[1] for one in started)
    os.kill(int((tmp_path / "twistd.pid").read_text()), signal.SIGTERM)
    assert statuses == [0, 75, 75, 75, 75]


def test_rotatesOnSignal(tmp_path: Path, env: dict[str, str]) -> None:
    """SIGUSR1 puts the log aside; when logrotate has done so already, it begins a new one (LL8)."""
    with Daemon(tmp_path, "-y", "server.tac", "-l", "it.log", env=env) as daemon:
        daemon.send(signal.SIGUSR1)
        appears(tmp_path / "it.log.1")
        (tmp_path / "it.log").rename(tmp_path / "moved.log")
        daemon.send(signal.SIGUSR1)
        appears(tmp_path / "it.log")
        daemon.stop()
        assert "Log opened." in daemon.log("it.log.1")
        assert "Server Shut Down." in daemon.log("it.log")
        assert not (tmp_path / "it.log.2").exists()


def appears(path: Path) -> None:
    """Wait until a file is there; signals have no answer to read."""
    import time

    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never appears"
        os.sched_yield()


def test_noAnswerIsCutWhenItStops(tmp_path: Path, port: int, env: dict[str, str]) -> None:
    """SIGTERM under load: no new connection, every request that had begun gets its whole answer, exit status 0."""
    with foreground(tmp_path, "--drain", "30", "-y", "server.tac", env=env) as program:
        program.line("Starting factory")
        callers = [Caller(port) for _ in range(20)]
        for caller in callers:
            caller.send(b"begin\r\n")
        for _ in callers:
            program.line("asked begin")
        program.process.send_signal(signal.SIGTERM)
        program.line("Closed")
        isRefused(port)
        for caller in callers:
            caller.send(b"finish\r\n")
        for caller in callers:
            assert len(caller.rest()) == 100014
            caller.close()
        assert program.wait() == 0


def isRefused(port: int) -> None:
    """Wait until nobody listens any more: the line in the log comes just before."""
    with pytest.raises(ConnectionRefusedError):
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), PATIENCE).close()
            except ConnectionResetError:
                pass  # it closed in this very moment


def test_noRequestIsCutUnderLoad(tmp_path: Path, port: int, env: dict[str, str]) -> None:
    """While clients connect, ask and read as fast as they can, SIGTERM costs none of them an answer."""
    outcomes: Counter[str] = Counter()

    def client() -> None:
        while True:
            try:
                asking = socket.create_connection(("127.0.0.1", port), PATIENCE)
            except OSError:
                return  # it listens no more
            with asking, asking.makefile("rb") as file:
                try:
                    asking.sendall(b"finish\r\n")
                    outcomes["whole" if len(file.read()) == 100014 else "cut"] += 1
                except OSError:
                    outcomes["reset"] += 1

    with foreground(tmp_path, "--drain", "30", "-y", "server.tac", env=env) as program:
        program.line("Starting factory")
        clients = [threading.Thread(target=client) for _ in range(16)]
        for one in clients:
            one.start()
        for _ in range(100):
            program.line("asked finish")
        program.process.send_signal(signal.SIGTERM)
        for one in clients:
            one.join()
        assert program.wait() == 0
    assert outcomes["cut"] == 0
    assert outcomes["whole"] == sum("asked finish" in line for line in program.output)
    # Those that wait in the backlog are accepted yet; one may come between the last look and the end.
    assert outcomes["reset"] <= 1


def test_drainHasAnEnd(tmp_path: Path, port: int, env: dict[str, str]) -> None:
    """Connections that don't end within the time are cut, and the process ends."""
    with foreground(tmp_path, "--drain", "0.1", "-y", "server.tac", env=env) as program:
        program.line("Starting factory")
        with Caller(port) as caller:
            caller.send(b"begin\r\n")
            program.line("asked begin")
            program.process.send_signal(signal.SIGTERM)
            assert program.wait() == 0
    assert any("1 connections of" in line and "are cut" in line for line in program.output)


@pytest.mark.parametrize("reactor", ["default", "asyncio", "uvloop"])
def test_secondSignalCuts(tmp_path: Path, port: int, env: dict[str, str], reactor: str) -> None:
    """A second SIGTERM doesn't wait for anything; the process then dies of it, so that its starter knows."""
    if reactor == "uvloop":
        pytest.importorskip("uvloop")
    with foreground(tmp_path, "-r", reactor, "--drain", "1000", "-y", "server.tac", env=env) as program:
        program.line("Starting factory")
        with Caller(port) as caller:
            caller.send(b"begin\r\n")
            program.line("asked begin")
            program.process.send_signal(signal.SIGTERM)
            program.line("Closed")
            program.process.send_signal(signal.SIGTERM)
            assert program.wait() == -signal.SIGTERM


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, -signal.SIGINT)])
def test_exitStatusAfterASignal(tmp_path: Path, port: int, env: dict[str, str], number: int, status: int) -> None:
    """SIGTERM is obeyed, status 0 (SD4); Ctrl-C ends the script that the program is in, too."""
    with foreground(tmp_path, "-y", "server.tac", env=env) as program:
        whenRunning(program, port)
        program.process.send_signal(number)
        assert program.wait() == status


def whenRunning(program: Program, port: int) -> None:
    """Wait until a server answers: then it handles signals, too."""
    with Caller(port, program) as caller:
        caller.send(b"who\r\n")
        assert caller.line()


def test_stoppedWhileItStarts(tmp_path: Path, env: dict[str, str]) -> None:
    """SIGTERM while the application is read leaves no pid file behind, and the process dies of it."""
    tac = "print('here', flush=True)\nimport threading\nthreading.Event().wait()\n"
    (tmp_path / "slow.tac").write_text(tac)
    with Program([*TWISTD, "-n", "-y", "slow.tac"], tmp_path) as program:
        program.line("here")
        program.process.send_signal(signal.SIGTERM)
        assert program.wait() == -signal.SIGTERM
    assert program.errors == []
    assert not (tmp_path / "twistd.pid").exists()


def test_servicesAreWaitedFor(tmp_path: Path) -> None:
    """The process ends when the Deferreds of all services have fired (AP2)."""
    tac = EMPTY + (
        "from ropewalk.internet import reactor, task\n"
        "class Slow(service.Service):\n"
        "    def startService(self): reactor.callWhenRunning(reactor.stop)\n"
        "    def stopService(self):\n"
        "        return task.deferLater(reactor, 0.05, print, 'now it has stopped')\n"
        "Slow().setServiceParent(application)\n"
    )
    (tmp_path / "slow.tac").write_text(tac)
    done = outcome(tmp_path, "-n", "-y", "slow.tac")
    assert done.returncode == 0
    assert done.stdout.index("now it has stopped") < done.stdout.index("Main loop terminated.")


def test_logAsJSONOfALevel(tmp_path: Path, port: int, env: dict[str, str]) -> None:
    """--log-format=json writes an object a line; --log-level leaves out what is below."""
    with foreground(tmp_path, "--log-format=json", "-y", "server.tac", env=env) as program:
        whenRunning(program, port)
        program.interrupt()
    events = [json.loads(line) for line in program.output]
    assert "twistd {version} ({exe} {pyVersion}) starting up." in [event.get("log_format") for event in events]
    assert all("log_time" in event for event in events)

    tac = EMPTY + (
        "from ropewalk.logger import Logger\nfrom ropewalk.internet import reactor\n"
        "def speak():\n"
        "    log = Logger()\n    log.debug('very low')\n    log.info('low')\n    log.error('loud')\n"
        "    reactor.stop()\n"
        "reactor.callWhenRunning(speak)\n"
    )
    (tmp_path / "loud.tac").write_text(tac)
    loud = outcome(tmp_path, "-n", "--log-level", "error", "-y", "loud.tac").stdout
    assert "loud" in loud
    assert "low" not in loud.replace("Log opened", "")
    every = outcome(tmp_path, "-n", "--log-level", "debug", "-y", "loud.tac").stdout
    assert "very low" in every


def test_rundirAndUmask(tmp_path: Path, port: int, env: dict[str, str]) -> None:
    """--rundir is where it works; pid file and log stay where it was started; --umask is obeyed (F188)."""
    (tmp_path / "elsewhere").mkdir()
    with Daemon(tmp_path, "-d", "elsewhere", "--umask", "27", "-y", "server.tac", env=env) as daemon:
        assert daemon.started.returncode == 0
        with Caller(port) as caller:
            caller.send(b"who\r\n")
            assert caller.line().split()[2:] == [b"27", os.fsencode(tmp_path / "elsewhere")]
        daemon.stop()
        assert "asked who" in daemon.log()


def test_pidFileIsSafe(tmp_path: Path, env: dict[str, str]) -> None:
    """Nobody else may write the pid file; --pidfile names another, an empty one none (F187, TW4)."""
    with Daemon(tmp_path, "-y", "empty.tac") as daemon:
        assert not stat.S_IMODE(daemon.pidfile.stat().st_mode) & 0o077
        daemon.stop()
    daemon = Daemon(tmp_path, "--pidfile=finger.pid", "-y", "empty.tac")
    daemon.pid = int((tmp_path / "finger.pid").read_text())
    with daemon:
        daemon.stop()
    assert not (tmp_path / "finger.pid").exists()


def test_savedApplications(tmp_path: Path) -> None:
    """-f and -s run what was saved, and save it when it stops, unless -o says not to (F179, TW3)."""
    maker = (
        "import quick\nfrom ropewalk.application import service\nfrom ropewalk.persisted import sob\n"
        "application = service.Application('kept')\nquick.Quick().setServiceParent(application)\n"
        "sob.IPersistable(application).save()\n"
        "sob.IPersistable(application).setStyle('source')\nsob.IPersistable(application).save()\n"
    )
    (tmp_path / "quick.py").write_text(
        "from ropewalk.application import service\nfrom ropewalk.internet import reactor\n"
        "class Quick(service.Service):\n"
        "    runs = 0\n"
        "    def startService(self):\n"
        "        self.runs += 1\n        print('run', self.runs)\n        reactor.callWhenRunning(reactor.stop)\n"
    )
    (tmp_path / "make.tac").write_text(maker)
    assert outcome(tmp_path, "-n", "-y", "make.tac").returncode == 0
    for option, kind in (("-f", "tap"), ("-s", "tas")):
        kept = tmp_path / f"kept-shutdown.{kind}"
        assert "run 1" in outcome(tmp_path, "-n", "-o", option, f"kept.{kind}").stdout
        assert not kept.exists()
        assert "run 1" in outcome(tmp_path, "-n", option, f"kept.{kind}").stdout
        assert "run 2" in outcome(tmp_path, "-n", option, kept.name).stdout


def test_profile(tmp_path: Path) -> None:
    """-p writes what the profiler found: text, or what pstats reads with --savestats (TW7)."""
    import pstats

    (tmp_path / "quick.tac").write_text(
        EMPTY + "from ropewalk.internet import reactor\nreactor.callWhenRunning(reactor.stop)\n"
    )
    for profiler in ("profile", "cprofile"):
        assert outcome(tmp_path, "-n", "-p", "out", "--profiler", profiler, "-y", "quick.tac").returncode == 0
        assert "function calls" in (tmp_path / "out").read_text()
        words = ["-n", "-p", "stats", "--savestats", "--profiler", profiler, "-y", "quick.tac"]
        assert outcome(tmp_path, *words).returncode == 0
        assert pstats.Stats(str(tmp_path / "stats")).total_calls > 0  # type: ignore[attr-defined]  # not in its stubs


def test_debug(tmp_path: Path) -> None:
    """-b runs in pdb, in the foreground (TW7), which knows how to stop the reactor."""
    (tmp_path / "empty.tac").write_text(EMPTY)
    assert "(Pdb)" in outcome(tmp_path, "-b", "-y", "empty.tac").stdout
    for command in ("stop", "qq"):
        done = outcome(tmp_path, "-b", "-y", "empty.tac", said=f"{command}\n")
        assert done.returncode == 0
        assert "Main loop terminated." in done.stdout


def test_reactorIsChosenFirst(tmp_path: Path) -> None:
    """-r installs the reactor before the application is read (RG4)."""
    (tmp_path / "quick.tac").write_text(
        EMPTY + "from ropewalk.internet import reactor\nreactor.callWhenRunning(reactor.stop)\n"
    )
    assert "pollreactor.PollReactor." in outcome(tmp_path, "-n", "-r", "poll", "-y", "quick.tac").stdout
    listed = outcome(tmp_path, "--help-reactors")
    assert listed.returncode == 0
    assert "    poll " in listed.stdout


@pytest.mark.skipif(not isRoot, reason="only root may become somebody else")
@pytest.mark.parametrize("byOption", [True, False])
def test_privilegesAreShedOncePortsAreBound(tmp_path: Path, port: int, env: dict[str, str], byOption: bool) -> None:
    """It binds as root and serves as nobody, told so by -u and -g or by the Application (F185, F179)."""
    tmp_path.chmod(0o755)
    tac = (
        SERVER if byOption else SERVER.replace('Application("answers")', 'Application("answers", uid=65534, gid=65533)')
    )
    tac += (
        "class Asks(service.Service):\n"
        "    def privilegedStartService(self): log.msg('first', os.getuid())\n"
        "    def startService(self): log.msg('then', os.getuid(), os.getgroups())\n"
        "Asks().setServiceParent(application)\n"
    )
    (tmp_path / "server.tac").write_text(tac)
    words = ["-u", "65534", "-g", "65533"] if byOption else []
    with Daemon(tmp_path, *words, "-y", "server.tac", env=env) as daemon:
        assert daemon.started.returncode == 0, daemon.started.stderr
        assert "first 0" in daemon.log()
        assert "then 65534 [" in daemon.log()
        assert "[0" not in daemon.log().split("then 65534 ")[1].splitlines()[0]
        with Caller(port) as caller:
            caller.send(b"who\r\n")
            assert caller.line().startswith(b"65534 65533 ")
        daemon.stop()
        # It may not remove the file from root's directory any more; an empty one is no process's.
        assert daemon.pidfile.read_text() == ""
    with Daemon(tmp_path, *words, "-y", "server.tac", env=env) as again:
        assert again.started.returncode == 0, again.started.stderr
        again.stop()


@pytest.mark.skipif(not isRoot, reason="only root may")
def test_euidCanComeBack(tmp_path: Path, port: int, env: dict[str, str]) -> None:
    """--euid changes the effective user only, so the process can be root again: to remove its pid file."""
    tmp_path.chmod(0o755)
    with Daemon(tmp_path, "--euid", "-u", "65534", "-g", "65533", "-y", "server.tac", env=env) as daemon:
        assert daemon.started.returncode == 0, daemon.started.stderr
        status = Path(f"/proc/{daemon.pid}/status").read_text()
        assert "Uid:\t0\t65534\t" in status
        daemon.stop()
        assert not daemon.pidfile.exists()


@pytest.mark.skipif(not isRoot, reason="only root may")
def test_chroot(tmp_path: Path, port: int, env: dict[str, str]) -> None:
    """--chroot: it serves, logs tracebacks and writes its pid file though nothing can be imported there (F188)."""
    (tmp_path / "jail").mkdir()
    (tmp_path / "server.tac").write_text(SERVER.replace('line == b"finish"', 'line == b"fail": 1 / 0\n        elif 0'))
    with Daemon(tmp_path, "--chroot", "jail", "-y", "server.tac", env=env) as daemon:
        assert daemon.started.returncode == 0, daemon.started.stderr
        with Caller(port) as caller:
            caller.send(b"who\r\n")
            assert caller.line().split()[3] == b"/"
            caller.send(b"fail\r\n")
            assert caller.rest() == b""
        daemon.stop()
        assert "ZeroDivisionError" in daemon.log()
        assert not daemon.pidfile.exists()


def test_syslog(tmp_path: Path) -> None:
    """--syslog and --prefix give events to syslog (F189); here a C library's stand-in takes them."""
    tac = EMPTY + (
        "import syslog\nfrom ropewalk.internet import reactor\nfrom ropewalk.python.syslog import SyslogObserver\n"
        "import sys\nout = sys.stdout\n"
        "SyslogObserver.openlog = staticmethod(lambda *a: out.write(f'opened {a[0]}\\n'))\n"
        "SyslogObserver.syslog = staticmethod(lambda p, text: out.write(f'syslog {text}\\n'))\n"
        "reactor.callWhenRunning(reactor.stop)\n"
    )
    (tmp_path / "sys.tac").write_text(tac)
    done = outcome(tmp_path, "-n", "--syslog", "--prefix=twistedfinger", "-y", "sys.tac")
    assert "opened twistedfinger" in done.stdout
    assert "syslog [-] Main loop terminated." in done.stdout


def test_version(tmp_path: Path) -> None:
    """--version says whose twistd this is."""
    done = outcome(tmp_path, "--version")
    assert done.stdout.startswith("twistd of Ropewalk ")
    assert done.returncode == 0
