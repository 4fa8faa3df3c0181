"""``twistd`` and the mistakes of its users: each has a sentence and an exit status, and no traceback of ours."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from ropewalk.application._running.mistakes import Status
from support.programs import PATIENCE
from support.twistd import EMPTY, TWISTD, Daemon, outcome

RAISES = "import os\n\ndef fail():\n    return {}['missing']\n\nfail()\n"

# Name: the tac, or nothing; the words; the exit status; what the last line on standard error is; how it goes on there.
MISTAKES = {
    "a syntax error": (
        "x = 1\nx = = 2\n",
        ["-y", "it.tac"],
        Status.DATA,
        "'it.tac' is no Python, line 2: invalid syntax",
        ['  File "it.tac", line 2', "    x = = 2", "        ^", "SyntaxError: invalid syntax"],
    ),
    "a file that is no text": (
        "\0",
        ["-y", "it.tac"],
        Status.DATA,
        "cannot load the application in 'it.tac': SyntaxError: source code string cannot contain null bytes",
        [],
    ),
    "no application": (
        "app = 1\n",
        ["-y", "it.tac"],
        Status.DATA,
        (
            "'it.tac' has no application: it must leave one in a global variable of that name, "
            "application = service.Application('name')"
        ),
        [],
    ),
    "an application that is none": (
        "application = 5\n",
        ["-y", "it.tac"],
        Status.DATA,
        "the application in 'it.tac' is 5, which is no service: application = service.Application('name')",
        [],
    ),
    "an exception in the tac": (
        RAISES,
        ["-y", "it.tac"],
        Status.DATA,
        "cannot load the application in 'it.tac': KeyError: 'missing'",
        ["Traceback (most recent call last):", '  File "it.tac", line 6, in <module>', "    fail()"],
    ),
    "a file that the tac cannot open": (
        "open('/nowhere/at/all')\n",
        ["-y", "it.tac"],
        Status.DATA,
        (
            "cannot load the application in 'it.tac': FileNotFoundError: [Errno 2] No such file or directory: "
            "'/nowhere/at/all'"
        ),
        ["Traceback (most recent call last):", '  File "it.tac", line 1, in <module>'],
    ),
    "no such tac": (
        None,
        ["-y", "it.tac"],
        Status.NOINPUT,
        "cannot read the application in 'it.tac': No such file or directory",
        [],
    ),
    "a directory for a tac": (
        None,
        ["-y", "."],
        Status.NOINPUT,
        "cannot read the application in '.': Is a directory",
        [],
    ),
    "nothing to run": (
        None,
        ["--umask=22"],
        Status.NOINPUT,
        (
            "cannot read the application in 'twistd.tap': No such file or directory; "
            "to run another: --python FILE, or a command"
        ),
        [],
    ),
    "an encrypted file": (
        None,
        ["-e", "-f", "it.tap"],
        Status.CONFIG,
        "there are no encrypted applications here: save it without encryption, where only you can read it",
        [],
    ),
    "an unknown option": (
        None,
        ["--bogus"],
        Status.USAGE,
        "option --bogus not recognized; --help lists what there is",
        [],
    ),
    "an unknown command": (
        None,
        ["bogus"],
        Status.USAGE,
        "Unknown command: bogus; --help lists what there is",
        [],
    ),
    "a wrong option of a command": (
        None,
        ["procmon", "--bogus"],
        Status.USAGE,
        "option --bogus not recognized; --help lists what there is",
        [],
    ),
    "an unknown reactor": (
        EMPTY,
        ["-r", "fusion", "-y", "it.tac"],
        Status.USAGE,
        ("--reactor: there is no reactor 'fusion'; --help-reactors lists those there are; --help lists what there is"),
        [],
    ),
    "an unknown user": (
        EMPTY,
        ["-u", "nobody-at-all", "-y", "it.tac"],
        Status.NOUSER,
        "there is no user 'nobody-at-all' on this system",
        [],
    ),
    "an unknown group": (
        EMPTY,
        ["-g", "nobody-at-all", "-y", "it.tac"],
        Status.NOUSER,
        "there is no group 'nobody-at-all' on this system",
        [],
    ),
    "a number that is no user": (
        EMPTY,
        ["-u", "54321", "-y", "it.tac"],
        Status.NOUSER,
        "user 54321 has no entry in the user database: say --gid, too",
        [],
    ),
    "a umask that is none": (
        EMPTY,
        ["--umask", "8", "-y", "it.tac"],
        Status.USAGE,
        "a umask is an octal number up to 777, not '8'; --help lists what there is",
        [],
    ),
    "no such directory to run in": (
        EMPTY,
        ["-d", "nowhere", "-y", "it.tac"],
        Status.CANTCREAT,
        "cannot change to the directory 'nowhere': No such file or directory",
        [],
    ),
    "no directory for the log": (
        EMPTY,
        ["-l", "nowhere/it.log", "-y", "it.tac"],
        Status.CANTCREAT,
        "cannot open the log file 'nowhere/it.log': No such file or directory",
        [],
    ),
    "a full disk": (
        EMPTY,
        ["-l", "/dev/full", "-y", "it.tac"],
        Status.IOERR,
        "cannot write the log to '/dev/full': No space left on device",
        [],
    ),
    "no directory for the pid file": (
        EMPTY,
        ["--pidfile", "/nowhere/it.pid", "-y", "it.tac"],
        Status.CANTCREAT,
        "cannot write the pid file '/nowhere/it.pid': No such file or directory",
        [],
    ),
    "no such logger": (
        EMPTY,
        ["--logger", "nowhere.logger", "-y", "it.tac"],
        Status.USAGE,
        (
            "--logger: 'nowhere.logger' cannot be imported: 'nowhere.logger' names no object: "
            "there is no module 'nowhere'; --help lists what there is"
        ),
        [],
    ),
    "no such profiler": (
        EMPTY,
        ["--profiler", "bogus", "-y", "it.tac"],
        Status.USAGE,
        "--profiler is one of profile, cprofile, not 'bogus'; --help lists what there is",
        [],
    ),
    "a time that is none": (
        EMPTY,
        ["--drain", "soon", "-y", "it.tac"],
        Status.USAGE,
        "a time is a number of seconds, zero or more, not 'soon'; --help lists what there is",
        [],
    ),
    "a start that raises": (
        EMPTY + "class Bad(service.Service):\n    def startService(self):\n        1 / 0\n"
        "Bad().setServiceParent(application)\n",
        ["-y", "it.tac"],
        Status.SOFTWARE,
        "the application did not start: ZeroDivisionError: division by zero",
        ["Traceback (most recent call last):", '  File "it.tac", line 5, in startService', "    1 / 0"],
    ),
}


@pytest.mark.parametrize("inForeground", [True, False], ids=["-n", "daemon"])
@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(tmp_path: Path, name: str, inForeground: bool) -> None:
    """The sentence is the last line, below at most the user's own traceback; nothing is left behind."""
    tac, words, status, sentence, details = MISTAKES[name]
    if tac is not None:
        (tmp_path / "it.tac").write_text(tac)
    done = outcome(tmp_path, *(["-n"] if inForeground else []), *words)
    lines = done.stderr.splitlines()
    assert lines[-1].startswith("twistd: ")
    assert lines[-1].endswith(sentence)
    assert lines[: len(details)] == details
    assert len(lines) == 1 or details
    assert done.returncode == status
    assert "ropewalk" not in done.stderr
    assert not (tmp_path / "twistd.pid").exists()


