"""Programs that use protocols, factories and interfaces as intended pass strict checking; mistakes don't."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.checker import assertChecked

# Lines that end in a comment `# error: CODE` or `# type: TYPE` say what the checker says there; the others are fine.
PROGRAM = """
from typing import Any

from zope.interface import implementer

from ropewalk.internet.address import IPv4Address
from ropewalk.internet.interfaces import IAddress, IProtocol, IProtocolFactory, IPushProducer, IReactorTCP, ITransport
from ropewalk.internet.protocol import ClientFactory, DatagramProtocol, Factory, Protocol
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols.basic import Int32StringReceiver, LineReceiver
from ropewalk.protocols.policies import TimeoutMixin, WrappingFactory
from ropewalk.python.failure import Failure


class Echo(Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure) -> None:
        print(reason.value)


class Lines(LineReceiver, TimeoutMixin):
    delimiter = b"\\n"

    def connectionMade(self) -> None:
        self.setTimeout(10)

    def lineReceived(self, line: bytes) -> None:
        self.sendLine(line)
        self.factory.whateverItHas(line)


class Strings(Int32StringReceiver):
    def stringReceived(self, string: bytes) -> None:
        self.sendString("text")  # error: arg-type


class EchoFactory(Factory[Echo]):
    protocol = Echo


class Choosing(Factory[Protocol]):
    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        return Echo() if addr else None


class Client(ClientFactory[Echo]):
    protocol = Echo

    def clientConnectionLost(self, connector: Any, reason: Failure) -> None:
        connector.connect()


class Group(DatagramProtocol):
    def startProtocol(self) -> None:
        self.transport.joinGroup("224.0.0.1")
        self.transport.write(b"x", ("10.0.0.1", 1))


def take(protocol: IProtocol, factory: IProtocolFactory, address: IAddress, transport: ITransport) -> None: ...


take(Echo(), EchoFactory(), IPv4Address("TCP", "10.0.0.1", 1), StringTransport())
take(Lines(), Factory.forProtocol(Lines), IPv4Address("TCP", "10.0.0.1", 1), StringTransport())
take(EchoFactory(), Echo(), 1, 2)  # error: arg-type

reveal_type(Factory.forProtocol(Echo).buildProtocol(None))  # type: program.Echo | None
reveal_type(Client.forProtocol(Echo))  # type: program.Client


def serve(reactor: IReactorTCP) -> None:
    reactor.listenTCP(0, WrappingFactory(EchoFactory())).stopListening()
    reactor.connectTCP("host", 1, Client())
    reactor.connectTCP("host", "1", Client())  # error: arg-type


@implementer(IPushProducer)
class Whole:
    def pauseProducing(self) -> None: ...
    def resumeProducing(self) -> None: ...
    def stopProducing(self) -> None: ...


@implementer(IPushProducer)
class Half:  # error: misc
    def pauseProducing(self) -> None: ...


IPv4Address("SCTP", "10.0.0.1", 1)  # error: arg-type
"""


@pytest.mark.slow
def test_checkersAgree(tmp_path: Path) -> None:
    """Real interfaces, and those that start-up modules declare by name, are understood by mypy-zope (F003)."""
    assertChecked(PROGRAM, tmp_path)
