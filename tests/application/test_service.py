"""`ropewalk.application.service`: services, trees of them, applications."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from ropewalk.application import service
from ropewalk.application.service import (
    Application,
    IProcess,
    IService,
    IServiceCollection,
    IServiceMaker,
    MultiService,
    Process,
    Service,
    ServiceMaker,
    loadApplication,
)
from ropewalk.internet.defer import Deferred, fail, succeed
from ropewalk.logger import capturedLogs
from ropewalk.persisted import sob
from ropewalk.plugin import IPlugin
from ropewalk.python.reflect import ModuleNotFound


class Noting(Service):
    """Notes in a list that is given to it what it is told."""

    def __init__(self, word: str, notes: list[str], stopping: Any = None) -> None:
        self.word = word
        self.notes = notes
        self.stopping = stopping

    def privilegedStartService(self) -> None:
        self.notes.append(f"privileged {self.word}")
        super().privilegedStartService()

    def startService(self) -> None:
        self.notes.append(f"start {self.word}")
        super().startService()

    def stopService(self) -> Any:
        self.notes.append(f"stop {self.word}")
        super().stopService()
        return self.stopping


class BrokenStart(Service):
    def startService(self) -> None:
        raise RuntimeError("no")


class TestService:
    def test_provides(self) -> None:
        """A service provides IService, a MultiService IServiceCollection too (F183, F184)."""
        verifyObject(IService, Service())
        verifyObject(IService, MultiService())
        verifyObject(IServiceCollection, MultiService())

    def test_runsFromStartToStop(self) -> None:
        """`running` says whether it was started; nothing more happens by itself (F183)."""
        one: Any = Service()
        assert not one.running
        one.privilegedStartService()
        one.startService()
        assert one.running
        assert one.stopService() is None
        assert not one.running

    def test_isPickledAsNotRunning(self) -> None:
        """A pickle of a running service is one of a stopped service."""
        one = Service()
        one.startService()
        assert not pickle.loads(pickle.dumps(one)).running

    def test_leavesVolatileAttributesOutOfPickles(self) -> None:
        """Each class of a family names its own in ``volatile``."""

        class Parent(Service):
            volatile = ["port"]

        class Child(Parent):
            volatile = ["call"]

        one = Child()
        one.__dict__.update(port=1, call=2, kept=3)
        assert one.__getstate__() == {"kept": 3}


class TestTree:
    def test_startsAndStopsWithItsParent(self) -> None:
        """Children start in the order in which they were added, and stop in the opposite order (F181, F184, AP10)."""
        notes: list[str] = []
        parent = MultiService()
        for word in "abc":
            Noting(word, notes).setServiceParent(parent)
        parent.privilegedStartService()
        parent.startService()
        assert notes == ["privileged a", "privileged b", "privileged c", "start a", "start b", "start c"]
        notes.clear()
        parent.stopService()
        assert notes == ["stop c", "stop b", "stop a"]

    def test_trees(self) -> None:
        """A MultiService may be a child itself (F184)."""
        notes: list[str] = []
        root, branch = MultiService(), MultiService()
        Noting("leaf", notes).setServiceParent(branch)
        branch.setServiceParent(root)
        root.startService()
        assert notes == ["start leaf"]
        assert branch.running

    def test_stopWaitsForEveryChild(self) -> None:
        """The Deferred of stopService fires when all children have stopped; none waits for another."""
        notes: list[str] = []
        first: Deferred[str] = Deferred()
        second: Deferred[str] = Deferred()
        parent = MultiService()
        Noting("a", notes, first).setServiceParent(parent)
        Noting("b", notes, second).setServiceParent(parent)
        Noting("c", notes).setServiceParent(parent)
        parent.startService()
        over: list[Any] = []
        parent.stopService().addCallback(over.append)
        assert notes[-3:] == ["stop c", "stop b", "stop a"]
        first.callback("first")
        assert not over
        second.callback("second")
        assert over == [[(True, None), (True, "second"), (True, "first")]]

    def test_waitsForCoroutines(self) -> None:
        """``async def stopService`` is waited for like a Deferred."""
        gate: Deferred[None] = Deferred()

        class Slow(Service):
            async def stopService(self) -> None:
                await gate

        parent = MultiService()
        Slow().setServiceParent(parent)
        over: list[Any] = []
        parent.stopService().addCallback(over.append)
        assert not over
        gate.callback(None)
        assert over == [[(True, None)]]

    @pytest.mark.parametrize("broken", [ValueError("now"), fail(ValueError("later"))], ids=["raises", "fails"])
    def test_oneThatCannotStopDoesNotKeepTheOthers(self, broken: Any) -> None:
        """A failure to stop is logged with the service; the others stop, and stopService fires."""

        class Broken(Service):
            def stopService(self) -> Any:
                if isinstance(broken, Exception):
                    raise broken
                return broken

        notes: list[str] = []
        parent = MultiService()
        Noting("a", notes).setServiceParent(parent)
        Broken().setServiceParent(parent)
        over: list[Any] = []
        with capturedLogs() as events:
            parent.stopService().addCallback(over.append)
        assert notes == ["stop a"]
        assert [success for success, _ in over[0]] == [False, True]
        (event,) = events
        assert event["log_failure"].check(ValueError)
        assert isinstance(event["service"], Broken)

    def test_aFailedStartIsRaised(self) -> None:
        """What a child raises on start is raised by its parent, and later children aren't started."""
        notes: list[str] = []
        parent = MultiService()
        Noting("a", notes).setServiceParent(parent)
        BrokenStart().setServiceParent(parent)
        Noting("c", notes).setServiceParent(parent)
        with pytest.raises(RuntimeError, match="no"):
            parent.startService()
        assert notes == ["start a"]

    def test_startsWhatIsAddedWhileItRuns(self) -> None:
        """A child of a running parent starts at once."""
        notes: list[str] = []
        parent = MultiService()
        parent.startService()
        Noting("late", notes).setServiceParent(parent)
        assert notes == ["privileged late", "start late"]

    def test_stopsWhatLeavesWhileItRuns(self) -> None:
        """disownServiceParent stops a running service, and returns what to wait for."""
        notes: list[str] = []
        parent = MultiService()
        child = Noting("a", notes, succeed(5))
        child.setServiceParent(parent)
        parent.startService()
        stopping = child.disownServiceParent()
        assert isinstance(stopping, Deferred)
        got: list[Any] = []
        stopping.addCallback(got.append)
        assert got == [5]
        assert notes[-1] == "stop a"
        assert child.parent is None
        assert list(parent) == []

    def test_leavesQuietlyAParentThatDoesNotRun(self) -> None:
        """Nothing is stopped that wasn't started."""
        notes: list[str] = []
        parent = MultiService()
        child = Noting("a", notes)
        child.setServiceParent(parent)
        assert child.disownServiceParent() is None
        assert notes == []

    def test_movesToAnotherParent(self) -> None:
        """setServiceParent takes a service out of the collection it was in."""
        here, there = MultiService(), MultiService()
        child = Service()
        child.setServiceParent(here)
        child.setServiceParent(there)
        assert list(here) == []
        assert list(there) == [child]
        assert child.parent is there

    def test_namesAreOnce(self) -> None:
        """Two children of one parent can't have the same name; the second stays without a parent."""
        parent = MultiService()
        first, second = Service(), Service()
        first.setName("one")
        second.setName("one")
        first.setServiceParent(parent)
        with pytest.raises(RuntimeError, match="'one'"):
            second.setServiceParent(parent)
        assert second.parent is None
        assert parent.getServiceNamed("one") is first
        first.disownServiceParent()
        second.setServiceParent(parent)
        assert parent.getServiceNamed("one") is second

    def test_aNameStaysWhileThereIsAParent(self) -> None:
        """setName is for services without a parent."""
        child = Service()
        child.setServiceParent(MultiService())
        with pytest.raises(RuntimeError, match="name it before"):
            child.setName("late")

    def test_saysWhoIsNotThere(self) -> None:
        """Unknown names are a KeyError, strangers a ValueError, orphans a RuntimeError."""
        parent = MultiService()
        with pytest.raises(KeyError):
            parent.getServiceNamed("nobody")
        with pytest.raises(ValueError, match="no child"):
            parent.removeService(Service())
        with pytest.raises(RuntimeError, match="no parent"):
            Service().disownServiceParent()


