"""The reactor's thread, and methods for one thread at a time."""

from __future__ import annotations

import pickle
import threading
from typing import Any

import pytest

from ropewalk.python import threadable


def test_theReactorsThread(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread is the reactor's until one registers itself; then only that one is."""
    monkeypatch.setattr(threadable, "ioThread", None)
    assert not threadable.isInIOThread()
    threadable.registerAsIOThread()
    assert threadable.isInIOThread()
    assert threadable.ioThread == threadable.getThreadID() == threading.get_ident()
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(threadable.isInIOThread()))
    thread.start()
    thread.join()
    assert seen == [False]


class Counter:
    synchronized = ["enter", "enterTwice"]

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0

    def enter(self) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        threading.Event().wait(0.001)
        self.inside -= 1

    def enterTwice(self) -> str:
        self.enter()
        return "done"


threadable.synchronize(Counter)


def test_onlyOneThreadIsInside() -> None:
    """Synchronized methods of one object never overlap, though several threads call them."""
    counter = Counter()
    threads = [threading.Thread(target=counter.enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.most == 1


def test_aSynchronizedMethodMayCallAnother() -> None:
    """The thread inside may come in again; names and results stay."""
    assert Counter().enterTwice() == "done"
    assert Counter.enterTwice.__name__ == "enterTwice"


@pytest.mark.parametrize("make", [threadable.XLock, threadable.DummyLock])
def test_locksPickleAsNewOnes(make: Any) -> None:
    """A lock comes back from a pickle unlocked."""
    lock: Any = pickle.loads(pickle.dumps(make()))
    assert isinstance(lock, threadable.XLock)
    assert lock.acquire(blocking=False)


def test_initIsHarmless() -> None:
    """Threads need no preparation."""
    threadable.init()
    threadable.init(with_threads=0)
    assert threadable.threaded
