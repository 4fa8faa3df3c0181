"""Sockets that outlive the processes which accept, or receive, on them.

A worker makes its sockets itself, and gives its supervisor a copy of each. Whoever takes the worker's place is started
with those copies. So a connection that waits to be accepted, or is only half made, waits for the next process when
the one before it stops or is killed; if nobody held the socket, the system would reset it. A datagram waits likewise.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable

from .line import send

__all__ = ["Heir", "Shelf"]

# TCP or UDP, an IP address, empty for all, and the number of a port: as the program has said them.
Place = tuple[str, str, int]


class Heir:
    """In a worker: where ports get their sockets from.

    Args:
        end: the line to the supervisor.
        inherited: the descriptors that the worker was started with.

    Attributes:
        places: where it listens.
    """

    def __init__(self, end: socket.socket, inherited: dict[Place, int]) -> None:
        self._end = end
        self._inherited = inherited
        self.places: list[Place] = []

    def take(self, kind: str, interface: str, port: int) -> socket.socket | None:
        """Return the socket that a predecessor has had there, if there was one; see `numbered.SocketKeeper`."""
        fd = self._inherited.pop((kind, interface, port), None)
        if fd is None:
            return None
        self.places.append((kind, interface, port))
        skt = socket.socket(fileno=fd)
        skt.setblocking(False)
        return skt

    def keep(self, kind: str, interface: str, port: int, skt: socket.socket) -> None:
        """Give the supervisor a copy of a new one."""
        self.places.append((kind, interface, port))
        send(self._end, {"keep": [kind, interface, port]}, [skt.fileno()])


class Shelf:
    """In the supervisor: the sockets of one worker's place."""

    def __init__(self) -> None:
        self._kept: dict[Place, int] = {}

    def put(self, place: Place, fd: int) -> None:
        """Keep a descriptor, in the place of an older one."""
        self.drop([place])
        self._kept[place] = fd

    def plan(self, first: int) -> tuple[dict[int, int], list[tuple[str, str, int, int]]]:
        """Return what a process is to be started with.

        Args:
            first: the first descriptor's number there.

        Returns:
            The process's numbers and ours; and for each its place and its number, for `inheritance`.
        """
        numbers = {first + index: fd for index, fd in enumerate(self._kept.values())}
        return numbers, [(*place, number) for place, number in zip(self._kept, numbers, strict=True)]

    def retain(self, places: Iterable[Place]) -> None:
        """Keep these only: the program listens nowhere else any more."""
        self.drop(set(self._kept) - set(places))

    def drop(self, places: Iterable[Place] | None = None) -> None:
        """Close some of them, or all. Where nobody listens any more, the system refuses who comes."""
        for place in list(self._kept if places is None else places):
            fd = self._kept.pop(place, None)
            if fd is not None:
                os.close(fd)


def inheritance(said: Iterable[tuple[str, str, int, int]]) -> dict[Place, int]:
    """Return what a worker was started with, from what its supervisor has said of it."""
    found: dict[Place, int] = {}
    for kind, interface, port, fd in said:
        os.set_inheritable(fd, False)
        found[kind, interface, port] = fd
    return found
