"""SIP's text: addresses, Vias, headers and messages, as RFC 3261 has them."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.internet.testing import StringTransport
from ropewalk.protocols import sip
from support.cuts import anyCuts, everySize

URLS = [
    ("sip:foo@example.com", {"username": "foo", "host": "example.com", "port": None}),
    ("sip:example.com", {"username": None, "host": "example.com"}),
    ("sip:foo:secret@example.com:3030", {"password": "secret", "port": 3030}),
    ("sip:foo@[::1]:5060", {"host": "::1", "port": 5060}),
    ("sip:alice;day=tuesday@atlanta.com", {"username": "alice;day=tuesday", "host": "atlanta.com"}),
    (
        "sip:foo@bar.com;user=phone;transport=UDP;ttl=3;maddr=1.2.3.4;method=INVITE;tag=x;lr;a=b?Subject=hi&Foo=1",
        {
            "usertype": "phone",
            "transport": "UDP",
            "ttl": 3,
            "maddr": "1.2.3.4",
            "method": "INVITE",
            "tag": "x",
            "other": ["lr", "a=b"],
            "headers": {"Subject": "hi", "Foo": "1"},
        },
    ),
]


@pytest.mark.parametrize(("text", "expected"), URLS)
def test_URLs(text: str, expected: dict[str, Any]) -> None:
    """A URL's parts are found, and it is written as it was (§19.1)."""
    url = sip.parseURL(text)
    assert {name: getattr(url, name) for name in expected} == expected
    assert url.toString() == str(url) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "foo@bar",
        "http://x",
        "sips:a@b",
        "sip:a@b:port",
        "sip:a@b:65536",
        "sip:a@[::1",
        "sip:a@b;ttl=999",
        "sip:a@b c",
    ],
)
def test_badURLs(text: str) -> None:
    """What is no SIP URL is refused."""
    with pytest.raises(ValueError, match=r"is no|does not begin"):
        sip.parseURL(text)


def test_URLElsewhere() -> None:
    """Host and port may be given in place of what is written; a request's URI has no parameters of a way."""
    url = sip.parseURL("sip:foo@example.com:3;transport=UDP;ttl=1;maddr=m;tag=t;method=M?a=b", host="h", port=7)
    sip.cleanRequestURL(url)
    assert str(url) == "sip:foo@h:7;method=M;tag=t"


@pytest.mark.parametrize(
    ("text", "name", "url", "parameters"),
    [
        ('"A. G. Bell" <sip:foo@example.com>', "A. G. Bell", "sip:foo@example.com", {}),
        ("Anon <sip:foo@example.com>", "Anon", "sip:foo@example.com", {}),
        ("sip:foo@example.com;tag=x", "", "sip:foo@example.com;tag=x", {}),
        ("foo <sip:a@b;lr>;tag=bar;Q=0.7;x", "foo", "sip:a@b;lr", {"tag": "bar", "q": "0.7", "x": None}),
        ('"a;<b> \\" c" <sip:a@b>;tag=z', 'a;<b> \\" c', "sip:a@b", {"tag": "z"}),
    ],
)
def test_addresses(text: str, name: str, url: str, parameters: dict[str, str | None]) -> None:
    """A name, a URL and parameters are told apart, whatever is quoted (§20.10)."""
    found = sip.parseAddress(text)
    assert (found[0], str(found[1]), found[2]) == (name, url, parameters)


@pytest.mark.parametrize("text", ["", '"x', "<sip:foo@x", "name only", '"x" y <sip:a@b>', "<http://x>"])
def test_badAddresses(text: str) -> None:
    """What is no address is refused."""
    with pytest.raises(ValueError, match=r"no|begin"):
        sip.parseAddress(text)


def test_unq() -> None:
    """Quotes are taken off in pairs."""
    assert [sip.unq(text) for text in ('"abc"', "abc", '"a', '"', "")] == ["abc", "abc", '"a', '"', ""]


VIAS = [
    ("SIP/2.0/UDP foo.example.com", "SIP/2.0/UDP foo.example.com:5060"),
    (
        "SIP/2.0/TCP h:4000;ttl=16;maddr=224.2.0.1 ;branch=a7 (Acme)",
        "SIP/2.0/TCP h:4000;ttl=16;branch=a7;maddr=224.2.0.1",
    ),
    ("SIP / 2.0 / UDP h: 4000;rport", "SIP/2.0/UDP h:4000;rport"),
    ("SIP/2.0/UDP h;hidden;received=1.2.3.4;rport=9", "SIP/2.0/UDP h:5060;hidden;received=1.2.3.4;rport=9"),
    ("SIP/2.0/UDP [::1]:5061;x=y;flag", "SIP/2.0/UDP [::1]:5061;flag;x=y"),
]


