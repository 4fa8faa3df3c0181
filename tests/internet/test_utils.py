"""Child processes in one call, and warnings silenced, on every reactor."""

from __future__ import annotations

import os
import signal
import warnings
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet import utils
from ropewalk.internet.defer import CancelledError, Deferred, TimeoutError
from ropewalk.internet.error import ProcessTerminated
from ropewalk.internet.process import reapProcessHandlers
from support.children import isAlive
from support.reactors import run
from support.recording import logged, turns, until

# `getProcessOutput` and its kin.


def test_output(reactor: Any) -> None:
    """F149: what a program writes to standard output, whatever its exit code."""

    async def main() -> None:
        assert await utils.getProcessOutput("echo", ["a", b"b"], reactor=reactor) == b"a b\n"
        assert await utils.getProcessOutput("sh", ["-c", "echo out; exit 3"], reactor=reactor) == b"out\n"

    run(reactor, main)


def test_environmentAndDirectory(reactor: Any, tmp_path: Path) -> None:
    """F149, F139: the environment is empty unless it is given; the directory is what is given."""

    async def main() -> None:
        assert await utils.getProcessOutput("env", reactor=reactor) == b""
        assert await utils.getProcessOutput("env", env={"A": "b"}, reactor=reactor) == b"A=b\n"
        assert b"PATH=" in await utils.getProcessOutput("env", env=None, reactor=reactor)
        assert await utils.getProcessOutput("pwd", path=str(tmp_path), reactor=reactor) == bytes(tmp_path) + b"\n"

    run(reactor, main)


def test_missingProgram(reactor: Any) -> None:
    """F149: what cannot be run is a failure of the Deferred, of each of the functions."""

    async def main() -> None:
        for function in (utils.getProcessOutput, utils.getProcessValue, utils.getProcessOutputAndValue):
            waiting: Deferred[Any] = function("/nowhere/program", reactor=reactor)
            with pytest.raises(FileNotFoundError, match="nowhere"):
                await waiting

    run(reactor, main)


def test_errorOutputIsAFailure(reactor: Any) -> None:
    """F149: a word on standard error is a failure at once, which tells when and how the program ends."""

    async def main() -> None:
        with pytest.raises(OSError, match="got stderr: b'trouble") as caught:
            await utils.getProcessOutput("sh", ["-c", "echo trouble >&2; sleep 0.05; exit 3"], reactor=reactor)
        with pytest.raises(ProcessTerminated) as ended:
            await caught.value.processEnded
        assert ended.value.exitCode == 3

    run(reactor, main)


def test_outputCancelled(reactor: Any) -> None:
    """Who cancels waits no more, and hears nothing more; the program goes on to its own end."""

    async def main() -> None:
        with logged():
            waiting = utils.getProcessOutput("sh", ["-c", "read line; echo trouble >&2"], reactor=reactor)
            waiting.cancel()
            with pytest.raises(CancelledError):
                await waiting
            (child,) = reapProcessHandlers.values()
            child.write(b"\n")
            await until(reactor, lambda: child.proto is None)
            await turns(reactor)

    run(reactor, main)


def test_errorOutputToo(reactor: Any) -> None:
    """F149: with ``errortoo`` standard error is part of the output."""

    async def main() -> None:
        output = await utils.getProcessOutput("sh", ["-c", "echo a; echo b >&2"], errortoo=True, reactor=reactor)
        assert sorted(output.split()) == [b"a", b"b"]

    run(reactor, main)


def test_value(reactor: Any) -> None:
    """F150: a program's exit code; none when a signal ended it."""

    async def main() -> None:
        assert await utils.getProcessValue("true", reactor=reactor) == 0
        assert await utils.getProcessValue("sh", ["-c", "exit 4"], reactor=reactor) == 4
        assert await utils.getProcessValue("sh", ["-c", "kill -9 $$"], reactor=reactor) is None

    run(reactor, main)


def test_outputAndValue(reactor: Any) -> None:
    """F149, F150: output, errors and exit code together; the input is what is given."""

    async def main() -> None:
        script = ["-c", "cat; echo errors >&2; exit 5"]
        result = await utils.getProcessOutputAndValue("sh", script, reactor=reactor, stdinBytes=b"input")
        assert result == (b"input", b"errors\n", 5)

    run(reactor, main)


def test_outputAndSignal(reactor: Any) -> None:
    """F150: a program that a signal ended is a failure with output, errors and the signal."""
    values: list[Any] = []

    async def main() -> None:
        waiting = utils.getProcessOutputAndValue("sh", ["-c", "echo out; kill -9 $$"], reactor=reactor)
        await waiting.addErrback(lambda failure: values.append(failure.value))

    run(reactor, main)
    assert values == [(b"out\n", b"", signal.SIGKILL)]


# `run`.


def test_run(reactor: Any) -> None:
    """A program runs to its end; what it said and how it ended are the result."""

    async def main() -> None:
        done = await utils.run(["sh", "-c", "cat; echo errors >&2; exit 3"], input=b"input", reactor=reactor)
        assert (done.stdout, done.stderr, done.exitCode, done.signal, done.ok) == (
            b"input",
            b"errors\n",
            3,
            None,
            False,
        )
        assert repr(done) == "<'sh' finished with exit code 3, output 5 bytes>"
        killed = await utils.run(["sh", "-c", "kill -TERM $$"], reactor=reactor)
        assert (killed.exitCode, killed.signal) == (None, signal.SIGTERM)
        assert (await utils.run(["true"], reactor=reactor)).ok

    run(reactor, main)


