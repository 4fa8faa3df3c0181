"""Tell systemd how a service is doing: that it is ready, that it stops, that it lives.

Everything here does nothing when systemd doesn't want to know, so programs needn't ask.

Spec: sd_notify(3), sd_watchdog_enabled(3).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ropewalk.logger import Logger

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IDelayedCall, IReactorTime

_log = Logger("ropewalk.application.app")

# Of the time that the watchdog allows, what passes between two signs of life. systemd recommends the half.
HEARTBEAT = 0.5


class Notifier:
    """Speaks to whoever started this process, if they listen.

    Args:
        environ: where the address is, under ``NOTIFY_SOCKET``; `os.environ` by default. It is taken note of, not
            taken out: a worker may speak for its service.

    Attributes:
        address: the path of a UNIX socket, one in the abstract name space with a leading ``@``; empty for nobody.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        variables = os.environ if environ is None else environ
        self.address = variables.get("NOTIFY_SOCKET", "")
        self._patience = _watchdogSeconds(variables)
        self._beat: IDelayedCall | None = None

    def send(self, *assignments: str) -> bool:
        """Send assignments like ``"STATUS=4 connections"``.

        Returns:
            Whether somebody took them.
        """
        if not self.address:
            return False
        # ``@`` stands for the NUL that begins a name in the abstract name space.
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.setblocking(False)
                sender.sendto("\n".join(assignments).encode(), address)
        except OSError as problem:
            # A service must not fail because nobody hears that it works.
            _log.warn(
                "cannot tell {address!r} {assignments!r}: {problem}",
                address=self.address,
                assignments=assignments,
                problem=problem,
            )
            return False
        return True

    def ready(self, clock: IReactorTime | None = None) -> None:
        """Say that the service works, and from now on, where a watchdog is set, that it lives.

        Args:
            clock: measures the time between two signs of life; `None` to give none.
        """
        self.send("READY=1", f"MAINPID={os.getpid()}")
        if clock is not None and self._patience and self.address:
            self._live(clock)

    def reloading(self) -> None:
        """Say that the service reads its configuration anew; `ready` says when that is done."""
        # systemd wants to know when that began, by its clock.
        self.send("RELOADING=1", f"MONOTONIC_USEC={int(time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6)}")

    def stopping(self) -> None:
        """Say that the service comes to its end. Signs of life go on: an end in good order may take a while."""
        self.send("STOPPING=1")

    def stop(self) -> None:
        """Give no more signs of life."""
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None

    def _live(self, clock: Any) -> None:
        self.send("WATCHDOG=1")
        self._beat = clock.callLater(self._patience * HEARTBEAT, self._live, clock)


def _watchdogSeconds(variables: Mapping[str, str]) -> float:
    """How long systemd waits for a sign of life before it kills us; 0 for ever."""
    try:
        seconds = int(variables["WATCHDOG_USEC"]) / 1e6
        # Without a process's number it is meant for all.
        mine = int(variables.get("WATCHDOG_PID", os.getpid())) == os.getpid()
    except (KeyError, ValueError):
        return 0.0
    return seconds if mine and seconds > 0 else 0.0
