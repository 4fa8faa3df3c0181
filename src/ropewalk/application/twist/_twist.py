"""What ``twist`` does with its command line.

With ``--workers`` or ``--reload`` this process is a supervisor: its application is one service, which starts the same
command again. That one finds in its environment that it is supervised (`Membership.take`), and serves.
"""

from __future__ import annotations

import atexit
import signal
from collections.abc import Callable, Sequence
from typing import Any

from ropewalk.logger import LogLevel
from ropewalk.python import usage

from .._running import loading
from .._running.children import commandFor, ownCommand
from .._running.membership import Membership
from .._running.mistakes import Refusal, Status, startFailure, tell
from .._running.reloading import Reloading
from .._running.sources import filesBehind
from .._running.workers import Workers
from .._services.root import Application
from ..runner._runner import LogChoice, Runner
from ._options import TwistOptions

__all__ = ["main"]

# How many seconds connections may take to end when one of several workers stops: they are replaced while it goes on.
WORKERS_DRAIN = 10.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run what a command line says, to its end.

    Args:
        argv: the command line without the program's name; this process's when not given.

    Returns:
        The status to exit with. Every mistake has been told, as a sentence on standard error.
    """
    member = Membership.take()
    if member is not None:
        # Whatever comes of it.
        atexit.register(member.tellFiles)
    options = TwistOptions()
    try:
        _parse(options, argv, member)
        if member is not None:
            return _serve(options, member)
        command = ownCommand() if argv is None else commandFor("ropewalk.application.twist", argv)
        if options["workers"] is not None:
            return _superviseWorkers(options, command)
        if options["reload"]:
            return _superviseProgram(options, command)
        return _serve(options)
    except usage.UsageError as problem:
        tell(f"{problem}; --help lists what there is")
        return Status.USAGE
    except Exception as problem:
        # A plugin's code may raise anything.
        if member is not None:
            member.tellFiles(filesBehind(problem))
        refusal = problem if isinstance(problem, Refusal) else startFailure(problem)
        tell(refusal.sentence, refusal.details)
        return refusal.status


def _parse(options: TwistOptions, argv: Sequence[str] | None, member: Membership | None) -> None:
    try:
        options.parseOptions(argv)
    except usage.UsageError:
        raise
    except Exception:
        # A mistake in the plugin's source doesn't end a supervisor that waits for it to be mended; the program itself
        # will tell it.
        if member is not None or not options["reload"]:
            raise


def _serve(options: TwistOptions, member: Membership | None = None) -> int:
    """Be the program."""
    isWorker = options["workers"] is not None
    if member is not None and isWorker:
        member.sharePorts()
    runner = Runner(loading.make(options), _log(options, member if isWorker else None), _drain(options))
    if member is not None:
        runner.started = lambda: _join(member, watched=options["reload"])
    return runner.run()


def _join(member: Membership, watched: bool) -> None:
    from ropewalk.internet import reactor

    member.join(reactor)
    if watched:
        member.keepTelling(reactor)


def _superviseWorkers(options: TwistOptions, command: list[str]) -> int:
    application: Any = Application("workers")
    runner = Runner(application, _log(options))
    runner.log.isShared = True
    workers = Workers(command, options["workers"], _drain(options) or 0.0, runner.giveUp)
    workers.setServiceParent(application)
    runner.whenReady = workers.whenReady
    _onSignal("SIGHUP", lambda: _replace(workers, runner))
    if options["log-file"] not in ("-", "+"):
        # Each has the log open, and begins a new one when it is told.
        runner.started = lambda: _onSignal("SIGUSR1", lambda: workers.signal("USR1"))
    return runner.run()


def _replace(workers: Workers, runner: Runner) -> None:
    """Replace the workers, and tell systemd when that begins and ends."""

    def over(result: None) -> None:
        if workers.running:
            runner.notifier.ready()

    runner.notifier.reloading()
    workers.replaceAll().addCallback(over)


def _superviseProgram(options: TwistOptions, command: list[str]) -> int:
    application: Any = Application("program")
    runner = Runner(application, _log(options))
    Reloading(command, runner.giveUp).setServiceParent(application)
    return runner.run()


def _log(options: TwistOptions, member: Membership | None = None) -> LogChoice:
    choice = LogChoice(options["log-file"], options["log-format"], options["log-level"] or LogLevel.info)
    if member is not None:
        choice.system = member.name
        choice.isShared = True
    return choice


def _drain(options: TwistOptions) -> float | None:
    drain: float | None = options["drain"]
    return WORKERS_DRAIN if drain is None and options["workers"] is not None else drain


def _onSignal(name: str, call: Callable[[], object]) -> None:
    """Have something called in the reactor when a signal comes, after what is called already."""
    from ropewalk.internet import reactor

    number = getattr(signal, name, None)
    if number is None:
        return
    before = signal.getsignal(number)

    def heard(number: int, frame: Any) -> None:
        if callable(before):
            before(number, frame)
        reactor.callFromThread(call)

    signal.signal(number, heard)
