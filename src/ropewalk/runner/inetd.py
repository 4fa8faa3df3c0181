"""Programs that are started for each connection, and the tiny services that need no program.

What there is to serve is read by `ropewalk.runner.inetdconf`; ``twist inetd`` (`ropewalk.runner.inetdtap`) puts both
together.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ropewalk.internet.protocol import ProcessProtocol, Protocol, ServerFactory
from ropewalk.logger import Logger
from ropewalk.protocols import wire
from ropewalk.python.failure import Failure

from ._inetd.identity import identityOf
from ._inetd.rate import Rate

if TYPE_CHECKING:
    from ropewalk.internet.interfaces import IAddress

    from .inetdconf import InetdService

__all__ = ["InetdFactory", "InetdProtocol", "internalProtocols"]

_log = Logger()

# What inetd.conf calls ``internal``: served by this process.
internalProtocols: dict[str, Callable[[], Protocol]] = {
    "echo": wire.Echo,
    "chargen": wire.Chargen,
    "discard": wire.Discard,
    "daytime": wire.Daytime,
    "time": wire.Time,
}


class InetdProtocol(Protocol):
    """A connection that belongs to a program: it is the program's standard input and output.

    Attributes:
        factory: the `InetdFactory`.
    """

    factory: InetdFactory

    def connectionMade(self) -> None:
        """Start the program. Nothing of the connection is read here."""
        transport: Any = self.transport
        transport.stopReading()
        service = self.factory.service
        fd = transport.getHandle().fileno()
        errors = fd if self.factory.stderrFile is None else self.factory.stderrFile
        # Programs expect to wait for their input.
        os.set_blocking(fd, True)
        try:
            uid, gid = identityOf(service)
            self.factory.reactor.spawnProcess(
                _Program(self), service.program, service.programArgs, env=None, uid=uid, gid=gid,
                childFDs={0: fd, 1: fd, 2: errors if isinstance(errors, int) else errors.fileno()},
            )  # fmt: skip
        except (OSError, KeyError) as problem:
            _log.error(
                "{name}: {program} cannot be started: {problem}",
                name=str(service),
                program=service.program,
                problem=problem.args[0] if isinstance(problem, KeyError) else problem,
            )
            self.programEnded()

    def programEnded(self) -> None:
        """Close our end; the peer has everything that the program wrote."""
        transport: Any = self.transport
        if transport.connected:
            # Shared with the program until now, and as it wanted it.
            os.set_blocking(transport.getHandle().fileno(), False)
            transport.loseConnection()


class _Program(ProcessProtocol):
    """A program that has a connection."""

    def __init__(self, connection: InetdProtocol) -> None:
        self._connection = connection

    def processExited(self, reason: Failure) -> None:
        self._connection.programEnded()


class InetdFactory(ServerFactory[InetdProtocol]):
    """Starts a service's program for each connection.

    Args:
        service: what inetd.conf says.
        reactor: starts the programs; the global reactor when not given.

    Attributes:
        service: as given.
        stderrFile: an open file, or a descriptor, that the programs' errors go to; `None` for the connection.
    """

    protocol = InetdProtocol
    stderrFile: Any = None

    def __init__(self, service: InetdService, reactor: Any = None) -> None:
        if reactor is None:
            from ropewalk.internet import reactor
        self.service = service
        self.reactor = reactor
        self._rate = Rate(service.most)
        self._refusing = False

    def buildProtocol(self, addr: IAddress | None) -> InetdProtocol | None:
        """Make the protocol of a connection; `None`, which closes it, when there were too many within a minute."""
        wait = self._rate.start(self.reactor.seconds())
        if wait:
            if not self._refusing:
                _log.error(
                    "{name} was asked for {most} times within a minute: nobody is let in for {wait:.0f} seconds",
                    name=str(self.service),
                    most=self._rate.most,
                    wait=wait,
                )
            self._refusing = True
            return None
        self._refusing = False
        return super().buildProtocol(addr)
