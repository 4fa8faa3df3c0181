"""`ropewalk.application.internet`: the services that take a reactor method's arguments, timers, cooperators."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.application import internet
from ropewalk.internet import interfaces
from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import CannotListenError
from ropewalk.internet.protocol import ClientFactory, DatagramProtocol, Factory, Protocol
from ropewalk.internet.task import Clock, SchedulerStopped
from ropewalk.internet.testing import MemoryReactor, RaisingMemoryReactor
from ropewalk.logger import capturedLogs
from support.reactors import run


def results(deferred: Deferred[Any] | None) -> list[Any]:
    """What a Deferred has fired with."""
    found: list[Any] = []
    assert deferred is not None
    deferred.addBoth(found.append)
    return found


class TestServers:
    def test_listensWithTheReactorsArguments(self) -> None:
        """TCPServer and UNIXServer take what listenTCP and listenUNIX take (F182, AP5)."""
        reactor, factory = MemoryReactor(), Factory[Any]()
        internet.TCPServer(79, factory, interface="127.0.0.1", reactor=reactor).startService()
        internet.UNIXServer("/run/finger", factory, mode=0o600, reactor=reactor).startService()
        assert reactor.tcpServers == [(79, factory, 50, "127.0.0.1")]
        assert reactor.unixServers == [("/run/finger", factory, 50, 0o600, 0)]

    def test_listensWithTLS(self) -> None:
        """SSLServer and SSLClient take what listenSSL and connectSSL take: any context factory (F125, F182)."""
        reactor, factory, context = MemoryReactor(), ClientFactory[Any](), object()
        internet.SSLServer(443, factory, context, reactor=reactor).startService()
        internet.SSLClient("h", 443, factory, context, timeout=3, reactor=reactor).startService()
        assert reactor.sslServers == [(443, factory, context, 50, "")]
        assert reactor.sslClients == [("h", 443, factory, context, 3, None)]

    def test_listensBeforePrivilegesAreShed(self) -> None:
        """privilegedStartService binds the port, startService doesn't bind it again (F185)."""
        reactor = MemoryReactor()
        server = internet.TCPServer(79, Factory[Any](), reactor=reactor)
        server.privilegedStartService()
        assert len(reactor.tcpServers) == 1
        server.startService()
        assert len(reactor.tcpServers) == 1
        assert server.running

    def test_raisesWhatListeningRaises(self) -> None:
        """A port that can't be had is an error of the start."""
        reactor = RaisingMemoryReactor(listenException=CannotListenError("", 79, OSError("in use")))
        with pytest.raises(CannotListenError):
            internet.TCPServer(79, Factory[Any](), reactor=reactor).startService()

    def test_stopsWithoutHavingStarted(self) -> None:
        """There is nothing to wait for."""
        assert internet.TCPServer(79, Factory[Any](), reactor=MemoryReactor()).stopService() is None
        assert internet.TCPClient("h", 79, ClientFactory[Any](), reactor=MemoryReactor()).stopService() is None
        assert internet.TimerService(1, print).stopService() is None

    def test_startsAgain(self) -> None:
        """After a stop it listens anew."""
        reactor = MemoryReactor()
        server = internet.TCPServer(79, Factory[Any](), reactor=reactor)
        server.startService()
        assert results(server.stopService()) == [None]
        server.startService()
        assert len(reactor.tcpServers) == 2

    def test_isPickledWithoutItsPort(self) -> None:
        """The port belongs to a run; the arguments stay."""
        server = internet.TCPServer(79, None, reactor=None)
        server.__dict__["_port"] = object()
        server.running = 1
        again = pickle.loads(pickle.dumps(server))
        assert again.__dict__ == {"args": (79, None), "kwargs": {}, "reactor": None}

    def test_methodsAreThoseOfTheReactor(self) -> None:
        """Each class is named for a method that the reactor has."""
        from ropewalk.internet.posixbase import PosixReactorBase

        for name in internet.__all__:
            cls = getattr(internet, name)
            if hasattr(cls, "method"):
                verb = "listen" if name.endswith("Server") else "connect"
                assert hasattr(PosixReactorBase, verb + cls.method)
                assert name == cls.method + ("Server" if verb == "listen" else "Client")


