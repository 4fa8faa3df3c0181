"""The errors that are logged while a test runs. Each one that the test does not take fails it.

What Deferreds drop without anybody having handled their failure is logged too, and so fails the test that dropped it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ropewalk.logger import globalLogPublisher
from ropewalk.python.failure import Failure

if TYPE_CHECKING:
    from ropewalk.logger import LogEvent

__all__ = ["collecting", "flush"]

# For each block under `collecting`, innermost last, what was logged and nobody has taken.
_collected: list[list[Failure]] = []


@contextmanager
def collecting() -> Iterator[list[Failure]]:
    """Collect the errors that are logged in a block, those excepted that a block within it collects."""
    errors: list[Failure] = []
    if not _collected:
        globalLogPublisher.addObserver(_observe)
    _collected.append(errors)
    try:
        yield errors
    finally:
        _collected.pop()  # not `remove`, to which all empty lists are the same one
        if not _collected:
            globalLogPublisher.removeObserver(_observe)


def _observe(event: LogEvent) -> None:
    failure = event.get("log_failure")
    if failure is None and event.get("isError"):
        failure = event.get("failure")  # of the older system
    if isinstance(failure, Failure):
        _collected[-1].append(failure)


def flush(errors: list[Failure], types: tuple[type[BaseException] | str, ...]) -> list[Failure]:
    """Take from a list of errors those of these types, or all of them, and return them."""
    taken = [error for error in errors if not types or error.check(*types)]
    errors[:] = [error for error in errors if error not in taken]
    return taken
