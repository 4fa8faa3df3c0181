"""From an application to the end of its process: log, start, reactor, stop."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ropewalk.internet.defer import Deferred, succeed
from ropewalk.internet.error import ReactorNotRunning
from ropewalk.logger import Logger, LogLevel, globalLogBeginner

from .._running.logs import filtered, observerOf, openLog
from .._running.mistakes import Status, startFailure
from .._running.notify import Notifier
from .._running.stopping import OrderlyStop, drainAll
from .._services.contracts import IService

if TYPE_CHECKING:
    from ropewalk.logger import LogEvent

__all__ = ["LogChoice", "Runner"]

_log = Logger("ropewalk.application.runner")


class LogChoice:
    """Where a process logs, in what form, and how much of it.

    Args:
        file: a path; ``"-"`` for standard output, ``"+"`` for standard error.
        form: ``"text"`` or ``"json"``; `None` for text on a terminal, and JSON elsewhere.
        level: events below it are left out.
        system: which of several processes this is, when there are several; it is in each event, and in each line.

    Attributes:
        isShared: whether several processes write to the file; none of them puts it aside by itself then.
    """

    isShared = False

    def __init__(self, file: str = "-", form: str | None = None, level: Any = LogLevel.info, system: str = "") -> None:
        self.file = file
        self.form = form
        self.level = level
        self.system = system

    def begin(self) -> None:
        """Log from now on, what has happened so far first.

        Raises:
            Refusal: the log cannot be written.
        """
        streams = {"-": sys.stdout, "+": sys.stderr}
        file: Any = streams[self.file] if self.file in streams else openLog(self.file)
        if self.isShared and self.file not in streams:
            file.rotateLength = None
        form = self.form
        if form is None:
            form = "text" if file in streams.values() and file.isatty() else "json"
        observer = observerOf(file, form)
        if self.system:
            observer = _marked(observer, self.system)
        # The filter is what loggers see: an event that it leaves out isn't even made.
        globalLogBeginner.beginLoggingTo([filtered(observer, self.level)])


def _marked(observer: Callable[[LogEvent], object], system: str) -> Callable[[LogEvent], object]:
    """Have each event say in which of several processes it happened."""

    def marking(event: LogEvent) -> None:
        where = event.get("log_system")
        if where is None:
            level = event.get("log_level")
            where = f"{event.get('log_namespace', '-')}#{level.name if level is not None else '-'}"
        observer({**event, "log_system": f"{system}, {where}", "worker": system})

    return marking


class Runner:
    """Runs an application to its end.

    Args:
        application: the root of its services.
        log: where it logs.
        drain: how many seconds connections may take to end when it stops; `None` to leave that to its servers.

    Attributes:
        notifier: what tells systemd.
        started: called when everything has started and the reactor runs.
        whenReady: what to wait for before it is ready, if there is something beside its start.
        status: what the process is to exit with; services may change it, by `giveUp`.
    """

    def __init__(self, application: Any, log: LogChoice, drain: float | None = None) -> None:
        self.application = application
        self.log = log
        self.drain = drain
        self.notifier = Notifier()
        self.started: Callable[[], object] = lambda: None
        self.whenReady: Deferred[Any] = succeed(None)
        self.status: int = Status.OK

    def run(self) -> int:
        """Run it to its end; the process dies of a SIGINT that it got, as shells expect.

        Returns:
            The status to exit with.

        Raises:
            Refusal: it cannot be started; that is in the log, too.
        """
        from ropewalk.internet import reactor

        self.log.begin()
        stop = OrderlyStop(self.application, reactor, self.notifier)
        service = IService(self.application)
        if self.drain is not None:
            drainAll(self.application, self.drain)
        try:
            service.privilegedStartService()
            service.startService()
        except Exception as problem:
            refusal = startFailure(problem)
            # Whoever started it may be gone; whoever looks after it reads the log.
            _log.critical(
                "{sentence}", sentence="\n".join(filter(None, (refusal.sentence, refusal.details))), log_system="-"
            )
            raise refusal from problem
        stop.arm()
        reactor.callWhenRunning(self._running, reactor)
        reactor.run()
        if self.status == Status.OK:
            stop.leave()
        return self.status

    def giveUp(self, status: int) -> None:
        """Stop, with a status that says that something went wrong; as soon as the reactor runs, if it doesn't yet."""
        from ropewalk.internet import reactor

        self.status = status
        reactor.callWhenRunning(self._stop, reactor)

    def _stop(self, reactor: Any) -> None:
        try:
            reactor.stop()
        except ReactorNotRunning:
            pass  # somebody else was faster

    def _running(self, reactor: Any) -> None:
        _log.info(
            "{name} runs as process {pid}, with {reactor}",
            name=IService(self.application).name,
            pid=os.getpid(),
            reactor=type(reactor).__name__,
        )
        self.started()
        self.whenReady.addCallback(lambda _: self.notifier.ready(reactor))
