"""Which hosts a certificate is for (RFC 9525 §6)."""

from __future__ import annotations

import pytest

from ropewalk.internet._tls.hostnames import BadHostname, VerificationError, asHost, verify
from support.certificates import issue

MATCHES = [
    (("a.example",), "a.example"),
    (("a.example",), "A.Example"),
    (("A.EXAMPLE",), "a.example"),
    (("a.example",), "a.example."),
    (("*.example.com",), "www.example.com"),
    (("xn--bcher-kva.example",), "bücher.example"),
    (("*.bücher.example",), "www.bücher.example"),
    (("192.0.2.1",), "192.0.2.1"),
    (("2001:db8::1",), "2001:DB8:0::1"),
    (("localhost",), "localhost"),
    (("a.example", "b.example"), "b.example"),
]
MISMATCHES = [
    (("a.example",), "b.example"),
    (("*.example.com",), "example.com"),
    (("*.example.com",), "a.b.example.com"),
    (("*.example",), "a.example"),  # all of a top-level domain
    (("192.0.2.1",), "192.0.2.2"),
    (("a.example",), "192.0.2.1"),
    (("192.0.2.1",), "a.example"),
]


@pytest.mark.parametrize(("names", "host"), MATCHES)
def test_itsOwn(names: tuple[str, ...], host: str) -> None:
    """A certificate is for the hosts it names, in any case and script, and for those that a wildcard stands for."""
    verify(issue(*names).dump(), asHost(host))


@pytest.mark.parametrize(("names", "host"), MISMATCHES)
def test_others(names: tuple[str, ...], host: str) -> None:
    """A certificate is for nobody else; the refusal names who was asked for, and whom it is for (F110)."""
    with pytest.raises(VerificationError) as refused:
        verify(issue(*names).dump(), asHost(host))
    assert str(refused.value).startswith("No service reference ID could be validated against certificate.")
    assert repr(host) in str(refused.value)
    assert repr(names[0]) in str(refused.value)


def test_commonNamesDontCount() -> None:
    """The subject's common name is no host's name (RFC 9525 §2)."""
    with pytest.raises(VerificationError, match=r"for 'b\.example'"):
        verify(issue("b.example", common_name="a.example").dump(), asHost("a.example"))


def test_noCertificate() -> None:
    """A peer that has shown none is not whom was asked for."""
    with pytest.raises(VerificationError, match="for no host at all"):
        verify(None, asHost("a.example"))


def test_manyNamesAreCounted() -> None:
    """Of many names some are quoted, and the rest is counted."""
    names = [f"{number}.example" for number in range(8)]
    with pytest.raises(VerificationError, match=r"'4\.example' and 3 more"):
        verify(issue(*names).dump(), asHost("other.example"))


@pytest.mark.parametrize("text", ["", "a b", "x" * 300, "a..b", "http://a.example", "a.example:443", "*.example"])
def test_noHosts(text: str) -> None:
    """What can't be a host's name is refused before anything is connected."""
    with pytest.raises(BadHostname):
        asHost(text)
