"""The reactor of a process: chosen at its first use. Each test is a program of its own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

BEST = "EPollReactor" if sys.platform == "linux" else "KQueueReactor"


def program(text: str, **environment: str) -> list[str]:
    """Run a program in a fresh interpreter; return the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", text],
        env={**{key: value for key, value in os.environ.items() if key != "ROPEWALK_REACTOR"}, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_importDecidesNothing() -> None:
    """Importing the reactor, in either way, doesn't choose it, nor do questions that are asked of any module (F004)."""
    assert program(
        """if 1:
        import sys
        from ropewalk.internet import reactor
        import ropewalk.internet.reactor as again
        import ropewalk.internet.reactor
        assert again is reactor is ropewalk.internet.reactor is sys.modules["ropewalk.internet.reactor"]
        assert not hasattr(reactor, "__file__") and reactor.__spec__ is None
        print(repr(reactor), "ropewalk.internet.posixbase" in sys.modules)
        """
    ) == ["<the reactor, chosen at its first use> False"]


def test_lookingAtEverythingDecidesNothing() -> None:
    """Who looks for functions and classes in a module that has imported the reactor hasn't used it, as pytest does."""
    assert program(
        """if 1:
        import inspect
        from ropewalk.internet import reactor
        for ask in (inspect.isfunction, inspect.isclass, inspect.iscoroutinefunction, inspect.unwrap):
            ask(reactor)
        assert getattr(reactor, "_mock_name", None) is getattr(reactor, "__test__", None) is None
        print(repr(reactor))
        """
    ) == ["<the reactor, chosen at its first use>"]


@pytest.mark.parametrize(
    "use",
    [
        "reactor.callLater",
        "reactor.running",
        "reactor.flag = 1",
        "dir(reactor)",
        "isinstance(reactor, PosixReactorBase)",
        "IReactorTCP.providedBy(reactor)",
        "IReactorTime(reactor)",
    ],
)
def test_firstUseChooses(use: str) -> None:
    assert program(
        f"""if 1:
        from ropewalk.internet import reactor
        from ropewalk.internet.interfaces import IReactorTCP, IReactorTime
        from ropewalk.internet.posixbase import PosixReactorBase
        before = id(reactor)
        {use}
        print(type(reactor).__name__, id(reactor) == before)
        """
    ) == [f"{BEST} True"]


def test_isAReactorInEveryWay() -> None:
    """What was imported before the choice is the reactor: for isinstance, for interfaces, and for whoever runs it."""
    assert program(
        """if 1:
        from ropewalk.internet import reactor
        from ropewalk.internet.interfaces import IReactorCore, IReactorFDSet, IReactorTCP, IReactorTime, IReactorUDP
        from ropewalk.internet.posixbase import PosixReactorBase
        from zope.interface.verify import verifyObject
        assert isinstance(reactor, PosixReactorBase)
        for interface in (IReactorCore, IReactorFDSet, IReactorTCP, IReactorTime, IReactorUDP):
            assert verifyObject(interface, reactor)
        reactor.callLater(0, lambda: print("ran"))
        reactor.callLater(0, reactor.stop)
        reactor.run()
        """
    ) == ["ran"]


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("epoll", "EPollReactor"),
        ("poll", "PollReactor"),
        ("select", "SelectReactor"),
        ("asyncio", "AsyncioSelectorReactor"),
        ("uvloop", "UvloopReactor"),
        ("", BEST),
    ],
)
def test_environmentChooses(name: str, cls: str) -> None:
    """ROPEWALK_REACTOR names the reactor of programs that don't choose one."""
    assert program(
        """if 1:
        from ropewalk.internet import reactor
        reactor.callLater(0, reactor.stop)
        reactor.run()
        print(type(reactor).__name__)
        """,
        ROPEWALK_REACTOR=name,
    ) == [cls]


def test_environmentNamesNone() -> None:
    """An unknown name is an error that lists those that exist, each time the reactor is used."""
    assert program(
        """if 1:
        from ropewalk.internet import reactor
        for _ in range(2):
            try:
                reactor.run()
            except ValueError as problem:
                print(problem)
        """,
        ROPEWALK_REACTOR="warp",
    ) == 2 * [
        (
            "ROPEWALK_REACTOR='warp' names no reactor; "
            "there are asyncio, epoll, gi, gtk3, kqueue, poll, qt, select, wx and uvloop"
        )
    ]


