"""URLs in text."""

from __future__ import annotations

import hyperlink

from ropewalk.python.url import URL


def test_theLibrarys() -> None:
    """`URL` is the library's own class, so that addresses made by either are equal and of one type."""
    assert URL is hyperlink.URL
    url = URL.fromText("https://example.com/a?b=c").child("d").set("b", "e")
    assert url.asText() == "https://example.com/a/d?b=e"
    assert url.host == "example.com"
