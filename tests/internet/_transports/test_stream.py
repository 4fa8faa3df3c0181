"""The small parts of `stream` and `descriptor` that can be wrong by one."""

from __future__ import annotations

import pytest

from ropewalk.internet._transports.descriptor import asBytes, logPrefixOf
from ropewalk.internet._transports.multicast import interfaceIndex
from ropewalk.internet._transports.numeric import bindingOf, named
from ropewalk.internet._transports.stream import unsent
from ropewalk.internet.address import IPv4Address, IPv6Address, UNIXAddress
from ropewalk.internet.interfaces import Binding


@pytest.mark.parametrize("count", range(11))
def test_unsentDropsWhatWasSent(count: int) -> None:
    """Whole pieces and the beginning of the next, empty pieces included."""
    pieces = [b"abc", b"", b"d", b"efghij", b""]
    left = unsent([*pieces], count)
    assert b"".join(left) == b"abcdefghij"[count:]
    if count == 10:
        assert [*map(len, left)] in ([], [0])


def test_asBytes() -> None:
    """What can be sent becomes bytes; the rest is refused with its kind."""
    assert asBytes(bytearray(b"x")) == b"x"
    assert asBytes(memoryview(b"xyz")[1:]) == b"yz"
    with pytest.raises(TypeError, match="int"):
        asBytes(3)
    with pytest.raises(TypeError, match="encode"):
        asBytes("text")


def test_namedAddresses() -> None:
    """As people write them."""
    assert named(IPv4Address("TCP", "127.0.0.1", 80)) == "127.0.0.1:80"
    assert named(IPv6Address("TCP", "::1", 80)) == "[::1]:80"
    assert named(UNIXAddress("/x")) == "'/x'"
    assert named(UNIXAddress(None)) == "an unnamed UNIX socket"


def test_bindingsInAnyForm() -> None:
    """Nothing, a pair, a Binding; nothing else."""
    assert bindingOf(None, "x") == Binding()
    assert bindingOf(("127.0.0.1", 80), "x") == Binding("127.0.0.1", 80)
    chosen = Binding("::1", reusePort=True)
    assert bindingOf(chosen, "x") is chosen
    with pytest.raises(TypeError, match="where is a pair"):
        bindingOf("127.0.0.1", "where")


def test_interfacesByNumberAndName() -> None:
    """Nothing is 0: the system chooses."""
    assert [interfaceIndex(each) for each in ("", 0, 3, "7")] == [0, 0, 3, 7]
    with pytest.raises(OSError, match="interface"):
        interfaceIndex("no such interface")


def test_logPrefixes() -> None:
    """What an object says of itself, else the name of its class."""

    class Speaking:
        def logPrefix(self) -> str:
            return "me"

    assert logPrefixOf(Speaking()) == "me"
    assert logPrefixOf(object()) == "object"
