"""The documents' applications under ``twistd``, as they stand here and written for Twisted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ropewalk.application.service import IServiceMaker
from ropewalk.plugin import getPlugins
from support.examples import EXAMPLES, asTwisted
from support.programs import Caller, Program, freePort
from support.twistd import Daemon, foreground, outcome

Starter = Callable[..., Program]


@pytest.fixture(params=["ropewalk", "twisted"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of examples/finger, under either name."""
    folder = Path(
        shutil.copytree(EXAMPLES / "finger", tmp_path / "finger", ignore=shutil.ignore_patterns("__pycache__"))
    )
    if request.param == "twisted":
        for path in folder.glob("*.tac"):
            path.write_text(asTwisted(path.read_text()))
    return folder


def ask(program: Program | None, port: int, user: bytes) -> bytes:
    with Caller(port, program) as caller:
        caller.send(user + b"\r\n")
        return caller.rest()


def test_finger11(folder: Path) -> None:
    """``twistd -ny`` serves in the foreground, ``twistd -y`` as a daemon (X10, P39, F186, F181)."""
    port = freePort()
    env = {"FINGER_PORT": str(port)}
    with foreground(folder, "-y", "finger11.tac", env=env) as program:
        assert ask(program, port, b"moshez") == b"Happy and well\r\n"
        program.interrupt()
        assert any("reactor class" in line for line in program.output)
    with Daemon(folder, "-y", "finger11.tac", env=env) as daemon:
        assert ask(None, port, b"nobody") == b"No such user\r\n"
        daemon.stop()


@pytest.mark.parametrize("name", ["finger12.tac", "finger13.tac"])
def test_finger12And13(folder: Path, name: str) -> None:
    """What the second port is told, the first one says; too little is logged, and harms nobody (P40, P41)."""
    port, setter = freePort(), freePort()
    with foreground(folder, "-y", name, env={"FINGER_PORT": str(port), "SETTER_PORT": str(setter)}) as program:
        assert ask(program, port, b"moshez") == b"Happy and well\r\n"
        with Caller(setter) as caller:
            caller.send(b"moshez\r\n")
        program.line("IndexError")
        with Caller(setter) as caller:
            caller.send(b"moshez\r\nGiving a tutorial now, sorry!\r\n")
        while ask(program, port, b"moshez") == b"Happy and well\r\n":
            pass  # nothing tells when the server has seen the end of that connection
        assert ask(program, port, b"moshez") == b"Giving a tutorial now, sorry!\r\n"
        program.interrupt()


def test_finger14(folder: Path, tmp_path: Path) -> None:
    """Users come from a file, which is read again; without it nothing starts (P42, F183)."""
    port, users = freePort(), tmp_path / "users"
    env = {"FINGER_PORT": str(port), "FINGER_USERS": str(users), "FINGER_INTERVAL": "0.05"}
    done = outcome(folder, "-ny", "finger14.tac", env=env)
    assert done.returncode == 70
    assert done.stderr.splitlines()[-1].startswith("twistd: the application did not start: FileNotFoundError")
    users.write_text("shawn: alive\n")
    with foreground(folder, "-y", "finger14.tac", env=env) as program:
        assert ask(program, port, b"shawn") == b"alive\r\n"
        edited = tmp_path / "edited"
        edited.write_text("shawn: asleep\n")
        edited.replace(users)
        while ask(program, port, b"shawn") == b"alive\r\n":
            pass  # it is read again soon
        assert ask(program, port, b"shawn") == b"asleep\r\n"
        program.interrupt()


QUICK = """\
from {package}.application.service import Application
from {package}.internet import reactor
application = Application("myapp")
reactor.callWhenRunning(reactor.stop)
"""

LOGGER = """\
from {package}.python.log import FileLogObserver

def logger():
    return FileLogObserver(open("my.log", "w")).emit
"""

DAILY = """\
from {package}.application.service import Application
from {package}.internet import reactor
from {package}.python.log import ILogObserver, FileLogObserver
from {package}.python.logfile import DailyLogFile

application = Application("myapp")
logfile = DailyLogFile("my.log", ".")
application.setComponent(ILogObserver, FileLogObserver(logfile).emit)
reactor.callWhenRunning(reactor.stop)
"""


@pytest.mark.parametrize("package", ["ropewalk", "twisted"])
def test_loggerByName(tmp_path: Path, package: str) -> None:
    """--logger calls a factory in a module of the current directory, and nothing is logged elsewhere (B08, TW5)."""
    (tmp_path / "my.py").write_text(LOGGER.format(package=package))
    (tmp_path / "quick.tac").write_text(QUICK.format(package=package))
    done = outcome(tmp_path, "-n", "--logger", "my.logger", "-y", "quick.tac")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    log = (tmp_path / "my.log").read_text()
    assert "[-] Log opened." in log
    assert "[-] Main loop terminated." in log
    assert "reactor class: ropewalk.internet." in log


@pytest.mark.parametrize("package", ["ropewalk", "twisted"])
def test_logObserverOfTheApplication(tmp_path: Path, package: str) -> None:
    """The component ILogObserver takes the log, before every option (B09, TW6)."""
    (tmp_path / "my.tac").write_text(DAILY.format(package=package))
    done = outcome(tmp_path, "-n", "-l", "other.log", "-y", "my.tac")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Main loop terminated." in (tmp_path / "my.log").read_text()
    assert not (tmp_path / "other.log").exists()


