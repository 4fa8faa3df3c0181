"""The parts that commands for running applications are made of."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from ropewalk.application import app, reactors, service
from ropewalk.application._running.choice import ReactorSelectionMixin
from ropewalk.application._running.mistakes import Refusal, Status
from ropewalk.logger import LogLevel
from ropewalk.persisted import sob
from ropewalk.plugin import IPlugin
from ropewalk.python import usage

TAC = "from ropewalk.application import service\napplication = service.Application('it')\n"


def parsed(*words: str) -> app.ServerOptions:
    options = app.ServerOptions()
    options.parseOptions(list(words))
    return options


class TestServerOptions:
    def test_defaults(self) -> None:
        """Options have the names and defaults that programs look for."""
        options = parsed()
        wanted: dict[str, object] = {
            "debug": False,
            "savestats": 0,
            "no_save": 0,
            "encrypted": 0,
            "logfile": None,
            "logger": None,
        }
        wanted |= {"profile": None, "profiler": "cprofile", "file": "twistd.tap", "python": None, "source": None}
        wanted |= {"rundir": ".", "log-level": None, "log-format": "text", "drain": None}
        assert {name: options[name] for name in wanted} == wanted

    def test_pythonIsNotSaved(self) -> None:
        """What a file of Python makes is made anew each time, so it isn't saved (F186)."""
        assert parsed("-y", "it.tac")["no_save"]
        assert not parsed("-f", "it.tap")["no_save"]

    def test_commandsAreFound(self) -> None:
        """Plugins make the subcommands, in the order of their names, and are kept for whoever makes the service."""
        options = app.ServerOptions()
        names = [name for name, *_ in options.subCommands]
        assert names == sorted(names)
        assert "procmon" in names
        assert set(options.loadedPlugins) == set(names)
        options.parseOptions(["procmon", "true"])
        assert options.subCommand == "procmon"

    def test_logLevelAndFormat(self) -> None:
        """They are read when they are typed."""
        options = parsed("--log-level", "warn", "--log-format", "json", "--drain", "2.5")
        assert options["log-level"] is LogLevel.warn
        assert (options["log-format"], options["drain"]) == ("json", 2.5)
        for words in (["--log-level=loud"], ["--log-format=xml"], ["--drain=-1"], ["--drain=inf"], ["--profiler=x"]):
            with pytest.raises(usage.UsageError):
                parsed(*words)

    def test_debug(self) -> None:
        """-b is kept for whoever runs the reactor."""
        assert parsed("-b")["debug"] is True

    def test_spew(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """--spew prints every line that runs from then on."""
        before = sys.gettrace()
        try:
            parsed("--spew")
            len(parsed())
        finally:
            sys.settrace(before)
            import threading

            threading.settrace(None)
        assert "usage.py" in capsys.readouterr().out


class TestReactors:
    def test_installers(self) -> None:
        """Every reactor of the house can be installed by its name, and is a plugin."""
        own = {installer.shortName: installer for installer in reactors.OWN}
        assert {"asyncio", "default", "epoll", "kqueue", "poll", "select", "uvloop"} <= set(own)
        for installer in own.values():
            assert verifyObject(reactors.IReactorInstaller, installer)
            assert IPlugin.providedBy(installer)
            assert installer.description
        names = [installer.shortName for installer in reactors.getReactorTypes()]
        assert len(names) == len(set(names))

    def test_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The module's ``install`` is called, and the reactor is what then is the process's own."""
        calls: list[str] = []
        module: Any = type(sys)("somereactor")
        module.install = lambda: calls.append("installed")
        monkeypatch.setitem(sys.modules, "somereactor", module)
        reactors.Reactor("some", "somereactor", "some").install()
        assert calls == ["installed"]

    def test_noSuchReactor(self) -> None:
        """An unknown name is a KeyError that holds it."""
        with pytest.raises(reactors.NoSuchReactor) as caught:
            app.installReactor("fusion")
        assert caught.value.args == ("fusion",)
        assert isinstance(caught.value, KeyError)
        assert str(caught.value) == "there is no reactor 'fusion'"
        assert str(reactors.NoSuchReactor()) == "there is no such reactor"

    def test_mixin(self) -> None:
        """Options of other commands get --reactor and --help-reactors."""

        class Options(ReactorSelectionMixin, usage.Options):
            messageOutput = io.StringIO()

        with pytest.raises(usage.UsageError, match="no reactor 'fusion'"):
            Options().parseOptions(["-r", "fusion"])
        with pytest.raises(usage.UsageError, match="does not work here"):
            Options().parseOptions(["--reactor", "win32"])
        with pytest.raises(SystemExit) as exit:
            Options().parseOptions(["--help-reactors"])
        assert exit.value.code == 0
        listed = Options.messageOutput.getvalue()
        there, missing = listed.split("not available here:")
        assert "    select " in there
        assert "    win32 " in missing

    def test_completion(self) -> None:
        """Shells complete the names of reactors that work here."""
        completer = ReactorSelectionMixin.compData.optActions["reactor"]
        assert "poll" in completer.candidates("p")
        assert "win32" not in completer.words()
        assert "select" in completer.zshAction("reactor")


class TestGetApplication:
    def test_fromPython(self, tmp_path: Path) -> None:
        """The option ``python`` goes before ``source`` and ``file``."""
        (tmp_path / "it.tac").write_text(TAC)
        config = {"python": str(tmp_path / "it.tac"), "source": None, "file": "nowhere.tap"}
        assert service.IService(app.getApplication(config, None)).name == "it"

    @pytest.mark.parametrize("style", ["pickle", "source"])
    def test_saved(self, tmp_path: Path, style: str) -> None:
        """What ``save`` wrote is read again."""
        saved = service.Application("kept")
        persistable = sob.IPersistable(saved)
        persistable.setStyle(style)
        persistable.save(filename=str(tmp_path / "kept"))
        option = {"pickle": "file", "source": "source"}[style]
        config = {"python": None, "source": None, "file": None, option: str(tmp_path / "kept")}
        assert service.IService(app.getApplication(config, None)).name == "kept"

    def test_mistakesExit(self, tmp_path: Path) -> None:
        """What is wrong ends the program, with the sentence."""
        with pytest.raises(SystemExit, match="No such file or directory"):
            app.getApplication({"python": None, "source": None, "file": str(tmp_path / "none.tap")}, None)

    def test_convertStyle(self, tmp_path: Path) -> None:
        """A .tac becomes a .tap, a .tap a .tas; encryption is refused."""
        tac, tap, tas = (str(tmp_path / f"it.{kind}") for kind in ("tac", "tap", "tas"))
        Path(tac).write_text(TAC)
        app.convertStyle(tac, "python", None, tap, "pickle", 0)
        app.convertStyle(tap, "pickle", None, tas, "source", 0)
        assert service.IService(service.loadApplication(tas, "source")).name == "it"
        with pytest.raises(TypeError, match="cannot be encrypted"):
            app.convertStyle(tac, "python", None, tap, "pickle", 1)

    def test_passphrases(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody is asked for a passphrase that isn't needed; otherwise it is read."""
        assert app.getPassphrase(0) is None
        assert app.getSavePassphrase(0) is None
        monkeypatch.setattr(sys, "stdin", io.StringIO("secret\nother\n"))
        assert app.getPassphrase(1) == "secret"
        assert app.getSavePassphrase(1) == "other"


class FakeReactor:
    """Runs at once, and says so."""

    running = False

    def __init__(self) -> None:
        self.runs = 0

    def run(self) -> None:
        self.runs += 1


class Broken:
    """Fails."""

    def run(self) -> None:
        raise ZeroDivisionError("division by zero")


class TestProfilers:
    @pytest.mark.parametrize("name", ["profile", "cprofile"])
    def test_run(self, tmp_path: Path, name: str) -> None:
        """The reactor runs under the profiler, whose findings are in the file."""
        reactor = FakeReactor()
        options = {"profile": str(tmp_path / "out"), "profiler": name, "savestats": 0}
        profiler = app.AppProfiler(options)
        assert profiler.profiler == name
        app.runReactorWithLogging({"profile": "yes", "debug": 0}, None, None, profiler, reactor)
        assert reactor.runs == 1
        assert "function calls" in (tmp_path / "out").read_text()

    def test_unwritable(self, tmp_path: Path) -> None:
        """A file that cannot be written is told with its name."""
        with pytest.raises(Refusal, match=r"cannot write the profile to '.*none/out'") as caught:
            app.CProfileRunner(str(tmp_path / "none" / "out"), 0).run(FakeReactor())
        assert caught.value.status is Status.CANTCREAT

    def test_unknown(self) -> None:
        """An unknown profiler ends the program."""
        with pytest.raises(SystemExit, match="no profiler 'hotshot'"):
            app.AppProfiler({"profile": None, "profiler": "hotshot", "savestats": 0})
        assert app.AppProfiler.profilers == {"profile": app.ProfileRunner, "cprofile": app.CProfileRunner}


class TestRunReactor:
    def test_plain(self) -> None:
        """Without options the reactor just runs."""
        reactor = FakeReactor()
        app.runReactorWithLogging({"profile": None, "debug": False}, None, None, None, reactor)
        assert reactor.runs == 1

    def test_failure(self) -> None:
        """What the reactor raises is told, with where it came from."""
        with pytest.raises(Refusal, match="the reactor failed: division by zero") as caught:
            app.runReactorWithLogging({"profile": None, "debug": False}, None, None, None, Broken())
        assert caught.value.status is Status.SOFTWARE
        assert "ZeroDivisionError" in caught.value.details
