"""Services of the kind ``wait``: one program at a time is handed the socket itself, and serves whoever comes.

We watch the socket; when something arrives, the program is started with the socket as its descriptors 0, 1 and 2,
reads what is there, and we watch again when it has ended.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from zope.interface import implementer

from ropewalk.application.service import Service
from ropewalk.internet.interfaces import IReadDescriptor
from ropewalk.internet.protocol import ProcessProtocol
from ropewalk.logger import Logger
from ropewalk.python.failure import Failure

from .identity import identityOf
from .rate import Rate

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IDelayedCall

    from ..inetdconf import InetdService

__all__ = ["WaitingService"]

_log = Logger("ropewalk.runner.inetd")

KINDS = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM}
BACKLOG = 50


@implementer(IReadDescriptor)
class WaitingService(Service):
    """Starts a program when something arrives at a socket, and leaves the socket to it until it ends.

    Args:
        service: what inetd.conf says.
        reactor: watches the socket, starts the program, measures time.
    """

    def __init__(self, service: InetdService, reactor: Any) -> None:
        self.service = service
        self.reactor = reactor
        self.socket: socket.socket | None = None
        self._rate = Rate(service.most)
        self._program: Any = None
        self._pause: IDelayedCall | None = None

    def privilegedStartService(self) -> None:
        """Open the socket, while any port may be bound.

        Raises:
            CannotListenError: it cannot be had.
        """
        if self.socket is not None:
            return
        from ropewalk.internet.error import CannotListenError

        family = socket.AF_INET6 if ":" in self.service.interface else socket.AF_INET
        made = socket.socket(family, KINDS[self.service.socketType])
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((self.service.interface, self.service.port))
            if made.type == socket.SOCK_STREAM:
                made.listen(BACKLOG)
        except OSError as problem:
            made.close()
            raise CannotListenError(self.service.interface, self.service.port, problem) from problem
        self.socket = made

    def startService(self) -> None:
        """Watch the socket."""
        super().startService()
        self.privilegedStartService()
        self._watch()

    def stopService(self) -> None:
        """Close the socket; a program that has it goes on."""
        super().stopService()
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        if self.socket is not None:
            self.reactor.removeReader(self)
            self.socket.close()
            self.socket = None

    def getHost(self) -> tuple[str, int]:
        """Return the address and the number of the port."""
        assert self.socket is not None, "asked for after the start"
        host: tuple[str, int] = self.socket.getsockname()[:2]
        return host

    def fileno(self) -> int:
        """Return the socket's descriptor, -1 when it is closed."""
        return -1 if self.socket is None else self.socket.fileno()

    def logPrefix(self) -> str:
        """Return what the service is called."""
        return str(self.service)

    def connectionLost(self, reason: Failure) -> None:
        """The reactor gives the socket up."""
        self.stopService()

    def doRead(self) -> None:
        """Something has arrived: hand the socket to a program."""
        self.reactor.removeReader(self)
        wait = self._rate.start(self.reactor.seconds())
        if wait:
            _log.error(
                "{name} was started {most} times within a minute: it has to wait for {wait:.0f} seconds",
                name=str(self.service),
                most=self._rate.most,
                wait=wait,
            )
            self._again(wait)
            return
        fd = self.fileno()
        try:
            uid, gid = identityOf(self.service)
            self.reactor.spawnProcess(
                _Program(self), self.service.program, self.service.programArgs, env=None, uid=uid, gid=gid,
                childFDs={0: fd, 1: fd, 2: fd},
            )  # fmt: skip
        except (OSError, KeyError) as problem:
            _log.error(
                "{name}: {program} cannot be started: {problem}",
                name=str(self.service),
                program=self.service.program,
                problem=problem.args[0] if isinstance(problem, KeyError) else problem,
            )
            # What has arrived stays there: without a wait we would come back at once, for ever.
            self._again(1)

    def ended(self) -> None:
        """The program has ended: watch the socket again."""
        if self.running:
            self._watch()

    def _again(self, seconds: float) -> None:
        self._pause = self.reactor.callLater(seconds, self._watch)

    def _watch(self) -> None:
        self._pause = None
        self.reactor.addReader(self)


class _Program(ProcessProtocol):
    """A program that has the socket."""

    def __init__(self, service: WaitingService) -> None:
        self._service = service

    def processExited(self, reason: Failure) -> None:
        self._service.ended()
