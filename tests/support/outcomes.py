"""What a Deferred that has fired fired with."""

from __future__ import annotations

from typing import Any

from ropewalk.internet.defer import Deferred
from ropewalk.python.failure import Failure


def outcome(deferred: Deferred[Any]) -> Any:
    """The result; what it failed with is raised. Not to have fired is an error."""
    results: list[Any] = []
    deferred.addBoth(results.append)
    assert results, f"{deferred!r} has not fired"
    if isinstance(results[0], Failure):
        results[0].raiseException()
    return results[0]
