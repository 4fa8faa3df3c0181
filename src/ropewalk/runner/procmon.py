"""A service that keeps programs running: it starts them, logs what they say, and starts them again when they end.

A program that ends is started again at once, if it had lived for a while. One that ends soon after its start is likely
to do so again: the wait before the next attempt doubles each time, up to a limit. A program that is to end is asked to
(``SIGTERM``), and killed when it hasn't after some time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ropewalk.application.service import Service
from ropewalk.internet.defer import Deferred, DeferredList
from ropewalk.internet.error import ProcessDone, ProcessExitedAlready
from ropewalk.internet.protocol import ProcessProtocol
from ropewalk.logger import Logger
from ropewalk.protocols.basic import LineReceiver
from ropewalk.python.failure import Failure

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IDelayedCall

__all__ = ["DummyTransport", "LineLogger", "Logger", "LoggingProtocol", "ProcessMonitor", "transport"]


class DummyTransport:
    """What a `LineLogger` believes to be connected to."""

    disconnecting = 0


transport = DummyTransport()


class LineLogger(LineReceiver):
    """Logs each line of a stream of a program's.

    Attributes:
        tag: whose output it is; begins the line in the log.
        stream: ``"stdout"`` or ``"stderr"``.
        service: its ``log`` is written to.
        MAX_LENGTH: what is longer is logged in pieces.
    """

    tag: str | None = None
    stream: str | None = None
    service: Any = None
    delimiter = b"\n"

    def lineReceived(self, line: bytes) -> None:
        """Log a line. One that is no UTF-8 is shown as Python shows bytes."""
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = repr(line)
        self.service.log.info("[{tag}] {line}", tag=self.tag, line=text, stream=self.stream)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Log what is there of a long line, or of several; the rest follows as other lines."""
        for piece in line.split(self.delimiter):
            for start in range(0, len(piece), self.MAX_LENGTH):
                self.lineReceived(piece[start : start + self.MAX_LENGTH])

    def finish(self) -> None:
        """Log what came after the last end of a line, if something did."""
        rest = self.clearLineBuffer()
        if rest:
            self.lineReceived(rest)


class LoggingProtocol(ProcessProtocol):
    """What a `ProcessMonitor` runs a program with: both streams of its output are logged.

    Attributes:
        service: the monitor.
        name: what it knows the program by.
    """

    service: Any = None
    name: str | None = None
    _empty = True

    @property
    def output(self) -> LineLogger:
        """What logs the lines of the standard output."""
        return self._output

    @property
    def empty(self) -> bool:
        """Whether all that came of the standard output was whole lines."""
        return self._empty

    def connectionMade(self) -> None:
        """The program runs."""
        self._output = self._logger("stdout")
        self._error = self._logger("stderr")

    def outReceived(self, data: bytes) -> None:
        """Log standard output."""
        self._output.dataReceived(data)
        self._empty = data.endswith(b"\n")

    def errReceived(self, data: bytes) -> None:
        """Log standard error."""
        self._error.dataReceived(data)

    def processExited(self, reason: Failure) -> None:
        """The program has ended; its output may go on, through another process that it has started."""
        self.service._exited(self)

    def processEnded(self, reason: Failure) -> None:
        """The program and its output have ended: tell the monitor."""
        self._output.finish()
        self._error.finish()
        self.service._tell(self, reason)
        self.service.connectionLost(self.name)

    def _logger(self, stream: str) -> LineLogger:
        logger = LineLogger()
        logger.tag, logger.stream, logger.service = self.name, stream, self.service
        logger.makeConnection(transport)  # as much of a transport as it asks for
        return logger


@dataclass(frozen=True, slots=True)
class _Command:
    """A program, and how it is started: the arguments of `ProcessMonitor.addProcess`."""

    args: Sequence[str | bytes]
    uid: int | None
    gid: int | None
    env: Mapping[Any, Any] | None
    cwd: str | bytes | None