def test_newerLogObserverOfTheApplication(tmp_path: Path) -> None:
    """The newer system's ILogObserver is a component, too (TW6)."""
    tac = QUICK.format(package="ropewalk") + (
        "from ropewalk.logger import ILogObserver, jsonFileLogObserver\n"
        "application.setComponent(ILogObserver, jsonFileLogObserver(open('my.log', 'w'), recordSeparator=''))\n"
    )
    (tmp_path / "my.tac").write_text(tac)
    assert outcome(tmp_path, "-n", "-y", "my.tac").stdout == ""
    assert '"log_format": "reactor class: {reactor}."' in (tmp_path / "my.log").read_text()


PLUGIN = """\
from zope.interface import implementer

from {package}.python import usage
from {package}.plugin import IPlugin
from {package}.application.service import IServiceMaker
from {package}.application import internet

from myproject import MyFactory


class Options(usage.Options):
    optParameters = [["port", "p", 1235, "The port number to listen on."]]


@implementer(IServiceMaker, IPlugin)
class MyServiceMaker:
    tapname = "myproject"
    description = "Run this! It'll make your dog happy."
    options = Options

    def makeService(self, options):
        return internet.TCPServer(int(options["port"]), MyFactory())


serviceMaker = MyServiceMaker()
"""

FACTORY = """\
from {package}.internet import protocol


class Greeter(protocol.Protocol):
    def connectionMade(self):
        self.transport.write(b"woof")
        self.transport.loseConnection()


class MyFactory(protocol.ServerFactory):
    protocol = Greeter
"""

TAP = """\
from {package}.application import internet
from {package}.python import usage
from myproject import MyFactory


class Options(usage.Options):
    optParameters = [["port", "p", 1235]]
    longdesc = "A dog."

    def postOptions(self):
        if not self["port"]:
            raise usage.UsageError("a port is needed")


def makeService(config):
    if config["port"] == "none":
        raise usage.UsageError("'none' is no port")
    return internet.TCPServer(int(config["port"]), MyFactory())
"""


@pytest.mark.parametrize("package", ["ropewalk", "twisted"])
def test_subcommandOfAPlugin(tmp_path: Path, package: str) -> None:
    """A plugin in the current directory is listed with its line, and runs (B11, TW8, F191)."""
    plugins = tmp_path / package / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "myproject_plugin.py").write_text(PLUGIN.format(package=package))
    (tmp_path / "myproject.py").write_text(FACTORY.format(package=package))
    helped = " ".join(outcome(tmp_path, "--help").stdout.split())
    assert "myproject Run this! It'll make your dog happy." in helped
    port = freePort()
    with foreground(tmp_path, "myproject", "--port", str(port)) as program:
        with Caller(port, program) as caller:
            assert caller.rest() == b"woof"
        program.interrupt()


@pytest.mark.parametrize("package", ["ropewalk", "twisted"])
def test_serviceMaker(tmp_path: Path, package: str) -> None:
    """A ServiceMaker names a module with Options and makeService, its own help and mistakes (F192, F193, F194)."""
    plugins = tmp_path / package / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "dog_plugin.py").write_text(
        f"from {package}.application.service import ServiceMaker\n"
        "dog = ServiceMaker('Dog', 'dogtap', 'Barks.', 'dog')\n"
        "broken = ServiceMaker('Broken', 'no_such_module', 'Does not bark.', 'broken')\n"
    )
    (tmp_path / "myproject.py").write_text(FACTORY.format(package=package))
    (tmp_path / "dogtap.py").write_text(TAP.format(package=package))
    helped = outcome(tmp_path, "dog", "--help")
    assert helped.returncode == 0
    assert helped.stdout.startswith("Usage: twistd [options] dog [options]")
    assert "A dog." in helped.stdout
    for words, status, sentence in [
        (["dog", "--port="], 64, "a port is needed; --help lists what there is"),
        (["dog", "--port=none"], 64, "dog: 'none' is no port"),
        (["dog", "--port=x"], 70, "dog could not make its service: ValueError: invalid literal for int()"),
        (["broken"], 78, "the command broken does not work here: "),
        (["-y", "x.tac", "dog"], 64, "dog and an application's file exclude each other"),
    ]:
        done = outcome(tmp_path, "-n", *words)
        assert (done.returncode, done.stderr.splitlines()[-1][: len(sentence) + 8]) == (status, f"twistd: {sentence}")


def test_everyCommandHasHelp(tmp_path: Path) -> None:
    """The subcommands that come with the house explain themselves (TW8)."""
    for plugin in getPlugins(IServiceMaker):
        assert "Options:" in str(plugin.options())
        assert plugin.description
    done = outcome(tmp_path, "procmon", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: twistd [options] procmon")


def test_applicationOfTheGuide(tmp_path: Path) -> None:
    """The application in docs/twistd.md says hello."""
    guide = (EXAMPLES.parent / "docs" / "twistd.md").read_text()
    source = guide.split("```python\n# hello.tac\n")[1].split("```")[0]
    port = freePort()
    (tmp_path / "hello.tac").write_text(source.replace("8007", str(port)))
    with foreground(tmp_path, "-y", "hello.tac") as program:
        with Caller(port, program) as caller:
            assert caller.rest() == b"hello\r\n"
        program.interrupt()


def test_plainPythonFile(tmp_path: Path) -> None:
    """Any Python file that leaves an application runs; it isn't the main program (AP9, AP4)."""
    source = (
        QUICK.format(package="ropewalk") + "print(__name__ == '__main__', __file__)\nif __name__ == '__main__': 1/0\n"
    )
    (tmp_path / "plain.py").write_text(source)
    done = outcome(tmp_path, "-n", "--python", "plain.py")
    assert done.returncode == 0
    assert "False plain.py" in done.stdout
