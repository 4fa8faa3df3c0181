"""Child processes in one call, and functions called with some warnings silenced.

`run` is what a coroutine wants: everything that a program said and how it ended, with a limit on how long it may take.
The three ``getProcess...`` functions are the documented ones. By default they give the child an empty environment.
"""

from __future__ import annotations

from ropewalk._doors import publish

from .defer import Deferred, TimeoutError, fail
from .protocol import ProcessProtocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, ParamSpec, TypeVar

    from ropewalk.python.failure import Failure

    from ._transports.childstart import Text

    P = ParamSpec("P")
    R = TypeVar("R")
    # The arguments of a call of `warnings.filterwarnings`.
    Filter = tuple[tuple[Any, ...], dict[str, Any]]

__all__ = [
    "Finished",
    "RunTimedOut",
    "getProcessOutput",
    "getProcessOutputAndValue",
    "getProcessValue",
    "run",
    "runWithWarningsSuppressed",
    "suppressWarnings",
]


# For coroutines.


class Finished:
    """How a program that `run` ran came to its end.

    Attributes:
        arguments: what was run.
        stdout: what it wrote to standard output.
        stderr: what it wrote to standard error.
        exitCode: its exit code; `None` when a signal ended it.
        signal: the number of that signal, or `None`.
    """

    __slots__ = ("arguments", "exitCode", "signal", "stderr", "stdout")

    def __init__(
        self, arguments: Sequence[Text], stdout: bytes, stderr: bytes, exitCode: int | None, signal: int | None
    ) -> None:
        self.arguments = list(arguments)
        self.stdout = stdout
        self.stderr = stderr
        self.exitCode = exitCode
        self.signal = signal

    def __repr__(self) -> str:
        how = f"exit code {self.exitCode}" if self.signal is None else f"signal {self.signal}"
        return f"<{self.arguments[0]!r} finished with {how}, output {len(self.stdout)} bytes>"

    @property
    def ok(self) -> bool:
        """Whether it exited with code 0."""
        return self.exitCode == 0


class RunTimedOut(TimeoutError):
    """A program took longer than `run` was told to allow, and was killed.

    Attributes:
        timeout: the limit, in seconds.
        finished: how it ended, and what it had said until then.
    """

    def __init__(self, timeout: float, finished: Finished) -> None:
        super().__init__(f"{finished.arguments[0]!r} was killed after {timeout} seconds")
        self.timeout = timeout
        self.finished = finished


def run(
    arguments: Sequence[Text],
    *,
    input: bytes = b"",
    env: Mapping[Any, Any] | None = None,
    path: Text | None = None,
    timeout: float | None = None,
    reactor: Any = None,
) -> Deferred[Finished]:
    """Run a program to its end.

    Args:
        arguments: the program, looked up on ``PATH``, and its arguments. No shell reads them.
        input: what it finds on its standard input.
        env: its environment; `None` hands on ours.
        path: the directory that it begins in; `None` for ours.
        timeout: how many seconds it may take; then it is killed.
        reactor: what to run it with; the installed one when there is none.

    Returns:
        A Deferred of how it ended; whatever the exit code, that is a result and no failure. It fails with an
        `OSError` when the program cannot be started, and with `RunTimedOut`. Cancelling it kills the program. A
        process that the program started and left behind is waited for only as long as it holds the output open and
        no limit passes.
    """
    arguments = list(arguments)
    runner = _Runner(arguments)
    if reactor is None:
        from . import reactor
    if not arguments:
        return fail(ValueError("run needs a program: its first argument is missing"))
    try:
        reactor.spawnProcess(runner, arguments[0], arguments, env, path)
    except (OSError, TypeError, ValueError):
        return fail()
    runner.transport.write(input)
    runner.transport.closeStdin()
    if timeout is not None:
        runner.limit(reactor, timeout)
    return runner.done


