"""Certificates read from their bytes, against what ``cryptography`` reads in them."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509 as oracle
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.internet._tls._wire import pem, x509
from support.certificates import authority, issue, trusted

SYSTEM = Path("/etc/ssl/certs/ca-certificates.crt")


def test_namesDatesAndNumber() -> None:
    """Hosts, wildcards, addresses, both dates and the serial number are read."""
    certificate = issue(
        "a.example",
        "*.b.example",
        "192.0.2.1",
        "2001:db8::1",
        not_before=datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC),
        not_after=datetime(2051, 2, 3, 4, 5, 6, tzinfo=UTC),
    )
    said = x509.read(certificate.dump())
    known = oracle.load_der_x509_certificate(certificate.dump())
    assert said.dnsNames == ("a.example", "*.b.example")
    assert said.addresses == (ip_address("192.0.2.1"), ip_address("2001:db8::1"))
    assert said.names == ("a.example", "*.b.example", "192.0.2.1", "2001:db8::1")
    assert (said.notBefore, said.notAfter) == (known.not_valid_before_utc, known.not_valid_after_utc)
    assert said.serial == known.serial_number
    assert not said.isAuthority


def test_authorityIsTold() -> None:
    """A certificate that may sign others says so."""
    assert x509.read(trusted().dump()).isAuthority


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # which some old authority has
@pytest.mark.skipif(not SYSTEM.exists(), reason="the system has no certificates of authorities (ca-certificates)")
def test_thoseOfTheSystem() -> None:
    """Every authority's certificate of the system reads as it does elsewhere."""
    for block in pem.certificates(SYSTEM.read_bytes()):
        said, known = x509.read(block.der), oracle.load_der_x509_certificate(block.der)
        assert said.serial == known.serial_number
        assert said.notAfter == known.not_valid_after_utc
        pairs = [(each.oid.dotted_string, each.value) for each in known.subject]
        assert [pair for pair in pairs if isinstance(pair[1], str)] == list(said.subject)


@pytest.mark.parametrize("der", [b"", b"\x30", b"\x30\x80", b"\x30\x85\x01\x01\x01\x01\x01", b"junk" * 10])
def test_otherBytesAreRefused(der: bytes) -> None:
    """What is no certificate is refused in a sentence."""
    with pytest.raises(x509.BadCertificate, match="are no certificate"):
        x509.read(der)


def test_limit() -> None:
    """Nobody's certificate is a megabyte long."""
    with pytest.raises(x509.BadCertificate, match="over the limit of 1048576"):
        x509.read(bytes(2**20 + 1))


@given(st.data())
def test_damagedOnesAreRefusedOrRead(data: st.DataObject) -> None:
    """Whatever is changed in a certificate, reading it ends with its parts or with `BadCertificate`."""
    der = bytearray(trusted(authority()).dump())
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        x509.read(bytes(der[: data.draw(st.integers(0, len(der)))] if data.draw(st.booleans()) else der))
    except x509.BadCertificate:
        pass
