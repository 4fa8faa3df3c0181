"""What the micro benchmarks share: the package under test, and the time of one operation.

Each of them is a program `NAME.py PACKAGE SECONDS` (`ropewalk` or `twisted`) that prints nanoseconds of CPU.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from itertools import repeat
from time import process_time_ns
from types import ModuleType

BATCH_NS = 20_000_000
"""A batch is long enough that the clock's grain and a stray interrupt don't matter."""


def load(name: str) -> ModuleType:
    """Import a module of the package under test: `load("internet.defer")`."""
    return import_module(f"{sys.argv[1]}.{name}")


def report(operation: Callable[[], object], *, each: int = 1, batch: int = 0) -> None:
    """Print the nanoseconds of CPU that one operation costs: the best batch of as many as fit in the time given.

    The best, because whatever else happens on the machine can only add to a batch; the runner takes the median over
    several processes.

    Args:
        operation: what to time; called very often.
        each: how many operations one call of it stands for.
        batch: calls in a batch, for an operation that leaves work for later (a heap that is cleaned now and then); the
            batch must be long enough to meet its share of it. 0 finds the number that takes `BATCH_NS`.
    """
    count = batch or _batchSize(operation)
    best = _run(operation, count)
    end = process_time_ns() + int(float(sys.argv[2]) * 1e9)
    while process_time_ns() < end:
        best = min(best, _run(operation, count))
    print(best / count / each)


def _batchSize(operation: Callable[[], object]) -> int:
    count = 1
    while (spent := _run(operation, count)) < BATCH_NS // 2:
        count = max(2 * count, count * BATCH_NS // max(spent, 1) // 2)
    return count


def _run(operation: Callable[[], object], count: int) -> int:
    start = process_time_ns()
    for _ in repeat(None, count):
        operation()
    return process_time_ns() - start
