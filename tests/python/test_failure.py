"""`Failure`: making, asking, telling, passing on."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import traceback
from collections.abc import Generator
from typing import Any

import pytest

from ropewalk.internet import defer
from ropewalk.internet.defer import Deferred, inlineCallbacks
from ropewalk.python import failure as failureModule
from ropewalk.python.failure import Failure, NoCurrentExceptionError, format_frames


def inner(number: int) -> None:
    """Raise, with a local variable."""
    doubled = 2 * number
    raise ValueError(f"bad {doubled}")


def outer(number: int) -> None:
    """Call what raises."""
    inner(number)


def made(**options: Any) -> Failure:
    """A Failure of an exception that was raised two calls down."""
    try:
        outer(21)
    except ValueError:
        return Failure(**options)
    raise AssertionError("not reached")


def functions(text: str) -> list[str]:
    """The functions that a traceback names, outermost first."""
    return [line.rpartition(" in ")[2] for line in text.splitlines() if line.startswith('  File "')]


class TestMaking:
    """The constructor."""

    def test_currentException(self) -> None:
        """Without arguments it takes the exception that is being handled, with its traceback."""
        failure = made()
        assert isinstance(failure.value, ValueError)
        assert failure.type is ValueError
        assert failure.tb is failure.value.__traceback__ is failure.getTracebackObject()

    def test_noException(self) -> None:
        """Outside an ``except`` an exception has to be given."""
        with pytest.raises(NoCurrentExceptionError, match="none is being handled"):
            Failure()

    def test_givenException(self) -> None:
        """An exception that was never raised makes a Failure without frames."""
        error = ValueError("x")
        failure = Failure(error)
        assert (failure.value, failure.type, failure.tb, failure.frames) == (error, ValueError, None, [])

    def test_typeAndTraceback(self) -> None:
        """Type and traceback can be given."""
        tb = made().tb
        failure = Failure(ValueError("x"), Exception, tb)
        assert (failure.type, failure.tb) == (Exception, tb)

    def test_ofAFailure(self) -> None:
        """A Failure of a Failure is a copy; so is one made while a Failure is handled as an exception."""
        original = made()
        assert Failure(original).value is original.value
        assert Failure(original).tb is original.tb
        try:
            raise original
        except Failure:
            assert Failure().value is original.value

    def test_class(self) -> None:
        """An exception class is refused, with the way out."""
        with pytest.raises(TypeError, match=r"write ValueError\(\)"):
            Failure(ValueError)

    def test_oldValues(self) -> None:
        """Other objects are kept, with their class as type."""
        failure = Failure("just text")
        assert (failure.value, failure.getErrorMessage()) == ("just text", "just text")

    def test_cheap(self) -> None:
        """Making one, and asking it, imports nothing for text."""
        program = (
            "import sys; before = {*sys.modules}; from ropewalk.python.failure import Failure\n"
            "try: 1/0\n"
            "except ZeroDivisionError: Failure().check(ValueError, 'builtins.KeyError')\n"
            "assert not {'traceback', 're', 'linecache', 'typing'} & set(sys.modules) - before"
        )
        subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{program}"], check=True)


class TestAsking:
    """`check` and `trap`."""

    def test_check(self) -> None:
        """`check` returns the first class that matches, or None (F095)."""
        failure = made()
        assert failure.check(KeyError, Exception, ValueError) is Exception
        assert failure.check(KeyError) is None

    def test_checkNames(self) -> None:
        """Dotted names match the class and its bases."""
        failure = made()
        assert failure.check("builtins.ValueError") == "builtins.ValueError"
        assert failure.check("builtins.Exception") == "builtins.Exception"
        assert failure.check("ValueError", "builtins.KeyError") is None
        assert failure.parents[:2] == ["builtins.ValueError", "builtins.Exception"]

    def test_bothPackageNames(self) -> None:
        """A name under ``twisted`` is the same as under ``ropewalk``."""
        failure = Failure(defer.CancelledError())
        for name in ("twisted.internet.defer.CancelledError", "ropewalk.internet.defer.CancelledError"):
            assert failure.check(name) == name
        assert failure.check("other.internet.defer.CancelledError") is None

    def test_trap(self) -> None:
        """`trap` returns what matches, and raises the exception itself if nothing does (F094)."""
        failure = made()
        assert failure.trap(KeyError, ValueError) is ValueError
        with pytest.raises(ValueError, match="bad 42") as caught:
            failure.trap(KeyError, "builtins.TypeError")
        assert caught.value is failure.value

    def test_raiseException(self) -> None:
        """`raiseException` raises the exception with the traceback it had."""
        with pytest.raises(ValueError, match="bad 42") as caught:
            made().raiseException()
        assert [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)][-2:] == ["outer", "inner"]

    def test_throwExceptionIntoGenerator(self) -> None:
        """The exception is raised at the generator's ``yield``."""

        def generator() -> Generator[str, None, None]:
            try:
                yield "first"
            except ValueError as error:
                yield f"caught {error}"

        running = generator()
        next(running)
        assert made().throwExceptionIntoGenerator(running) == "caught bad 42"


