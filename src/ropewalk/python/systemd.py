"""Sockets that systemd opened for us, and passed as descriptors when it started this process.

Spec: sd_listen_fds(3).
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping, Sequence

__all__ = ["ListenFDs"]

# The first descriptor passed; they follow one another.
START = 3


class ListenFDs:
    """The descriptors that were passed, and the names the socket units give them.

    Programs that listen on them use the endpoints ``fd:`` and ``systemd:``.
    """

    def __init__(self, descriptors: Sequence[int], names: Sequence[str] = ()) -> None:
        """Take the descriptors and, in the same order, their names if there are any."""
        self._descriptors = list(descriptors)
        self._names = tuple(names)

    @classmethod
    def fromEnvironment(cls, environ: MutableMapping[str, str] | None = None, start: int | None = None) -> ListenFDs:
        """Read the environment variables that systemd sets, and take them out, so that children don't see them.

        Nothing was passed if they are not there, make no sense, or are meant for another process.

        Args:
            environ: `os.environ` when not given.
            start: the first descriptor; 3 when not given.
        """
        variables = os.environ if environ is None else environ
        first = START if start is None else start
        try:
            count = int(variables["LISTEN_FDS"])
            mine = int(variables["LISTEN_PID"]) == os.getpid()
        except (KeyError, ValueError):
            return cls([])
        if not mine or count < 0:
            return cls([])
        names = variables.get("LISTEN_FDNAMES", "").split(":")
        for variable in ("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"):
            variables.pop(variable, None)
        return cls(range(first, first + count), names if len(names) == count else ())

    def inheritedDescriptors(self) -> list[int]:
        """Return the descriptors, in the order of the socket units."""
        return list(self._descriptors)

    def inheritedNamedDescriptors(self) -> dict[str, int]:
        """Return the descriptors by their names; of several with one name the last."""
        return dict(zip(self._names, self._descriptors, strict=False))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ListenFDs):
            return NotImplemented
        return (self._descriptors, self._names) == (other._descriptors, other._names)

    __hash__ = None  # type: ignore[assignment]  # what it holds can be closed and opened again

    def __repr__(self) -> str:
        return f"ListenFDs({self._descriptors!r}, {self._names!r})"