class TestApplication:
    def test_components(self) -> None:
        """An application is IService, IServiceCollection, IProcess and IPersistable (F179, F180, AP1)."""
        application = Application("finger", uid=1, gid=2)
        assert IService(application).name == "finger"
        root: Any = IService(application)
        assert IServiceCollection(application) is root
        assert (IProcess(application).uid, IProcess(application).gid) == (1, 2)
        verifyObject(IProcess, IProcess(application))
        verifyObject(sob.IPersistable, sob.IPersistable(application))

    def test_staysWhoItIs(self) -> None:
        """Without uid and gid the process changes neither (F185)."""
        process = IProcess(Application("plain"))
        assert (process.uid, process.gid, process.processName) == (None, None, None)
        assert isinstance(process, Process)

    def test_isAParent(self) -> None:
        """setServiceParent takes the application itself, and what it adapts to (F181, AP3)."""
        application = Application("finger")
        direct, adapted = Service(), Service()
        direct.setServiceParent(application)
        adapted.setServiceParent(IServiceCollection(application))
        assert list(IServiceCollection(application)) == [direct, adapted]
        IService(application).startService()
        assert direct.running
        assert adapted.running

    def test_isSavedAndLoaded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What ``IPersistable(application).save()`` writes, loadApplication reads (F179, F196)."""
        monkeypatch.chdir(tmp_path)
        application = Application("finger", uid=1)
        child = Service()
        child.setName("child")
        child.setServiceParent(application)
        for style, name in [("pickle", "finger.tap"), ("source", "finger.tas")]:
            persistable = sob.IPersistable(application)
            persistable.setStyle(style)
            persistable.save()
            assert sob.guessType(name) == style
            loaded = loadApplication(name, style)
            assert IProcess(loaded).uid == 1
            assert IServiceCollection(loaded).getServiceNamed("child").parent is IService(loaded)


class TestLoading:
    def test_runsPythonSource(self, tmp_path: Path) -> None:
        """A .tac file is run as Python, not as the main program; its global ``application`` is the application."""
        path = tmp_path / "server.tac"
        path.write_text("names = __name__, __file__\napplication = names\n")
        assert loadApplication(str(path), "python") == ("builtins", str(path))

    def test_keepsItsOwnFutureToItself(self, tmp_path: Path) -> None:
        """The file is compiled by Python's rules, whatever the loading module imports from ``__future__``."""
        path = tmp_path / "server.tac"
        path.write_text("def f(x: int): pass\napplication = f.__annotations__\n")
        assert loadApplication(str(path), "python") == {"x": int}

    def test_saysThatThereIsNoApplication(self, tmp_path: Path) -> None:
        """The error names the file and the variable, and is a KeyError."""
        path = tmp_path / "server.tac"
        path.write_text("app = 1\n")
        with pytest.raises(sob.NotDefined) as caught:
            loadApplication(str(path), "python")
        assert str(path) in str(caught.value)
        assert "'application'" in str(caught.value)
        assert isinstance(caught.value, KeyError)

    def test_showsWhereASyntaxErrorIs(self, tmp_path: Path) -> None:
        """A syntax error names the file and the line."""
        path = tmp_path / "server.tac"
        path.write_text("\napplication = (\n")
        with pytest.raises(SyntaxError) as caught:
            loadApplication(str(path), "python")
        assert (caught.value.filename, caught.value.lineno) == (str(path), 2)

    def test_refusesWhatItCannotDo(self, tmp_path: Path) -> None:
        """Unknown kinds, passphrases and missing files are errors of their own."""
        with pytest.raises(ValueError, match="xml"):
            loadApplication("some.tax", "xml")
        with pytest.raises(TypeError, match="encrypted"):
            loadApplication("some.tap", "pickle", "secret")
        with pytest.raises(FileNotFoundError):
            loadApplication(os.fspath(tmp_path / "none.tac"), "python")