class TestTelling:
    """The text of a Failure."""

    def test_traceback(self) -> None:
        """The traceback is told with files, lines and source, the exception with its dotted name (F096)."""
        text = made().getTraceback()
        assert text.startswith("Traceback (most recent call last):\n")
        assert functions(text) == ["made", "outer", "inner"]
        assert '    raise ValueError(f"bad {doubled}")\n' in text
        assert text.endswith("builtins.ValueError: bad 42\n")

    def test_noFrames(self) -> None:
        """Without frames the text says so."""
        failure = Failure(ValueError("x"))
        assert failure.getTraceback() == "Traceback (most recent call last):\nFailure: builtins.ValueError: x\n"
        assert failure.getBriefTraceback() == "Traceback (failure with no frames): <class 'ValueError'>: x\n"

    def test_brief(self) -> None:
        """The brief form has a line for each frame, and is what `str` shows (F096)."""
        failure = made()
        brief = failure.getBriefTraceback()
        lines = brief.splitlines()
        assert lines[0] == "Traceback: <class 'ValueError'>: bad 42"
        assert [line.rpartition(":")[2] for line in lines[1:]] == ["made", "outer", "inner"]
        assert str(failure) == f"[Failure instance: {brief}]"
        assert repr(failure) == "<ropewalk.python.failure.Failure builtins.ValueError: bad 42>"

    def test_verbose(self) -> None:
        """The detailed form shows variables if they were captured, and otherwise how to get them."""
        assert "captureVars=True" in made().getTraceback(detail="verbose")
        text = made(captureVars=True).getTraceback(detail="verbose")
        assert "  doubled : 42\n" in text
        assert "  number : 21\n" in text
        assert "  __name__ : '" in text
        assert text.startswith("*--- Failure #")

    def test_unknownDetail(self) -> None:
        """An unknown detail is refused with those that are known."""
        with pytest.raises(ValueError, match=r"must be one of default, brief, verbose.*not 'loud'"):
            made().getTraceback(detail="loud")

    def test_printing(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The ``print`` methods write the same text to a file, or to standard error."""
        failure = made()
        for method, detail in (
            (failure.printTraceback, "default"),
            (failure.printBriefTraceback, "brief"),
            (failure.printDetailedTraceback, "verbose"),
        ):
            file = io.StringIO()
            method(file)
            assert file.getvalue() == failure.getTraceback(detail=detail)
        failure.printTraceback()
        assert capsys.readouterr().err == failure.getTraceback()

    def test_causes(self) -> None:
        """Causes and contexts are told before, with the phrase that links them; ``from None`` hides."""

        def chained(how: str) -> Failure:
            try:
                try:
                    outer(1)
                except ValueError as error:
                    if how == "from":
                        raise KeyError("second") from error
                    if how == "from None":
                        raise KeyError("second") from None
                    raise KeyError("second")  # noqa: B904 # without ``from`` is what this is about
            except KeyError:
                return Failure()

        text = chained("from").getTraceback()
        assert text.index("bad 2") < text.index("direct cause of the following exception") < text.index("second")
        assert "During handling of the above exception" in chained("during").getTraceback()
        assert "bad 2" not in chained("from None").getTraceback()

    def test_notes(self) -> None:
        """Notes follow the message."""
        failure = made()
        failure.value.add_note("while testing")
        assert failure.getTraceback().endswith("builtins.ValueError: bad 42\nwhile testing\n")

    def test_groups(self) -> None:
        """The members of an exception group are told, too."""
        text = Failure(ExceptionGroup("several", [made().value, KeyError("k")])).getTraceback()
        assert "several (2 sub-exceptions)" in text
        assert "in inner" in text
        assert "builtins.KeyError: 'k'" in text

    def test_unprintableValue(self) -> None:
        """An exception whose ``str`` raises is described instead."""

        class Mute(Exception):
            def __str__(self) -> str:
                raise RuntimeError("no words")

        failure = Failure(Mute())
        assert "its str() raised RuntimeError" in failure.getErrorMessage()
        assert "its str() raised RuntimeError" in repr(failure)
        assert "its str() raised RuntimeError" in failure.getTraceback()

    def test_formatFrames(self) -> None:
        """`format_frames` writes the frames alone."""
        told: list[str] = []
        format_frames(made().frames, told.append, "brief")
        assert [line.rpartition(":")[2] for line in "".join(told).splitlines()] == ["made", "outer", "inner"]

    def test_count(self) -> None:
        """Failures are numbered in the order in which somebody asks."""
        first, second = made(), made()
        assert second.count == first.count - 1
        assert failureModule.count == first.count


class TestKeeping:
    """What is left when the frames are let go."""

    def test_cleanFailure(self) -> None:
        """After `cleanFailure` the text is the same, and no frame is held."""
        failure = made()
        before = failure.getTraceback()
        failure.cleanFailure()
        assert failure.getTraceback() == before
        assert failure.tb is None
        assert failure.value.__traceback__ is None

    def test_pickle(self) -> None:
        """A Failure survives pickling with its text, its attributes and the text of its variables."""
        failure = made(captureVars=True)
        failure.note = "mine"  # type: ignore[attr-defined]
        copy = pickle.loads(pickle.dumps(failure))
        assert copy.getTraceback() == failure.getTraceback()
        assert copy.note == "mine"
        assert (copy.type, copy.pickled, copy.tb) == (ValueError, 1, None)
        assert "  doubled : 42\n" in copy.getTraceback(detail="verbose")
        assert copy.check(ValueError)

    def test_pickleKeepsCauses(self) -> None:
        """The text of causes survives, too."""
        try:
            try:
                outer(1)
            except ValueError as error:
                raise KeyError("second") from error
        except KeyError:
            failure = Failure()
        assert pickle.loads(pickle.dumps(failure)).getTraceback() == failure.getTraceback()

    def test_tracebackObjectOfCleaned(self) -> None:
        """Debuggers and error trackers can walk what is left of a traceback."""
        failure = made()
        failure.cleanFailure()
        names = []
        tb = failure.getTracebackObject()
        while tb is not None:
            names.append((tb.tb_frame.f_code.co_name, tb.tb_lineno))
            tb = tb.tb_next
        assert [name for name, _ in names] == ["made", "outer", "inner"]
        assert all(line > 0 for _, line in names)

    def test_frames(self) -> None:
        """`frames` has function, file, line and, if captured, variables; `stack` is always empty."""
        name, file, line, localItems, globalItems = made(captureVars=True).frames[-1]
        assert (name, file) == ("inner", __file__)
        assert line > 0
        assert dict(localItems) == {"number": 21, "doubled": 42}
        assert dict(globalItems)["__name__"] == __name__
        assert made().frames[-1][3:] == ((), ())
        assert made().stack == []


class TestWhoAwaitsWhom:
    """Tracebacks through Deferreds show the program's frames and no others."""

    def test_coroutines(self) -> None:
        """An error deep in awaited coroutines shows each that awaited the next, over real waits."""
        gate: Deferred[None] = Deferred()

        async def lowest() -> None:
            await gate
            inner(21)

        async def middle() -> None:
            await Deferred.fromCoroutine(lowest())

        async def highest() -> None:
            await middle()

        seen: list[Failure] = []
        Deferred.fromCoroutine(highest()).addErrback(seen.append)
        gate.callback(None)
        expected = ["highest", "middle", "lowest", "inner"]
        assert functions(seen[0].getTraceback()) == expected
        assert [frame.name for frame in traceback.extract_tb(seen[0].value.__traceback__)] == expected

    def test_generators(self) -> None:
        """So it is with generators under `inlineCallbacks`, and with both mixed."""
        gate: Deferred[None] = Deferred()

        @inlineCallbacks
        def lowest() -> Generator[Any, Any, None]:
            yield gate
            inner(21)

        async def middle() -> None:
            await lowest()

        @inlineCallbacks
        def highest() -> Generator[Any, Any, None]:
            yield middle()

        seen: list[Failure] = []
        highest().addErrback(seen.append)
        gate.callback(None)
        expected = ["highest", "middle", "lowest", "inner"]
        assert functions(seen[0].getTraceback()) == expected
        assert [frame.name for frame in traceback.extract_tb(seen[0].value.__traceback__)] == expected

    def test_callbacks(self) -> None:
        """A callback that raises is the first frame."""
        seen: list[Failure] = []
        defer.succeed(21).addCallback(outer).addErrback(seen.append)
        assert functions(seen[0].getTraceback()) == ["outer", "inner"]

    def test_severalWaitersEachSeeTheirOwn(self) -> None:
        """Two that await one Deferred don't get each other's frames."""
        seen: list[list[str]] = []

        async def wait(deferred: Deferred[Any]) -> None:
            try:
                await deferred
            except ValueError:
                seen.append(functions(Failure().getTraceback()))
                raise

        error = made()
        for _ in range(2):
            Deferred.fromCoroutine(wait(defer.fail(error))).addErrback(lambda _: None)
        assert seen == [["wait", "made", "outer", "inner"]] * 2

    def test_machineryIsLeftOutOfText(self) -> None:
        """An error that our own code raises is told by the program's line that caused it."""
        deferred: Deferred[int] = Deferred()
        deferred.callback(1)

        def fireAgain() -> None:
            deferred.callback(2)

        try:
            fireAgain()
        except defer.AlreadyCalledError:
            failure = Failure()
        assert functions(failure.getTraceback()) == ["test_machineryIsLeftOutOfText", "fireAgain"]

    def test_elideFrameworkCode(self) -> None:
        """``elideFrameworkCode`` leaves out all of the package."""
        from ropewalk.python.reflect import namedAny

        try:
            namedAny("no.such.module")
        except Exception:
            failure = Failure()
        assert functions(failure.getTraceback(elideFrameworkCode=1)) == ["test_elideFrameworkCode"]
        assert len(functions(failure.getTraceback())) > 1
