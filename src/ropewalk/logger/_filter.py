"""Events that pass, and events that don't: `FilteringLogObserver`, and the predicate that judges by level."""

from __future__ import annotations

from ._interest import newEra, wouldSee
from ._levels import LEVELS, InvalidLogLevelError, LogLevel
from ._names import Constant, Names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zope.interface import implementer

    from ._events import LogEvent, Observer
    from ._interfaces import ILogFilterPredicate, ILogObserver
else:
    from ._declared import ILogFilterPredicate, ILogObserver, implementer

__all__ = ["FilteringLogObserver", "LogLevelFilterPredicate", "PredicateResult"]


class PredicateResult(Names):
    """What a predicate says of an event."""

    #: It passes; ask no other predicate.
    yes = Constant()
    #: It doesn't pass; ask no other predicate.
    no = Constant()
    #: Ask the next one. An event of which the last says so passes.
    maybe = Constant()


YES, NO, MAYBE = PredicateResult.yes, PredicateResult.no, PredicateResult.maybe


@implementer(ILogObserver)
class FilteringLogObserver:
    """Forwards the events that pass its predicates, and may send the others elsewhere.

    Args:
        observer: called with the events that pass.
        predicates: asked in this order until one says yes or no.
        negativeObserver: called with the events that don't pass, if given.
    """

    def __init__(
        self,
        observer: Observer,
        predicates: Iterable[Callable[[LogEvent], Constant]],
        negativeObserver: Observer | None = None,
    ) -> None:
        self._observer = observer
        self._predicates = tuple(predicates)
        self._negativeObserver = negativeObserver

    def __call__(self, event: LogEvent) -> None:
        """
        Raises:
            TypeError: a predicate returned something else than a constant of `PredicateResult`.
        """
        passes = self._passes(event)
        observer = self._observer if passes else self._negativeObserver
        if observer is None:
            return
        if "log_trace" in event:
            event["log_trace"].append((self, observer))
        observer(event)

    def _passes(self, event: LogEvent) -> bool:
        for predicate in self._predicates:
            result = predicate(event)
            if result is MAYBE:
                continue
            if result is YES:
                return True
            if result is NO:
                return False
            raise TypeError(f"a log predicate returns a constant of PredicateResult, but {predicate!r} gave {result!r}")
        return True

    def _wouldSee(self, level: Constant, namespace: str) -> bool:
        if type(self).__call__ is not FilteringLogObserver.__call__:
            return True  # A subclass may do more than forward.
        # Only level filters can be asked without an event, and only those that are asked before all others.
        for predicate in self._predicates:
            if type(predicate) is not LogLevelFilterPredicate:
                break
            if not predicate._wouldPass(level, namespace):
                negative = self._negativeObserver
                return negative is not None and wouldSee(negative, level, namespace)
        return wouldSee(self._observer, level, namespace)


@implementer(ILogFilterPredicate)
class LogLevelFilterPredicate:
    """Rejects events below a level, which each namespace may have set for itself and for what is below it.

    An event without a level or without a namespace is rejected.

    Args:
        defaultLogLevel: for namespaces that have no level set.
    """

    def __init__(self, defaultLogLevel: Constant = LogLevel.info) -> None:
        self.defaultLogLevel = defaultLogLevel
        self._levelByNamespace: dict[str, Constant] = {"": defaultLogLevel}
        # Namespace -> the level that holds there: what `logLevelForNamespace` found. Emptied when a level is set.
        self._found: dict[str, Constant] = {}

    def logLevelForNamespace(self, namespace: str | None) -> Constant:
        """Return the level that holds for a namespace: its own, that of the nearest namespace above, or the default."""
        if not namespace:
            return self._levelByNamespace[""]
        found = self._found.get(namespace)
        if found is None:
            above = namespace
            while above and above not in self._levelByNamespace:
                above = above.rpartition(".")[0]
            found = self._found[namespace] = self._levelByNamespace[above]
        return found

    def setLogLevelForNamespace(self, namespace: str | None, level: Constant) -> None:
        """Reject events below a level, in a namespace and those below it; in all with the namespace ``""`` or `None`.

        Raises:
            InvalidLogLevelError: it is no constant of `LogLevel`.
        """
        if level not in LEVELS:
            raise InvalidLogLevelError(level)
        self._levelByNamespace[namespace or ""] = level
        self._found = {}
        newEra()

    def clearLogLevels(self) -> None:
        """Forget every level that was set: the default holds again."""
        self._levelByNamespace = {"": self.defaultLogLevel}
        self._found = {}
        newEra()

    def __call__(self, event: LogEvent) -> Constant:
        level: Constant | None = event.get("log_level")
        namespace: str | None = event.get("log_namespace")
        if level is None or namespace is None or not self._wouldPass(level, namespace):
            return NO
        return MAYBE

    def _wouldPass(self, level: Constant, namespace: str) -> bool:
        return bool(namespace) and level >= self.logLevelForNamespace(namespace)
