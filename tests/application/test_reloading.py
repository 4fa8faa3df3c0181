"""`ropewalk.application._running.reloading` and `watching`: changes that a test makes, real files, a clock."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ropewalk.application._running.reloading import PATIENCE, Reloading
from ropewalk.application._running.sources import filesBehind, ownFiles
from ropewalk.application._running.watching import INTERVAL, PolledFiles, ToldFiles, watcherFor
from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ProcessTerminated
from ropewalk.internet.task import Clock
from ropewalk.logger import LogEvent, formatEvent, globalLogPublisher
from support.processes import FakeProcess, FakeReactor
from support.reactors import epoll, fresh, run


class FakeWatch:
    """Tells what a test says has changed."""

    def __init__(self, reactor: Any, changed: Any) -> None:
        self.changed = changed
        self.paths: list[str] = []

    def add(self, paths: list[str]) -> None:
        self.paths += paths

    def stop(self) -> None:
        self.paths.clear()


class Stage:
    """A program under `Reloading`."""

    def __init__(self) -> None:
        self.reactor = FakeReactor()
        self.gaveUp: list[int] = []
        self.service = Reloading(["python", "prog.py"], self.gaveUp.append, self.reactor, self._watcher)

    def _watcher(self, reactor: Any, changed: Any) -> FakeWatch:
        self.watch = FakeWatch(reactor, changed)
        return self.watch

    @property
    def started(self) -> list[FakeProcess]:
        return self.reactor.started

    def madeOf(self, *paths: str) -> None:
        """The program says what its files are."""
        self.started[-1].protocol.take({"files": list(paths)}, [])


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.service.startService()
    return stage


@pytest.fixture
def said() -> Iterator[list[str]]:
    lines: list[str] = []

    def observe(event: LogEvent) -> None:
        lines.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


def test_startsAgainAfterAChange(stage: Stage, said: list[str]) -> None:
    """A change of one of the program's files ends it, and it is started again; a sentence says which file."""
    stage.madeOf("/srv/app.py")
    assert stage.watch.paths == ["/srv/app.py"]
    stage.watch.changed([os.path.join(os.getcwd(), "app.py")])
    assert stage.started[0].signals == ["TERM"]
    assert len(stage.started) == 2
    assert said == ["app.py has changed: starting the program again"]


def test_waitsForTheOldOne(stage: Stage, said: list[str]) -> None:
    """The new one is started when the old one has ended, which has some time for it and is killed then.

    More changes meanwhile don't hurry it: a second signal would cut its connections.
    """
    stage.started[0].stubborn = True
    here = os.getcwd()
    stage.watch.changed([os.path.join(here, "app.py"), os.path.join(here, "more.py")])
    stage.watch.changed([os.path.join(here, "app.py")])
    assert stage.started[0].signals == ["TERM"]
    assert said == ["app.py, more.py have changed: starting the program again"]
    stage.reactor.advance(PATIENCE - 0.5)
    assert len(stage.started) == 1
    stage.reactor.advance(0.5)
    assert len(stage.started) == 2


def test_mistakesWaitToBeMended(stage: Stage, said: list[str]) -> None:
    """A program that ends with an error is started again at the next change."""
    stage.madeOf("/srv/app.py")
    stage.started[0].end(ProcessTerminated(exitCode=70))
    assert said == ["the program has ended after 0.0 seconds: exit status 70; it is started again when a file changes"]
    assert len(stage.started) == 1
    stage.watch.changed(["/srv/app.py"])
    assert len(stage.started) == 2
    assert not stage.gaveUp


def test_givesUpWhenThereIsNothingToWatch(stage: Stage) -> None:
    """A program that ended before it said what it is made of gives the exit status: its command line was wrong."""
    stage.started[0].end(ProcessTerminated(exitCode=64))
    assert stage.gaveUp == [64]