def test_runInherits(reactor: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`run` hands on our environment unless it is told otherwise, and starts in the directory given."""
    monkeypatch.setenv("ROPEWALK_TEST", "handed on")
    script = ["sh", "-c", "echo $ROPEWALK_TEST; pwd"]

    async def main() -> None:
        done = await utils.run(script, path=tmp_path, reactor=reactor)
        assert done.stdout == b"handed on\n" + bytes(tmp_path) + b"\n"
        assert (await utils.run(script, env={}, reactor=reactor)).stdout.startswith(b"\n")

    run(reactor, main)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(["/nowhere/program"], FileNotFoundError), ([], ValueError), (["true", 3], TypeError), (["a\0"], ValueError)],
)
def test_runWhatCannotRun(reactor: Any, arguments: list[Any], expected: type[Exception]) -> None:
    """What cannot be run fails the Deferred."""

    async def main() -> None:
        waiting = utils.run(arguments, reactor=reactor)
        with pytest.raises(expected):
            await waiting

    run(reactor, main)


def test_runTimesOut(reactor: Any) -> None:
    """A program that takes too long is killed; the error has what it said, and what it left behind isn't waited for."""

    async def main() -> None:
        script = "sleep 20 & echo $!; exec sleep 20"
        with pytest.raises(utils.RunTimedOut, match=r"killed after 0\.2 seconds") as caught:
            await utils.run(["sh", "-c", script], timeout=0.2, reactor=reactor)
        assert isinstance(caught.value, TimeoutError)
        assert caught.value.finished.signal == signal.SIGKILL
        os.kill(int(caught.value.finished.stdout), signal.SIGKILL)

    run(reactor, main)


def test_runTimesOutWithUnreadInput(reactor: Any) -> None:
    """Input that a process left behind would have to read isn't waited for either."""

    async def main() -> None:
        script = "exec 3<&0; sleep 20 <&3 & echo $!; exec sleep 20"
        with pytest.raises(utils.RunTimedOut) as caught:
            await utils.run(["sh", "-c", script], input=bytes(1_000_000), timeout=0.2, reactor=reactor)
        os.kill(int(caught.value.finished.stdout), signal.SIGKILL)

    run(reactor, main)


def test_runInTime(reactor: Any) -> None:
    """A program that ends in time leaves no timer."""

    async def main() -> None:
        before = len(reactor.getDelayedCalls())
        await utils.run(["true"], timeout=1000, reactor=reactor)
        assert len(reactor.getDelayedCalls()) == before

    run(reactor, main)


def test_runCancelled(reactor: Any, tmp_path: Path) -> None:
    """Cancelling kills the program, and no timer stays."""
    file = tmp_path / "pid"

    async def main() -> None:
        before = len(reactor.getDelayedCalls())
        waiting = utils.run(
            ["sh", "-c", f"echo $$ > {file}.new; mv {file}.new {file}; exec sleep 20"], timeout=1000, reactor=reactor
        )
        await until(reactor, file.exists)
        waiting.cancel()
        with pytest.raises(CancelledError):
            await waiting
        await until(reactor, lambda: not isAlive(int(file.read_text())))
        await until(reactor, lambda: len(reactor.getDelayedCalls()) == before)

    run(reactor, main)


def test_runUnderAsyncioTimeout(reactor: Any, tmp_path: Path) -> None:
    """asyncio's own timeout ends the waiting, and kills the program."""
    import asyncio

    file = tmp_path / "pid"

    async def main() -> None:
        with pytest.raises(asyncio.TimeoutError):
            async with asyncio.timeout(0.3):
                await utils.run(["sh", "-c", f"echo $$ > {file}; exec sleep 20"], reactor=reactor)
        await until(reactor, lambda: not isAlive(int(file.read_text())))

    run(reactor, main)


# Warnings.


def warn() -> int:
    warnings.warn("first", stacklevel=1)
    warnings.warn("second", stacklevel=1)
    return 5


FIRST = (("ignore", "first"), {})
SECOND = (("ignore",), {"message": "second"})


def test_warningsSuppressed() -> None:
    """Warnings that match are silenced while the function runs, and no others, and not afterwards."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert utils.runWithWarningsSuppressed([FIRST], warn) == 5
        assert [str(each.message) for each in caught] == ["second"]
        warn()
        assert len(caught) == 3


def test_suppressWarnings() -> None:
    """A function can be made one that is always called so; it keeps its name."""
    quiet = utils.suppressWarnings(warn, FIRST, SECOND)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert quiet() == 5
        assert caught == []
    assert quiet.__name__ == "warn"


def test_warningsSuppressedUntilADeferredFires() -> None:
    """A function that returns a Deferred runs until that fires; filters that others set meanwhile stay."""
    waiting: Deferred[int] = Deferred()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = utils.runWithWarningsSuppressed([FIRST], lambda: waiting)
        warn()
        assert [str(each.message) for each in caught] == ["second"]
        warnings.filterwarnings("ignore", "second")
        waiting.callback(7)
        warn()
        assert [str(each.message) for each in caught] == ["second", "first"]
    assert result.result == 7


def test_warningsComeBackAfterAnError() -> None:
    """What the function raises passes, and the warnings are back."""

    def fail() -> None:
        raise LookupError

    before = list(warnings.filters)
    with pytest.raises(LookupError):
        utils.runWithWarningsSuppressed([FIRST, SECOND], fail)
    assert list(warnings.filters) == before
