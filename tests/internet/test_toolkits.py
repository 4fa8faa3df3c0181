"""Reactors that live in a toolkit's main loop: what the toolkit calls, dialogs, Ctrl-C, threads (RG3, RG13)."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from ropewalk.internet.protocol import ClientFactory, Factory, Protocol
from support import toolkits
from support.reactors import fresh, gi, qt, run


class GLib:
    """GLib's main loop, as a program uses it."""

    package, reactor = "gi", staticmethod(gi)

    def __init__(self) -> None:
        self.glib: Any = import_module("gi.repository.GLib")

    def later(self, seconds: float, func: Callable[[], object]) -> None:
        """Have the toolkit call something."""
        self.glib.timeout_add(int(seconds * 1000), lambda: bool(func()) and False)

    def dialog(self) -> tuple[Callable[[], object], Callable[[], object]]:
        """Return functions that run a main loop within the main loop, as a dialog does, and that end it."""
        loop = self.glib.MainLoop()
        return loop.run, loop.quit


class Qt:
    """Qt's."""

    package, reactor = "PySide6", staticmethod(qt)

    def __init__(self) -> None:
        self.core: Any = import_module("PySide6.QtCore")
        self.application = self.core.QCoreApplication.instance() or self.core.QCoreApplication([])

    def later(self, seconds: float, func: Callable[[], object]) -> None:
        self.core.QTimer.singleShot(int(seconds * 1000), func)

    def dialog(self) -> tuple[Callable[[], object], Callable[[], object]]:
        loop = self.core.QEventLoop()
        return loop.exec, loop.quit


@pytest.fixture(params=[GLib, Qt])
def kit(request: pytest.FixtureRequest) -> Any:
    """A toolkit, with its application if it needs one."""
    os.environ["QT_NO_GLIB"] = "1"  # or Qt's main loop would be the one that `GLib` has
    if not toolkits.has(request.param.package):
        pytest.skip(f"{request.param.package} is not there; support/toolkits.py says where it is looked for")
    return request.param()


@pytest.fixture
def reactor(kit: Any) -> Iterator[Any]:
    with fresh(kit.reactor) as one:
        yield one


