"""The parts of UDP ports that need no network; what they do with datagrams is `tests/conformance/test_datagrams.py`."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from ropewalk.internet import udp
from ropewalk.internet.error import InvalidAddressError
from ropewalk.internet.protocol import DatagramProtocol
from ropewalk.internet.testing import MemoryReactorClock


def port(interface: str = "") -> Any:
    return udp.Port(0, DatagramProtocol(), interface, reactor=MemoryReactorClock())


def test_theInterfaceChoosesTheVersion() -> None:
    """F137: any IPv6 literal makes an IPv6 socket."""
    assert port().addressFamily == socket.AF_INET
    assert port("127.0.0.1").addressFamily == socket.AF_INET
    assert port("::").addressFamily == socket.AF_INET6
    assert port("fe80::1%lo").addressFamily == socket.AF_INET6


def test_checkedHostsAreRememberedWithinBounds() -> None:
    """A port that talks to the whole world does not grow with it."""
    one = port()
    for number in range(udp.MOST_KNOWN + 10):
        one._check(f"10.0.{number // 256}.{number % 256}")
    assert 0 < len(one._known) <= udp.MOST_KNOWN
    with pytest.raises(InvalidAddressError):
        one._check("example.com")
    assert "example.com" not in one._known


def test_aPortThatIsNotOpenSaysSo() -> None:
    """Its text, and that stopListening has nothing to wait for."""
    one = port()
    assert repr(one).endswith("not connected>")
    assert one.stopListening() is None
    assert one.fileno() == -1
    with pytest.raises(RuntimeError, match="does not write"):
        one.doWrite()
