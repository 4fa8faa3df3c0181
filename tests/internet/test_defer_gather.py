"""Waiting for several Deferreds, and taking turns."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.internet.defer import (
    AlreadyTryingToLockError,
    CancelledError,
    Deferred,
    DeferredFilesystemLock,
    DeferredList,
    DeferredLock,
    DeferredQueue,
    DeferredSemaphore,
    FailureGroup,
    FirstError,
    QueueOverflow,
    QueueUnderflow,
    TimeoutError,
    fail,
    gatherResults,
    race,
    succeed,
)
from ropewalk.internet.task import Clock
from ropewalk.python.failure import Failure
from ropewalk.python.lockfile import FilesystemLock


def reason(deferred: Deferred[Any]) -> Any:
    """Take the failure of a Deferred: the exception; None when there is none."""
    seen: list[Failure] = []
    deferred.addErrback(seen.append)
    return seen[0].value if seen else None


class TestDeferredList:
    """`DeferredList`."""

    def test_allResultsInOrder(self) -> None:
        """It fires when all have, with (success, result) pairs in the order given, failures as Failures (F084)."""
        members: list[Deferred[Any]] = [Deferred(), Deferred(), succeed(3)]
        together = DeferredList(members, consumeErrors=True)
        members[1].errback(ValueError("bang"))
        assert not together.called
        members[0].callback(1)
        assert together.result[0] == (True, 1)
        assert together.result[1][0] is False
        assert together.result[1][1].getErrorMessage() == "bang"
        assert together.result[2] == (True, 3)

    def test_empty(self) -> None:
        """A list of none fires at once; not so with ``fireOnOneCallback``."""
        assert DeferredList([]).result == []
        assert not DeferredList([], fireOnOneCallback=True).called

    def test_recordsItsOwnPlaceInTheChain(self) -> None:
        """Callbacks added before count, those added afterwards don't, and see the same result (F086)."""
        member: Deferred[str] = Deferred()
        member.addCallback(lambda s: s + " ten")
        together = DeferredList([member])
        member.addCallback(lambda s: s + " more")
        member.callback("one")
        assert together.result == [(True, "one ten")]
        assert member.result == "one ten more"

    def test_membersKeepTheirErrors(self) -> None:
        """Without ``consumeErrors`` a member's failure is still its own; with it, it is taken (F087, F088)."""
        kept, consumed = fail(ValueError("kept")), fail(ValueError("consumed"))
        DeferredList([kept])
        DeferredList([consumed], consumeErrors=True)
        assert isinstance(reason(kept), ValueError)
        assert consumed.result is None

    def test_firstSuccess(self) -> None:
        """With ``fireOnOneCallback`` the first success is all: (result, index); the rest is ignored (F089)."""
        members: list[Deferred[str]] = [Deferred(), Deferred()]
        together = DeferredList(members, fireOnOneCallback=True)
        members[1].callback("b")
        assert together.result == ("b", 1)
        members[0].callback("a")
        assert together.result == ("b", 1)

    def test_firstFailure(self) -> None:
        """With ``fireOnOneErrback`` the first failure is all: a `FirstError` that says which (F089)."""
        members: list[Deferred[str]] = [Deferred(), Deferred()]
        together = DeferredList(members, fireOnOneErrback=True, consumeErrors=True)
        error = ValueError("b")
        members[1].errback(error)
        first = reason(together)
        assert isinstance(first, FirstError)
        assert (first.index, first.subFailure.value) == (1, error)
        assert repr(first) == "FirstError[#1, ValueError('b')]"
        assert first == FirstError(first.subFailure, 1)
        assert first != FirstError(first.subFailure, 0)
        members[0].errback(ValueError("a"))

    def test_cancel(self) -> None:
        """Cancelling cancels all members; the list fires with what comes of it."""
        members: list[Deferred[str]] = [Deferred(), succeed("b"), Deferred()]
        together = DeferredList(members, consumeErrors=True)
        together.cancel()
        assert [success for success, _ in together.result] == [False, True, False]
        assert together.result[0][1].check(CancelledError)

    def test_cancelledThroughAnother(self) -> None:
        """Cancelling a Deferred that waits for a list cancels the list's members."""
        member: Deferred[str] = Deferred()
        together = DeferredList([member], consumeErrors=True)
        outer = succeed(None).addCallback(lambda _: together)
        outer.cancel()
        assert outer.result[0][1].check(CancelledError)


