"""What a service tells systemd."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ropewalk.application._running.notify import Notifier
from ropewalk.internet.task import Clock
from ropewalk.logger import capturedLogs


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """What systemd listens at, and the address as it says it."""
    address = str(tmp_path / "notify") if request.param == "path" else f"@ropewalk-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address.replace("@", "\0"))
        listening.setblocking(False)
        yield listening, address


def test_silence() -> None:
    """Without systemd nothing is sent, and nothing goes wrong."""
    notifier = Notifier({})
    assert not notifier.send("READY=1")
    clock = Clock()
    notifier.ready(clock)
    notifier.stopping()
    notifier.stop()
    assert clock.getDelayedCalls() == []


def test_messages(systemd: tuple[socket.socket, str]) -> None:
    """Each state is an assignment, several are lines."""
    listening, address = systemd
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.ready(Clock())
    assert listening.recv(1000) == b"READY=1\nMAINPID=%d" % os.getpid()
    assert notifier.send("STATUS=4 connections", "X=1")
    assert listening.recv(1000) == b"STATUS=4 connections\nX=1"
    notifier.reloading()
    assert listening.recv(1000).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
    notifier.stopping()
    assert listening.recv(1000) == b"STOPPING=1"


def test_watchdog(systemd: tuple[socket.socket, str]) -> None:
    """It gives signs of life at half the time allowed, until it stops."""
    listening, address = systemd
    clock = Clock()
    notifier = Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())})
    notifier.ready(clock)
    assert listening.recv(1000).startswith(b"READY=1")
    assert listening.recv(1000) == b"WATCHDOG=1"
    clock.advance(9.9)
    with pytest.raises(BlockingIOError):
        listening.recv(1000)
    clock.advance(0.1)
    assert listening.recv(1000) == b"WATCHDOG=1"
    notifier.stop()
    assert clock.getDelayedCalls() == []


@pytest.mark.parametrize("usec", ["0", "soon", "-5"])
def test_watchdogOfNobody(systemd: tuple[socket.socket, str], usec: str) -> None:
    """A time that is none, or that is another process's, is no watchdog."""
    _, address = systemd
    clock = Clock()
    Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": usec}).ready(clock)
    Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}).ready(clock)
    assert clock.getDelayedCalls() == []


def test_nobodyListens(tmp_path: Path) -> None:
    """A service doesn't fail because nobody hears it; that is logged."""
    with capturedLogs() as logs:
        assert not Notifier({"NOTIFY_SOCKET": str(tmp_path / "none")}).send("READY=1")
    assert logs[0]["log_level"].name == "warn"