def test_stops(stage: Stage) -> None:
    """The stop ends the program and waits for that; nothing is watched any more."""
    stage.started[0].stubborn = True
    stopped: list[object] = []
    stage.madeOf("/srv/app.py")
    stage.service.stopService().addCallback(stopped.append)
    assert not stopped
    assert not stage.watch.paths
    stage.started[0].end()
    assert stopped == [None]
    assert len(stage.started) == 1


def test_stopsWhileNothingRuns(stage: Stage) -> None:
    stage.madeOf("/srv/app.py")
    stage.started[0].end(ProcessTerminated(exitCode=70))
    stopped: list[object] = []
    stage.service.stopService().addCallback(stopped.append)
    assert stopped == [None]


class TestPolledFiles:
    def test_noticesEveryKindOfChange(self, tmp_path: Path) -> None:
        """Files that are changed, removed and made are told, once each."""
        clock = Clock()
        told: list[list[str]] = []
        changed, removed, made, same = (str(tmp_path / name) for name in ("changed", "removed", "made", "same"))
        for path in (changed, removed, same):
            Path(path).write_text("one")
        watch = PolledFiles(clock, told.append)
        watch.add([changed, removed, made, same])
        clock.advance(INTERVAL)
        assert not told
        Path(changed).write_text("three")
        Path(removed).unlink()
        Path(made).write_text("new")
        clock.advance(INTERVAL)
        clock.advance(INTERVAL)
        assert [sorted(paths) for paths in told] == [sorted([changed, removed, made])]

    def test_stops(self, tmp_path: Path) -> None:
        clock = Clock()
        watch = PolledFiles(clock, print)
        watch.add([str(tmp_path / "x")])
        watch.stop()
        assert not clock.getDelayedCalls()


class TestToldFiles:
    def test_noticesAChange(self, tmp_path: Path) -> None:
        """The system tells of a watched file, also of one that was put in the place of another, and of no others."""
        pytest.importorskip("watchfiles")
        mine, other = tmp_path / "mine.py", tmp_path / "other.py"
        mine.write_text("1")

        async def main(reactor: Any) -> list[str]:
            told: Deferred[list[str]] = Deferred()

            def changed(paths: list[str]) -> None:
                if not told.called:
                    told.callback(paths)

            watch = watcherFor(reactor, changed)
            assert isinstance(watch, ToldFiles)
            watch.add([str(mine)])

            def change() -> None:
                # The thread may not watch yet: nothing tells us when it does.
                if not told.called:
                    other.write_text("2")
                    new = tmp_path / "new"
                    new.write_text("2")
                    new.replace(mine)
                    reactor.callLater(0.05, change)

            change()
            try:
                return await told
            finally:
                watch.stop()

        with fresh(epoll) as reactor:
            assert run(reactor, main, reactor, timeout=20) == [str(mine)]


class TestOwnFiles:
    def test_thoseOfTheProgram(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Modules of the program count, Python's own, installed ones and ours don't."""
        file = tmp_path / "app.py"
        file.write_text("")
        module = ModuleType("app")
        module.__file__ = str(file)
        monkeypatch.setitem(sys.modules, "app", module)
        found = ownFiles()
        assert str(file) in found
        assert not any(part in path for path in found for part in ("site-packages", "src/ropewalk", json.__file__))

    def test_filesThatAreGone(self, tmp_path: Path) -> None:
        assert str(tmp_path / "gone.py") not in ownFiles([str(tmp_path / "gone.py")])

    def test_behindAMistake(self, tmp_path: Path) -> None:
        """The file that has a mistake in it was imported by nobody; the exception names it, and who imported it."""
        wrong = tmp_path / "wrong.py"
        wrong.write_text("def x(:\n")
        with pytest.raises(ValueError) as caught:
            try:
                compile(wrong.read_text(), str(wrong), "exec")
            except SyntaxError as problem:
                raise ValueError("cannot load") from problem
        assert filesBehind(caught.value) >= {str(wrong), __file__}
