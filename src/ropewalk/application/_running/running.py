"""Run an application, from its command line to its end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ropewalk.logger import Logger
from ropewalk.persisted import sob
from ropewalk.python import usage
from ropewalk.python.util import getPassword

from .._services.contracts import IService
from . import loading
from .debugging import debug
from .logs import AppLogger
from .mistakes import Refusal, Status, foreignTraceback, tell
from .notify import Notifier
from .options import ServerOptions
from .profiling import AppProfiler
from .stopping import OrderlyStop, dieOf, drainAll

_log = Logger("ropewalk.application.app")


def run(runApp: Callable[[Any], object], ServerOptions: Callable[[], usage.Options]) -> None:
    """Read the command line of this process, and run an application as it says.

    Every mistake ends the process with a sentence on standard error and one of the statuses in the help.

    Args:
        runApp: runs it, given the options.
        ServerOptions: makes them.

    Raises:
        SystemExit: that is how it ends, unless the application stopped in good order.
    """
    config = ServerOptions()
    # Until the reactor runs, and handles it. The pid file must go, whenever it comes.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        config.parseOptions()
        runApp(config)
    except usage.UsageError as problem:
        tell(f"{problem}; --help lists what there is")
        sys.exit(Status.USAGE)
    except Refusal as problem:
        _giveUp(problem)
    except _Interrupted:
        dieOf(signal.SIGTERM)
    except KeyboardInterrupt:
        dieOf(signal.SIGINT)
    except OSError as problem:
        if not isinstance(problem, BrokenPipeError):
            tell(str(problem))
        # If it is standard output that cannot be written: not by the interpreter, at its end, either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(Status.OSERR)


def _giveUp(problem: Refusal) -> NoReturn:
    tell(problem.sentence, problem.details)
    raise SystemExit(problem.status) from None


class _Interrupted(BaseException):
    """SIGTERM came before the reactor ran."""


def _interrupt(number: int, frame: object) -> None:
    raise _Interrupted


def getPassphrase(needed: object) -> str | None:
    """Ask for the passphrase of an application; `None` if none is needed."""
    return getPassword("Passphrase: ") if needed else None


def getSavePassphrase(needed: object) -> str | None:
    """Ask for a new passphrase for an application, twice; `None` if none is needed."""
    return getPassword("Encryption passphrase: ", confirm=True) if needed else None


def getApplication(config: Mapping[str, Any], passphrase: str | None) -> Any:
    """Read the application that a command line names by ``python``, ``source`` or ``file``.

    Raises:
        SystemExit: that cannot be done; it holds the sentence that says why.
    """
    try:
        return loading.load(config, passphrase)
    except Refusal as problem:
        raise SystemExit("\n".join(filter(None, (problem.details, problem.sentence)))) from None


def startApplication(application: Any, save: object) -> None:
    """Start an application's services, and have them stopped before the reactor's shutdown.

    Args:
        application: has been given to ``privilegedStartService`` already where that matters.
        save: whether to save it once it has stopped.

    Raises:
        Exception: what a service's start raises.
    """
    from ropewalk.internet import reactor

    _start(application, save, OrderlyStop(application, reactor))


def _start(application: Any, save: object, stop: OrderlyStop) -> None:
    from ropewalk.internet import reactor

    IService(application).startService()
    if save:
        reactor.addSystemEventTrigger("after", "shutdown", _save, sob.IPersistable(application))
    stop.arm()


def _save(persistable: sob.IPersistable) -> None:
    try:
        persistable.save("shutdown")
    except Exception:
        # It is the end; the process must reach it, and somebody must know.
        _log.failure("the application could not be saved")


def runReactorWithLogging(
    config: Mapping[str, Any],
    oldstdout: Any,
    oldstderr: Any,
    profiler: AppProfiler | None = None,
    reactor: Any = None,
) -> None:
    """Run the reactor as a command line says: plainly, under a profiler, or in the debugger.

    Args:
        config: has ``profile`` and ``debug``.
        oldstdout: standard output as it was before the log took its place: the debugger's.
        oldstderr: standard error, likewise.
        profiler: what to run under if ``profile`` says so.
        reactor: by default the global one.

    Raises:
        Refusal: the profile cannot be written.
    """
    if reactor is None:
        from ropewalk.internet import reactor
    try:
        if config["profile"] and profiler is not None:
            profiler.run(reactor)
        elif config["debug"]:
            sys.stdout, sys.stderr = oldstdout, oldstderr
            debug(reactor)
        else:
            reactor.run()
    except Refusal:
        raise
    except Exception as problem:
        raise Refusal(f"the reactor failed: {problem}", Status.SOFTWARE, foreignTraceback(problem)) from problem


class ApplicationRunner:
    """Runs an application. A child says how a platform starts it: `preApplication` and `postApplication`.

    Args:
        config: the options.

    Attributes:
        config: the options.
        application: what runs, from `run` on.
        profiler: an `AppProfiler`, or what ``profilerFactory`` makes.
        logger: an `AppLogger`, or what ``loggerFactory`` makes.
        notifier: what tells systemd.
        stop: what sees to the end, once `startServices` was called.
    """

    profilerFactory: Callable[[Any], AppProfiler] = AppProfiler
    loggerFactory: Callable[[Any], AppLogger] = AppLogger
    application: Any
    stop: OrderlyStop | None = None

    def __init__(self, config: Any) -> None:
        self.config = config
        self.profiler = self.profilerFactory(config)
        self.logger = self.loggerFactory(config)
        self.notifier = Notifier()

    def run(self) -> None:
        """Run it to its end.

        Raises:
            SystemExit: it cannot be run, and whoever started it has been told why.
        """
        try:
            self._run()
        except Refusal as problem:
            _giveUp(problem)
        if self.stop is not None:
            self.stop.leave()

    def _run(self) -> None:
        self.preApplication()
        self.application = self.createOrGetApplication()
        self.logger.start(self.application)
        try:
            self.postApplication()
        except Refusal as problem:
            self.refused(problem)
            raise
        finally:
            self.logger.stop()

    def refused(self, problem: Refusal) -> None:
        """Log what keeps it from running: whoever looks after it reads the log, and not the terminal."""
        text = "\n".join(filter(None, (problem.sentence, problem.details)))
        _log.critical("{sentence}", sentence=text, log_system="-")

    def preApplication(self) -> None:
        """What is done before there is an application."""
        raise NotImplementedError(f"{type(self).__name__} must define preApplication")

    def postApplication(self) -> None:
        """Start the application, and run the reactor."""
        raise NotImplementedError(f"{type(self).__name__} must define postApplication")

    def createOrGetApplication(self) -> Any:
        """Have the subcommand make an application, or read it from its file.

        Raises:
            Refusal: that cannot be done.
        """
        if self.config.subCommand:
            return loading.make(self.config)
        if self.config["encrypted"]:
            raise Refusal(
                "there are no encrypted applications here: save it without encryption, where only you can read it",
                Status.CONFIG,
            )
        return loading.load(self.config)

    def bindPorts(self) -> None:
        """Let the services do what only root may do.

        Raises:
            Exception: what they raise.
        """
        if self.config.get("drain") is not None:
            drainAll(self.application, self.config["drain"])
        IService(self.application).privilegedStartService()

    def startServices(self) -> None:
        """Start the services, and see to their end.

        Raises:
            Exception: what a start raises.
        """
        from ropewalk.internet import reactor

        self.stop = OrderlyStop(self.application, reactor, self.notifier)
        _start(self.application, not self.config["no_save"], self.stop)

    def startReactor(self, reactor: Any, oldstdout: Any, oldstderr: Any) -> None:
        """Run the reactor to its end; see `runReactorWithLogging`."""
        if reactor is None:
            from ropewalk.internet import reactor
        reactor.callWhenRunning(self.notifier.ready, reactor)
        runReactorWithLogging(self.config, oldstdout, oldstderr, self.profiler, reactor)


__all__ = [
    "ApplicationRunner",
    "ServerOptions",
    "getApplication",
    "getPassphrase",
    "getSavePassphrase",
    "run",
    "runReactorWithLogging",
    "startApplication",
]
