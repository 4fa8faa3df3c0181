"""`task.react`: a whole program as one function."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.defer import Deferred, NotACoroutineError, fail, succeed
from ropewalk.internet.task import deferLater, react
from ropewalk.internet.testing import MemoryReactorClock
from support.programs import Program
from support.reactors import reactor as reactor


def code(main: Callable[..., Any], reactor: Any, argv: tuple[object, ...] = ()) -> object:
    """Run a program and return its exit code."""
    with pytest.raises(SystemExit) as ended:
        react(main, argv, reactor)
    return ended.value.code


def test_endsWithTheDeferred(reactor: Any) -> None:
    """The program runs until its Deferred fires, and succeeds (F104)."""
    seen: list[str] = []
    assert code(lambda reactor: deferLater(reactor, 0.01, seen.append, "done"), reactor) == 0
    assert seen == ["done"]


def test_takesACoroutineFunction(reactor: Any) -> None:
    """The main function may be ``async``."""
    seen: list[str] = []

    async def main(reactor: Any) -> None:
        await deferLater(reactor, 0)
        seen.append("awaited")

    assert code(main, reactor) == 0
    assert seen == ["awaited"]


def test_coroutineMayUseAsyncioAtOnce(reactor: Any) -> None:
    """A coroutine function's first line runs inside the loop: asyncio is there."""
    seen: list[object] = []

    async def main(reactor: Any) -> None:
        async def task() -> str:
            return "task"

        seen.append(await asyncio.create_task(task()))

    assert code(main, reactor) == 0
    assert seen == ["task"]


def test_passesReactorAndArguments(reactor: Any) -> None:
    """The main function gets the reactor, then the arguments (F104)."""
    got: list[object] = []

    def main(*args: object) -> Deferred[None]:
        got.extend(args)
        return succeed(None)

    assert code(main, reactor, ("a", "b")) == 0
    assert got == [reactor, "a", "b"]


def test_firedAlready(reactor: Any) -> None:
    """A program that is over at once doesn't hang."""
    assert code(lambda reactor: succeed(None), reactor) == 0


def test_givenTheResultOfAFunction(reactor: Any) -> None:
    """``react(main(reactor))`` is a mistake that is told in one sentence; nothing is run."""

    async def serve(reactor: Any) -> None:
        raise AssertionError("this was run")

    given: Any = serve(reactor)
    with pytest.raises(TypeError, match=r"what serve\(\) returned, a coroutine: pass the function: react\(serve\)"):
        react(given, (), reactor)
    given = succeed(None)
    with pytest.raises(TypeError, match=r"<Deferred .*>, which cannot be called: pass the function: react\(main\)"):
        react(given, (), reactor)


def test_servesUntilStopped(reactor: Any) -> None:
    """A Deferred that never fires means: serve until somebody stops the reactor (F104)."""

    def main(reactor: Any) -> Deferred[None]:
        reactor.callLater(0.01, reactor.stop)
        return Deferred()

    assert code(main, reactor) == 0


def test_waitsForTheShutdown(reactor: Any) -> None:
    """What has to be done before the reactor stops is done before the process ends."""
    seen: list[str] = []

    def main(reactor: Any) -> Deferred[None]:
        reactor.addSystemEventTrigger("before", "shutdown", lambda: deferLater(reactor, 0.01, seen.append, "closed"))
        return succeed(None)

    assert code(main, reactor) == 0
    assert seen == ["closed"]


def test_systemExitTellsTheCode(reactor: Any) -> None:
    """A `SystemExit` that the program fails with is its end: number, text or nothing."""
    for value in (3, 0, None, "sorry"):
        assert code(lambda _, value=value: fail(SystemExit(value)), MemoryReactorClock()) == value

    async def main(reactor: Any) -> None:
        await deferLater(reactor, 0)
        sys.exit(9)

    assert code(main, reactor) == 9


def test_exceptionBeforeTheStartPasses() -> None:
    """What the main function raises by itself is raised to the caller; the reactor isn't run."""
    reactor = MemoryReactorClock()
    with pytest.raises(ZeroDivisionError):
        react(lambda reactor: 1 / 0, (), reactor)  # type: ignore[arg-type,return-value]  # it never returns
    assert not reactor.hasRun


def test_mainMustReturnSomethingToWaitFor() -> None:
    """A main function that returns nothing is told what to do."""
    with pytest.raises(NotACoroutineError, match="async def"):
        react(lambda reactor: None, (), MemoryReactorClock())  # type: ignore[arg-type,return-value]  # the mistake


def test_failureIsLoggedAndExitsWithOne(tmp_path: Path) -> None:
    """A program that fails says why on its standard error, and exits with 1."""
    program = tmp_path / "fails.py"
    program.write_text(
        textwrap.dedent(
            """
            from ropewalk.internet.task import react, deferLater

            async def main(reactor):
                await deferLater(reactor, 0)
                raise LookupError("nothing there")

            react(main)
            """
        )
    )
    with Program([sys.executable, str(program)]) as running:
        assert running.process.wait(20) == 1
    assert any("nothing there" in line for line in running.errors)


def test_failureWhileStoppingIsStillLogged(reactor: Any) -> None:
    """A program that was stopped and fails then exits with 1 as well."""
    waiting: Deferred[None] = Deferred()

    def main(reactor: Any) -> Deferred[None]:
        reactor.addSystemEventTrigger("before", "shutdown", lambda: waiting.errback(SystemExit(5)))
        reactor.callLater(0, reactor.stop)
        return waiting

    assert code(main, reactor) == 5
