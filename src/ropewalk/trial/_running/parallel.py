"""Run tests in several processes.

Each worker is a Python process that loads the same tests by the same command line, so that a test is known by its
place in the list of all. Units of neighbouring tests are handed out as workers become free. Results come back pickled,
through a pipe of their own, and are told to the reporter a test at a time.

When a worker dies, the test that it ran is an error, and what else it had to do goes to a new one.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
import unittest
from collections import deque
from collections.abc import Sequence
from typing import IO, Any

from ropewalk.python import log
from ropewalk.python.failure import Failure

from .run import TrialRunner
from .suites import TestHolder, eachTest

__all__ = ["ParallelRunner", "WorkerDied"]

__unittest = True

# Most tests of a class that are handed out together. Fewer make more messages, more leave workers idle at the end.
UNIT = 20

# Seconds that a worker whose results have ended may take to end itself; and that the results of one that has ended
# may take to end, which something that it has started may hold open.
PATIENCE = 5

# The places of tests that are handed out together.
Unit = list[int]


class WorkerDied(Exception):
    """The process that ran a test has ended before the test did."""


class ParallelRunner(TrialRunner):
    """Runs tests in several processes.

    Args:
        workers: how many.
        arguments: the command line by which they find the same tests.
        seed: that of the random order, or `None`.
        rest: what `TrialRunner` takes.
    """

    __slots__ = ("_arguments", "_here", "_seed", "_workers")

    def __init__(self, workers: int, arguments: Sequence[str], seed: int | None, exitFirst: bool, **rest: Any) -> None:
        super().__init__(exitFirst=exitFirst, **rest)
        self._workers = workers
        self._arguments = list(arguments)
        self._seed = seed
        # From where the command line's files are found.
        self._here = os.getcwd()

    def _runOnce(self, test: Any) -> Any:
        result = self._makeResult()
        tests = list(eachTest(test))
        running = _Run(tests, result, self)
        try:
            running.finish()
        except KeyboardInterrupt:
            self.stream.write("\nInterrupted.\n")
            running.stop()
            result.addError(TestHolder("workers"), Failure())
            result.done()
            raise
        result.done()
        return result

    def start(self, number: int) -> _Worker:
        """Start a worker in a directory of its own."""
        order = {"arguments": self._arguments, "here": self._here, "logfile": self.logfile, "seed": self._seed}
        return _Worker(number, order)


class _Worker:
    """A process, its two pipes, and the unit that it has at the moment.

    Args:
        number: its name, and that of its directory in the working directory.
        order: how it is to find the tests.
    """

    def __init__(self, number: int, order: dict[str, Any]) -> None:
        self.number = number
        # What it has been given and not told of, in the order in which it runs them: if it dies, the first one did it.
        self.unit: Unit = []
        directory = os.path.abspath(str(number))
        os.makedirs(directory, exist_ok=True)
        commandsOut, commandsIn = os.pipe()
        resultsOut, resultsIn = os.pipe()
        with (
            open(os.path.join(directory, "out.log"), "ab") as out,
            open(os.path.join(directory, "err.log"), "ab") as err,
        ):
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ropewalk.trial._running.worker", str(commandsOut), str(resultsIn)],
                pass_fds=(commandsOut, resultsIn),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        os.close(commandsOut)
        os.close(resultsIn)
        self._commands: IO[bytes] = os.fdopen(commandsIn, "wb")
        self.results: IO[bytes] = os.fdopen(resultsOut, "rb")
        # Set when the results have ended.
        self.heard = threading.Event()
        self._send({**order, "path": sys.path, "directory": directory})

    def _send(self, message: object) -> None:
        try:
            pickle.dump(message, self._commands)
            self._commands.flush()
        except BrokenPipeError:
            pass  # It has died; whoever reads its results learns of it.

    def assign(self, unit: Unit, names: list[str]) -> None:
        """Give it work."""
        self.unit = list(unit)
        self._send((unit, names))

    def end(self) -> None:
        """Let it end when it has done what it was given."""
        try:
            self._commands.close()
        except BrokenPipeError:
            pass


class _Run:
    """One run of all tests: what is to be done, who does it, and whom to tell."""

    def __init__(self, tests: list[Any], result: Any, runner: ParallelRunner) -> None:
        self._tests = tests
        self._result = result
        self._runner = runner
        self._todo = deque(_units(tests))
        self._messages: queue.Queue[tuple[_Worker, Any]] = queue.Queue()
        self._alive: set[_Worker] = set()
        self._numbers = iter(range(sys.maxsize))
        for _ in range(min(runner._workers, len(self._todo))):
            self._startWorker()

    def _startWorker(self) -> None:
        worker = self._runner.start(next(self._numbers))
        self._alive.add(worker)
        for watch in (self._listen, self._await):
            threading.Thread(target=watch, args=(worker,), daemon=True).start()

    def _listen(self, worker: _Worker) -> None:
        """Read what a worker tells; in a thread of its own."""
        while True:
            try:
                message = pickle.load(worker.results)
            except Exception:
                # The end of its pipe, within a message perhaps.
                worker.heard.set()
                self._messages.put((worker, None))
                return
            self._messages.put((worker, message))

    def _await(self, worker: _Worker) -> None:
        """Wait for the end of a worker's process, whose pipe may outlive it; in a thread of its own."""
        worker.process.wait()
        if not worker.heard.wait(PATIENCE):
            self._messages.put((worker, None))

    def finish(self) -> None:
        """Tell the reporter everything, until all is done."""
        while self._alive:
            worker, message = self._messages.get()
            if worker not in self._alive:
                continue  # It has ended, and what it has started speaks for nobody.
            if message is None:
                self._ended(worker)
            elif message == "ready":
                worker.unit = []
                self._next(worker)
            else:
                self._tell(worker, message)
        if self._todo and not self._result.shouldStop:
            # No worker has come as far as its first test, else there would be an error of that.
            where = os.path.join(self._runner.workingDirectory, "0", "err.log")
            problem = WorkerDied(f"{len(self._todo)} units of tests were not run: no worker could start; see {where}")
            self._result.addError(TestHolder("workers"), Failure(problem))

    def _next(self, worker: _Worker) -> None:
        if self._todo and not self._result.shouldStop:
            unit = self._todo.popleft()
            worker.assign(unit, [_nameOf(self._tests[index]) for index in unit])
        else:
            worker.end()

    def _tell(self, worker: _Worker, message: list[tuple[Any, ...]]) -> None:
        """Tell the reporter of one test: a list of what to call it with."""
        if self._result.shouldStop:
            return
        for what, key, *details in message:
            if what == "warning":
                log.msg(**details[0])
                continue
            test = self._tests[key] if isinstance(key, int) else TestHolder(key)
            getattr(self._result, what)(test, *map(_revived, details))
            if what == "stopTest" and key in worker.unit:
                worker.unit.remove(key)
        if self._result.shouldStop:
            self.stop()

    def _ended(self, worker: _Worker) -> None:
        """A worker's process has ended, or is about to."""
        worker.end()
        try:
            status = worker.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            # It can no longer tell us anything: a test has closed its pipe.
            worker.process.kill()
            status = worker.process.wait()
        if worker.heard.is_set():
            worker.results.close()  # else somebody reads it, and closing would wait for that
        self._alive.discard(worker)
        if not worker.unit or self._result.shouldStop:
            return
        fatal, *rest = worker.unit
        how = f"was ended by signal {-status}" if status < 0 else f"has exited with status {status}"
        where = os.path.join(self._runner.workingDirectory, str(worker.number), "err.log")
        test = self._tests[fatal]
        self._result.startTest(test)
        self._result.addError(test, Failure(WorkerDied(f"the worker {how} while it ran this test; see {where}")))
        self._result.stopTest(test)
        if rest:
            self._todo.appendleft(rest)
        if self._todo:
            self._startWorker()

    def stop(self) -> None:
        """End all workers at once, whatever they are doing."""
        for worker in self._alive:
            worker.process.kill()  # a test may ignore SIGTERM


def _revived(detail: object) -> object:
    """What a worker has told of a test; a Failure comes as bytes."""
    if not isinstance(detail, bytes):
        return detail
    try:
        return pickle.loads(detail)
    except Exception:
        # The worker could read it, so it is something that only the test has made importable.
        return Failure()


def _nameOf(test: Any) -> str:
    return str(test.id())


def _units(tests: list[Any]) -> list[Unit]:
    """Put neighbours of one class together: all of them if they share a fixture."""
    units: list[Unit] = []
    for index, test in enumerate(tests):
        previous = tests[index - 1] if index else None
        sameClass = previous is not None and type(previous) is type(test)
        if sameClass and (len(units[-1]) < UNIT or _shareFixture(type(test))):
            units[-1].append(index)
        else:
            units.append([index])
    return units


def _shareFixture(cls: type[Any]) -> bool:
    module = sys.modules.get(cls.__module__)
    setUpClass = getattr(getattr(cls, "setUpClass", None), "__func__", None)
    return hasattr(module, "setUpModule") or setUpClass is not unittest.TestCase.setUpClass.__func__  # type: ignore[attr-defined]  # a class method
