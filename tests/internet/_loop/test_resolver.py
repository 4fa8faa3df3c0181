"""Name resolution: the system's, asked in threads of its own, and what programs install instead."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from ropewalk.internet._resolver import GAIResolver
from ropewalk.internet.address import IPv4Address, IPv6Address
from ropewalk.internet.base import BlockingResolver, ThreadedResolver
from ropewalk.internet.defer import Deferred, fail, succeed
from ropewalk.internet.error import DNSLookupError
from ropewalk.internet.interfaces import (
    IHostnameResolver,
    IHostResolution,
    IResolutionReceiver,
    IResolverSimple,
)
from ropewalk.internet.threads import deferToThreadPool
from support.reactors import epoll, fresh, run
from support.recording import logged

TWO = [
    (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 80, 0, 0)),
    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80)),
]


@implementer(IResolutionReceiver)
class Receiver:
    """Keeps what a search finds."""

    def __init__(self, stopAfter: int = 100) -> None:
        self.found: list[Any] = []
        self.over: Deferred[list[Any]] = Deferred()
        self.stopAfter = stopAfter

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        self.resolution = resolutionInProgress

    def addressResolved(self, address: Any) -> None:
        self.found.append(address)
        if len(self.found) == self.stopAfter:
            self.resolution.cancel()

    def resolutionComplete(self) -> None:
        self.over.callback(self.found)


@implementer(IResolverSimple)
class Simple:
    """A program's own resolver."""

    def __init__(self, answer: Any = "192.0.2.7") -> None:
        self.answer = answer
        self.asked: list[Any] = []

    def getHostByName(self, name: str, timeout: Any = ()) -> Any:
        self.asked.append((name, timeout))
        return self.answer if isinstance(self.answer, Deferred) else succeed(self.answer)


def search(reactor: Any, name: str = "localhost", *args: Any) -> Any:
    receiver = Receiver()
    resolution = reactor.nameResolver.resolveHostName(receiver, name, *args)
    assert resolution is receiver.resolution
    assert resolution.name == name
    return receiver.over


def test_system(reactor: Any) -> None:
    """The default finds what the system knows, with the port and the kind of transport asked for."""

    async def main() -> list[Any]:
        found: list[Any] = await search(reactor, "localhost", 80, [IPv4Address], "UDP")
        return found

    assert IPv4Address("UDP", "127.0.0.1", 80) in run(reactor, main)


def test_unknownName(reactor: Any) -> None:
    """A name that nobody knows has no addresses; `resolve` fails with DNSLookupError."""

    async def main() -> None:
        assert await search(reactor, "no-such-host.invalid") == []
        with pytest.raises(DNSLookupError, match=r"no-such-host\.invalid"):
            await reactor.resolve("no-such-host.invalid")

    run(reactor, main)


class TestGAI:
    """With the system's function in the test's hand."""

    def ask(self, answer: Any, receiver: Receiver | None = None, *args: Any) -> Any:
        asked = []

        def getaddrinfo(*given: Any) -> Any:
            asked.append(given)
            if isinstance(answer, BaseException):
                raise answer
            return answer

        with fresh(epoll) as reactor:
            resolver = GAIResolver(reactor, getaddrinfo=getaddrinfo)
            assert verifyObject(IHostnameResolver, resolver)
            receiver = receiver or Receiver()

            def main() -> Any:
                assert verifyObject(IHostResolution, resolver.resolveHostName(receiver, "host", 80, *args))
                return receiver.over

            return run(reactor, main), asked[0]

    def test_bothFamilies(self) -> None:
        found, asked = self.ask(TWO)
        assert found == [IPv6Address("TCP", "::1", 80), IPv4Address("TCP", "127.0.0.1", 80)]
        assert asked == ("host", 80, socket.AF_UNSPEC, socket.SOCK_STREAM)

    def test_oneFamily(self) -> None:
        found, asked = self.ask(TWO, None, [IPv6Address])
        assert found == [IPv6Address("TCP", "::1", 80)]
        assert asked[2] == socket.AF_INET6

    def test_otherFamiliesAreLeftOut(self) -> None:
        found, _ = self.ask([(socket.AF_UNIX, 1, 0, "", "path"), TWO[1]])
        assert found == [IPv4Address("TCP", "127.0.0.1", 80)]

    def test_unknown(self) -> None:
        assert self.ask(socket.gaierror(-2, "unknown"))[0] == []

    def test_bugIsLogged(self) -> None:
        """What is no answer of the system's is logged; the search ends."""
        with logged(ZeroDivisionError):
            assert self.ask(ZeroDivisionError())[0] == []

    def test_nonsenseIsLogged(self) -> None:
        """An answer that cannot be read ends the search, too: nobody waits for ever."""
        with logged(TypeError):
            assert self.ask(None)[0] == []

    def test_unknownKind(self) -> None:
        with fresh(epoll) as reactor, pytest.raises(KeyError, match="SCTP"):
            GAIResolver(reactor).resolveHostName(Receiver(), "host", 80, None, "SCTP")

    def test_cancelledInTheMiddle(self) -> None:
        """After `cancel` the receiver hears nothing more."""
        receiver = Receiver(stopAfter=1)
        with fresh(epoll) as reactor:
            resolver = GAIResolver(reactor, getaddrinfo=lambda *_: TWO)

            async def main() -> None:
                resolver.resolveHostName(receiver, "host")
                await deferToThreadPool(reactor, reactor.getThreadPool(), int)
                from ropewalk.internet.task import deferLater

                await deferLater(reactor, 0.01)

            run(reactor, main)
        assert len(receiver.found) == 1
        assert not receiver.over.called