@pytest.mark.parametrize("module", ["selectreactor", "pollreactor", "asyncioreactor", "epollreactor", "default"])
def test_installedAfterTheImport(module: str) -> None:
    """A reactor may be installed after others imported the reactor, until one uses it; they all have it then."""
    assert program(
        f"""if 1:
        import sys
        from ropewalk.internet import reactor as early, {module}
        assert {module}.install() is None
        from ropewalk.internet import reactor
        assert early is reactor is sys.modules["ropewalk.internet.reactor"]
        print(type(reactor).__module__ == "ropewalk.internet.{module}" or "{module}" == "default")
        reactor.callLater(0, early.stop)
        early.run()
        """
    ) == ["True"]


def test_installTooLate() -> None:
    """Once the reactor was used, no other can be installed; the error says what to do."""
    assert program(
        """if 1:
        from ropewalk.internet import reactor, selectreactor
        from ropewalk.internet.error import ReactorAlreadyInstalledError
        from ropewalk.internet.main import installReactor
        reactor.callLater
        for install in (selectreactor.install, lambda: installReactor(object())):
            try:
                install()
            except ReactorAlreadyInstalledError as problem:
                print("install another before the reactor is first used" in str(problem))
        """
    ) == ["True", "True"]


def test_installedTwice() -> None:
    assert program(
        """if 1:
        from ropewalk.internet import pollreactor, selectreactor
        from ropewalk.internet.error import ReactorAlreadyInstalledError
        selectreactor.install()
        try:
            pollreactor.install()
        except ReactorAlreadyInstalledError:
            print("refused")
        """
    ) == ["refused"]


def test_installReactorOfOnesOwn() -> None:
    """`installReactor` takes any object; whoever imported the reactor before has the same state in hand."""
    assert program(
        """if 1:
        import sys
        from ropewalk.internet import reactor as early
        from ropewalk.internet.main import installReactor
        from ropewalk.internet.selectreactor import SelectReactor

        class Own(SelectReactor):
            pass

        own = Own()
        installReactor(own)
        from ropewalk.internet import reactor
        assert reactor is own is sys.modules["ropewalk.internet.reactor"]
        assert type(early) is Own
        early.callLater(0, early.stop)
        own.run()
        print(early.running)
        """
    ) == ["False"]


def test_uninstalled() -> None:
    """Deleting the module uninstalls the reactor: another can be installed."""
    assert program(
        """if 1:
        import sys
        from ropewalk.internet import reactor, selectreactor
        reactor.callLater
        del sys.modules["ropewalk.internet.reactor"]
        selectreactor.install()
        from ropewalk.internet import reactor
        print(type(reactor).__name__)
        """
    ) == ["SelectReactor"]


def test_failedChoiceCanBeRepeated() -> None:
    """A reactor that cannot be made leaves the choice open."""
    assert program(
        """if 1:
        from ropewalk.internet import reactor
        from ropewalk.internet.main import installNew
        from ropewalk.internet.selectreactor import SelectReactor

        class Broken(SelectReactor):
            def _makePoller(self):
                raise OSError("no more descriptors")

        try:
            installNew(Broken)
        except OSError as problem:
            print(problem)
        installNew(SelectReactor)
        print(type(reactor).__name__)
        """
    ) == ["no more descriptors", "SelectReactor"]


def test_subclassOfOnesOwn() -> None:
    """A program's own reactor, with a turn of its own, works as the process's."""
    assert program(
        """if 1:
        from ropewalk.internet import reactor
        from ropewalk.internet.main import installNew
        from ropewalk.internet.pollreactor import PollReactor

        class Counting(PollReactor):
            turns = 0
            def doIteration(self, delay):
                self.turns += 1
                super().doIteration(delay)

        installNew(Counting)
        reactor.callLater(0.01, reactor.stop)
        reactor.run()
        print(reactor.turns > 0)
        """
    ) == ["True"]
