"""URLs as paths: children, siblings and parents of an address.

`URLPath` is a value in bytes, as the wire has it: what is not ASCII is percent-encoded.
"""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["URLPath"]

# Not encoded, besides letters and digits: what RFC 3986 §3.3 allows in a segment, and escapes that are there already.
_SEGMENT = "!$&'()*+,;=:@-._~%"
_PATH = _SEGMENT + "/"
_QUERY = _PATH + "?"


class URLPath:
    """An address whose parts can be read and set, and that leads to others. All parts are bytes.

    Attributes:
        netloc: the host, with user and port if there are any.
        path: begins with a slash.

    Spec: RFC 3986.
    """

    scheme: bytes = b"http"
    netloc: bytes = b"localhost"
    path: bytes = b"/"
    query: bytes = b""
    fragment: bytes = b""

    def __init__(
        self,
        scheme: bytes | str = b"",
        netloc: bytes | str = b"localhost",
        path: bytes | str = b"",
        query: bytes | str = b"",
        fragment: bytes | str = b"",
    ) -> None:
        """Put an address together; text is encoded as UTF-8 and percent-encoded where it has to be."""
        self.scheme = _asBytes(scheme) or b"http"
        self.netloc = _asBytes(netloc)
        self.path = _encoded(path, _PATH) or b"/"
        self.query = _encoded(query, _QUERY)
        self.fragment = _encoded(fragment, _QUERY)

    @classmethod
    def fromString(klass, url: str) -> URLPath:
        """Take apart an address in text. Raises `ValueError` for bytes."""
        if not isinstance(url, str):
            raise ValueError(f"an address in text was expected, not {url!r}")
        parts = urlsplit(url)
        found = klass(*parts)
        found.scheme = _asBytes(parts.scheme)  # none, if the address is relative
        return found

    @classmethod
    def fromBytes(klass, url: bytes) -> URLPath:
        """Take apart an address in bytes. Raises `ValueError` for text."""
        if not isinstance(url, bytes):
            raise ValueError(f"an address in bytes was expected, not {url!r}")
        return klass.fromString(_asText(url))

    @classmethod
    def fromRequest(klass, request: Any) -> URLPath:
        """Return the address of the resource that a web request has reached."""
        return klass.fromBytes(request.prePathURL())

    def pathList(self, unquote: bool = False, copy: bool = True) -> list[bytes]:
        """Return the segments of the path; the first is empty, because the path begins with a slash.

        Args:
            unquote: decode what is percent-encoded in them.
            copy: without a meaning; the list is always the caller's.
        """
        segments = self.path.split(b"/")
        return [unquote_to_bytes(segment) for segment in segments] if unquote else segments

    def child(self, path: bytes | str, keepQuery: bool = False) -> URLPath:
        """Return the address of something below this one.

        Args:
            path: its name, a single segment: a slash in it is encoded.
            keepQuery: keep the query, which otherwise goes.
        """
        segments = self.pathList()
        if segments[-1] == b"":
            segments.pop()
        return self._with([*segments, _encoded(path, _SEGMENT)], keepQuery)

    def sibling(self, path: bytes | str, keepQuery: bool = False) -> URLPath:
        """Return the address of something beside this one: its last segment is another.

        Args:
            path: its name, a single segment.
            keepQuery: keep the query.
        """
        return self._with([*self.pathList()[:-1], _encoded(path, _SEGMENT)], keepQuery)

    def parent(self, keepQuery: bool = False) -> URLPath:
        """Return the address of what this one's folder is in, with a slash at its end."""
        return self._with([*self.pathList()[:-2], b""], keepQuery)

    def here(self, keepQuery: bool = False) -> URLPath:
        """Return the address of the folder this one is in, with a slash at its end."""
        return self._with([*self.pathList()[:-1], b""], keepQuery)

    def click(self, st: bytes | str) -> URLPath:
        """Return the address that a link on this page leads to."""
        return self.fromString(urljoin(str(self), _asText(st)))

    def _with(self, segments: list[bytes], keepQuery: bool) -> URLPath:
        path = b"/".join(segments)
        if not path.startswith(b"/"):
            path = b"/" + path
        return URLPath(self.scheme, self.netloc, path, self.query if keepQuery else b"")

    def __str__(self) -> str:
        parts = (self.scheme, self.netloc, self.path, self.query, self.fragment)
        return _asText(urlunsplit(parts))

    def __repr__(self) -> str:
        return (
            f"URLPath(scheme={self.scheme!r}, netloc={self.netloc!r}, path={self.path!r}, "
            f"query={self.query!r}, fragment={self.fragment!r})"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, URLPath):
            return NotImplemented
        return str(self) == str(other)

    __hash__ = None  # type: ignore[assignment]  # its parts can be set


# Bytes that are not UTF-8 go through text and back unharmed.


def _asBytes(part: bytes | str) -> bytes:
    return part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part


def _asText(part: bytes | str) -> str:
    return part.decode("utf-8", "surrogateescape") if isinstance(part, bytes) else part


def _encoded(part: bytes | str, safe: str) -> bytes:
    """A part with everything percent-encoded that may not stand in it."""
    return quote(_asBytes(part), safe).encode("ascii")
