"""The server, put together: what a port listens with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ropewalk.copyright import version
from ropewalk.protocols.basic import LineReceiver
from ropewalk.protocols.policies import LimitTotalConnectionsFactory, ProtocolWrapper

from .._wire import ftpreplies as replies
from .._wire.ftpcommands import asBytes
from .about import About
from .logins import Logins
from .transfers import Transfers
from .tree import Tree

__all__ = ["FTP", "FTPFactory", "FTPOverflowProtocol"]


class FTP(Logins, Transfers, Tree, About):
    """The server's side of a control connection.

    To serve another command, add a method ``ftp_VERB`` that takes its argument as text; see `processCommand` for what
    it returns.
    """


class FTPOverflowProtocol(LineReceiver):
    """Sends a client away: there are too many."""

    def connectionMade(self) -> None:
        """Say so."""
        self.sendLine(asBytes(replies.text(replies.TOO_MANY_CONNECTIONS)))
        self.transport.loseConnection()


class FTPFactory(LimitTotalConnectionsFactory):
    """Serves files by FTP.

    Args:
        portal: logs users in; its realm has `IFTPShell` avatars.
        userAnonymous: the name that guests give.

    Attributes:
        allowAnonymous: whether there are guests.
        connectionLimit: how many clients may be connected at a time; `None` for any number.
        timeOut: seconds that a client may be silent; `None` for ever.
        welcomeMessage: what clients are greeted with.
        passivePortRange: the ports for data connections that clients open; 0 is any.
        passiveAddress, loginLimit, stallTimeout, dtpTimeout, allowForeignData: see `FTP`.
        contextFactory: makes TLS for clients that ask for it, as ``startTLS`` takes it; `None` for a server without.
        tlsForLogins, tlsForData: whether clients have to; guests need not log in encrypted.
        reactor: what listens and connects for data; `None` for the reactor.
    """

    protocol: Any = FTP
    overflowProtocol: Any = FTPOverflowProtocol
    allowAnonymous = True
    userAnonymous = "anonymous"
    timeOut: float | None = 600
    welcomeMessage = f"Ropewalk {version} FTP server"
    passivePortRange: Sequence[int] = range(1)
    passiveAddress: str | None = FTP.passiveAddress
    loginLimit = FTP.loginLimit
    dtpTimeout = FTP.dtpTimeout
    stallTimeout = FTP.stallTimeout
    allowForeignData = FTP.allowForeignData
    contextFactory: Any = None
    tlsForLogins = False
    tlsForData = False
    reactor: Any = None

    # What a session is told when it is made. It may have defaults of its own for those of the second row.
    _ALWAYS = ("portal", "timeOut", "passivePortRange")
    _IF_SET = (
        "passiveAddress",
        "loginLimit",
        "dtpTimeout",
        "stallTimeout",
        "allowForeignData",
        "contextFactory",
        "tlsForLogins",
        "tlsForData",
        "reactor",
    )

    def __init__(self, portal: Any = None, userAnonymous: str = "anonymous") -> None:
        self.portal = portal
        self.userAnonymous = userAnonymous
        self.instances: list[Any] = []  # the sessions there are

    def buildProtocol(self, addr: Any) -> Any:
        """Make a session."""
        wrapper = super().buildProtocol(addr)
        session = getattr(wrapper, "wrappedProtocol", None)
        if session is not None and not isinstance(session, FTPOverflowProtocol):
            for name in self._ALWAYS:
                setattr(session, name, getattr(self, name))
            for name in self._IF_SET:
                if getattr(self, name) != getattr(FTPFactory, name):
                    setattr(session, name, getattr(self, name))
            self.instances.append(session)
        return wrapper

    def unregisterProtocol(self, p: ProtocolWrapper) -> None:
        """Hear that a client is gone."""
        super().unregisterProtocol(p)
        if p.wrappedProtocol in self.instances:
            self.instances.remove(p.wrappedProtocol)

    def stopFactory(self) -> None:
        """Let nobody time out any more: the port is closed. Clients that are connected stay until they go."""
        for instance in self.instances:
            instance.setTimeout(None)
        super().stopFactory()