@pytest.mark.parametrize(("text", "written"), VIAS)
def test_vias(text: str, written: str) -> None:
    """A Via's parts are found, and written in a settled order (§20.42, RFC 3581)."""
    assert sip.parseViaHeader(text).toString() == written
    assert sip.parseViaHeader(written).toString() == written


@pytest.mark.parametrize("text", ["", "x", "SIP/1.0/UDP h", "SIP/2.0/UDP", "SIP/2.0/UDP ;x", "SIP/2.0/UDP h:x"])
def test_badVias(text: str) -> None:
    """What is no Via is refused."""
    with pytest.raises(ValueError, match="is no"):
        sip.parseViaHeader(text)


def test_rport() -> None:
    """A port may be asked for, and be told (RFC 3581 §3, §4)."""
    via = sip.Via("h", rport=None)
    assert (via.rport, via.rportRequested, via.toString()) == (True, True, "SIP/2.0/UDP h:5060;rport")
    via.rport = 5
    assert (via.rport, via.rportRequested, via.toString()) == (5, False, "SIP/2.0/UDP h:5060;rport=5")
    assert sip.Via("h").rport is None
    assert sip.Via("h", rport=99, ttl=3, x="y").toString() == "SIP/2.0/UDP h:5060;ttl=3;rport=99;x=y"


def test_message() -> None:
    """Headers keep their order and all their values; names are written as usual, compact ones at length (§7.3.3)."""
    request = sip.Request("INVITE", "sip:foo")
    for name, value in [("foo", "bar"), ("v", "a"), ("Via", "b"), ("l", "3"), ("cseq", "1 INVITE"), ("i", "z")]:
        request.addHeader(name, value)
    request.bodyDataReceived("abc")
    request.creationFinished()
    assert request.length == 3
    assert request.toString() == (
        "INVITE sip:foo SIP/2.0\r\nFoo: bar\r\nVia: a\r\nVia: b\r\nContent-Length: 3\r\nCSeq: 1 INVITE\r\n"
        "Call-ID: z\r\n\r\nabc"
    )
    request.bodyDataReceived("d")
    with pytest.raises(ValueError, match="4 bytes, and its header says 3"):
        request.creationFinished()
    assert sip.dashCapitalize("x-SOME-thing") == "X-Some-Thing"


def test_codes() -> None:
    """A code has its words, and one that nobody knows those of its hundred (§8.1.3.2)."""
    assert sip.Response(404).toString() == "SIP/2.0 404 Not Found\r\n\r\n"
    assert (sip.Response(499).phrase, sip.Response(404, "x").phrase) == ("Bad Request", "x")
    error = pickle.loads(pickle.dumps(sip.RegistrationError(404)))
    assert (type(error), error.code, str(error)) == (sip.RegistrationError, 404, "SIP error (404): Not Found")


def test_noHeaderInAHeader() -> None:
    """A value with a line end would be another header: it is refused."""
    with pytest.raises(ValueError, match="more than one"):
        sip.Response(200).addHeader("x", "a\r\nEvil: yes")


def parsed(pieces: list[Any], done: bool = True) -> list[str]:
    found: list[Any] = []
    parser = sip.MessagesParser(found.append)
    for piece in pieces:
        parser.dataReceived(piece)
    if done:
        parser.dataDone()
    assert all(message.finished for message in found)
    return [message.toString() for message in found]


