"""What the documents promise of applications and services, run for real by ``twistd``."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from ropewalk.application import internet, service
from ropewalk.internet import endpoints, protocol
from ropewalk.internet.defer import Deferred
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import MemoryReactor, StringTransport
from ropewalk.persisted import sob
from support.programs import PATIENCE, Caller, Program, freePort, python
from support.twistd import Daemon, foreground

EVERY_KIND = """\
import os
from ropewalk.application import internet, service
from ropewalk.internet import protocol
from ropewalk.python import log

class Echo(protocol.Protocol):
    def dataReceived(self, data):
        self.transport.write(data)

class EchoDatagrams(protocol.DatagramProtocol):
    def datagramReceived(self, data, address):
        self.transport.write(data, address)

class Says(protocol.Protocol):
    def connectionMade(self):
        self.transport.write(self.factory.text)
        self.transport.loseConnection()

class SaysOnce(protocol.ClientFactory):
    protocol = Says
    def __init__(self, text):
        self.text = text

class SaysDatagram(protocol.ConnectedDatagramProtocol):
    def startProtocol(self):
        self.transport.write(b"sent to a socket")

class Prints(protocol.DatagramProtocol):
    def datagramReceived(self, data, address):
        log.msg("datagram", data)

ports = [int(port) for port in os.environ["PORTS"].split()]
here = "127.0.0.1"
application = service.Application("every")
factory = protocol.ServerFactory.forProtocol(Echo)
for one in [
    internet.TCPServer(ports[0], factory, interface=here),
    internet.UNIXServer("server", factory),
    internet.UDPServer(ports[1], EchoDatagrams(), interface=here),
    internet.MulticastServer(ports[2], EchoDatagrams(), interface=here),
    internet.UNIXDatagramServer("datagrams", Prints()),
    internet.UNIXDatagramClient("datagrams", SaysDatagram(), bindAddress="sender"),
    internet.TCPClient(here, ports[3], SaysOnce(b"by TCP")),
    internet.UNIXClient("elsewhere", SaysOnce(b"by UNIX")),
    internet.TimerService(0.01, log.msg, "tick"),
]:
    one.setServiceParent(application)
"""


def test_everyReadyMadeService(tmp_path: Path) -> None:
    """Servers and clients take the arguments of the reactor's own methods, and a timer beats (AP5, AP6, F182)."""
    (tmp_path / "every.tac").write_text(EVERY_KIND)
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(os.path.relpath(tmp_path / "elsewhere"))
        unix.listen()
        ports = [freePort(), freePort(socket.SOCK_DGRAM), freePort(socket.SOCK_DGRAM), tcp.getsockname()[1]]
        with foreground(tmp_path, "-y", "every.tac", env={"PORTS": " ".join(map(str, ports))}) as program:
            for listening, text in ((tcp, b"by TCP"), (unix, b"by UNIX")):
                listening.settimeout(PATIENCE)
                peer, _ = listening.accept()
                with peer, peer.makefile("rb") as file:
                    assert file.read() == text
            program.line("sent to a socket")
            program.line("tick")
            for place in (ports[0], os.path.relpath(tmp_path / "server")):
                with Caller(place, program) as caller:
                    caller.send(b"echo\r\n")
                    assert caller.line() == b"echo\r\n"
            for port in ports[1:3]:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
                    asking.settimeout(PATIENCE)
                    asking.sendto(b"echo", ("127.0.0.1", port))
                    assert asking.recv(100) == b"echo"
            program.interrupt()


def test_applicationHoldsServices() -> None:
    """Services are put into the application itself, or its IServiceCollection; the tree is one (AP1, AP3, F180)."""
    application = service.Application("root")
    branch = service.MultiService()
    branch.setName("branch")
    branch.setServiceParent(service.IServiceCollection(application))
    leaf = service.Service()
    leaf.setServiceParent(branch)
    other = service.Service()
    other.setServiceParent(application)
    assert service.IServiceCollection(application).getServiceNamed("branch") is branch
    service.IService(application).startService()
    assert leaf.running
    assert other.running
    branch.disownServiceParent()
    assert not leaf.running
    for interface in (service.IService, service.IServiceCollection, service.IProcess, sob.IPersistable):
        assert interface(application, None) is not None


def test_endpointService() -> None:
    """A service listens at an endpoint while it runs (AP7)."""
    reactor = MemoryReactor()
    serving = internet.StreamServerEndpointService(endpoints.TCP4ServerEndpoint(reactor, 8000), protocol.Factory())
    serving.startService()
    assert [server[0] for server in reactor.tcpServers] == [8000]