class TestGatherResults:
    """`gatherResults`."""

    def test_plainResults(self) -> None:
        """It fires with the results alone, in order, from any iterable (F090)."""
        pending: Deferred[int] = Deferred()
        together = gatherResults(iter([succeed(1), pending]))
        pending.callback(2)
        assert together.result == [1, 2]

    def test_firstFailure(self) -> None:
        """The first failure is the failure of all (F090)."""
        error = ValueError("x")
        assert reason(gatherResults([Deferred(), fail(error)], consumeErrors=True)).subFailure.value is error

    def test_cancel(self) -> None:
        """Cancelling cancels all of them."""
        members: list[Deferred[int]] = [Deferred(), Deferred()]
        together = gatherResults(members, consumeErrors=True)
        together.cancel()
        assert all(member.called for member in members)
        assert isinstance(reason(together), FirstError)


class TestRace:
    """`race`."""

    @pytest.mark.parametrize("fired", [True, False])
    def test_firstSuccessWins(self, fired: bool) -> None:
        """The first success is the result, with its index; the others are cancelled."""
        cancelled: list[object] = []
        loser: Deferred[str] = Deferred(cancelled.append)
        winner: Deferred[str] = succeed("x") if fired else Deferred()
        result = race([loser, winner])
        if not fired:
            winner.callback("x")
        assert result.result == (1, "x")
        assert cancelled == [loser]

    def test_allFail(self) -> None:
        """If all fail, so does the race, with all failures in the order given."""
        members: list[Deferred[str]] = [Deferred(), Deferred()]
        result = race(members)
        members[1].errback(ValueError(1))
        members[0].errback(KeyError(0))
        group = reason(result)
        assert isinstance(group, FailureGroup)
        assert [type(failure.value) for failure in group.failures] == [KeyError, ValueError]
        assert "2 failures" in str(group)

    def test_failuresBeforeASuccess(self) -> None:
        """Failures don't matter once one succeeds."""
        assert race([fail(ValueError()), succeed(1)]).result == (1, 1)

    def test_nobodyRuns(self) -> None:
        """A race of none has no winner, and says so at once."""
        assert isinstance(reason(race([])), FailureGroup)

    def test_cancel(self) -> None:
        """Cancelling a race cancels all that run."""
        members: list[Deferred[str]] = [Deferred(), Deferred()]
        result = race(members)
        result.cancel()
        assert all(member.called for member in members)
        assert isinstance(reason(result), FailureGroup)


class TestLock:
    """`DeferredLock` and `DeferredSemaphore`."""

    def test_oneAtATime(self) -> None:
        """A second `acquire` waits until the first lets go, and so on in order."""
        lock = DeferredLock()
        turns = [lock.acquire() for _ in range(3)]
        assert [turn.called for turn in turns] == [True, False, False]
        assert turns[0].result is lock
        assert lock.locked
        assert len(lock.waiting) == 2
        lock.release()
        assert [turn.called for turn in turns] == [True, True, False]
        lock.release()
        lock.release()
        assert turns[2].called
        assert not lock.locked

    def test_releaseTooOften(self) -> None:
        """Letting go of what nobody holds is refused."""
        with pytest.raises(AssertionError, match="nobody holds"):
            DeferredLock().release()
        with pytest.raises(AssertionError, match="more often than it was acquired"):
            DeferredSemaphore(1).release()

    def test_semaphoreLimit(self) -> None:
        """A semaphore lets in as many as it has tokens."""
        semaphore = DeferredSemaphore(2)
        turns = [semaphore.acquire() for _ in range(3)]
        assert [turn.called for turn in turns] == [True, True, False]
        assert (semaphore.tokens, semaphore.limit) == (0, 2)
        semaphore.release()
        assert turns[2].called
        with pytest.raises(ValueError, match=">= 1, not 0"):
            DeferredSemaphore(0)

    def test_cancelledWaiterLosesItsPlace(self) -> None:
        """Cancelling a wait gives up the place; the next in line isn't affected."""
        lock = DeferredLock()
        lock.acquire()
        first, second = lock.acquire(), lock.acquire()
        first.cancel()
        assert isinstance(reason(first), CancelledError)
        lock.release()
        assert second.called

    @pytest.mark.parametrize("primitive", [DeferredLock(), DeferredSemaphore(1)])
    def test_run(self, primitive: DeferredLock | DeferredSemaphore) -> None:
        """`run` calls a function in its turn, waits for its result, and lets go even after an error."""
        pending: Deferred[str] = Deferred()
        first = primitive.run(lambda: pending)
        second = primitive.run(int, "x")
        third = primitive.run(int, "11", base=2)
        assert not second.called
        pending.callback("done")
        assert first.result == "done"
        assert isinstance(reason(second), ValueError)
        assert third.result == 3

    def test_asyncWith(self) -> None:
        """``async with`` holds it, and lets go after an error, too."""
        lock = DeferredLock()
        gate: Deferred[None] = Deferred()

        async def hold() -> None:
            async with lock as held:
                assert held is lock
                await gate

        done = Deferred.fromCoroutine(hold())
        assert lock.locked
        gate.errback(ValueError("x"))
        assert isinstance(reason(done), ValueError)
        assert not lock.locked

    def test_manyInARow(self) -> None:
        """10,000 that let go at once have their turns on a flat stack."""
        lock = DeferredLock()
        lock.acquire()
        turns = [lock.run(int, n) for n in range(10_000)]
        lock.release()
        assert turns[-1].result == 9_999