class TestServiceMaker:
    def test_importsItsModuleWhenAsked(self) -> None:
        """A ServiceMaker is a plugin that names a module; the module's Options and makeService are its own (F192)."""
        maker = ServiceMaker("Finger", "application_maker_module", "says who is there", "finger")
        assert (maker.name, maker.description, maker.tapname) == ("Finger", "says who is there", "finger")
        assert IPlugin.providedBy(maker)
        assert IServiceMaker.providedBy(maker)
        with pytest.raises(ModuleNotFound):
            maker.makeService  # noqa: B018  # asking is what imports

    def test_findsOptionsAndMakeService(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The module is any importable one, and makes the service from its options (F192, F194)."""
        (tmp_path / "fingertap.py").write_text(
            "from ropewalk.application.service import MultiService\n"
            "class Options(dict): pass\n"
            "def makeService(config):\n"
            "    service = MultiService()\n"
            "    service.setName(config['name'])\n"
            "    return service\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        maker = ServiceMaker("Finger", "fingertap", "says who is there", "finger")
        made = maker.makeService(maker.options(name="f"))
        assert IService.providedBy(made)
        assert made.name == "f"


def test_tracebacksShowTheDocumentedPath() -> None:
    """The classes say that they live where the documents have them."""
    assert {getattr(service, name).__module__ for name in service.__all__} == {"ropewalk.application.service"}
