"""What test cases tell about their tests: one row a way in which a test can end."""

from __future__ import annotations

import contextlib
import io
import os
import unittest as standard
import warnings
from typing import Any

import pytest

from ropewalk.internet import defer, reactor
from ropewalk.internet.defer import Deferred
from ropewalk.internet.protocol import Factory
from ropewalk.python import log
from ropewalk.trial import unittest, util
from support.trial import quiet, verdict, verdicts


def later(result: Any) -> Deferred[Any]:
    """A Deferred that fires when the reactor has run for a turn."""
    deferred: Deferred[Any] = Deferred()
    reactor.callLater(0, deferred.callback, result)
    return deferred


class Plain(unittest.SynchronousTestCase):
    __test__ = False  # for pytest: the tests below run it

    def test_coroutine(self) -> Any:
        async def nobody() -> None:
            raise AssertionError("is not run")

        return nobody()

    def test_error(self) -> None:
        raise ValueError("no")

    def test_failure(self) -> None:
        self.fail("no")

    def test_generator(self) -> Any:
        yield 1

    def test_pass(self) -> None:
        pass

    def test_plainAssert(self) -> None:
        raise AssertionError("not by us")

    def test_skip(self) -> None:
        raise unittest.SkipTest("why")

    def test_skipAttribute(self) -> None:
        raise ValueError

    test_skipAttribute.skip = "attribute"  # type: ignore[attr-defined]  # how trial's tests are marked

    @standard.skipIf(True, "decorator")
    def test_skipDecorator(self) -> None:
        raise ValueError

    def test_skipMethod(self) -> None:
        self.skipTest("method")

    def test_todo(self) -> None:
        raise ValueError

    test_todo.todo = "not yet"  # type: ignore[attr-defined]

    @standard.expectedFailure
    def test_todoDecorator(self) -> None:
        raise ValueError

    def test_todoOther(self) -> None:
        raise ValueError("other")

    test_todoOther.todo = (KeyError, "not yet")  # type: ignore[attr-defined]

    def test_todoPasses(self) -> None:
        pass

    test_todoPasses.todo = "not yet"  # type: ignore[attr-defined]


def test_endings() -> None:
    """Each way in which a test ends has its own verdict (F169, TR11, TR12, F13)."""
    told = {name: rest for name, *rest in verdicts(Plain)}

    assert told.pop("test_coroutine")[0] == "error"
    assert "`yield`" in told.pop("test_generator")[1]
    assert told == {
        "test_error": ["error", "ValueError: no"],
        "test_failure": ["failure", "FailTest: no"],
        "test_pass": ["success"],
        "test_plainAssert": ["error", "AssertionError: not by us"],
        "test_skip": ["skip", "why"],
        "test_skipAttribute": ["skip", "attribute"],
        "test_skipDecorator": ["skip", "decorator"],
        "test_skipMethod": ["skip", "method"],
        "test_todo": ["expected failure", "not yet"],
        "test_todoDecorator": ["expected failure", "expected to fail"],
        "test_todoOther": ["error", "ValueError: other"],
        "test_todoPasses": ["unexpected success", "not yet"],
    }


class Waiting(unittest.TestCase):
    __test__ = False

    def test_coroutine(self) -> Any:
        async def works() -> None:
            self.assertEqual(await later(3), 3)

        return works()

    def test_coroutineFails(self) -> Any:
        async def fails() -> None:
            await later(3)
            self.fail("no")

        return fails()

    async def test_asyncio(self) -> None:
        import asyncio

        async with asyncio.timeout(5):
            await asyncio.sleep(0)

    def test_deferred(self) -> Deferred[Any]:
        return later(3)

    def test_deferredFails(self) -> Deferred[Any]:
        return later(3).addCallback(self.assertEqual, 4)

    def test_deferredSkips(self) -> Deferred[Any]:
        return defer.fail(unittest.SkipTest("late"))

    def test_stops(self) -> Deferred[Any]:
        reactor.callLater(0, reactor.stop)
        return Deferred()

    def test_timeout(self) -> Deferred[Any]:
        return Deferred()

    test_timeout.timeout = 0.01  # type: ignore[attr-defined]


