"""A user's mistake gets the documented exception, and a sentence that says what to do."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from ropewalk.internet import defer, error
from ropewalk.internet.endpoints import clientFromString, serverFromString
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.selectreactor import SelectReactor
from ropewalk.internet.task import Clock, LoopingCall
from ropewalk.internet.testing import MemoryReactor, StringTransport
from ropewalk.python.failure import Failure, NoCurrentExceptionError


def test_textToWrite() -> None:
    """Text is no bytes."""
    with pytest.raises(TypeError, match="bytes, not str"):
        StringTransport().write("text")  # type: ignore[arg-type] # the mistake


def test_textToARealTransport() -> None:
    """The same on a real connection."""
    reactor = SelectReactor()
    said: list[str] = []

    class Mistaken(Protocol):
        def connectionMade(self) -> None:
            try:
                self.transport.write("text")  # type: ignore[arg-type] # the mistake
            except TypeError as problem:
                said.append(str(problem))
            reactor.stop()

    port = reactor.listenTCP(0, Factory.forProtocol(Mistaken), interface="127.0.0.1")
    with socket.create_connection(("127.0.0.1", port.getHost().port)):
        reactor.run()
    assert "must be bytes" in said[0]
    assert "encode" in said[0]


def test_firingTwice() -> None:
    """F064: the second result of a Deferred is refused."""
    fired = defer.succeed(1)
    with pytest.raises(defer.AlreadyCalledError):
        fired.callback(2)


def test_failureOfNothing() -> None:
    with pytest.raises(NoCurrentExceptionError, match="exception"):
        Failure()


def test_portInUse() -> None:
    """The address that is taken stands in the message."""
    reactor = SelectReactor()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(error.CannotListenError, match=rf"127\.0\.0\.1:{port}.*in use"):
            reactor.listenTCP(port, Factory(), interface="127.0.0.1")


@pytest.mark.parametrize("parse", [serverFromString, clientFromString])
def test_unknownEndpointType(parse: object) -> None:
    """The message names what was asked for and what there is."""
    with pytest.raises(ValueError, match=r"carrier-pigeon.*tcp"):
        parse(MemoryReactor(), "carrier-pigeon:8000")  # type: ignore[operator] # either of two functions


def test_stoppingWhatDoesNotRun() -> None:
    with pytest.raises(error.ReactorNotRunning):
        SelectReactor().stop()


def test_negativeDelay() -> None:
    with pytest.raises((AssertionError, ValueError), match="-1"):
        SelectReactor().callLater(-1, print)


def test_cancellingTwice() -> None:
    call = Clock().callLater(1, print)
    call.cancel()
    with pytest.raises(error.AlreadyCancelled):
        call.cancel()


def test_startingALoopTwice() -> None:
    loop = LoopingCall(print)
    loop.clock = Clock()
    loop.start(1, now=False)
    with pytest.raises(AssertionError, match="runs already"):
        loop.start(1)


def test_installTooLate() -> None:
    """Once the reactor has been used another cannot be installed; the message says what to do."""
    program = """
from ropewalk.internet import reactor, error
reactor.callLater(0, print)
from ropewalk.internet import selectreactor
try:
    selectreactor.install()
except error.ReactorAlreadyInstalledError as problem:
    print(problem)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert "install" in done.stdout
