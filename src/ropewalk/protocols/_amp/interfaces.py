"""What programs may put in place of parts of AMP."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zope.interface import Interface

if TYPE_CHECKING:
    from ropewalk.python.failure import Failure

    from .box import AmpBox

__all__ = ["IArgumentType", "IBoxReceiver", "IBoxSender", "IResponderLocator"]


class IArgumentType(Interface):
    """How one argument of a command is put into a box and taken out again.

    `ropewalk.protocols.amp.Argument` does most of it: a new type rarely needs more than its ``toString`` and
    ``fromString``.
    """

    def fromBox(name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any) -> None:
        """Take the argument out of a box.

        Args:
            name: its key.
            strings: the box; take the key out.
            objects: put the object here, under the key as Python writes it.
            proto: the protocol that received the box.
        """

    def toBox(name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any) -> None:
        """Put the argument into a box: `fromBox` the other way round."""


class IBoxSender(Interface):
    """Whoever takes boxes to the peer: a protocol."""

    def sendBox(box: AmpBox) -> None:
        """Send a box.

        Raises:
            ProtocolSwitched: the connection speaks another protocol now.
            ConnectionLost: the connection is gone.
        """

    def unhandledError(failure: Failure) -> None:
        """Take a failure that nobody else can do anything about: it is logged, and the connection closed."""


class IBoxReceiver(Interface):
    """Whoever takes boxes from the peer; `AMP` itself does, and takes them for commands and answers."""

    def startReceivingBoxes(boxSender: IBoxSender) -> None:
        """Hear that boxes come from now on. Called once, first.

        Args:
            boxSender: what sends boxes to the peer.
        """

    def ampBoxReceived(box: AmpBox) -> None:
        """Take a box. It is the receiver's: nobody else refers to it."""

    def stopReceivingBoxes(reason: Failure) -> None:
        """Hear that no more boxes come, and none can be sent. Called once, last.

        Args:
            reason: why: of the end of the connection; a `TooLong` when the peer sent what is no box.
        """


class IResponderLocator(Interface):
    """Finds who answers a command."""

    def locateResponder(name: bytes) -> Callable[[AmpBox], Any] | None:
        """Return what answers the commands of a name.

        Args:
            name: what the peer wants; any bytes.

        Returns:
            A function that takes the box with the command and returns that of the answer, or a Deferred of one; `None`
            when there is none.
        """
