"""What a process knows that another one of the same program has started and looks after: a worker, say.

A `line` joins them. The child reports that it is ready, where it listens and what files it is made of. When the line
ends, the supervisor is gone, and that counts as a SIGTERM.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Iterable, MutableMapping
from types import FrameType
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk.internet.interfaces import IReadDescriptor

from .keeping import Heir, inheritance
from .line import send
from .sources import ownFiles

if TYPE_CHECKING:
    from ropewalk.python.failure import Failure

__all__ = ["VARIABLE", "Membership"]

# Tells the child, in JSON, its name, the number of the line's descriptor, and the sockets that it inherits.
VARIABLE = "ROPEWALK_SUPERVISED"

# What systemd, or whoever it is, has said to the supervisor; children are none of their business.
NOT_OURS = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")

# How often, in seconds, a child looks whether it has imported something new.
INTERVAL = 1.0


@implementer(IReadDescriptor)
class Membership:
    """The child's end.

    Args:
        name: what the supervisor calls it, and its log.
        end: the child's end of the line.
        sockets: the sockets that it inherits.
    """

    def __init__(self, name: str, end: socket.socket, sockets: Heir) -> None:
        self.name = name
        self.sockets = sockets
        self._end = end
        self._told: set[str] = set()
        self._modules = 0

    @classmethod
    def take(cls, environ: MutableMapping[str, str] = os.environ) -> Membership | None:
        """Return this process's, if somebody supervises it. Processes that it starts don't inherit it.

        From here on Ctrl-C means nothing: the terminal tells the supervisor too, and that one will tell us.
        """
        said = environ.pop(VARIABLE, None)
        if said is None:
            return None
        for name in NOT_OURS:
            environ.pop(name, None)
        if "LISTEN_FDS" in environ:
            # The sockets have been handed on, and are meant for us now.
            environ["LISTEN_PID"] = str(os.getpid())
        given = json.loads(said)
        end = socket.socket(fileno=given["line"])
        end.set_inheritable(False)
        signal.signal(signal.SIGINT, _ignore)
        return cls(given["name"], end, Heir(end, inheritance(given["sockets"])))

    def sharePorts(self) -> None:
        """Have every port of this process bound as one that others bind, too, and that outlives the process.

        Ports whose number the system chooses are not shared.
        """
        from ropewalk.internet import tcp, udp

        # Services bind by all the ways there are; what they have in common is these classes.
        tcp.Port.keeper = udp.Port.keeper = self.sockets

    def join(self, reactor: Any) -> None:
        """The program runs: say so, and end when the supervisor does."""
        reactor.addReader(self)
        send(self._end, {"ready": True, "places": self.sockets.places})

    def tellFiles(self, more: Iterable[str] = ()) -> None:
        """Report the source files of the program, as far as that hasn't been done.

        Args:
            more: files beside those of the modules that were imported.
        """
        if len(sys.modules) != self._modules or more:
            self._modules = len(sys.modules)
            new = ownFiles(more) - self._told
            if new:
                self._told |= new
                send(self._end, {"files": sorted(new)})

    def keepTelling(self, reactor: Any) -> None:
        """Report files while the program runs, as it imports them."""
        self.tellFiles()
        reactor.callLater(INTERVAL, self.keepTelling, reactor)

    # The line's end.

    def fileno(self) -> int:
        """Return its descriptor."""
        return self._end.fileno()

    def logPrefix(self) -> str:
        """Return our name."""
        return self.name

    def doRead(self) -> Exception | None:
        """It has ended: so do we, as if we had been asked to; at once if we had been asked before."""
        try:
            if self._end.recv(1):
                return None
        except ConnectionResetError:
            pass
        from ropewalk.internet.main import CONNECTION_DONE

        os.kill(os.getpid(), signal.SIGTERM)
        return CONNECTION_DONE

    def connectionLost(self, reason: Failure) -> None:
        """Do nothing more: the signal is on its way."""


def _ignore(number: int, frame: FrameType | None) -> None:
    """Do nothing. A handler, where SIG_IGN would be inherited by programs that we start."""