@pytest.mark.parametrize("inForeground", [True, False], ids=["-n", "daemon"])
@pytest.mark.parametrize(
    "how", ["internet.TCPServer({port}, f, interface='127.0.0.1')", "strports.service('tcp:{port}', f)"]
)
def test_portInUse(tmp_path: Path, inForeground: bool, how: str) -> None:
    """A port that somebody has: the sentence names it. As a daemon the starter hears it, and the log has it, too."""
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        place = f"127.0.0.1:{port}" if "interface" in how else str(port)
        tac = EMPTY + (
            "from ropewalk.application import internet, strports\nfrom ropewalk.internet import protocol\n"
            f"f = protocol.ServerFactory()\n{how.format(port=port)}.setServiceParent(application)\n"
        )
        (tmp_path / "it.tac").write_text(tac)
        done = outcome(tmp_path, *(["-n"] if inForeground else []), "-y", "it.tac")
    sentence = f"cannot listen on {place}: Address already in use"
    assert (done.returncode, done.stderr) == (Status.UNAVAILABLE, f"twistd: {sentence}\n")
    log = done.stdout if inForeground else (tmp_path / "twistd.log").read_text()
    assert sentence in log
    assert not (tmp_path / "twistd.pid").exists()


@pytest.mark.parametrize("inForeground", [True, False], ids=["-n", "daemon"])
def test_whatWasStartedIsTakenBack(tmp_path: Path, inForeground: bool) -> None:
    """When a service fails to start, no socket file is left, and no thread keeps the process from its end."""
    tac = EMPTY + (
        "from ropewalk.application import internet\nfrom ropewalk.enterprise import adbapi\n"
        "from ropewalk.internet import protocol\n"
        "internet.UNIXServer('socket', protocol.ServerFactory()).setServiceParent(application)\n"
        "class Bad(service.Service):\n"
        "    def startService(self):\n"
        "        self.pool = adbapi.ConnectionPool('sqlite3', ':memory:', check_same_thread=False)\n"
        "        self.pool.start()\n        self.pool.runQuery('select 1')\n        raise ValueError('too bad')\n"
        "Bad().setServiceParent(application)\n"
    )
    (tmp_path / "it.tac").write_text(tac)
    done = outcome(tmp_path, *(["-n"] if inForeground else []), "-y", "it.tac")
    assert done.stderr.splitlines()[-1] == "twistd: the application did not start: ValueError: too bad"
    assert done.returncode == Status.SOFTWARE
    assert not (tmp_path / "socket").exists()


