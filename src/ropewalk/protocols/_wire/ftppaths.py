"""Paths of FTP: with slashes, relative to where the client is, and never above the root."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["InvalidPath", "isPattern", "parsePWDResponse", "quoted", "toSegments"]

# A directory in a reply: in quotes, a quote inside written twice (RFC 959 appendix II).
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')


class InvalidPath(Exception):
    """A path leads above the root, or is none. Its arguments are the directory and the path."""


def toSegments(cwd: Sequence[str], path: str) -> list[str]:
    """Find out what a path means.

    Args:
        cwd: the segments of the directory that the client is in.
        path: relative to that, or absolute.

    Returns:
        The segments from the root: none is empty, ``"."`` or ``".."``.

    Raises:
        InvalidPath: it leads above the root, or holds a NUL.
    """
    segments = [] if path.startswith("/") else list(cwd)
    for part in path.split("/"):
        if part == "..":
            if not segments:
                raise InvalidPath(cwd, path)
            segments.pop()
        elif "\0" in part:
            raise InvalidPath(cwd, path)
        elif part not in ("", "."):
            segments.append(part)
    return segments


def isPattern(segment: str) -> bool:
    """Whether a name has wildcards in it."""
    return any(sign in segment for sign in "*?[")


def quoted(path: str) -> str:
    """Write a path as the replies to PWD and MKD have it between their quotes."""
    return path.replace('"', '""')


def parsePWDResponse(response: str) -> str | None:
    """Return the directory in a reply to PWD or MKD; `None` when there is none."""
    found = _QUOTED.search(response)
    return None if found is None else found[1].replace('""', '"')
