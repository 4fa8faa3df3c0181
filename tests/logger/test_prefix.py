"""Whose log line it is: found on the stack when something is logged."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import ropewalk.internet._transports  # noqa: F401  # the search looks for its frames only when it is there
from ropewalk.logger._prefix import REACH, currentSystem, transportPrefix
from ropewalk.python import log

# Methods defined as if they stood in a module of the transports, and in one of the loop.
STREAM = """
class Stream:
    def __init__(self, prefix):
        self.prefix = prefix
    def logPrefix(self):
        if self.prefix is None:
            raise ValueError("buggy")
        return self.prefix
    def doRead(self, call):
        return self.dispatch(call)
    def dispatch(self, call):
        return call()
"""
POLLER = """
class Poller:
    def run(self, doRead, call):
        return doRead(call)
"""
scope: dict[str, Any] = {"__name__": "ropewalk.internet._transports.pretended"}
exec(STREAM, scope)
loop: dict[str, Any] = {"__name__": "ropewalk.internet._loop.pretended"}
exec(POLLER, loop)


def within(prefix: str | None, call: Callable[[], Any]) -> Any:
    """Call something as a protocol is called: by a transport, which is called by a poller."""
    return loop["Poller"]().run(scope["Stream"](prefix).doRead, call)


def test_theTransportOnTheStackHasThePrefix() -> None:
    """LL9: code that a transport calls, however indirectly, logs under its prefix."""

    def deeper() -> str | None:
        return transportPrefix()

    assert within("Chat,3,127.0.0.1", lambda: [deeper()][0]) == "Chat,3,127.0.0.1"
    assert within("outer", lambda: within("inner", transportPrefix)) == "inner"


def test_withoutATransportThereIsNoPrefix() -> None:
    """A program's own code has none."""
    assert transportPrefix() is None
    assert currentSystem() is None


def test_aTransportThatTheProgramCallsIsNotAtWork() -> None:
    """X06: ``[-] Factory starting on 46194``: it is the program that starts to listen."""
    transport = scope["Stream"]("listener")
    assert transport.doRead(transportPrefix) is None
    assert within("outer", lambda: transport.doRead(transportPrefix)) == "outer"


def test_aPrefixThatRaisesIsNone() -> None:
    """The line is worth more than its prefix."""
    assert within(None, transportPrefix) is None


def test_theSearchIsBounded() -> None:
    """Deep recursion above the transport costs no more than so many frames."""

    def recurse(depth: int) -> str | None:
        return transportPrefix() if depth == 0 else recurse(depth - 1)

    assert within("here", lambda: recurse(REACH - 20)) == "here"
    assert within("here", lambda: recurse(REACH + 20)) is None
    assert sys.getrecursionlimit() > REACH + 100


def test_msgGetsTheTransportsPrefix() -> None:
    """LL9: ``[Broker,0,127.0.0.1]``."""
    events: list[dict[str, Any]] = []
    log.addObserver(events.append)
    try:
        within("Broker,0,127.0.0.1", lambda: log.msg("hello"))
        within("Broker,0,127.0.0.1", lambda: log.msg("hello", system="mine"))
        within("Broker,0,127.0.0.1", lambda: log.callWithContext({"system": "context"}, log.msg, "hello"))
    finally:
        log.removeObserver(events.append)
    assert [event["system"] for event in events] == ["Broker,0,127.0.0.1", "mine", "context"]
    assert [event["log_system"] for event in events] == ["Broker,0,127.0.0.1", "mine", "context"]


def test_aContextWinsOverTheTransport() -> None:
    """What somebody said explicitly is believed."""
    assert within("transport", lambda: log.callWithContext({"system": "said"}, currentSystem)) == "said"
    assert within("transport", currentSystem) == "transport"


PROGRAM = """
import sys
from ropewalk.internet import protocol, reactor
from ropewalk.python import log

class Chat(protocol.Protocol):
    def connectionMade(self):
        self.transport.write(b"hello")
    def dataReceived(self, data):
        log.msg("got", repr(data))
        print("printed")
        self.transport.loseConnection()

class Client(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data)
    def connectionLost(self, reason):
        log.msg("lost")
        reactor.callLater(0, reactor.stop)

class ClientFactory(protocol.ClientFactory):
    protocol = Client
    noisy = False

log.startLogging(sys.stdout)
factory = protocol.Factory.forProtocol(Chat)
factory.noisy = False
port = reactor.listenTCP(0, factory)
reactor.connectTCP("127.0.0.1", port.getHost().port, ClientFactory())
reactor.run()
"""


def test_aConnectionsLinesAreMarked() -> None:
    """P27, F100, LL9: with real sockets, what a protocol logs and prints has its connection before it."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=30)
    lines = [line[25:] for line in done.stdout.splitlines()]
    assert lines[0] == "[-] Log opened."
    assert "[Chat,0,127.0.0.1] got b'hello'" in lines
    assert "[Chat,0,127.0.0.1] printed" in lines
    assert "[Client,client] lost" in lines
    assert lines[-1] == "[-] Main loop terminated."