class TestClients:
    def test_connectsWithTheReactorsArguments(self) -> None:
        """TCPClient and UNIXClient take what connectTCP and connectUNIX take (F182)."""
        reactor, factory = MemoryReactor(), ClientFactory[Any]()
        internet.TCPClient("h", 79, factory, timeout=5, reactor=reactor).startService()
        internet.UNIXClient("/run/finger", factory, reactor=reactor).startService()
        assert reactor.tcpClients == [("h", 79, factory, 5, None)]
        assert reactor.unixClients == [("/run/finger", factory, 30, 0)]

    def test_disconnectsWhenItStops(self) -> None:
        """The connector is told to disconnect, which ends an attempt as well."""
        reactor = MemoryReactor()
        client = internet.TCPClient("h", 79, ClientFactory[Any](), reactor=reactor)
        client.startService()
        client.stopService()
        assert reactor.connectors[0]._disconnected
        assert "_connection" not in client.__dict__


class TestTimerService:
    def make(self, function: Any, *args: Any) -> tuple[internet.TimerService, Clock]:
        timer = internet.TimerService(30, function, *args)
        clock = timer.clock = Clock()
        return timer, clock

    def test_callsFromStartToStop(self) -> None:
        """The function is called at the start and at each beat, with its arguments, until the stop (AP6)."""
        calls: list[str] = []
        timer, clock = self.make(calls.append, "tick")
        timer.startService()
        assert calls == ["tick"]
        clock.advance(29.5)
        assert calls == ["tick"]
        clock.advance(0.5)
        assert calls == ["tick", "tick"]
        assert results(timer.stopService()) == [None]
        clock.advance(60)
        assert calls == ["tick", "tick"]

    def test_startsAgain(self) -> None:
        """A stopped timer may be started again; a started one goes on as it was."""
        calls: list[str] = []
        timer, clock = self.make(calls.append, "tick")
        timer.startService()
        timer.startService()
        clock.advance(30)
        assert len(calls) == 2
        timer.stopService()
        timer.startService()
        assert len(calls) == 3

    def test_stopWaitsForTheCallUnderWay(self) -> None:
        """The stop's Deferred fires when the function's has, each one that was asked for."""
        under: Deferred[None] = Deferred()
        timer, _ = self.make(lambda: under)
        timer.startService()
        first, second = results(timer.stopService()), results(timer.stopService())
        assert (first, second) == ([], [])
        under.callback(None)
        assert (first, second) == ([None], [None])

    def test_aFailureIsLogged(self) -> None:
        """A function that raises is logged and not called again; the service stops as always."""
        timer, clock = self.make(int, "not a number")
        with capturedLogs() as events:
            timer.startService()
        assert events[0]["log_failure"].check(ValueError)
        assert clock.getDelayedCalls() == []
        assert results(timer.stopService()) == [None]

    def test_isPickledWithoutItsLoop(self) -> None:
        """The loop belongs to a run."""
        timer, _ = self.make(len, "x")
        timer.startService()
        assert sorted(timer.__getstate__()) == ["call", "clock", "step"]


class TestCooperatorService:
    def test_worksWhileItRuns(self, reactor: Any) -> None:
        """Tasks wait for the start; at the stop the unfinished ones fail."""
        from ropewalk.internet.task import Cooperator

        done: list[int] = []

        def work() -> Iterator[None]:
            done.append(1)
            yield
            done.append(2)

        def forever() -> Iterator[None]:
            while True:
                yield

        async def main() -> None:
            cooperator = internet.CooperatorService()
            cooperator.coop = Cooperator(scheduler=lambda f: reactor.callLater(0, f), started=False)
            finished = cooperator.coiterate(work())
            endless = cooperator.coiterate(forever())
            assert done == []
            cooperator.startService()
            await finished
            assert done == [1, 2]
            cooperator.stopService()
            with pytest.raises(SchedulerStopped):
                await endless

        run(reactor, main)


