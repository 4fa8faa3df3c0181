"""Finger: a server that tells about users. Spec: RFC 1288."""

from __future__ import annotations

from ropewalk.protocols._wire.finger import printable, query
from ropewalk.protocols.basic import LineReceiver
from ropewalk.protocols.policies import TimeoutMixin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ropewalk.python.failure import Failure

__all__ = ["Finger"]


class Finger(LineReceiver, TimeoutMixin):
    """Answers one query, and closes. Override `getUser`, and what else shall be answered.

    As it is, it knows nobody. Lines that are written should end in CRLF, and be free of control characters.

    Attributes:
        patience: seconds a client may take to ask; `None` for any time.
    """

    patience: float | None = 30

    # A query is a user or two hosts' names; nothing has to be kept for longer ones.
    MAX_LENGTH = 1024

    def connectionMade(self) -> None:
        """Wait for the query, and not for ever."""
        self.setTimeout(self.patience)

    def connectionLost(self, reason: Failure) -> None:
        """Stop."""
        self.setTimeout(None)

    def lineReceived(self, line: bytes) -> None:
        """Answer the query."""
        self.setTimeout(None)
        asked = query(line)
        if asked.host is not None:
            self.forwardQuery(int(asked.wordy), asked.user, asked.host)
        elif asked.user:
            self.getUser(int(asked.wordy), asked.user)
        else:
            self.getDomain(int(asked.wordy))

    def lineLengthExceeded(self, line: bytes) -> None:
        """Close on a query that has no end."""
        self.setTimeout(None)
        self.transport.loseConnection()

    def getDomain(self, slash_w: int) -> None:
        """Override to tell who is here. As it is, that is denied.

        Args:
            slash_w: 1 when the client asks for more than usual.
        """
        self._refuse(b"Finger online list denied")

    def getUser(self, slash_w: int, user: bytes) -> None:
        """Override to tell about a user; then close the connection.

        Args:
            slash_w: 1 when the client asks for more than usual.
            user: as the client has sent it: any bytes but line ends.
        """
        self.sendLine(b"Login: " + printable(user))
        self._refuse(b"No such user")

    def forwardQuery(self, slash_w: int, user: bytes, host: bytes) -> None:
        """Override to ask another host. As it is, that is denied: it would hide who asks.

        Args:
            slash_w: 1 when the client asks for more than usual.
            user: whom to ask for there; may hold an ``@`` again.
        """
        self._refuse(b"Finger forwarding service denied")

    def _refuse(self, sentence: bytes) -> None:
        self.sendLine(sentence)
        self.transport.loseConnection()