class ProcessMonitor(Service):
    """A service that keeps programs running, from its start to its stop.

    Args:
        reactor: starts the programs, and measures time; the global reactor when not given.

    Attributes:
        threshold: who has lived for fewer seconds was not well, and isn't started again at once.
        killTime: seconds that a program has to end in, from ``SIGTERM`` on; then comes ``SIGKILL``.
        minRestartDelay, maxRestartDelay: bounds, in seconds, of the wait before somebody is started again that was not
            well; it doubles from one to the other.
        protocols: those that run now, each by its name.
    """

    threshold: float = 1
    killTime: float = 5
    minRestartDelay: float = 1
    maxRestartDelay: float = 3600
    log = Logger()

    volatile = ["protocols", "delay", "timeStarted", "murder", "restart", "_ending", "_reactor"]

    def __init__(self, reactor: Any = None) -> None:
        if reactor is None:
            from ropewalk.internet import reactor
        self._processes: dict[str, _Command] = {}
        self._forget(reactor)

    def __setstate__(self, state: dict[str, Any]) -> None:
        from ropewalk.internet import reactor

        self.__dict__.update(state)
        self._forget(reactor)

    def _forget(self, reactor: Any) -> None:
        """Begin as one who knows what is to run, and has started nothing."""
        self._reactor = reactor
        self.protocols: dict[str, LoggingProtocol] = {}
        # The wait before the next start, should the program not be well.
        self.delay: dict[str, float] = dict.fromkeys(self._processes, self.minRestartDelay)
        self.timeStarted: dict[str, float] = {}
        # What kills those that don't end by themselves; what starts those that have ended.
        self.murder: dict[str, IDelayedCall] = {}
        self.restart: dict[str, IDelayedCall] = {}
        # Of those that were asked to end for good: what fires when they have.
        self._ending: dict[str, Deferred[None]] = {}

    @property
    def processes(self) -> dict[str, tuple[Any, ...]]:
        """The programs, each by its name: arguments, user, group, environment."""
        return {name: (it.args, it.uid, it.gid, it.env) for name, it in self._processes.items()}

    def addProcess(
        self,
        name: str,
        args: Sequence[str | bytes],
        uid: int | None = None,
        gid: int | None = None,
        env: Mapping[Any, Any] | None = {},  # documented; it is never changed
        cwd: str | bytes | None = None,
    ) -> None:
        """Have a program run from now on; while the service runs, it is started at once.

        Args:
            name: what it is called here and in the log.
            args: its command line; the first is the program.
            uid, gid: the numbers of the user and the group to run it as, or `None` for ours.
            env: its environment; `None` for ours. It is empty when not given.
            cwd: the directory to run it in; ours when not given.

        Raises:
            KeyError: there is one of that name.
        """
        if name in self._processes:
            raise KeyError(f"remove {name} first")
        self._processes[name] = _Command(args, uid, gid, env, cwd)
        self.delay[name] = self.minRestartDelay
        if self.running:
            self.startProcess(name)

    def removeProcess(self, name: str) -> None:
        """End a program for good, and forget it.

        Raises:
            KeyError: there is none of that name.
        """
        self.stopProcess(name)
        del self._processes[name]
        self._unschedule(name)

    def startService(self) -> None:
        """Start every program."""
        super().startService()
        for name in list(self._processes):
            self.startProcess(name)

    def stopService(self) -> Deferred[None]:
        """End every program.

        Returns:
            A Deferred that fires when all have ended.
        """
        super().stopService()
        for name in list(self.restart):
            self._unschedule(name)
        ended = []
        for name in list(self.protocols):
            ended.append(self._ending.setdefault(name, Deferred()))
            self._end(name)
        return DeferredList(ended).addCallback(lambda _: None)

    def connectionLost(self, name: str) -> None:
        """A program has ended: start it again, now or later, unless it was to end."""
        alarm = self.murder.pop(name, None)
        if alarm is not None and alarm.active():
            alarm.cancel()
        self.protocols.pop(name, None)
        ending = self._ending.pop(name, None)
        if self.running and name in self._processes:
            self._schedule(name, self._reactor.seconds() - self.timeStarted[name])
        else:
            self.timeStarted.pop(name, None)
        if ending is not None:
            ending.callback(None)

    def startProcess(self, name: str) -> None:
        """Start a program that doesn't run; it is left alone if it does.

        Raises:
            KeyError: there is none of that name.
        """
        command = self._processes[name]
        if name in self.protocols:
            return
        self._unschedule(name)
        protocol = LoggingProtocol()
        protocol.service, protocol.name = self, name
        self.protocols[name] = protocol
        self.timeStarted[name] = self._reactor.seconds()
        try:
            self._reactor.spawnProcess(
                protocol, command.args[0], command.args, uid=command.uid, gid=command.gid, env=command.env,
                path=command.cwd,
            )  # fmt: skip
        except OSError as problem:
            self.log.error("[{tag}] cannot be started: {problem}", tag=name, problem=problem.strerror or repr(problem))
            self.connectionLost(name)

    def stopProcess(self, name: str) -> None:
        """End a program's process. It is started again, while the service runs.

        Raises:
            KeyError: there is none of that name.
        """
        if name not in self._processes:
            raise KeyError(f"Unrecognized process name: {name}")
        if name in self.protocols:
            self._end(name)

    def restartAll(self) -> None:
        """End every program's process; each is started again."""
        for name in list(self._processes):
            self.stopProcess(name)

    def _end(self, name: str) -> None:
        """Ask a program to end, and see to it that it does."""
        process: Any = self.protocols[name].transport
        # First the alarm: a process may end while it is being signalled.
        if name not in self.murder:
            self.murder[name] = self._reactor.callLater(self.killTime, self._kill, name, process)
        try:
            process.signalProcess("TERM")
        except ProcessExitedAlready:
            process.loseConnection()

    def _kill(self, name: str, process: Any) -> None:
        self.log.warn("[{tag}] is killed: it has not ended within {seconds:g} seconds", tag=name, seconds=self.killTime)
        try:
            process.signalProcess("KILL")
        except ProcessExitedAlready:
            pass

    def _exited(self, protocol: LoggingProtocol) -> None:
        """A program has ended. One that was to end is over then, whoever else may hold its pipes."""
        if protocol.name in self.murder:
            process: Any = protocol.transport
            process.loseConnection()

    def _tell(self, protocol: LoggingProtocol, reason: Failure) -> None:
        """Log the end of a program that nobody had asked to end."""
        if protocol.name in self.murder:
            return
        ending: Any = reason.value
        lived = self._reactor.seconds() - self.timeStarted[protocol.name or ""]
        # That it ended well is no trouble; but it was to run.
        log = self.log.info if reason.check(ProcessDone) else self.log.warn
        log(
            "[{tag}] has ended after {lived:.1f} seconds: {how}",
            tag=protocol.name,
            lived=lived,
            how=ending.ending,
        )

    def _schedule(self, name: str, lived: float) -> None:
        wait: float = 0
        if lived < self.threshold:
            wait = self.delay[name]
            self.delay[name] = min(wait * 2, self.maxRestartDelay)
        else:
            self.delay[name] = self.minRestartDelay
        self._unschedule(name)
        self.restart[name] = self._reactor.callLater(wait, self.startProcess, name)

    def _unschedule(self, name: str) -> None:
        call = self.restart.pop(name, None)
        if call is not None and call.active():
            call.cancel()

    def __repr__(self) -> str:
        shown = []
        for name, command in self._processes.items():
            identity = "" if command.uid is None and command.gid is None else f"({command.uid}:{command.gid})"
            shown.append(f"{name!r}{identity}: {command.args!r}")
        return f"<{type(self).__name__} {' '.join(shown)}>"
