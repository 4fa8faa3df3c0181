"""Files and directories that are watched, with the kernel's real inotify."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet import inotify
from ropewalk.internet.defer import Deferred
from ropewalk.internet.inotify import (
    IN_CLOSE_WRITE,
    IN_CREATE,
    IN_DELETE,
    IN_IGNORED,
    IN_ISDIR,
    IN_MODIFY,
    IN_ONESHOT,
    IN_Q_OVERFLOW,
    INotify,
    INotifyError,
    humanReadableMask,
)
from ropewalk.internet.task import deferLater
from ropewalk.python.filepath import FilePath
from support.reactors import epoll, fresh, run


class Seen:
    """Collects what callbacks are told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, list[str]]] = []
        self._waiting: tuple[str, str, Deferred[None]] | None = None

    def __call__(self, watch: object, path: FilePath[bytes], mask: int) -> None:
        self.told.append((os.fsdecode(path.basename()), humanReadableMask(mask)))
        if self._waiting is not None:
            name, event, found = self._waiting
            if self.has(name, event):
                self._waiting = None
                found.callback(None)

    def has(self, name: str, event: str) -> bool:
        return any(who == name and event in what for who, what in self.told)

    async def until(self, name: str, event: str) -> None:
        """Wait until somebody told of this."""
        if not self.has(name, event):
            found: Deferred[None] = Deferred()
            self._waiting = (name, event, found)
            await found


@contextmanager
def watching() -> Iterator[tuple[Any, INotify, Seen]]:
    """A reactor, a queue that it reads, and a callback that collects."""
    with fresh(epoll) as reactor:
        notifier = INotify(reactor)
        notifier.startReading()
        try:
            yield reactor, notifier, Seen()
        finally:
            notifier.loseConnection()
            reactor.iterate(0)


def test_aFilesLife(tmp_path: Path) -> None:
    """A watched directory tells of a file that is made, written to, renamed and removed."""
    with watching() as (reactor, notifier, seen):
        notifier.watch(FilePath(str(tmp_path)), callbacks=[seen])

        async def main() -> None:
            (tmp_path / "a").write_bytes(b"1")
            (tmp_path / "a").rename(tmp_path / "b")
            (tmp_path / "b").unlink()
            await seen.until("b", "delete")

        run(reactor, main)
    assert seen.told == [
        ("a", ["create"]),
        ("a", ["modify"]),
        ("a", ["moved_from"]),
        ("b", ["moved_to"]),
        ("b", ["delete"]),
    ]


def test_aWatchedFile(tmp_path: Path) -> None:
    """A watch may be of a single file, and only of what one wants to know."""
    target = tmp_path / "file"
    target.write_bytes(b"")
    with watching() as (reactor, notifier, seen):
        notifier.watch(str(target), mask=IN_CLOSE_WRITE, callbacks=[seen])

        async def main() -> None:
            target.write_bytes(b"more")
            await seen.until("file", "close_write")

        run(reactor, main)
    assert seen.told == [("file", ["close_write"])]


def test_newDirectoriesAreWatched(tmp_path: Path) -> None:
    """With ``autoAdd`` a directory that appears is watched, and what is in it by then is told."""
    with watching() as (reactor, notifier, seen):
        notifier.watch(tmp_path, callbacks=[seen], autoAdd=True)

        async def main() -> None:
            (tmp_path / "new" / "deep").mkdir(parents=True)
            (tmp_path / "new" / "deep" / "early").write_bytes(b"")
            await seen.until("early", "create")
            (tmp_path / "new" / "deep" / "late").write_bytes(b"")
            await seen.until("late", "create")
            assert notifier._isWatched(FilePath(str(tmp_path / "new" / "deep"))) is not None

        run(reactor, main)
    assert ("new", ["create", "is_dir"]) in seen.told
    assert ("deep", ["create", "is_dir"]) in seen.told


def test_withoutAutoAddTheyAreNot(tmp_path: Path) -> None:
    with watching() as (reactor, notifier, seen):
        notifier.watch(tmp_path, callbacks=[seen])

        async def main() -> None:
            (tmp_path / "new").mkdir()
            (tmp_path / "new" / "inside").write_bytes(b"")
            (tmp_path / "last").write_bytes(b"")
            await seen.until("last", "create")

        run(reactor, main)
    assert not seen.has("inside", "create")


