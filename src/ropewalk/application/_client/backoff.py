"""How long to wait before connecting again."""

from __future__ import annotations

from collections.abc import Callable
from random import random


def backoffPolicy(
    initialDelay: float = 1.0, maxDelay: float = 60.0, factor: float = 1.5, jitter: Callable[[], float] = random
) -> Callable[[int], float]:
    """Make a policy for `ClientService`: wait longer each time, up to a limit, and a bit by chance.

    Args:
        initialDelay: seconds; the first wait is this times ``factor``.
        maxDelay: seconds that the wait doesn't grow beyond, but for the jitter.
        factor: what each wait is multiplied with to get the next one.
        jitter: returns seconds to add to a wait, so that the clients of a server that went down don't all return in
            the same moment.

    Returns:
        A function from the number of failures in a row to seconds.
    """

    def policy(attempt: int) -> float:
        try:
            delay = initialDelay * factor**attempt
        except OverflowError:
            delay = maxDelay
        return min(delay, maxDelay) + jitter()

    return policy
