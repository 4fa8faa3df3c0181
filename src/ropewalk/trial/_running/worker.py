"""A process that runs tests for another one; see `ropewalk.trial._running.parallel`.

Its two arguments are descriptors: commands come from the first, results go to the second.
"""

from __future__ import annotations

import os
import pickle
import sys
import unittest
from typing import IO, Any

from zope.interface import implementer

from ropewalk import _standin
from ropewalk.logger import globalLogBeginner
from ropewalk.python import log
from ropewalk.python.failure import Failure
from ropewalk.python.filepath import FilePath

from .._cases.suites import TestSuite
from .._cases.verdicts import FailTest, Todo
from .._reporting.lines import trimmed
from .._reporting.result import asFailure
from ..itrial import IReporter
from ..util import openTestLog
from .suites import LoggedSuite, TrialSuite, eachTest

__all__ = ["main"]

__unittest = True


@implementer(IReporter)
class Sender(unittest.TestResult):
    """Sends what comes of each test, in one message when the test is over.

    Args:
        results: where to.
        places: the number of each test, by its identity.
    """

    def __init__(self, results: IO[bytes], places: dict[int, int]) -> None:
        super().__init__()
        self._results = results
        self._places = places
        self._message: list[tuple[Any, ...]] = []
        self._running = False

    def send(self, message: object) -> None:
        pickle.dump(message, self._results)
        self._results.flush()

    def _note(self, what: str, test: Any, *details: object) -> None:
        key: int | str = self._places.get(id(test), str(test.id()))
        self._message.append((what, key, *details))
        if not self._running:
            self._sendMessage()

    def _sendMessage(self) -> None:
        message, self._message = self._message, []
        self.send(message)

    def startTest(self, test: Any) -> None:
        self._running = True
        log.msg(f"--> {test.id()} <--")
        self._note("startTest", test)

    def stopTest(self, test: Any) -> None:
        self._note("stopTest", test)
        self._running = False
        self._sendMessage()

    def addSuccess(self, test: Any) -> None:
        self._note("addSuccess", test)

    def addError(self, test: Any, error: Any) -> None:
        self._note("addError", test, portable(asFailure(error)))

    def addFailure(self, test: Any, failure: Any) -> None:
        self._note("addFailure", test, portable(asFailure(failure)))

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:
        if err is not None:
            add = self.addFailure if issubclass(err[0], test.failureException) else self.addError
            add(subtest, err)

    def addSkip(self, test: Any, reason: str) -> None:
        self._note("addSkip", test, str(reason))

    def addExpectedFailure(self, test: Any, failure: Any, todo: Any = None) -> None:
        self._note("addExpectedFailure", test, portable(asFailure(failure)), _portableTodo(todo))

    def addUnexpectedSuccess(self, test: Any, todo: Any = None) -> None:
        self._note("addUnexpectedSuccess", test, _portableTodo(todo))

    def done(self) -> None:
        """The other process shows the results."""

    def observe(self, event: dict[str, Any]) -> None:
        """Send Python's warnings, which the log has, too."""
        if "warning" in event and "filename" in event:
            names = ("warning", "category", "filename", "lineno")
            self._message.append(("warning", "", {name: _plain(event.get(name)) for name in names}))


def _plain(value: object) -> object:
    return value if isinstance(value, int) else str(value)


def _portableTodo(todo: Todo | None) -> Todo | None:
    """A todo without the exceptions that were expected, which perhaps nobody else knows."""
    return None if todo is None else Todo(todo.reason)


def portable(failure: Failure) -> bytes:
    """A Failure, pickled; or one that looks the same, if its exception cannot be."""
    failure = trimmed(failure)
    try:
        pickled = pickle.dumps(failure)
        pickle.loads(pickled)
        return pickled
    except Exception:
        pass  # Its replacement follows.

    # Tests define exceptions in functions, or with constructors that pickle cannot call.
    base = FailTest if failure.check(FailTest) else Exception
    name = f"{failure.type.__module__}.{failure.type.__qualname__}"
    return pickle.dumps(Failure(base(f"({name}) {failure.getErrorMessage()}"), exc_tb=failure.tb))


def main(commands: IO[bytes], results: IO[bytes]) -> None:
    """Run tests until there are no more commands."""
    from ropewalk.scripts.trial import Options, loaderFor

    _standin.install()
    order = pickle.load(commands)
    sys.path[:] = order["path"]
    os.chdir(order["here"])
    options = Options()
    options.parseOptions(order["arguments"])
    options["random"] = order["seed"]
    tests = list(eachTest(loaderFor(options).loadByNames(options["tests"], not options["no-recurse"])))

    os.chdir(order["directory"])
    logfile = openTestLog(FilePath(order["logfile"]))
    sender = Sender(results, {id(test): place for place, test in enumerate(tests)})
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)
    log.FileLogObserver(logfile).start()
    log.addObserver(sender.observe)
    sender.send("ready")
    while True:
        try:
            unit, names = pickle.load(commands)
        except EOFError:
            break
        for place, name in zip(unit, names, strict=True):
            if place >= len(tests) or tests[place].id() != name:
                raise RuntimeError(f"test {place} is not {name!r} here: the tests are not the same in each process")
        chosen = [tests[place] for place in unit]
        if options["force-gc"]:
            for test in chosen:
                test._collectsGarbage = True
        LoggedSuite([TestSuite(chosen)]).run(sender)
        sender.send("ready")
    TrialSuite().run(sender)


if __name__ == "__main__":
    main(os.fdopen(int(sys.argv[1]), "rb"), os.fdopen(int(sys.argv[2]), "wb"))