def test_aDirectoryThatMovesIsKnownByItsNewName(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with watching() as (reactor, notifier, seen):
        notifier.watch(tmp_path, callbacks=[seen], autoAdd=True, recursive=True)
        paths: list[bytes] = []
        notifier.watch(tmp_path, callbacks=[seen, lambda _, path, __: paths.append(path.path)], autoAdd=True)

        async def main() -> None:
            (tmp_path / "old").rename(tmp_path / "renamed")
            await seen.until("renamed", "moved_to")
            (tmp_path / "renamed" / "inside").write_bytes(b"")
            await seen.until("inside", "create")

        run(reactor, main)
    assert os.fsencode(tmp_path / "renamed" / "inside") in paths


def test_aTree(tmp_path: Path) -> None:
    """``recursive`` watches the directories that are there, and follows no symbolic link."""
    (tmp_path / "tree" / "branch").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "tree" / "link").symlink_to(tmp_path / "elsewhere")
    with watching() as (reactor, notifier, seen):
        notifier.watch(tmp_path / "tree", callbacks=[seen], recursive=True)

        async def main() -> None:
            (tmp_path / "elsewhere" / "hidden").write_bytes(b"")
            (tmp_path / "tree" / "branch" / "leaf").write_bytes(b"")
            await seen.until("leaf", "create")

        run(reactor, main)
    assert not seen.has("hidden", "create")


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A tree deeper than Python's stack, and a descriptor of its ground."""
    tree = tmp_path / "tree"
    tree.mkdir()
    ground = os.open(tree, os.O_DIRECTORY)
    for _ in range(sys.getrecursionlimit() + 100):
        os.mkdir("d", dir_fd=ground)
        above, ground = ground, os.open("d", os.O_DIRECTORY, dir_fd=ground)
        os.close(above)
    try:
        yield tree, ground
    finally:
        os.close(ground)
        # `shutil.rmtree`, and so pytest, would not get down there.
        subprocess.run(["rm", "-rf", tmp_path], check=True)


def test_aDeepTreeAppears(tmp_path: Path, deep: tuple[Path, int]) -> None:
    """A tree that is moved in is watched to its ground, however deep that is."""
    tree, ground = deep
    watched = tmp_path / "watched"
    watched.mkdir()
    with watching() as (reactor, notifier, seen):
        notifier.watch(FilePath(str(watched)), autoAdd=True, callbacks=[seen])

        async def main() -> None:
            tree.rename(watched / "moved")
            await seen.until("moved", "moved_to")
            await deferLater(reactor, 0)
            os.mkdir("new", dir_fd=ground)
            await seen.until("new", "create")

        run(reactor, main)


def test_ignored(tmp_path: Path) -> None:
    """What is ignored is told no more; ignoring it again is a mistake."""
    (tmp_path / "other").mkdir()
    with watching() as (reactor, notifier, seen):
        notifier.watch(tmp_path / "other", callbacks=[seen])
        notifier.watch(tmp_path, callbacks=[seen])
        notifier.ignore(tmp_path)

        async def main() -> None:
            (tmp_path / "unseen").write_bytes(b"")
            (tmp_path / "other" / "seen").write_bytes(b"")
            await seen.until("seen", "create")
            assert not seen.has("unseen", "create")
            with pytest.raises(KeyError, match="is not watched"):
                notifier.ignore(tmp_path)
            notifier.ignore(tmp_path / "other")

        run(reactor, main)


def test_whatIsGoneIsForgotten(tmp_path: Path) -> None:
    """A directory that is removed tells so, and is watched no longer."""
    (tmp_path / "brief").mkdir()
    with watching() as (reactor, notifier, seen):
        notifier.watch(tmp_path / "brief", callbacks=[seen])

        async def main() -> None:
            (tmp_path / "brief").rmdir()
            await seen.until("brief", "ignored")
            assert notifier._isWatched(FilePath(str(tmp_path / "brief"))) is None

        run(reactor, main)
    assert seen.told == [("brief", ["delete_self"]), ("brief", ["ignored"])]


