"""A generator under `inlineCallbacks` that waits for ten Deferreds which have fired already."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from stopwatch import load, report

defer = load("internet.defer")
succeed = defer.succeed


def wait() -> Generator[Any, Any, None]:
    for _ in range(10):
        yield succeed(None)


report(defer.inlineCallbacks(wait))