class Echo(Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


class Ask(Protocol):
    """Asks its echo something, and notes the answer."""

    def __init__(self, answers: list[str]) -> None:
        self.answers = answers

    def dataReceived(self, data: bytes) -> None:
        self.answers.append(data.decode())


def connect(reactor: Any, answers: list[str]) -> Ask:
    """Return a protocol that will be connected to an echo."""
    port = reactor.listenTCP(0, Factory.forProtocol(Echo), interface="127.0.0.1")
    ask = Ask(answers)
    factory: Any = ClientFactory()
    factory.buildProtocol = lambda address: ask
    reactor.connectTCP("127.0.0.1", port.getHost().port, factory)
    return ask


def test_theToolkitsCallbacks(reactor: Any, kit: Any) -> None:
    """They are called inside the asyncio loop, in the reactor's thread, and what they ask for is done at once."""
    seen: list[str] = []
    ask = connect(reactor, seen)

    async def task() -> None:
        await asyncio.sleep(0)
        seen.append("task")

    def pressed() -> None:
        reactor.callLater(0, seen.append, "call")
        pending.append(asyncio.create_task(task()))
        ask.transport.write(b"answer")

    pending: list[asyncio.Task[None]] = []
    reactor.callLater(0.1, kit.later, 0, pressed)
    reactor.callLater(0.4, reactor.stop)
    began = time.monotonic()
    reactor.run(installSignalHandlers=False)
    assert sorted(seen) == ["answer", "call", "task"]
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("opener", ["toolkit", "reactor"])
def test_dialogs(reactor: Any, kit: Any, opener: str) -> None:
    """While a dialog is open connections are served and delayed calls are made, whoever opened it."""
    seen: list[str] = []
    ask = connect(reactor, seen)
    show, close = kit.dialog()

    def inDialog() -> None:
        seen.append("in the dialog")
        ask.transport.write(b"answer")

    def openIt() -> None:
        reactor.callLater(0.02, inDialog)
        reactor.callLater(0.2, close)
        kit.later(0.05, lambda: reactor.callLater(0, seen.append, "asked for by the dialog"))
        show()
        seen.append("closed")
        reactor.stop()

    if opener == "toolkit":
        kit.later(0.05, openIt)
    else:
        reactor.callLater(0.05, openIt)
    reactor.run(installSignalHandlers=False)
    assert sorted(seen[:3]) == ["answer", "asked for by the dialog", "in the dialog"]
    assert seen[3:] == ["closed"]


def test_asyncioWaitsForDialogs(reactor: Any, kit: Any) -> None:
    """asyncio's descriptors are served when the dialog is closed; meanwhile nobody burns the processor for them."""
    seen: list[str] = []
    show, close = kit.dialog()
    read, write = os.pipe()
    burnt: list[float] = []

    def readable() -> None:
        os.read(read, 1)
        seen.append("asyncio")
        asyncio.get_running_loop().remove_reader(read)
        reactor.stop()

    def openIt() -> None:
        asyncio.get_running_loop().add_reader(read, readable)
        os.write(write, b"x")
        reactor.callLater(0.4, close)
        began = time.process_time()
        show()
        seen.append("closed")
        burnt.append(time.process_time() - began)

    reactor.callLater(0.01, openIt)
    reactor.run(installSignalHandlers=False)
    os.close(read)
    os.close(write)
    assert seen == ["closed", "asyncio"]
    assert burnt[0] < 0.2


def test_neitherStarvesTheOther(reactor: Any, kit: Any) -> None:
    """A reactor that always has something to do leaves the toolkit its turn, and the other way round."""
    counts = {"toolkit": 0, "reactor": 0}

    def ours() -> None:
        counts["reactor"] += 1
        reactor.callLater(0, ours)

    def theirs() -> None:
        counts["toolkit"] += 1
        if counts["toolkit"] < 20:
            kit.later(0, theirs)
        else:
            reactor.stop()

    reactor.callLater(0, ours)
    kit.later(0, theirs)
    reactor.run(installSignalHandlers=False)
    assert counts["toolkit"] == 20
    assert counts["reactor"] >= 10


@pytest.mark.parametrize("handled", [True, False], ids=["handled", "KeyboardInterrupt"])
def test_ctrlC(reactor: Any, kit: Any, handled: bool) -> None:
    """Ctrl-C stops the reactor in order, or is a KeyboardInterrupt; also while the toolkit waits for nothing else."""
    thread = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    reactor.callWhenRunning(thread.start)
    if handled:
        reactor.run()
    else:
        with pytest.raises(KeyboardInterrupt):
            reactor.run(installSignalHandlers=False)
    thread.join()
    assert not reactor.running
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_otherThreads(reactor: Any, kit: Any) -> None:
    """A toolkit's reactor runs in the main thread only; calls from others reach it there."""
    problems: list[str] = []

    def tryIt() -> None:
        try:
            reactor.run()
        except RuntimeError as problem:
            problems.append(str(problem))

    thread = threading.Thread(target=tryIt)
    thread.start()
    thread.join()
    assert "runs in the main thread only" in problems[0]

    async def main() -> bool:
        from ropewalk.internet.threads import deferToThreadPool

        await deferToThreadPool(reactor, reactor.getThreadPool(), int)
        return threading.current_thread() is threading.main_thread()

    assert run(reactor, main)


def test_runsAgain(reactor: Any, kit: Any) -> None:
    """It may run again, and idles without the processor."""
    for _ in range(2):
        reactor.callLater(0.1, reactor.stop)
        began = time.process_time()
        reactor.run(installSignalHandlers=False)
        assert time.process_time() - began < 0.08


APPLICATION = """
import sys
from ropewalk.internet import gireactor
gireactor.install()
from gi.repository import Gio
from ropewalk.internet import reactor

activations = 0

def activate(app):
    global activations
    activations += 1
    print("activated", flush=True)
    if activations == 2:
        reactor.callLater(0, app.quit)

app = Gio.Application(application_id="org.example.Ropewalk")
app.connect("activate", activate)
app.connect("shutdown", lambda _: print("shut down", flush=True))
reactor.registerGApplication(app)
reactor.run()
"""

# Starts that program twice.
TWICE = """
import subprocess, sys
command = [sys.executable, "-c", sys.argv[1]]
with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
    print("first", first.stdout.readline().strip())
    second = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=20)
    print("second", second.returncode, second.stdout.strip())
    print("first", first.stdout.read().split(), first.wait(20))
"""


def test_oneApplicationInTwoProcesses() -> None:
    """RG14: started a second time, an application activates the first one, and its own reactor stops."""
    if not toolkits.has("gi") or shutil.which("dbus-run-session") is None:
        pytest.skip("this needs PyGObject and dbus-run-session (apt-get install dbus)")
    done = subprocess.run(
        ["dbus-run-session", "--", *toolkits.PYTHON, "-c", TWICE, APPLICATION],
        env=toolkits.environment(),
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert done.stdout.splitlines() == ["first activated", "second 0 ", "first ['activated', 'shut', 'down'] 0"], done


def test_applicationsAreRegisteredInTime() -> None:
    """One application is registered, before the reactor runs."""
    if not toolkits.has("gi"):
        pytest.skip("this needs PyGObject")
    from ropewalk.internet.error import ReactorAlreadyRunning

    with fresh(gi) as reactor:
        problems: list[BaseException] = []

        def late() -> None:
            try:
                reactor.registerGApplication(None)
            except ReactorAlreadyRunning as problem:
                problems.append(problem)

        run(reactor, late)
        assert len(problems) == 1
        first: Any = import_module("gi.repository.Gio").Application()
        reactor.registerGApplication(first)
        with pytest.raises(RuntimeError, match="is registered already"):
            reactor.registerGApplication(first)