def test_waiting() -> None:
    """A test that returns a Deferred, or is a coroutine, is over when that is (F171, TR5, TR8)."""
    told = {name: rest for name, *rest in verdicts(Waiting)}

    assert told.pop("test_timeout")[1].endswith("(test_timeout) still running at 0.01 secs")
    assert told.pop("test_deferredFails")[1].startswith("FailTest: not equal:\na = 3\nb = 4")
    assert told == {
        "test_asyncio": ["success"],
        "test_coroutine": ["success"],
        "test_coroutineFails": ["failure", "FailTest: no"],
        "test_deferred": ["success"],
        "test_deferredSkips": ["skip", "late"],
        "test_stops": ["error", "ReactorStopped: the test stopped the reactor before its Deferred fired"],
    }


@pytest.mark.parametrize("ending", ["passes", "fails"])
def test_fixturesInOrder(ending: str) -> None:
    """Fixtures are waited for; tearDown and the cleanups, last first, run whatever became of the test (F169, F172)."""
    order: list[str] = []

    class Ordered(unittest.TestCase):
        def setUp(self) -> Any:
            self.addCleanup(order.append, "first cleanup")
            return later(None).addCallback(lambda _: order.append("setUp"))

        async def tearDown(self) -> Any:  # type: ignore[override]  # the test case waits for it
            await later(None)
            order.append("tearDown")

        def test_it(self) -> None:
            self.addCleanup(lambda: later(None).addCallback(lambda _: order.append("second cleanup")))
            order.append("test")
            self.assertEqual(ending, "passes")

    told = verdict(Ordered)

    assert told[0][0] == ("success" if ending == "passes" else "failure")
    assert order == ["setUp", "test", "tearDown", "second cleanup", "first cleanup"]


def test_contexts() -> None:
    """A context that a test enters is left when the test is over, an asynchronous one too."""
    order: list[str] = []

    @contextlib.asynccontextmanager
    async def opened() -> Any:
        await later(None)
        order.append("open")
        yield 3
        await later(None)
        order.append("closed")

    class Enters(unittest.TestCase):
        async def test_it(self) -> None:
            self.assertEqual(await self.enterAsyncContext(opened()), 3)
            self.enterContext(contextlib.closing(self))
            order.append("test")

        def close(self) -> None:
            order.append("closing")

    assert verdict(Enters) == [("success",)]
    assert order == ["open", "test", "closing", "closed"]


def test_fixturesFail() -> None:
    """What goes wrong in a fixture is an error; without setUp there is neither test nor tearDown (TR7)."""
    order: list[str] = []

    class NoSetUp(unittest.TestCase):
        def setUp(self) -> None:
            self.addCleanup(order.append, "cleanup")
            self.fail("setUp")

        def tearDown(self) -> None:
            order.append("tearDown")

        def test_it(self) -> None:
            order.append("test")

    class NoTearDown(unittest.TestCase):
        def tearDown(self) -> None:
            raise ValueError("tearDown")

        def test_it(self) -> None:
            self.addCleanup(lambda: defer.fail(KeyError("cleanup")))

    class Skips(unittest.TestCase):
        def setUp(self) -> None:
            raise unittest.SkipTest("setUp")

        def test_it(self) -> None:
            raise ValueError

    assert verdict(NoSetUp) == [("error", "FailTest: setUp")]
    assert order == ["cleanup"]
    assert verdict(NoTearDown) == [("error", "ValueError: tearDown"), ("error", "KeyError: 'cleanup'")]
    assert verdict(Skips) == [("skip", "setUp")]


