"""Taking over sockets that were made elsewhere: by systemd, by a parent process, by a program's own hands."""

from __future__ import annotations

import os
import socket

from ..error import UnsupportedAddressFamily, UnsupportedSocketType

__all__ = ["adopted"]


def adopted(fd: int, family: int, kind: int) -> socket.socket:
    """Return a non-blocking socket of our own for a copy of a descriptor, which stays the caller's.

    Args:
        fd: the descriptor.
        family: what the caller says it is, an ``AF_`` constant.
        kind: what it has to be, a ``SOCK_`` constant.

    Raises:
        UnsupportedAddressFamily: the socket is of another family.
        UnsupportedSocketType: it is of another kind.
        OSError: it is no socket, or is closed.
    """
    copy = os.dup(fd)
    try:
        skt = socket.socket(fileno=copy)
    except BaseException:
        os.close(copy)
        raise
    problem: Exception | None = None
    if skt.family != family:
        found, wanted = _nameOf(skt.family), _nameOf(family)
        problem = UnsupportedAddressFamily(f"descriptor {fd} is a socket of the family {found}, not {wanted}")
    elif skt.type != kind:
        found, wanted = _nameOf(skt.type), _nameOf(socket.SocketKind(kind))
        problem = UnsupportedSocketType(f"descriptor {fd} is a socket of the kind {found}, not {wanted}")
    if problem is not None:
        skt.close()
        raise problem
    skt.setblocking(False)
    return skt


def _nameOf(constant: int) -> str:
    """The name of a constant, for people; Python has none for those of rare kinds."""
    return str(getattr(constant, "name", constant))