def test_brokenObserver(tmp_path: Path) -> None:
    """A log observer that raises is told of, with its traceback."""
    (tmp_path / "my.py").write_text("def logger():\n    return lambda event: event['nothing']\n")
    (tmp_path / "it.tac").write_text(EMPTY)
    done = outcome(tmp_path, "-n", "--logger", "my.logger", "-y", "it.tac")
    assert done.stderr.splitlines()[-1] == "twistd: the log observer does not work: 'nothing'"
    assert "my.py" in done.stderr
    assert done.returncode == Status.CONFIG


# What makes root somebody who may no more than others, if we are root.
ORDINARY = ["setpriv", "--inh-caps=-all", "--bounding-set=-all"] if os.getuid() == 0 else []


def powerless(folder: Path, *words: str) -> tuple[int, str]:
    """Run a command line as somebody who may do nothing special."""
    command = [*ORDINARY, *TWISTD, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=2 * PATIENCE, check=False)
    return done.returncode, done.stderr


@pytest.mark.skipif(bool(ORDINARY) and shutil.which("setpriv") is None, reason="root, and no setpriv to change that")
def test_noPermission(tmp_path: Path) -> None:
    """What the system forbids is told with its name: port, log, pid file, tac, user, root directory."""
    closed = tmp_path / "closed"
    closed.mkdir()
    (tmp_path / "empty.tac").write_text(EMPTY)
    (tmp_path / "secret.tac").write_text(EMPTY)
    (tmp_path / "secret.tac").chmod(0)
    tac = EMPTY + (
        "from ropewalk.application import internet\nfrom ropewalk.internet import protocol\n"
        "internet.UNIXServer('closed/socket', protocol.ServerFactory()).setServiceParent(application)\n"
    )
    (tmp_path / "unix.tac").write_text(tac)
    closed.chmod(0o555)
    tmp_path.chmod(0o555)
    (tmp_path / "low.tac").write_text(tac.replace("UNIXServer('closed/socket'", "TCPServer(1"))
    n = ["-n", "--pidfile="]
    cases = [
        ([*n, "-y", "unix.tac"], "cannot listen on closed/socket: Permission denied"),
        ([*n, "-l", "closed/log", "-y", "empty.tac"], "cannot open the log file 'closed/log': Permission denied"),
        (["-n", "-y", "empty.tac"], f"cannot write the pid file {str(tmp_path / 'twistd.pid')!r}: Permission denied"),
        ([*n, "-y", "secret.tac"], "cannot read the application in 'secret.tac': Permission denied"),
        (
            [*n, "-u", "65534", "-g", "65534", "-y", "empty.tac"],
            "cannot become uid/gid 65534/65534: Operation not permitted",
        ),
        (
            [*n, "--chroot", "closed", "-y", "empty.tac"],
            "cannot make 'closed' the root directory: Operation not permitted",
        ),
    ]
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) > 1:
        cases.append(([*n, "-y", "low.tac"], "cannot listen on 1: Permission denied"))
    for words, sentence in cases:
        assert powerless(tmp_path, *words) == (Status.NOPERM, f"twistd: {sentence}\n")


@pytest.mark.parametrize("content", ["abc", "-1", "0", "1" * 100])
def test_pidFileOfSomethingElse(tmp_path: Path, content: str) -> None:
    """A file that holds no process's number is not overwritten: it may be somebody's."""
    (tmp_path / "empty.tac").write_text(EMPTY)
    (tmp_path / "twistd.pid").write_text(content)
    done = outcome(tmp_path, "-y", "empty.tac")
    path = str(tmp_path / "twistd.pid")
    sentence = f"the pid file {path!r} holds no process's number: remove it, or choose another by --pidfile"
    assert (done.returncode, done.stderr) == (Status.CONFIG, f"twistd: {sentence}\n")
    assert (tmp_path / "twistd.pid").read_text() == content