class TestQueue:
    """`DeferredQueue`."""

    def test_inOrder(self) -> None:
        """Objects come out in the order they went in, whether readers wait or objects do."""
        queue: DeferredQueue[int] = DeferredQueue()
        early = [queue.get(), queue.get()]
        for number in range(4):
            queue.put(number)
        late = [queue.get(), queue.get()]
        assert [each.result for each in early + late] == [0, 1, 2, 3]

    def test_limits(self) -> None:
        """``size`` and ``backlog`` are kept on both sides of the limit."""
        queue: DeferredQueue[int] = DeferredQueue(size=1, backlog=1)
        queue.put(1)
        with pytest.raises(QueueOverflow, match="1 at most"):
            queue.put(2)
        queue.get()
        queue.get()
        with pytest.raises(QueueUnderflow, match="1 at most"):
            queue.get()

    def test_cancelledReaderLosesNothing(self) -> None:
        """An object goes to the next reader when the first was cancelled."""
        queue: DeferredQueue[int] = DeferredQueue()
        first, second = queue.get(), queue.get()
        first.cancel()
        assert isinstance(reason(first), CancelledError)
        queue.put(1)
        assert second.result == 1


class TestFilesystemLock:
    """`DeferredFilesystemLock`."""

    @pytest.fixture
    def name(self, tmp_path: Any) -> str:
        """The path of a lock."""
        return str(tmp_path / "lock")

    def test_free(self, name: str) -> None:
        """A free lock is taken at once."""
        clock = Clock()
        lock = DeferredFilesystemLock(name, clock)
        assert lock.deferUntilLocked().called
        assert lock.locked
        assert clock.getDelayedCalls() == []
        lock.unlock()

    def test_taken(self, name: str) -> None:
        """A lock that is taken is tried again every second until it is free."""
        clock = Clock()
        other = FilesystemLock(name)
        other.lock()
        lock = DeferredFilesystemLock(name, clock)
        done = lock.deferUntilLocked(timeout=10)
        clock.advance(1)
        assert not done.called
        other.unlock()
        clock.advance(0.5)
        assert not done.called
        clock.advance(0.5)
        assert done.called
        assert clock.getDelayedCalls() == []
        lock.unlock()

    def test_timeout(self, name: str) -> None:
        """After the time allowed it fails with `TimeoutError`, and leaves the clock alone."""
        clock = Clock()
        FilesystemLock(name).lock()
        done = DeferredFilesystemLock(name, clock).deferUntilLocked(timeout=2.5)
        clock.pump([1, 1, 0.4])
        assert not done.called
        clock.advance(0.1)
        assert isinstance(reason(done), TimeoutError)
        assert clock.getDelayedCalls() == []

    def test_oneWaitAtATime(self, name: str) -> None:
        """A second call while the first waits fails; after cancelling the first it works."""
        clock = Clock()
        other = FilesystemLock(name)
        other.lock()
        lock = DeferredFilesystemLock(name, clock)
        first = lock.deferUntilLocked()
        assert isinstance(reason(lock.deferUntilLocked()), AlreadyTryingToLockError)
        first.cancel()
        assert isinstance(reason(first), CancelledError)
        assert clock.getDelayedCalls() == []
        other.unlock()
        assert lock.deferUntilLocked().called

    def test_impossible(self, tmp_path: Any) -> None:
        """What prevents locking altogether is the failure."""
        lock = DeferredFilesystemLock(str(tmp_path / "missing" / "lock"), Clock())
        assert isinstance(reason(lock.deferUntilLocked()), OSError)
