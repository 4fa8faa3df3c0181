"""The small services answer as their RFCs say."""

from __future__ import annotations

import time
from typing import Any

import pytest
from zope.interface.verify import verifyClass

from ropewalk.internet.interfaces import IProducer, IProtocol
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols import wire


def serve(protocol: Any, data: bytes = b"") -> StringTransport:
    """Connect a service, send it data, return its transport."""
    transport = StringTransport()
    protocol.makeConnection(transport)
    if data:
        protocol.dataReceived(data)
    return transport


def test_echo() -> None:
    """Echo sends back what it receives (F041; RFC 862)."""
    assert serve(wire.Echo(), b"\0hello\xff").value() == b"\0hello\xff"


def test_discard() -> None:
    """Discard sends nothing (RFC 863)."""
    assert serve(wire.Discard(), b"hello").value() == b""


def test_chargen() -> None:
    """Chargen sends characters whenever the peer takes more (RFC 864)."""
    protocol = wire.Chargen()
    transport = serve(protocol)
    assert transport.producer is protocol
    assert not transport.streaming
    protocol.resumeProducing()
    protocol.resumeProducing()
    assert transport.value() == protocol.noise * 2
    protocol.pauseProducing()
    protocol.stopProducing()
    assert verifyClass(IProducer, wire.Chargen)


@pytest.mark.parametrize("cls", [wire.QOTD, wire.Who])
def test_saysSomethingAndCloses(cls: Any) -> None:
    """A quote, or the users, then the close (RFC 865, RFC 866)."""
    transport = serve(cls())
    assert transport.value().endswith(b"\r\n")
    assert transport.disconnecting


def test_ownQuote() -> None:
    """A subclass has quotes of its own."""

    class Own(wire.QOTD):
        def getQuote(self) -> bytes:
            return b"own"

    assert serve(Own()).value() == b"own"


def test_daytime() -> None:
    """Daytime sends the time as a line of text (RFC 867)."""
    transport = serve(wire.Daytime())
    said = time.strptime(transport.value().decode().rstrip("\r\n"))
    assert abs(time.mktime(said) - time.mktime(time.gmtime())) < 5
    assert transport.disconnecting


def test_time() -> None:
    """Time sends seconds since 1900 in four bytes (RFC 868)."""
    transport = serve(wire.Time())
    assert len(transport.value()) == 4
    assert abs(int.from_bytes(transport.value(), "big") - (int(time.time()) + 2208988800) % 2**32) < 5
    assert transport.disconnecting


@pytest.mark.parametrize("name", wire.__all__)
def test_everyServiceIsAProtocol(name: str) -> None:
    """Each provides what a protocol provides."""
    assert verifyClass(IProtocol, getattr(wire, name))
