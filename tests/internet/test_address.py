"""Addresses are values."""

from __future__ import annotations

import copy
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from zope.interface.verify import verifyObject

from ropewalk.internet.address import HostnameAddress, IPv4Address, IPv6Address, UNIXAddress
from ropewalk.internet.interfaces import IAddress

SAMPLES: list[Any] = [
    IPv4Address("TCP", "10.0.0.1", 80),
    IPv4Address("UDP", "10.0.0.1", 80),
    IPv6Address("TCP", "::1", 80),
    IPv6Address("TCP", "fe80::1", 80, 1, "eth0"),
    HostnameAddress(b"example.com", 80),
    UNIXAddress("/run/service"),
    UNIXAddress(b"\0abstract"),
    UNIXAddress(None),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=repr)
def test_isAValue(sample: Any) -> None:
    """An address equals its copy, hashes alike, survives pickling, and provides `IAddress`."""
    for other in (copy.copy(sample), pickle.loads(pickle.dumps(sample))):
        assert other == sample
        assert hash(other) == hash(sample)
    assert verifyObject(IAddress, sample)


def test_differentOnesDiffer() -> None:
    """Addresses that differ in anything, their class included, are not equal; nor to something else."""
    for a in SAMPLES:
        assert [b for b in SAMPLES if a == b] == [a]
        assert a != ("TCP", "10.0.0.1", 80)
    assert len(set(SAMPLES)) == len(SAMPLES)


def test_text() -> None:
    """An address can be read, and put into a text (F033)."""
    assert repr(SAMPLES[0]) == "IPv4Address(type='TCP', host='10.0.0.1', port=80)"
    assert f"{SAMPLES[0].host}:{SAMPLES[0].port}" == "10.0.0.1:80"
    assert str(SAMPLES[3]) == "IPv6Address(type='TCP', host='fe80::1', port=80, flowInfo=1, scopeID='eth0')"
    assert repr(SAMPLES[4]) == "HostnameAddress(hostname=b'example.com', port=80)"
    assert repr(SAMPLES[5]) == "UNIXAddress('/run/service')"
    assert repr(SAMPLES[7]) == "UNIXAddress(None)"


def test_order() -> None:
    """Addresses of a class are ordered field by field; those of different classes not at all."""
    first, second = IPv4Address("TCP", "10.0.0.1", 80), IPv4Address("TCP", "10.0.0.1", 443)
    assert first < second
    assert first <= second
    assert second > first
    assert second >= first
    assert sorted([second, first]) == [first, second]
    for other in (IPv6Address("TCP", "::1", 80), 5):
        with pytest.raises(TypeError):
            first < other  # noqa: B015 (the comparison itself is tested)


@pytest.mark.parametrize("cls", [IPv4Address, IPv6Address])
@pytest.mark.parametrize("type", ["tcp", b"TCP", "SCTP", None])
def test_typeIsChecked(cls: Any, type: Any) -> None:
    """The type is TCP or UDP, spelt so."""
    with pytest.raises(ValueError, match="'TCP' or 'UDP'"):
        cls(type, "10.0.0.1", 80)


def test_ipv6Defaults() -> None:
    """An IPv6 address has no flow and no scope unless it is said."""
    address = IPv6Address("UDP", "::1", 53)
    assert (address.flowInfo, address.scopeID) == (0, 0)


def test_unixNames(tmp_path: Path) -> None:
    """A path may be text, bytes or a path object; it is bytes inside."""
    for name in ("/tmp/a", b"/tmp/a", Path("/tmp/a")):
        assert UNIXAddress(name).name == b"/tmp/a"
    assert UNIXAddress(b"\xff").name == b"\xff"


def test_sameFileIsSameAddress(tmp_path: Path) -> None:
    """Two names of one file are one address."""
    path, link = tmp_path / "socket", tmp_path / "link"
    path.touch()
    os.symlink(path, link)
    assert UNIXAddress(path) == UNIXAddress(link)
    assert hash(UNIXAddress(path)) == hash(UNIXAddress(link))
    assert UNIXAddress(path) != UNIXAddress(tmp_path / "other")