def test_pidFileThatCannotBeRead(tmp_path: Path) -> None:
    """A directory in its place, say."""
    (tmp_path / "empty.tac").write_text(EMPTY)
    (tmp_path / "twistd.pid").mkdir()
    done = outcome(tmp_path, "-n", "-y", "empty.tac")
    assert done.stderr == f"twistd: cannot read the pid file {str(tmp_path / 'twistd.pid')!r}: Is a directory\n"
    assert done.returncode == Status.CANTCREAT


def test_daemonThatDiesAtOnce(tmp_path: Path) -> None:
    """One that is killed while it starts is told of, too."""
    tac = EMPTY + (
        "import os, signal\nclass Dies(service.Service):\n"
        "    def startService(self):\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        "Dies().setServiceParent(application)\n"
    )
    (tmp_path / "it.tac").write_text(tac)
    done = outcome(tmp_path, "-y", "it.tac")
    assert done.returncode == Status.SOFTWARE
    assert done.stderr == "twistd: the daemon died while it started; its log may say why\n"


def test_diskFullLater(tmp_path: Path) -> None:
    """A log that can no longer be written does not end the service."""
    tac = EMPTY + (
        "import os\nfrom ropewalk.python import log\nfrom ropewalk.internet import reactor\n"
        "def fill():\n"
        "    for fd in os.listdir('/proc/self/fd'):\n"
        "        try:\n"
        "            if os.readlink(f'/proc/self/fd/{fd}').endswith('it.log'):\n"
        "                os.dup2(os.open('/dev/full', os.O_WRONLY), int(fd))\n"
        "        except OSError:\n            pass\n"
        "    log.msg('lost')\n    open('served', 'w').close()\n"
        "reactor.callWhenRunning(fill)\n"
    )
    (tmp_path / "it.tac").write_text(tac)
    with Daemon(tmp_path, "-l", "it.log", "-y", "it.tac") as daemon:
        assert daemon.started.returncode == 0
        assert (tmp_path / "served").exists()
        daemon.send(signal.SIGTERM)
        daemon.wait()
        assert not daemon.pidfile.exists()


QUICK = EMPTY + "from ropewalk.internet import reactor\nreactor.callWhenRunning(reactor.stop)\n"


@pytest.mark.parametrize(
    ("words", "output", "status", "sentence"),
    [
        (
            "-n -y it.tac",
            "/dev/full",
            Status.IOERR,
            "twistd: cannot write the log to standard output: No space left on device\n",
        ),
        ("-n -y it.tac", "|", 0, ""),
        ("-n -y it.tac", "&-", 0, ""),
        ("--help", "/dev/full", Status.OSERR, "twistd: [Errno 28] No space left on device\n"),
        ("--help", "|", 0, ""),
        ("--help", "&-", 0, ""),
    ],
)
def test_outputThatNobodyTakes(tmp_path: Path, words: str, output: str, status: int, sentence: str) -> None:
    """A full disk is told of; a reader that has gone away, or an output that never was, is no reason to fail."""
    (tmp_path / "it.tac").write_text(QUICK)
    command = [*TWISTD, *words.split()]
    if output == "|":
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(command, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, timeout=50, check=False)
        os.close(writing)
    else:
        shell = f"exec {shlex.join(command)} >{output}"
        done = subprocess.run(["sh", "-c", shell], cwd=tmp_path, stderr=subprocess.PIPE, timeout=50, check=False)
    assert (done.returncode, done.stderr.decode()) == (status, sentence)


def test_noCurrentDirectory(tmp_path: Path) -> None:
    """A directory that was removed cannot be worked in."""
    (tmp_path / "gone").mkdir()
    shell = f"cd gone && rmdir ../gone && exec {shlex.join(TWISTD)} -n"
    done = subprocess.run(["sh", "-c", shell], cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False)
    assert done.stderr == "twistd: the current directory cannot be used: No such file or directory\n"
    assert done.returncode == Status.OSERR


def test_statusesAreInTheHelp(tmp_path: Path) -> None:
    """The help says what each exit status means, and so does the guide."""
    helped = " ".join(outcome(tmp_path, "--help").stdout.split())
    for status in Status:
        assert f"{status:d} {status.meaning}" in helped
    guide = (Path(__file__).parents[2] / "docs" / "twistd.md").read_text()
    for status in Status:
        assert f"| {status:d} | {status.meaning}" in guide
