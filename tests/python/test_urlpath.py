"""Addresses and where they lead."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.python.urlpath import URLPath

URL = "http://user@host:8080/foo/bar%20x/baz?q=1#frag"


def test_theParts() -> None:
    """An address is taken apart into bytes, and put together again."""
    url = URLPath.fromString(URL)
    assert (url.scheme, url.netloc, url.path) == (b"http", b"user@host:8080", b"/foo/bar%20x/baz")
    assert (url.query, url.fragment) == (b"q=1", b"frag")
    assert str(url) == URL
    assert url == URLPath.fromBytes(URL.encode()) != URLPath()
    assert eval(repr(url)) == url
    url.scheme = b"https"
    assert str(url).startswith("https://user@host")


def test_defaults() -> None:
    """Without anything it is the local host's root; a host alone has a root."""
    assert str(URLPath()) == "http://localhost/"
    assert str(URLPath(b"https", b"h:1", b"/p", b"q", b"f")) == "https://h:1/p?q#f"
    assert URLPath.fromString("http://h").path == b"/"
    assert str(URLPath.fromString("/a/b")) == "/a/b"


@pytest.mark.parametrize(
    ("url", "child", "sibling", "here", "parent"),
    [
        ("http://h/a/b", "http://h/a/b/x", "http://h/a/x", "http://h/a/", "http://h/"),
        ("http://h/a/b/", "http://h/a/b/x", "http://h/a/b/x", "http://h/a/b/", "http://h/a/"),
        ("http://h/a", "http://h/a/x", "http://h/x", "http://h/", "http://h/"),
        ("http://h", "http://h/x", "http://h/x", "http://h/", "http://h/"),
    ],
)
def test_aroundAnAddress(url: str, child: str, sibling: str, here: str, parent: str) -> None:
    """A trailing slash makes a folder; nothing is above the root."""
    start = URLPath.fromString(url)
    assert [str(found) for found in (start.child("x"), start.sibling(b"x"), start.here(), start.parent())] == [
        child,
        sibling,
        here,
        parent,
    ]


def test_theQueryGoesUnlessKept() -> None:
    """Each way leaves the query behind, or takes it along; the fragment never goes along."""
    url = URLPath.fromString(URL)
    for lead in (lambda keep: url.child("x", keep), lambda keep: url.sibling("x", keep), url.here, url.parent):
        assert lead(False).query == b""
        assert lead(True).query == b"q=1"
        assert lead(True).fragment == b""


@pytest.mark.parametrize(
    ("name", "encoded"),
    [("x y", "x%20y"), ("a/b", "a%2Fb"), ("a?b#c", "a%3Fb%23c"), ("é", "%C3%A9"), (b"\xff", "%FF"), ("a%20b", "a%20b")],
)
def test_aSegmentIsEncoded(name: Any, encoded: str) -> None:
    """What may not stand in a segment is encoded, what is encoded already stays."""
    assert str(URLPath.fromString("http://h/").child(name)) == f"http://h/{encoded}"


def test_bytesThatAreNoText() -> None:
    """Whatever bytes there are, they come out encoded."""
    assert str(URLPath.fromBytes(b"http://h/\xc3\xa9\xff?\xff")) == "http://h/%C3%A9%FF?%FF"
    assert URLPath.fromString("http://h/é").path == b"/%C3%A9"


def test_segments() -> None:
    """The path as a list, encoded or not."""
    url = URLPath.fromString(URL)
    assert url.pathList() == [b"", b"foo", b"bar%20x", b"baz"]
    assert url.pathList(unquote=True) == [b"", b"foo", b"bar x", b"baz"]


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("z", "http://h/a/z"),
        ("../z?q#f", "http://h/z?q#f"),
        ("/z", "http://h/z"),
        ("//o/p", "http://o/p"),
        ("https://o/", "https://o/"),
        ("?x=1", "http://h/a/b?x=1"),
        ("../../../z", "http://h/z"),
        (b"z", "http://h/a/z"),
    ],
)
def test_links(link: Any, target: str) -> None:
    """A link leads where it leads in a browser."""
    assert str(URLPath.fromString("http://h/a/b?q").click(link)) == target


def test_ofARequest() -> None:
    """A request knows the address of what it has reached."""

    class Request:
        def prePathURL(self) -> bytes:
            return b"http://h/x"

    assert str(URLPath.fromRequest(Request())) == "http://h/x"


def test_wrongTypes() -> None:
    """Text where bytes are expected, or the reverse, is said at once."""
    wrong: list[Any] = [b"http://h", "http://h"]
    for make, url in zip((URLPath.fromString, URLPath.fromBytes), wrong, strict=True):
        with pytest.raises(ValueError, match="expected"):
            make(url)