def test_once(tmp_path: Path) -> None:
    """``IN_ONESHOT`` tells the first event, and that it was the last."""
    with watching() as (reactor, notifier, seen):
        notifier.watch(tmp_path, mask=IN_CREATE | IN_ONESHOT, callbacks=[seen])

        async def main() -> None:
            (tmp_path / "one").write_bytes(b"")
            (tmp_path / "two").write_bytes(b"")
            await seen.until(tmp_path.name, "ignored")

        run(reactor, main)
    assert seen.told == [("one", ["create"]), (tmp_path.name, ["ignored"])]


def test_aCallbackThatRaisesDoesNotStopTheOthers(tmp_path: Path) -> None:
    from ropewalk.python import log

    logged: list[dict[str, Any]] = []
    log.addObserver(logged.append)

    def broken(*_: object) -> None:
        raise ValueError("a mistake of the program's")

    try:
        with watching() as (reactor, notifier, seen):
            notifier.watch(tmp_path, mask=IN_CREATE, callbacks=[broken, seen])

            async def main() -> None:
                (tmp_path / "file").write_bytes(b"")
                await seen.until("file", "create")

            run(reactor, main)
    finally:
        log.removeObserver(logged.append)
    assert [event["failure"].type for event in logged if event.get("isError")] == [ValueError]


def test_aFullQueueIsTold(tmp_path: Path) -> None:
    """When the kernel drops events every watch hears of it."""
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if most > 100_000:
        pytest.skip(f"the kernel keeps {most} events here; filling that takes too long")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with watching() as (reactor, notifier, seen):
        quiet = Seen()
        notifier.watch(tmp_path / "a", mask=IN_CREATE | IN_DELETE, callbacks=[seen])
        notifier.watch(tmp_path / "b", callbacks=[quiet])

        async def main() -> None:
            busy = str(tmp_path / "a" / "x")
            for _ in range(most // 2 + 2):
                os.mkdir(busy)
                os.rmdir(busy)
            await quiet.until("b", "queue_overflow")

        run(reactor, main, timeout=30)
    assert seen.has("a", "queue_overflow")
    assert quiet.told == [("b", ["queue_overflow"])]


def test_nothingThere(tmp_path: Path) -> None:
    """What cannot be watched is an error that says what, and why."""
    with watching() as (_, notifier, seen):
        with pytest.raises(INotifyError, match=r"cannot watch b'.*/missing': No such file or directory"):
            notifier.watch(tmp_path / "missing", callbacks=[seen])
        notifier.watch(tmp_path, callbacks=[seen])


def test_theKernelsLimits(tmp_path: Path) -> None:
    """A user who has too many of them reads which limit it is, and where to raise it."""
    most = int(Path("/proc/sys/fs/inotify/max_user_instances").read_text())
    if most > 1024:
        pytest.skip(f"a user may have {most} queues here, more than descriptors")
    many: list[INotify] = []
    with fresh(epoll) as reactor:
        try:
            with pytest.raises(INotifyError, match="max_user_instances"):
                for _ in range(most + 1):
                    many.append(INotify(reactor))
        finally:
            for one in many:
                one.connectionLost(None)  # type: ignore[arg-type]  # nobody looks at the reason


def test_closed(tmp_path: Path) -> None:
    """After ``loseConnection`` nothing is told, and the descriptor is closed."""
    with fresh(epoll) as reactor:
        notifier = INotify(reactor)
        notifier.startReading()
        seen = Seen()
        notifier.watch(tmp_path, callbacks=[seen])
        fd = notifier.fileno()
        notifier.loseConnection()
        notifier.loseConnection()
        (tmp_path / "late").write_bytes(b"")
        reactor.iterate(0)
        assert notifier.fileno() == -1
        assert seen.told == []
        with pytest.raises(OSError):
            os.fstat(fd)
        assert reactor.getReaders() == []


def test_masksInWords() -> None:
    assert humanReadableMask(0) == []
    assert humanReadableMask(IN_CREATE | IN_ISDIR) == ["create", "is_dir"]
    assert humanReadableMask(IN_MODIFY | IN_Q_OVERFLOW | IN_IGNORED) == ["modify", "queue_overflow", "ignored"]
    assert inotify.IN_WATCH_MASK == 12230
    assert len(humanReadableMask(0xFFFFFFFF)) == 20
