"""Calls of sipp's client to its server through our proxy, registrar included; and our own client's to that server."""

from __future__ import annotations

import shutil
import socket
import subprocess
from typing import Any

import pytest

from ropewalk.internet.defer import Deferred
from ropewalk.internet.threads import deferToThreadPool
from ropewalk.protocols import sip
from support.programs import freePort
from support.reactors import run

pytestmark = pytest.mark.skipif(shutil.which("sipp") is None, reason="sipp is not installed (Debian: sip-tester)")

CALLS = 20
HOST = "127.0.0.1"


def command(scenario: str, port: int, *more: str) -> list[str]:
    return ["sipp", "-sn", scenario, "-i", HOST, "-p", str(port), "-nostdin", "-m", str(CALLS), *more]


class Caller(sip.Base):
    """Makes one call: rings, talks for no time at all, and hangs up."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.peer = sip.URL(HOST, username="service", port=port)
        self.codes: list[int] = []
        self.done: Deferred[list[int]] = Deferred()

    def startProtocol(self) -> None:
        self.ask("INVITE")

    def ask(self, method: str, to: str | None = None) -> None:
        ours = self.transport.getHost()
        request = sip.Request(method, self.peer)
        via = sip.Via(ours.host, ours.port, branch=f"z9hG4bK{method}")
        number = 1 if method in ("INVITE", "ACK") else 2
        for name, value in [
            ("via", via.toString()),
            ("from", "<sip:us@example.com>;tag=1"),
            ("to", to or f"<{self.peer}>"),
            ("call-id", f"1-{ours.port}@{ours.host}"),
            ("cseq", f"{number} {method}"),
            ("max-forwards", "70"),
            ("contact", f"<sip:us@{ours.host}:{ours.port}>"),
            ("content-length", "0"),
        ]:
            request.addHeader(name, value)
        self.sendMessage(self.peer, request)

    def handle_response(self, message: Any, addr: tuple[str, int]) -> None:
        method = message.headers["cseq"][0].split()[1]
        self.codes.append(message.code)
        if message.code == 200 and method == "INVITE":
            to = message.headers["to"][0]
            self.ask("ACK", to)
            self.ask("BYE", to)
        elif message.code == 200:
            self.done.callback(self.codes)


def test_throughTheProxy(reactor: Any) -> None:
    """Twenty calls of sipp's go through our proxy, from the first INVITE to the last BYE, and all of them succeed."""

    async def main() -> None:
        made = sip.RegisterProxy(HOST, 0)
        made.registry = made.locator = sip.InMemoryRegistry(HOST)
        made.registry.reactor = reactor
        listening = reactor.listenUDP(0, made, interface=HOST)
        made.port = listening.getHost().port
        callee = freePort(socket.SOCK_DGRAM)
        who = sip.URL(HOST, username="service")
        await made.registry.registerAddress(who, who, sip.URL(HOST, username="service", port=callee))
        server = subprocess.Popen(command("uas", callee), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            client = command(
                "uac", freePort(socket.SOCK_DGRAM), "-r", str(CALLS), "-timeout", "8", f"{HOST}:{made.port}"
            )
            done = await deferToThreadPool(
                reactor, reactor.getThreadPool(), subprocess.run, client, capture_output=True, text=True, timeout=9
            )
            assert done.returncode == 0, done.stdout[-3000:]
        finally:
            server.kill()
            server.wait()
        made.registry.users["service"][0].cancel()
        await listening.stopListening()

    run(reactor, main, timeout=10)


def test_ourCall(reactor: Any) -> None:
    """A call that we make is answered by sipp's server, and ended."""

    async def main() -> list[int]:
        callee = freePort(socket.SOCK_DGRAM)
        server = subprocess.Popen(command("uas", callee), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                caller = Caller(callee)
                listening = reactor.listenUDP(0, caller, interface=HOST)
                try:
                    # Until the server listens nobody hears us.
                    return await caller.done.addTimeout(0.3, reactor)
                except Exception:
                    continue
                finally:
                    await listening.stopListening()
        finally:
            server.kill()
            server.wait()
        raise AssertionError("sipp did not answer")

    assert run(reactor, main, timeout=15) == [180, 200, 200]
