"""What goes wrong with Deferreds, as exceptions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ...python.failure import Failure


class AlreadyCalledError(Exception):
    """A Deferred that had fired was fired again: `callback` and `errback` work once, in whichever form.

    In debug mode the message says where the Deferred was created and where it was first fired.
    """


class CancelledError(Exception):
    """The Deferred was cancelled, and whoever works on its result could not or did not say more."""


class TimeoutError(Exception):
    """The time that `Deferred.addTimeout` allowed has passed."""


class NotACoroutineError(TypeError):
    """Something that can't be run as a coroutine was given where one is needed."""


class AlreadyTryingToLockError(Exception):
    """`deferUntilLocked` was called while an earlier call still waits for the lock."""


class QueueOverflow(Exception):
    """An object was put into a `DeferredQueue` that is full."""


class QueueUnderflow(Exception):
    """An object was asked of a `DeferredQueue` for which as many wait already as it allows."""


class FirstError(Exception):
    """One of several Deferreds failed, and that is the outcome of all.

    Attributes:
        subFailure: the Failure.
        index: the place of the Deferred that failed, in the order given.
    """

    def __init__(self, failure: Failure, index: int) -> None:
        super().__init__(failure, index)
        self.subFailure = failure
        self.index = index

    def __repr__(self) -> str:
        return f"FirstError[#{self.index}, {self.subFailure.value!r}]"

    def __str__(self) -> str:
        return f"FirstError[#{self.index}, {self.subFailure}]"

    def _order(self) -> tuple[Any, ...]:
        return (self.index, self.subFailure)

    def __eq__(self, other: object) -> bool:
        """Equal to another FirstError for the same Failure at the same place."""
        if isinstance(other, FirstError):
            return self._order() == other._order()
        return NotImplemented

    def __lt__(self, other: object) -> bool:
        """Ordered by place."""
        if isinstance(other, FirstError):
            return self.index < other.index
        return NotImplemented

    __hash__ = Exception.__hash__


class FailureGroup(Exception):
    """Every one of several Deferreds failed.

    Attributes:
        failures: their Failures, in the order given.
    """

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(failures)
        self.failures = failures

    def __str__(self) -> str:
        return f"{len(self.failures)} failures: " + ", ".join(repr(failure.value) for failure in self.failures)