def test_loggedErrors() -> None:
    """An error that is logged fails the test unless the test takes it (F175, X07)."""

    class Logs(unittest.TestCase):
        def test_left(self) -> None:
            log.err(ValueError("left"))
            log.err(KeyError("too"))

        def test_otherTaken(self) -> None:
            log.err(ValueError("left"))
            self.assertEqual([], self.flushLoggedErrors(KeyError))

        def test_taken(self) -> None:
            log.err(ValueError("taken"))
            (failure,) = self.flushLoggedErrors(ValueError)
            self.assertEqual(str(failure.value), "taken")

        def test_unhandled(self) -> Deferred[Any]:
            defer.fail(ZeroDivisionError("dropped"))
            return later(None).addCallback(lambda _: None)

        def test_unhandledTaken(self) -> None:
            defer.fail(ZeroDivisionError("dropped"))
            self.assertEqual(1, len(self.flushLoggedErrors(ZeroDivisionError)))

    assert verdicts(Logs) == [
        ("test_left", "error", "ValueError: left"),
        ("test_left", "error", "KeyError: 'too'"),
        ("test_otherTaken", "error", "ValueError: left"),
        ("test_taken", "success"),
        ("test_unhandled", "error", "ZeroDivisionError: dropped"),
        ("test_unhandledTaken", "success"),
    ]


def test_leftovers() -> None:
    """What a test leaves in the reactor is an error of that test, and gone for the next (F173, TR6)."""

    class Leaves(unittest.TestCase):
        def test_call(self) -> None:
            reactor.callLater(1000, lambda: None)

        def test_closing(self) -> None:
            reactor.callLater(0, lambda: None)

        def test_port(self) -> None:
            reactor.listenTCP(0, Factory(), interface="127.0.0.1")

        def test_tidy(self) -> None:
            self.addCleanup(reactor.listenTCP(0, Factory(), interface="127.0.0.1").stopListening)

    # Other tests of this process may have left something.
    before = {*reactor.getDelayedCalls(), *reactor.getReaders()}

    told = {name: rest for name, *rest in verdicts(Leaves)}

    assert "Reactor was unclean.\nDelayedCalls:" in told["test_call"][1]
    assert "Selectables:" in told["test_port"][1]
    assert told["test_closing"] == told["test_tidy"] == ["success"]
    assert {*reactor.getDelayedCalls(), *reactor.getReaders()} <= before


def test_fixtureKeepsItsPort() -> None:
    """What is there before a test, a class fixture's port for one, is not the test's to close."""

    class Shared(unittest.TestCase):
        port: Any

        @classmethod
        def setUpClass(cls) -> None:
            cls.port = reactor.listenTCP(0, Factory(), interface="127.0.0.1")

        @classmethod
        def tearDownClass(cls) -> None:
            cls.port.stopListening()

        def test_it(self) -> None:
            self.assertIn(self.port, reactor.getReaders())

    assert verdicts(Shared) == [("test_it", "success")]


def test_classFixtures() -> None:
    """A class fixture that fails or skips stands for the tests of its class; a skipped class has no fixture."""

    class Broken(unittest.TestCase):
        @classmethod
        def setUpClass(cls) -> None:
            raise ValueError("no class")

        def test_it(self) -> None:
            raise KeyError

    class Skipped(Broken):
        skip = "whole"

    told = verdicts(Broken, Skipped)

    assert [rest for _, *rest in told] == [["error", "ValueError: no class"], ["skip", "whole"]]


