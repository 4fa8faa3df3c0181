"""Digest's arithmetic gives what the specifications' examples give."""

from __future__ import annotations

import pytest

from ropewalk.cred._wire.digest import algorithmNamed, calcHA1, calcHA2, calcResponse

NONCE = b"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = b"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def response(
    algorithm: bytes, user: bytes, realm: bytes, password: bytes, nonce: bytes, uri: bytes, *rest: bytes
) -> bytes:
    count, cnonce, qop = rest or (b"", b"", b"")
    ha1 = calcHA1(algorithm, user, realm, password, nonce, cnonce)
    return calcResponse(ha1, calcHA2(algorithm, b"GET", uri, qop, None), algorithm, nonce, count, cnonce, qop)


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        (b"MD5", b"8ca523f5e9506fed4657c9700eebdbec"),
        (b"SHA-256", b"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_exampleOfRFC7616(algorithm: bytes, expected: bytes) -> None:
    """RFC 7616 §3.9.1: Mufasa's answers to both challenges."""
    rest = (b"00000001", CNONCE, b"auth")
    realm = b"http-auth@example.org"
    assert response(algorithm, b"Mufasa", realm, b"Circle of Life", NONCE, b"/dir/index.html", *rest) == expected


def test_exampleOfRFC2617() -> None:
    """RFC 2617 §3.5: Mufasa's older answer."""
    nonce = b"dcd98b7102dd2f0e8b11d0f600bfb0c093"
    rest = (b"00000001", b"0a4f113b", b"auth")
    found = response(b"md5", b"Mufasa", b"testrealm@host.com", b"Circle Of Life", nonce, b"/dir/index.html", *rest)
    assert found == b"6629fae49393a05397450978507c4ef1"


def test_exampleOfRFC2069() -> None:
    """RFC 2069 §2.4, as its errata have it: no count, no quality of protection."""
    nonce = b"dcd98b7102dd2f0e8b11d0f600bfb0c093"
    found = response(b"md5", b"Mufasa", b"testrealm@host.com", b"CircleOfLife", nonce, b"/dir/index.html")
    assert found == b"1949323746fe6a43ef61f9606e7febea"


#: What the peer, Twisted 26.10, answers to the same calls.
PEER = [
    (b"md5", b"44add22b6f3179b751eafd68ee370f7d", b"71998c64aea37ae77020c49c00f73fa8"),
    (b"sha", b"8e8eaa065a5616f281f2d42efd3ab399f35c63c9", b"3454b7045a88364b5cecad7c4d8bbef4513062e4"),
    (b"md5-sess", b"8e0121e7dd930ca084eb6de15ca7c835", b"71998c64aea37ae77020c49c00f73fa8"),
]


@pytest.mark.parametrize(("algorithm", "ha1", "ha2"), PEER)
def test_agreesWithThePeer(algorithm: bytes, ha1: bytes, ha2: bytes) -> None:
    """Both hashes are those of Twisted, sessions included."""
    assert calcHA1(algorithm, b"u", b"r", b"p", b"n", b"c") == ha1
    assert calcHA2(algorithm, b"GET", b"/", b"auth", None) == ha2


def test_hashInPlaceOfPassword() -> None:
    """The hash of name, realm and password serves in place of them, and not beside them."""
    plain = calcHA1(b"md5", b"u", b"r", b"p", b"", b"")
    for algorithm in (b"md5", b"md5-sess"):
        expected = calcHA1(algorithm, b"u", b"r", b"p", b"n", b"c")
        assert calcHA1(algorithm, None, None, None, b"n", b"c", preHA1=plain) == expected
    with pytest.raises(TypeError, match="in place of"):
        calcHA1(b"md5", b"u", None, None, b"n", b"c", preHA1=plain)


def test_bodyCountsForAuthInt() -> None:
    """RFC 7616 §3.4.3: with ``auth-int``, what is asked for includes the body's hash."""
    assert calcHA2(b"md5", b"GET", b"/", b"auth-int", b"e") == b"d6f2d55caf86d2920dc0d8c7c00a4058"


def test_textIsItsUTF8() -> None:
    """Names may be text."""
    assert calcHA1("MD5", "ü", "r", "p", "n", "c") == calcHA1(b"md5", "ü".encode(), b"r", b"p", b"n", b"c")


def test_unknownAlgorithm() -> None:
    """The error lists those that there are."""
    with pytest.raises(ValueError, match="'whirl' is not one of md5, sha, sha-256"):
        algorithmNamed("whirl")
