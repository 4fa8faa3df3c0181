"""Endpoints at child processes, and at standard input and output."""

from __future__ import annotations

import signal
import sys
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import (
    ProcessEndpoint,
    StandardErrorBehavior,
    StandardIOEndpoint,
    connectProtocol,
    serverFromString,
)
from ropewalk.internet.error import ConnectionDone, NoProtocol, ProcessTerminated
from ropewalk.internet.interfaces import IAddress, IStreamClientEndpoint, IStreamServerEndpoint
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.testing import MemoryReactor
from ropewalk.python import log
from ropewalk.python.failure import Failure
from support.children import spawn
from support.reactors import run


class Talker(Protocol):
    def __init__(self) -> None:
        self.received = b""
        self.lost: Deferred[Any] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        self.lost.callback(reason.value)


class Nobody(Factory[Any]):
    def buildProtocol(self, addr: Any) -> None:
        verifyObject(IAddress, addr)


def test_talkToAProgram(reactor: Any) -> None:
    """A protocol's connection is a program's standard input and output; its end is an orderly one with exit code 0."""

    async def main() -> None:
        endpoint = ProcessEndpoint(reactor, "sh", ["sh", "-c", "read word; echo heard $word"])
        verifyObject(IStreamClientEndpoint, endpoint)
        talker = await connectProtocol(endpoint, Talker())
        talker.transport.write(b"hello\n")
        assert type(await talker.lost) is ConnectionDone
        assert talker.received == b"heard hello\n"

    run(reactor, main)


def test_programThatFails(reactor: Any) -> None:
    """Another exit code than 0, or a signal, is the reason for which the connection is lost."""

    async def main() -> None:
        talker = await connectProtocol(ProcessEndpoint(reactor, "sh", ["sh", "-c", "exit 3"]), Talker())
        reason = await talker.lost
        assert isinstance(reason, ProcessTerminated)
        assert reason.exitCode == 3
        talker = await connectProtocol(ProcessEndpoint(reactor, "cat", ["cat"]), Talker())
        talker.transport.signalProcess("KILL")
        assert (await talker.lost).signal == signal.SIGKILL

    run(reactor, main)


@pytest.mark.parametrize(("errFlag", "count"), [(StandardErrorBehavior.LOG, 1), (StandardErrorBehavior.DROP, 0)])
def test_standardError(reactor: Any, errFlag: Any, count: int) -> None:
    """What a program writes to standard error is logged, or dropped, as the endpoint was told."""

    async def main() -> None:
        endpoint = ProcessEndpoint(reactor, "sh", ["sh", "-c", "echo trouble >&2"], errFlag=errFlag)
        talker = await connectProtocol(endpoint, Talker())
        await talker.lost
        assert talker.received == b""

    events: list[dict[str, Any]] = []
    log.addObserver(events.append)
    try:
        run(reactor, main)
    finally:
        log.removeObserver(events.append)
    assert [event["data"] for event in events if event.get("executable") == "sh"] == [b"trouble\n"] * count
    assert all("trouble" in (log.textFromEventDict(event) or "") for event in events if "executable" in event)


def test_programThatIsNotThere(reactor: Any) -> None:
    """A program that can't be started, and a factory that makes no protocol, are failures of ``connect``."""

    async def main() -> None:
        with pytest.raises(FileNotFoundError):
            await ProcessEndpoint(reactor, "/nowhere/program").connect(Factory.forProtocol(Talker))
        with pytest.raises(NoProtocol):
            await ProcessEndpoint(reactor, "cat").connect(Nobody())

    run(reactor, main)


SCRIPT = """
from ropewalk.internet import endpoints, protocol, reactor

class Shout(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data.upper())
    def connectionLost(self, reason):
        reactor.stop()

endpoints.serverFromString(reactor, "stdio:").listen(protocol.Factory.forProtocol(Shout))
reactor.run()
"""


def test_standardInputAndOutput(reactor: Any) -> None:
    """The description ``stdio:`` connects a factory's protocol to standard input and output."""

    async def main() -> None:
        child = spawn(reactor, sys.executable, "-c", SCRIPT)
        child.transport.write(b"quiet")
        child.transport.closeStdin()
        assert (await child.ended).exitCode == 0, child.said
        assert child.output == b"QUIET"

    run(reactor, main)


@pytest.mark.parametrize("description", ["stdio:", "stdio"])
def test_description(description: str) -> None:
    """The description may end with its colon or without."""
    endpoint = serverFromString(MemoryReactor(), description)
    assert isinstance(endpoint, StandardIOEndpoint)
    verifyObject(IStreamServerEndpoint, endpoint)


def test_nobodyForStandardIO() -> None:
    """A factory that makes no protocol is a failure, and nothing is touched."""
    failures: list[Any] = []
    StandardIOEndpoint(MemoryReactor()).listen(Nobody()).addErrback(failures.append)
    assert failures[0].check(NoProtocol)
