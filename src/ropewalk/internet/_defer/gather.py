"""Waiting for several Deferreds: for all, for the first success, for the first failure."""

from __future__ import annotations

from ...python.failure import Failure
from .deferred import PENDING, Deferred
from .errors import FailureGroup, FirstError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Literal, TypeVar

    from .deferred import Mark

    T = TypeVar("T")


# The first member of the pairs in a `DeferredList`'s result.
SUCCESS = True
FAILURE = False


class DeferredList(Deferred["list[tuple[bool, Any]]"]):
    """Fires when all of several Deferreds have, with a list of (success, result) pairs in the order given.

    What it sees of each is the result after the callbacks that the Deferred has now; those added later see the same
    result in turn. Cancelling it cancels every one of them.

    Args:
        deferredList: the Deferreds.
        fireOnOneCallback: fire at the first success instead, with the pair (result, index).
        fireOnOneErrback: fail at the first failure instead, with a `FirstError`.
        consumeErrors: take the failures, so that they are not reported as unhandled by the Deferreds themselves.
    """

    fireOnOneCallback = False
    fireOnOneErrback = False
    consumeErrors: bool
    resultList: list[Any]
    finishedCount: int
    # Emptied when the list fires: nothing can be cancelled any more.
    _deferredList: list[Deferred[Any]]

    def __init__(
        self,
        deferredList: Iterable[Deferred[Any]],
        fireOnOneCallback: bool = False,
        fireOnOneErrback: bool = False,
        consumeErrors: bool = False,
    ) -> None:
        super().__init__()
        members = self._deferredList = list(deferredList)
        self.resultList = [None] * len(members)
        self.finishedCount = 0
        # Before the first callback is added: it may run at once.
        self.fireOnOneCallback = fireOnOneCallback
        self.fireOnOneErrback = fireOnOneErrback
        self.consumeErrors = consumeErrors
        if not members and not fireOnOneCallback:
            self.callback([])
        for index, member in enumerate(members):
            member.addCallbacks(
                self._memberFired,
                self._memberFired,
                callbackArgs=(index, SUCCESS),
                errbackArgs=(index, FAILURE),
            )

    def _memberFired(self, result: Any, index: int, succeeded: bool) -> Any:
        self.resultList[index] = (succeeded, result)
        self.finishedCount += 1
        if not self.called:
            if succeeded and self.fireOnOneCallback:
                self._finish((result, index))
            elif not succeeded and self.fireOnOneErrback:
                self._finish(Failure(FirstError(result, index)))
            elif self.finishedCount == len(self.resultList):
                self._finish(self.resultList)
        return result if succeeded or not self.consumeErrors else None

    def _finish(self, result: Any) -> None:
        self._deferredList = []
        self.callback(result)

    def cancel(self) -> None:
        """Cancel all the Deferreds; the list fires with what comes of it. Nothing happens once it has fired."""
        for member in self._deferredList:
            member.cancel()


def gatherResults(deferredList: Iterable[Deferred[T]], consumeErrors: bool = False) -> Deferred[list[T]]:
    """Return a Deferred that fires with the list of all results, or fails with the first failure (`FirstError`).

    Args:
        deferredList: the Deferreds. Cancelling the returned Deferred cancels them.
        consumeErrors: take the failures of the Deferreds. Say True unless their errors are handled on their own, too.
    """
    together = DeferredList(deferredList, fireOnOneErrback=True, consumeErrors=consumeErrors)
    return together.addCallback(_results)


def _results(pairs: list[tuple[bool, T]]) -> list[T]:
    return [result for _, result in pairs]


def race(ds: Sequence[Deferred[T]]) -> Deferred[tuple[int, T]]:
    """Return a Deferred that fires with (index, result) of the first success; the others are cancelled.

    If all fail it fails with a `FailureGroup`; so it does, at once, if there are none. Cancelling it cancels all.
    """
    return _Race(ds).winner


class _Race:
    """A race that is on."""

    __slots__ = ("failures", "pending", "winner")

    def __init__(self, ds: Sequence[Deferred[Any]]) -> None:
        self.winner: Deferred[tuple[int, Any]] = Deferred(self._cancelAll)
        # Those that may still win; empty once one has.
        self.pending = dict(enumerate(ds))
        self.failures: dict[int, Failure] = {}
        if not self.pending:
            self.winner.errback(FailureGroup([]))
        for index, each in enumerate(ds):
            each.addCallbacks(self._succeeded, self._failed, callbackArgs=(index,), errbackArgs=(index,))

    def _succeeded(self, result: object, index: int) -> None:
        if self.pending:
            others, self.pending = self.pending, {}
            del others[index]
            for other in others.values():
                other.cancel()
            self.winner.callback((index, result))

    def _failed(self, failure: Failure, index: int) -> None:
        if self.pending:
            del self.pending[index]
            self.failures[index] = failure
            if not self.pending:
                self.winner.errback(FailureGroup([failure for _, failure in sorted(self.failures.items())]))

    def _cancelAll(self, winner: Deferred[Any]) -> Literal[Mark.PENDING]:
        for each in list(self.pending.values()):
            each.cancel()
        return PENDING
