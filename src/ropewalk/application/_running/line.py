"""The line between a supervisor and each of its children: a pair of sockets.

Children report on it, in JSON, a line for each report; a report may carry descriptors. The supervisor says nothing:
when its end is closed it is gone, whatever has become of it.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk.internet.interfaces import IReadDescriptor
from ropewalk.internet.main import CONNECTION_DONE

if TYPE_CHECKING:
    from ropewalk.python.failure import Failure

__all__ = ["Report", "Reports", "send"]

Report = dict[str, Any]

PIECE = 65536

# How many descriptors one piece may carry: one, because a report has one at most, and a piece ends where descriptors
# come (unix(7)); other systems may join some.
MOST_DESCRIPTORS = 64

# Descriptors are not for the programs that the supervisor starts beside.
CLOSED_ELSEWHERE = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


def send(end: socket.socket, report: Report, fds: Sequence[int] = ()) -> None:
    """Report, from a child.

    Args:
        end: its end.
        report: what to say.
        fds: descriptors to give copies of.
    """
    data = json.dumps(report).encode() + b"\n"
    try:
        sent = socket.send_fds(end, [data], list(fds)) if fds else 0
        end.sendall(data[sent:])
    except (BrokenPipeError, ConnectionResetError):
        pass  # the supervisor is gone; `Membership` hears of it


@implementer(IReadDescriptor)
class Reports:
    """Reads what a child reports.

    Args:
        end: the supervisor's end; it is non-blocking.
        reactor: watches it.
        heard: called with each report, and the descriptors that have come so far and weren't taken; takes its own off
            the list's beginning.
    """

    def __init__(self, end: socket.socket, reactor: Any, heard: Callable[[Report, list[int]], object]) -> None:
        self._end = end
        self._reactor = reactor
        self._heard = heard
        self._said = b""
        self._fds: list[int] = []
        reactor.addReader(self)

    def doRead(self) -> Exception | None:
        """Take a piece. The reactor calls this."""
        try:
            data, fds, _, _ = socket.recv_fds(self._end, PIECE, MOST_DESCRIPTORS, CLOSED_ELSEWHERE)
        except BlockingIOError:
            return None
        except ConnectionResetError:
            return CONNECTION_DONE
        if not data:
            return CONNECTION_DONE
        self._fds += fds
        *lines, self._said = (self._said + data).split(b"\n")
        for line in lines:
            self._heard(json.loads(line), self._fds)
        return None

    def finish(self) -> None:
        """The child has ended: read what it has said at last, and close."""
        while self._end.fileno() >= 0:
            try:
                ready = self._end.recv(1, socket.MSG_PEEK)
            except (BlockingIOError, ConnectionResetError):
                break
            if not ready or self.doRead() is not None:
                break
        self.close()

    def close(self) -> None:
        """Listen no more; a child that lives is told by it."""
        self._reactor.removeReader(self)
        self._end.close()
        for fd in self._fds:
            socket.close(fd)
        self._fds.clear()

    def fileno(self) -> int:
        """Return the descriptor, -1 when it is closed."""
        return self._end.fileno()

    def logPrefix(self) -> str:
        """Return what the log calls us."""
        return "supervisor"

    def connectionLost(self, reason: Failure) -> None:
        """The child has closed its end: its end is told by its process."""