class Once(DatagramProtocol):
    """Fires a Deferred with the first datagram it gets."""

    def __init__(self) -> None:
        self.first: Deferred[bytes] = Deferred()

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        self.first.callback(datagram)


class TestSockets:
    def test_tcp(self, reactor: Any) -> None:
        """A TCPServer and a TCPClient talk to each other, and stop (F182)."""
        lost: Deferred[None] = Deferred()

        class Greeter(Protocol):
            def connectionMade(self) -> None:
                self.transport.write(b"hello")

        class Listener(Protocol):
            def dataReceived(self, data: bytes) -> None:
                heard.callback(data)

            def connectionLost(self, reason: Any) -> None:
                lost.callback(None)

        heard: Deferred[bytes] = Deferred()

        async def main() -> None:
            server = internet.TCPServer(0, Factory.forProtocol(Greeter), interface="127.0.0.1", reactor=reactor)
            server.startService()
            port = server._port.getHost().port
            client = internet.TCPClient("127.0.0.1", port, ClientFactory.forProtocol(Listener), reactor=reactor)
            client.startService()
            assert await heard == b"hello"
            client.stopService()
            await lost
            stopping = server.stopService()
            assert stopping is not None
            await stopping

        run(reactor, main)

    def test_unix(self, reactor: Any, tmp_path: Path) -> None:
        """A UNIXServer's socket is there while it runs, and gone when its stop is done."""
        made: Deferred[None] = Deferred()

        class Client(Protocol):
            def connectionMade(self) -> None:
                made.callback(None)

        async def main() -> None:
            path = tmp_path / "socket"
            server = internet.UNIXServer(str(path), Factory.forProtocol(Protocol), reactor=reactor)
            server.startService()
            assert path.is_socket()
            client = internet.UNIXClient(str(path), ClientFactory.forProtocol(Client), reactor=reactor)
            client.startService()
            await made
            client.stopService()
            stopping = server.stopService()
            assert stopping is not None
            await stopping
            assert not path.exists()

        run(reactor, main)

    def test_udp(self, reactor: Any) -> None:
        """UDPServer and MulticastServer have ports for datagrams."""

        async def main() -> None:
            receiver, sender = Once(), DatagramProtocol()
            services = [
                internet.UDPServer(0, receiver, interface="127.0.0.1", reactor=reactor),
                internet.MulticastServer(0, sender, interface="127.0.0.1", reactor=reactor),
            ]
            for one in services:
                one.startService()
            assert interfaces.IMulticastTransport.providedBy(sender.transport)
            sender.transport.write(b"hello", ("127.0.0.1", receiver.transport.getHost().port))
            assert await receiver.first == b"hello"
            for one in services:
                stopping = one.stopService()
                assert stopping is not None
                await stopping

        run(reactor, main)

    def test_unixDatagrams(self, reactor: Any, tmp_path: Path) -> None:
        """UNIXDatagramServer and UNIXDatagramClient send over a path; the client's stop closes its port."""
        from ropewalk.internet.protocol import ConnectedDatagramProtocol

        async def main() -> None:
            receiver, sender = Once(), ConnectedDatagramProtocol()
            path = str(tmp_path / "socket")
            server = internet.UNIXDatagramServer(path, receiver, reactor=reactor)
            server.startService()
            client = internet.UNIXDatagramClient(path, sender, reactor=reactor)
            client.startService()
            sender.transport.write(b"hello")
            assert await receiver.first == b"hello"
            for one in (client, server):
                stopping = one.stopService()
                assert stopping is not None
                await stopping

        run(reactor, main)