def test_warnings() -> None:
    """A test can take the warnings that it gives, all or those of a function (TR9, F13)."""

    def warns() -> None:
        warnings.warn("of a function", stacklevel=1)

    class Warns(unittest.TestCase):
        def test_it(self) -> None:
            warns()
            warnings.warn("of the test", DeprecationWarning, stacklevel=1)
            (one,) = self.flushWarnings([warns])
            self.assertEqual(("of a function", UserWarning), (one["message"], one["category"]))
            self.assertEqual(["of the test"], [rest["message"] for rest in self.flushWarnings()])
            self.assertEqual([], self.flushWarnings())

        def test_left(self) -> None:
            warnings.warn("left", stacklevel=1)

        def test_suppressed(self) -> None:
            warnings.warn("left", stacklevel=1)

        test_suppressed.suppress = [util.suppress(message="left")]  # type: ignore[attr-defined]

    assert verdict(Warns) == [("success",)]
    with pytest.warns(UserWarning, match="left"):
        assert verdict(Warns, "test_left") == [("success",)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert verdict(Warns, "test_left") == [("error", "UserWarning: left")]
        assert verdict(Warns, "test_suppressed") == [("success",)]


def test_patch() -> None:
    """An attribute is replaced until the end of the test."""

    class Thing:
        color = "red"

    class Patches(unittest.TestCase):
        def test_it(self) -> None:
            self.patch(Thing, "color", "blue")
            self.assertEqual(Thing.color, "blue")

    assert verdict(Patches) == [("success",)]
    assert Thing.color == "red"


def test_mktemp(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each temporary path is new, and can be made at once."""
    monkeypatch.chdir(tmp_path)
    case = Plain("test_pass")
    first, second = case.mktemp(), case.mktemp()
    assert first != second
    for path in (first, second):
        assert path.endswith("temp")
        assert "test_pass" in path
        (tmp_path / path).write_text("can be made")


def test_standardResult() -> None:
    """The standard library's runner gives the same verdicts (TR4, wish 25)."""
    with quiet():
        runner = standard.TextTestRunner(stream=io.StringIO())
        result = runner.run(standard.defaultTestLoader.loadTestsFromTestCase(Plain))

    assert result.testsRun == 14
    assert len(result.failures) == 1
    assert len(result.errors) == 5
    assert len(result.skipped) == 4
    assert len(result.expectedFailures) == 2
    assert len(result.unexpectedSuccesses) == 1


# As a module has them that imports such functions.
skip = timeout = suppress = todo = print


def test_importedFunctionsSayNothing() -> None:
    """A function that a test's module happens to have under the name of a mark is none."""
    case = Waiting("test_deferred")
    assert case.getSkip() == (False, None)
    assert case.getTodo() is None
    assert case.getTimeout() == util.DEFAULT_TIMEOUT_DURATION
    assert case.getSuppress() == []


def test_unknownMethod() -> None:
    """A test case is not made for a method that it does not have."""
    with pytest.raises(ValueError, match="no such test method"):
        Plain("test_none")


def test_timeoutLookup() -> None:
    """The nearest timeout counts: of the method, the class; or the default."""

    class Timed(unittest.TestCase):
        timeout = 3

        def test_it(self) -> None: ...

        def test_own(self) -> None: ...

        test_own.timeout = 4  # type: ignore[attr-defined]

    assert Timed("test_it").getTimeout() == 3.0
    assert Timed("test_own").getTimeout() == 4.0
    assert Waiting("test_deferred").getTimeout() == util.DEFAULT_TIMEOUT_DURATION


def test_todo() -> None:
    """A todo is made of a reason, with or without the exceptions that are expected."""
    from ropewalk.python.failure import Failure

    assert unittest.makeTodo("x") == unittest.Todo("x")
    assert unittest.makeTodo((KeyError, "x")).expected(Failure(KeyError()))
    assert not unittest.makeTodo(([KeyError, OSError], "x")).expected(Failure(ValueError()))
    assert unittest.makeTodo(([KeyError, OSError], "x")).expected(Failure(FileNotFoundError()))


def test_marksSetLater() -> None:
    """A class or a method that is marked after its definition is marked (TR22)."""

    class Later(unittest.TestCase):
        def test_one(self) -> None:
            raise ValueError

        def test_two(self) -> None:
            raise ValueError

    Later.test_one.todo = "not yet"  # type: ignore[attr-defined]  # how trial's tests are marked
    assert {name: rest for name, *rest in verdicts(Later)} == {
        "test_one": ["expected failure", "not yet"],
        "test_two": ["error", "ValueError: "],
    }
    Later.skip = "none of them"  # type: ignore[attr-defined]
    assert [rest for _, *rest in verdicts(Later)] == [["skip", "none of them"]] * 2


def test_oneProcessOneReactor() -> None:
    """All tests of a run are in one process, with one reactor that was never stopped (TR20)."""
    seen = set()

    class First(unittest.TestCase):
        def test_it(self) -> Deferred[Any]:
            return later(None).addCallback(lambda _: seen.add((os.getpid(), id(reactor))))

    class Second(First):
        pass

    assert [rest for _, *rest in verdicts(First, Second)] == [["success"]] * 2
    assert len(seen) == 1
