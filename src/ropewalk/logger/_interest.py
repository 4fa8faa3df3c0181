"""Whether anybody would see an event, found out once and remembered.

Most events of a running system are filtered out: debug events above all. To learn that from the filters, each event
would have to be built and sent to them. So a `Logger` asks its observer beforehand: *would you see an event of this
level and namespace?* Publishers pass the question on, level filters answer it, and any other observer is taken to see
everything. The answer holds for an *era*, which ends when an observer is added or removed or a filter is set anew;
until then an event nobody would see costs two attributes and a comparison of integers.
"""

from __future__ import annotations

from itertools import count

from ._levels import LEVELS, LogLevel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._events import Observer
    from ._names import Constant

__all__ = ["Ears", "Era", "newEra", "wouldSee"]

_eras = count(1)


class Era:
    """Holds the number of the current era."""

    number = 0


def newEra() -> None:
    """Forget every remembered answer: who listens to what has changed."""
    Era.number = next(_eras)


def wouldSee(observer: Observer, level: Constant, namespace: str) -> bool:
    """Whether an observer does anything at all with events of this level and namespace."""
    ask = getattr(observer, "_wouldSee", None)
    return True if ask is None else bool(ask(level, namespace))


class Ears:
    """The levels at which an observer listens to a namespace.

    Attributes:
        era: the era of the answers.
        heard: those levels.
        debug: whether `LogLevel.debug` is one of them.
        info: whether `LogLevel.info` is one of them.
    """

    __slots__ = ("debug", "era", "heard", "info")

    def __init__(self) -> None:
        self.era = -1
        self.heard: frozenset[Constant] = frozenset()
        self.debug = self.info = False

    def listen(self, observer: Observer, namespace: str) -> None:
        """Ask anew."""
        era = Era.number  # Read first: a change while we ask makes the answer old at once.
        try:
            heard = frozenset(level for level in LEVELS if wouldSee(observer, level, namespace))
        except RecursionError:
            heard = frozenset(LEVELS)  # Publishers that publish to each other. They will hear.
        self.heard = heard
        self.debug = LogLevel.debug in heard
        self.info = LogLevel.info in heard
        self.era = era