def test_ownThreads(reactor: Any) -> None:
    """Name servers that don't answer don't take the application's threads, nor the other way round."""
    hang = threading.Event()

    async def main() -> None:
        pool = reactor.getThreadPool()
        for _ in range(30):
            reactor.callInThread(hang.wait, 10)
        try:
            assert await reactor.resolve("localhost") == "127.0.0.1"
            assert reactor._getResolverPool() is not pool
        finally:
            hang.set()

    run(reactor, main)


def test_hungLookupDoesNotHoldUpTheEnd(reactor: Any) -> None:
    """A lookup that takes its time keeps neither the reactor nor the interpreter from ending."""
    hang = threading.Event()

    def main() -> None:
        resolver = GAIResolver(reactor, reactor._getResolverPool, lambda *_: hang.wait(20) and [])
        resolver.resolveHostName(Receiver(), "host")
        assert all(thread.daemon for thread in reactor._getResolverPool().threads)

    start = time.monotonic()
    run(reactor, main)
    hang.set()
    assert time.monotonic() - start < 5


class TestInstalling:
    def test_simple(self, reactor: Any) -> None:
        """An installed IResolverSimple answers `resolve` and serves as name resolver (F011)."""
        simple = Simple()
        before = reactor.installResolver(simple)
        assert IResolverSimple.providedBy(before)
        assert reactor.resolver is simple

        async def main() -> None:
            assert await reactor.resolve("host", (1, 2)) == "192.0.2.7"
            assert simple.asked == [("host", (1, 2))]
            assert await search(reactor, "host", 80) == [IPv4Address("TCP", "192.0.2.7", 80)]
            assert await search(reactor, "host", 80, [IPv6Address]) == []

        run(reactor, main)
        assert reactor.installResolver(before) is simple

    def test_simpleThatFails(self, reactor: Any) -> None:
        async def main() -> None:
            reactor.installResolver(Simple(fail(DNSLookupError("host"))))
            assert await search(reactor, "host") == []
            reactor.installResolver(Simple(fail(ZeroDivisionError())))
            with logged(ZeroDivisionError):
                assert await search(reactor, "host") == []

        run(reactor, main)

    def test_cancellingReachesTheSimpleOne(self, reactor: Any) -> None:
        cancelled: list[Any] = []
        reactor.installResolver(Simple(Deferred(cancelled.append)))
        receiver = Receiver()
        reactor.nameResolver.resolveHostName(receiver, "host").cancel()
        assert len(cancelled) == 1
        assert not receiver.over.called

    def test_full(self, reactor: Any) -> None:
        """An installed IHostnameResolver answers `resolve`, too."""

        @implementer(IHostnameResolver)
        class Full:
            def resolveHostName(self, receiver: Any, *args: Any) -> Any:
                from ropewalk.internet._resolver import HostResolution

                resolution = HostResolution(args[0])
                receiver.resolutionBegan(resolution)
                receiver.addressResolved(IPv4Address("TCP", "192.0.2.9", 0))
                receiver.resolutionComplete()
                return resolution

        full = Full()
        before = reactor.nameResolver
        assert reactor.installNameResolver(full) is before
        assert reactor.nameResolver is full

        async def main() -> str:
            address: str = await reactor.resolve("host")
            return address

        assert run(reactor, main) == "192.0.2.9"
        assert reactor.installNameResolver(before) is full

    def test_notAResolver(self, reactor: Any) -> None:
        with pytest.raises(AssertionError, match="must provide IResolverSimple"):
            reactor.installResolver(object())


class TestOldResolvers:
    def test_blocking(self) -> None:
        seen: list[str] = []
        BlockingResolver().getHostByName("localhost").addCallback(seen.append)
        assert seen == ["127.0.0.1"]
        failed: Deferred[str] = BlockingResolver().getHostByName("no-such-host.invalid")
        failed.addErrback(lambda failure: failure.trap(DNSLookupError) and seen.append("failed"))
        assert seen == ["127.0.0.1", "failed"]

    def test_threaded(self, reactor: Any) -> None:
        async def main() -> str:
            with pytest.raises(DNSLookupError):
                await ThreadedResolver(reactor).getHostByName("no-such-host.invalid")
            return await ThreadedResolver(reactor).getHostByName("localhost")

        assert run(reactor, main) == "127.0.0.1"
        assert reactor.getDelayedCalls() == []

    def test_threadedGivesUp(self, reactor: Any) -> None:
        """After the sum of its timeouts the lookup fails, though the thread may still be at it."""
        hang = threading.Event()

        async def main() -> None:
            for _ in range(10):
                reactor.callInThread(hang.wait, 10)
            try:
                with pytest.raises(DNSLookupError, match=r"within 0\.03 seconds"):
                    await ThreadedResolver(reactor).getHostByName("localhost", (0.01, 0.02))
            finally:
                hang.set()

        run(reactor, main)