class Echo(protocol.Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


def test_serviceThatListensItself() -> None:
    """A service of one's own listens from its start until its stop, whose Deferred is waited for (F10, AP2)."""
    reactor, closed = MemoryReactor(), Deferred[None]()

    class EchoService(service.Service):
        def startService(self) -> None:
            super().startService()
            reactor.listenTCP(7001, protocol.Factory.forProtocol(Echo))

        def stopService(self) -> Deferred[None]:
            super().stopService()
            return closed

    echoing = EchoService()
    application = service.Application("echo")
    echoing.setServiceParent(application)
    service.IService(application).startService()
    [(port, factory, _, _)] = reactor.tcpServers
    assert port == 7001
    echo, transport = factory.buildProtocol(None), StringTransport()
    echo.makeConnection(transport)
    echo.dataReceived(b"hello")
    assert transport.value() == b"hello"
    stopped: Any = service.IService(application).stopService()
    assert not stopped.called
    closed.callback(None)
    assert stopped.called


def test_timerAlone() -> None:
    """A timer service beats without an application, too (AP6)."""
    beats: list[str] = []
    timer = internet.TimerService(2.0, beats.append, "beat")
    timer.clock = clock = Clock()
    timer.startService()
    clock.pump([1.0, 1.0, 2.0])
    assert len(beats) == 3
    timer.stopService()
    clock.advance(10)
    assert len(beats) == 3


def test_withoutTwistd(tmp_path: Path) -> None:
    """An application runs by hand: start the root, have it stopped at the reactor's shutdown, run the reactor (AP8)."""
    program = (
        "from ropewalk.application import service\nfrom ropewalk.internet import reactor\n"
        "class Says(service.Service):\n"
        "    def startService(self): print('starts')\n"
        "    def stopService(self): print('stops')\n"
        "application = service.Application('by hand')\nSays().setServiceParent(application)\n"
        "root = service.IService(application)\nroot.startService()\n"
        "reactor.addSystemEventTrigger('before', 'shutdown', root.stopService)\n"
        "reactor.callWhenRunning(reactor.stop)\nreactor.run()\n"
    )
    with Program(python("-c", program), tmp_path) as running:
        assert running.wait() == 0
        assert running.output == ["starts", "stops"]


def test_startedByAProgram(tmp_path: Path) -> None:
    """`startApplication` starts an application, has it stopped in order, and saves what has become of it (F179)."""
    program = (
        "from ropewalk.application import app, service\nfrom ropewalk.internet import reactor\n"
        "application = service.Application('counts')\nservice.MultiService().setServiceParent(application)\n"
        "app.startApplication(application, True)\nprint(service.IService(application).running)\n"
        "reactor.callWhenRunning(reactor.stop)\nreactor.run()\nprint(service.IService(application).running)\n"
    )
    with Program(python("-c", program), tmp_path) as running:
        assert running.wait() == 0
        assert running.output == ["1", "0"]
    saved = service.loadApplication(str(tmp_path / "counts-shutdown.tap"), "pickle")
    assert service.IService(saved).name == "counts"
    assert len(list(service.IServiceCollection(saved))) == 1


@pytest.mark.parametrize("reactor", ["default", "poll", "select", "asyncio", "uvloop"])
def test_daemonOnEveryReactor(tmp_path: Path, reactor: str) -> None:
    """A daemon's reactor works after the forks, whichever it is (RG4)."""
    if reactor == "uvloop":
        pytest.importorskip("uvloop")
    port = freePort()
    tac = (
        "from ropewalk.application import service, strports\nfrom ropewalk.internet import protocol\n"
        "class Echo(protocol.Protocol):\n    def dataReceived(self, data): self.transport.write(data)\n"
        "application = service.Application('echo')\n"
        f"strports.service('tcp:{port}:interface=127.0.0.1', protocol.Factory.forProtocol(Echo))"
        ".setServiceParent(application)\n"
    )
    (tmp_path / "echo.tac").write_text(tac)
    with Daemon(tmp_path, "-r", reactor, "-y", "echo.tac") as daemon:
        assert daemon.started.returncode == 0, daemon.started.stderr
        with Caller(port) as caller:
            caller.send(b"echo\r\n")
            assert caller.line() == b"echo\r\n"
        daemon.stop()
        assert "Server Shut Down." in daemon.log()