class _Collector(ProcessProtocol):
    """Keeps what a child says, for one who waits for its end."""

    def __init__(self, canceller: Callable[[Deferred[Any]], object] | None = None) -> None:
        self.output: list[bytes] = []
        self.errors: list[bytes] = []
        self.done: Deferred[Any] = Deferred(canceller)

    def outReceived(self, data: bytes) -> None:
        self.output.append(data)

    def errReceived(self, data: bytes) -> None:
        self.errors.append(data)


class _Runner(_Collector):
    """The protocol behind `run`."""

    transport: Any  # a `Process`, which can abort

    def __init__(self, arguments: Sequence[Text]) -> None:
        super().__init__(lambda deferred: self._kill())
        self._arguments = arguments
        self._alarm: Any = None
        self._timeout: float | None = None

    def limit(self, reactor: Any, timeout: float) -> None:
        def late() -> None:
            self._timeout = timeout
            self._kill()

        self._alarm = reactor.callLater(timeout, late)

    def _kill(self) -> None:
        """End it, and don't wait for what it may have left behind, which holds the same pipes."""
        from .error import ProcessExitedAlready

        try:
            self.transport.signalProcess("KILL")
        except ProcessExitedAlready:
            pass
        self.transport.abortConnection()

    def processEnded(self, reason: Failure) -> None:
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        value: Any = reason.value
        finished = Finished(self._arguments, b"".join(self.output), b"".join(self.errors), value.exitCode, value.signal)
        if self._timeout is None:
            self.done.callback(finished)
        else:
            self.done.errback(RunTimedOut(self._timeout, finished))


# The documented functions.


class _UnexpectedErrorOutput(IOError):
    """A program wrote to its standard error, and `getProcessOutput` was to take that as a failure.

    Attributes:
        processEnded: a Deferred that fails with how the program ended, once it has.
    """

    def __init__(self, text: bytes, processEnded: Deferred[Any]) -> None:
        super().__init__(f"got stderr: {text!r}")
        self.processEnded = processEnded


class _Output(_Collector):
    """Its result is the output; the first word on standard error is a failure."""

    def __init__(self) -> None:
        super().__init__()
        self._ended: Deferred[Any] | None = None

    def errReceived(self, data: bytes) -> None:
        if self._ended is None and not self.done.called:  # otherwise nobody waits any more
            self._ended = Deferred()
            self.transport.loseConnection()
            self.done.errback(_UnexpectedErrorOutput(data, self._ended))

    def processEnded(self, reason: Failure) -> None:
        if self._ended is None:
            self.done.callback(b"".join(self.output))
        else:
            self._ended.errback(reason)


class _AllOutput(_Collector):
    """Its result is what came from standard output and error, as it came."""

    def errReceived(self, data: bytes) -> None:
        self.output.append(data)

    def processEnded(self, reason: Failure) -> None:
        self.done.callback(b"".join(self.output))


class _Value(ProcessProtocol):
    """Its result is the exit code."""

    def __init__(self) -> None:
        self.done: Deferred[Any] = Deferred()

    def processEnded(self, reason: Failure) -> None:
        value: Any = reason.value
        self.done.callback(value.exitCode)


class _OutputAndValue(_Collector):
    """Its result is everything, and a failure when a signal ended the child."""

    def processEnded(self, reason: Failure) -> None:
        value: Any = reason.value
        output, errors = b"".join(self.output), b"".join(self.errors)
        if value.signal is None:
            self.done.callback((output, errors, value.exitCode))
        else:
            self.done.errback((output, errors, value.signal))  # type: ignore[arg-type]  # documented, odd as it is