ONE = b"INVITE sip:foo SIP/2.0\r\nFrom: mo\r\nTo: joe\r\nContent-Length: 4\r\n\r\nabcd"
MESSAGES = [
    ("one", ONE, [ONE.decode()]),
    ("two", ONE + ONE, [ONE.decode(), ONE.decode()]),
    ("empty lines before", b"\r\n\r\n" + ONE, [ONE.decode()]),
    (
        "folded and compact",
        b"SIP/2.0 200 OK\r\nfoo : bar\r\n baz\r\n\tzip\r\nl: 0\r\nv: y\r\n\r\n",
        ["SIP/2.0 200 OK\r\nFoo: bar baz zip\r\nContent-Length: 0\r\nVia: y\r\n\r\n"],
    ),
    ("body to the end", b"SIP/2.0 180 Ringing\r\nTo: x\r\n\r\n1234", ["SIP/2.0 180 Ringing\r\nTo: x\r\n\r\n1234"]),
    (
        "text",
        "OPTIONS sip:a SIP/2.0\r\nSubject: \u1234\r\nl: 3\r\n\r\n\u1234".encode(),
        ["OPTIONS sip:a SIP/2.0\r\nSubject: \u1234\r\nContent-Length: 3\r\n\r\n\u1234"],
    ),
    ("garbage before", b"blah\r\nX: y\r\n\r\n" + ONE, [ONE.decode()]),
    ("another version", ONE.replace(b"SIP/2.0", b"SIP/3.0"), []),
    ("no colon", ONE.replace(b"To: ", b"To"), []),
    ("a length that is none", ONE.replace(b"4\r", b"-4\r"), []),
    ("too short", ONE[:-1], []),
    ("a code that is none", b"SIP/2.0 20 OK\r\n\r\n", []),
]


@pytest.mark.parametrize(("wire", "expected"), [each[1:] for each in MESSAGES], ids=[each[0] for each in MESSAGES])
def test_parser(wire: bytes, expected: list[str]) -> None:
    """The same messages come out for every size of piece; what is none is dropped (§7.3.1, §7.5, §18.3)."""
    for pieces in everySize(wire):
        assert parsed(pieces) == expected


def test_parserTakesText() -> None:
    """The parser may be fed text; and it waits for a body whose end is not known."""
    assert parsed([ONE.decode()]) == [ONE.decode()]
    assert parsed([b"SIP/2.0 200 OK\r\n\r\n12"], done=False) == []


def test_bytesPassThrough() -> None:
    """Bytes that are no text come out as they went in."""
    [message] = parsed([b"SIP/2.0 200 OK\r\nSubject: \xe1\r\nl: 1\r\n\r\n\xff"])
    assert message.encode("utf-8", "surrogateescape").endswith(b"Subject: \xe1\r\nContent-Length: 1\r\n\r\n\xff")


def test_onlySome() -> None:
    """A parser may take requests only, or responses only; those that follow the others are found."""
    found: list[Any] = []
    parser = sip.MessagesParser(found.append)
    parser.acceptRequests = 0
    parser.dataReceived(ONE + b"SIP/2.0 200 OK\r\nl: 0\r\n\r\n")
    assert [type(message) for message in found] == [sip.Response]


@pytest.mark.parametrize(
    ("wire", "fits"),
    [
        (b"SIP/2.0 200 OK\r\nX: %b\r\n\r\n" % (b"y" * 16381), True),
        (b"SIP/2.0 200 OK\r\nX: %b\r\n\r\n" % (b"y" * 16382), False),
        (b"SIP/2.0 200 OK\r\n" + b"X: y\r\n" * 256 + b"\r\n", True),
        (b"SIP/2.0 200 OK\r\n" + b"X: y\r\n" * 257 + b"\r\n", False),
        (b"SIP/2.0 200 OK\r\n\r\n" + b"y" * 2**20, True),
        (b"SIP/2.0 200 OK\r\n\r\n" + b"y" * (2**20 + 1), False),
        (b"SIP/2.0 200 OK\r\nl: 1048577\r\n\r\n", False),
        (b"SIP/2.0 200 OK\r\nX: y\r\n" + b" " + b"y" * 9000 + b"\r\n " + b"z" * 9000 + b"\r\n\r\n", False),
    ],
)
def test_limits(wire: bytes, fits: bool) -> None:
    """Lines, headers and bodies have their limits, on both sides of which they are seen."""
    assert len(parsed([wire])) == fits


def test_connectionIsClosed() -> None:
    """On a connection an invalid message is the last: nobody knows where the next one begins."""
    found: list[Any] = []
    parser, transport = sip.MessagesParser(found.append), StringTransport()
    parser.makeConnection(transport)
    parser.dataReceived(ONE + b"nonsense\r\n\r\n" + ONE)
    assert len(found) == 1
    assert transport.disconnecting


@given(st.data())
def test_garbage(data: st.DataObject) -> None:
    """Any bytes, cut anywhere, give messages or nothing."""
    words = st.sampled_from(
        [b"SIP/2.0", b" ", b"\r\n", b"INVITE", b"sip:a", b"200", b"l:", b"Via: ", b"3", b"\xff", b"x"]
    )
    wire = b"".join(data.draw(st.lists(words, max_size=30)))
    assert parsed(data.draw(anyCuts(wire))) == parsed([wire])
