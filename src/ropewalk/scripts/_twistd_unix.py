"""``twistd`` on systems like UNIX: a daemon with a pid file, which sheds its privileges once its ports are bound."""

from __future__ import annotations

import os
import sys
from typing import Any

from ropewalk._printing import whileRead
from ropewalk.application import app, service
from ropewalk.application._running import daemon, logs, privileges
from ropewalk.application._running.mistakes import Refusal, startFailure
from ropewalk.application._running.pidfile import PidFile
from ropewalk.python import usage

__all__ = ["ServerOptions", "UnixAppLogger", "UnixApplicationRunner", "checkPID", "launchWithName"]


class ServerOptions(app.ServerOptions):
    """The command line of ``twistd``."""

    synopsis = "Usage: twistd [options]"

    optFlags = [
        ["nodaemon", "n", "Stay in the foreground, log to standard output, and leave the umask as it is."],
        ["originalname", None, "Don't change the name that the process is shown under."],
        ["syslog", None, "Log to syslog."],
        ["euid", None, "Change the effective user only, so that the process can be root again. Think twice."],
    ]

    optParameters = [
        ["prefix", None, "ropewalk", "What stands before each message in syslog."],
        ["pidfile", None, "twistd.pid", "Where to write the process's number; an empty name for nowhere."],
        ["chroot", None, None, "Make this directory the root before running."],
        ["uid", "u", None, "Become this user, by name or number, once the ports are bound.", privileges.userNumber],
        ["gid", "g", None, "Become this group, likewise; by default the user's own.", privileges.groupNumber],
        ["umask", None, None, "The umask, an octal number; of a daemon 077 by default.", privileges.octal],
        ["systemd-unit", None, None, "Print a unit file for systemd, by this name, that runs this command line; exit."],
    ]

    compData = usage.Completions(
        optActions={
            "chroot": usage.CompleteDirs(),
            "gid": usage.CompleteGroups(),
            "pidfile": usage.CompleteFiles("*.pid"),
            "prefix": usage.Completer(descr="syslog prefix"),
            "uid": usage.CompleteUsernames(),
        }
    )

    def __init__(self, *a: Any, **kw: Any) -> None:
        super().__init__(*a, **kw)
        self["systemd-socket"] = []

    def opt_no_daemon(self) -> None:
        """The same as --nodaemon."""
        self["nodaemon"] = 1

    def opt_systemd_socket(self, address: str) -> None:
        """With --systemd-unit, print a socket unit, too: [NAME=]ADDRESS, as ListenStream= takes it. May be repeated."""
        self["systemd-socket"].append(address)

    def opt_version(self) -> None:
        """Say which version this is, and exit."""
        from ropewalk._standin import RELEASE, ownVersion

        with whileRead():
            print(f"twistd of Ropewalk {ownVersion()}, with the API of Twisted {RELEASE}")
        sys.exit(0)

    def postOptions(self) -> None:
        """Refuse what doesn't go together, and make paths independent of where the process goes."""
        super().postOptions()
        if self["debug"]:
            self["nodaemon"] = 1
        if self["pidfile"]:
            self["pidfile"] = os.path.abspath(self["pidfile"])
        if self["logfile"] == "-" and not self["nodaemon"] and not self["systemd-unit"]:
            raise usage.UsageError("a daemon has no standard output to log to: say --nodaemon, or another --logfile")


class UnixAppLogger(app.AppLogger):
    """Begins the log: in ``twistd.log`` for a daemon, on standard output in the foreground, in syslog if asked for.

    Args:
        options: those of `AppLogger`, and ``syslog``, ``prefix``, ``nodaemon``.
    """

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self._syslog = options.get("syslog")
        self._prefix = options.get("prefix") or "ropewalk"
        if not self._filename and not options.get("nodaemon"):
            self._filename = logs.DEFAULT_FILE

    def _getLogObserver(self) -> Any:
        if self._syslog:
            from ropewalk.logger import LegacyLogObserverWrapper
            from ropewalk.python import syslog

            return LegacyLogObserverWrapper(syslog.SyslogObserver(self._prefix).emit)
        return super()._getLogObserver()


def checkPID(pidfile: str) -> None:
    """See to it that no other process runs under a pid file; one that a dead process left is removed.

    Args:
        pidfile: its path; an empty one for none.

    Raises:
        SystemExit: there is one, or nobody can tell; it holds the sentence that says so.
    """
    try:
        PidFile(pidfile).check()
    except Refusal as problem:
        raise SystemExit(problem.sentence) from None


def launchWithName(name: str | None) -> None:
    """Be shown under a name in lists of processes, where that can be had."""
    privileges.nameProcess(name)


class UnixApplicationRunner(app.ApplicationRunner):
    """Runs an application, as a daemon unless told otherwise.

    The order: check the pid file; read the application; begin the log; daemonize; chroot, directory, umask; write the
    pid file; bind ports; become another user; start services; run the reactor; remove the pid file.
    """

    loggerFactory = UnixAppLogger
    # In a daemon: how to tell whoever started it.
    _report: daemon.Report | None = None

    def preApplication(self) -> None:
        """Check the pid file.

        Raises:
            Refusal: it runs already.
        """
        self.pidfile = PidFile(self.config["pidfile"]).check()

    def postApplication(self) -> None:
        """Become what the process is to be, start the application, run the reactor to its end.

        Raises:
            Refusal: that cannot be done. As a daemon, the process that started it has been told.
        """
        from ropewalk.internet import reactor

        process = service.IProcess(self.application, None) or service.Process()
        self._processName = process.processName
        self._identity = privileges.Identity(
            process.uid if self.config["uid"] is None else self.config["uid"],
            process.gid if self.config["gid"] is None else self.config["gid"],
        )
        self.pidfile.open()
        self._report = None if self.config["nodaemon"] else self._daemonize()
        try:
            try:
                self._settle()
                self._startServices()
            except Exception as problem:
                self._abandon()
                raise startFailure(problem) from problem
            if self._report is not None:
                reactor.callWhenRunning(self._report.started)
            self.startReactor(None, sys.__stdout__, sys.__stderr__)
        finally:
            self._identity.leave()
            self.pidfile.remove()

    def refused(self, problem: Refusal) -> None:
        """Log it, and then tell whoever started a daemon."""
        super().refused(problem)
        if self._report is not None:
            self._report.refused(problem)

    def _settle(self) -> None:
        """Go where the process is to be, and write the pid file."""
        umask = self.config["umask"]
        if umask is None and not self.config["nodaemon"]:
            umask = privileges.DAEMON_UMASK
        privileges.moveTo(self.config["chroot"], self.config["rundir"])
        if umask is not None:
            os.umask(umask)
        self.pidfile.write()

    def _daemonize(self) -> daemon.Report:
        from ropewalk.internet import reactor
        from ropewalk.internet.interfaces import IReactorDaemonize

        daemonic: Any = IReactorDaemonize(reactor, None)
        if daemonic is not None:
            daemonic.beforeDaemonize()
        report = daemon.daemonize()
        if daemonic is not None:
            daemonic.afterDaemonize()
        return report

    def _startServices(self) -> None:
        if not self.config["originalname"]:
            launchWithName(self._processName)
        self.bindPorts()
        self._identity.assume(bool(self.config["euid"]))
        self.startServices()

    def _abandon(self) -> None:
        """Take back what was started before something failed: socket files, threads that would keep us from ending."""
        from ropewalk.internet import reactor

        reactor.fireSystemEvent("shutdown")