def getProcessOutput(
    executable: Text,
    args: Sequence[Text] = (),
    env: Mapping[Any, Any] | None = {},
    path: Text | None = None,
    reactor: Any = None,
    errortoo: Any = 0,
) -> Deferred[bytes]:
    """Run a program, and get what it writes to standard output.

    Args:
        executable: the program, looked up on ``PATH`` when it is no path.
        args: its arguments, without its name.
        env: its environment; `None` hands on ours.
        path: the directory that it begins in.
        reactor: what to run it with; the installed one when there is none.
        errortoo: take standard error as well, mixed with the output as it comes.

    Returns:
        A Deferred of the output, however the program ends. It fails with an `OSError` when it cannot be started, and,
        without ``errortoo``, as soon as it writes to standard error: the error's ``processEnded`` is a Deferred that
        fails once the program has ended. Cancelling it ends the waiting, and not the program; `run` kills its.
    """
    return _spawn(_AllOutput() if errortoo else _Output(), executable, args, env, path, reactor)


def getProcessValue(
    executable: Text,
    args: Sequence[Text] = (),
    env: Mapping[Any, Any] | None = {},
    path: Text | None = None,
    reactor: Any = None,
) -> Deferred[int]:
    """Run a program, and get its exit code; `None` when a signal ended it. See `getProcessOutput` for the arguments."""
    return _spawn(_Value(), executable, args, env, path, reactor)


def getProcessOutputAndValue(
    executable: Text,
    args: Sequence[Text] = (),
    env: Mapping[Any, Any] | None = {},
    path: Text | None = None,
    reactor: Any = None,
    stdinBytes: bytes | None = None,
) -> Deferred[tuple[bytes, bytes, int]]:
    """Run a program, and get its output, its errors and its exit code.

    Args:
        stdinBytes: what it finds on its standard input, which is closed after that; `None` leaves it open.

    See `getProcessOutput` for the others.

    Returns:
        A Deferred of the three. When a signal ended the program it fails, and the failure's ``value`` is a tuple of
        output, errors and the signal's number.
    """
    return _spawn(_OutputAndValue(), executable, args, env, path, reactor, stdinBytes)


def _spawn(
    protocol: Any,
    executable: Text,
    args: Sequence[Text],
    env: Mapping[Any, Any] | None,
    path: Text | None,
    reactor: Any,
    stdinBytes: bytes | None = None,
) -> Deferred[Any]:
    """Start a program for a protocol, and return what that protocol fires in the end."""
    if reactor is None:
        from . import reactor
    try:
        transport = reactor.spawnProcess(protocol, executable, (executable, *args), env, path)
    except OSError:
        return fail()
    if stdinBytes is not None:
        transport.write(stdinBytes)
        transport.closeStdin()
    done: Deferred[Any] = protocol.done
    return done


# Warnings.


def runWithWarningsSuppressed(
    suppressedWarnings: Iterable[Filter], f: Callable[P, Any], *a: P.args, **kw: P.kwargs
) -> Any:
    """Call a function with some warnings silenced; if it returns a Deferred, until that fires.

    Args:
        suppressedWarnings: for each kind, the positional and the named arguments of `warnings.filterwarnings`.
        f: what to call, with ``a`` and ``kw``.

    Returns:
        What it returns.
    """
    import warnings

    before = list(warnings.filters)
    for positional, named in suppressedWarnings:
        warnings.filterwarnings(*positional, **named)
    added = [each for each in warnings.filters if each not in before]

    def restore() -> None:
        # Only what was added: somebody else may have changed the rest meanwhile.
        warnings.filters[:] = [each for each in warnings.filters if each not in added]  # type: ignore[index]

    try:
        result = f(*a, **kw)
    except BaseException:
        restore()
        raise
    if isinstance(result, Deferred):

        def over(passed: Any) -> Any:
            restore()
            return passed

        return result.addBoth(over)
    restore()
    return result


def suppressWarnings(f: Callable[P, R], *suppressedWarnings: Filter) -> Callable[P, R]:
    """Return a function like another that is called by `runWithWarningsSuppressed`.

    Args:
        f: the other.
        suppressedWarnings: see there.
    """
    from functools import wraps

    @wraps(f)
    def quiet(*a: P.args, **kw: P.kwargs) -> R:
        result: R = runWithWarningsSuppressed(suppressedWarnings, f, *a, **kw)
        return result

    return quiet


publish(__name__)
