"""Send data and file descriptors over a socket; thin names over what `socket.socket` offers."""

from __future__ import annotations

from collections import namedtuple
from socket import CMSG_SPACE, SCM_RIGHTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from socket import socket as Socket
    from typing import NamedTuple

    # Level, type and data, as `socket.socket.sendmsg` takes them.
    Ancillary = list[tuple[int, int, bytes]]

    class ReceivedMessage(NamedTuple):
        data: bytes
        ancillary: Ancillary
        flags: int

else:
    ReceivedMessage = namedtuple("ReceivedMessage", "data ancillary flags")
    ReceivedMessage.__doc__ = (
        """What `recvmsg` received: the data, the ancillary messages, and the flags of the message."""
    )

__all__ = ["SCM_RIGHTS", "ReceivedMessage", "getSocketFamily", "recvmsg", "sendmsg"]


def sendmsg(socket: Socket, data: bytes, ancillary: Ancillary = [], flags: int = 0) -> int:  # noqa: B006  never changed
    """Send data with ancillary messages, and return how many bytes of the data went.

    Args:
        ancillary: tuples of level, type and data; ``(SOL_SOCKET, SCM_RIGHTS, packed descriptors)`` sends descriptors.

    Raises:
        OSError: what the system says.
    """
    return socket.sendmsg([data], ancillary, flags)


def recvmsg(socket: Socket, maxSize: int = 8192, cmsgSize: int = 4096, flags: int = 0) -> ReceivedMessage:
    """Receive data with its ancillary messages.

    Args:
        maxSize: how many bytes of data at most.
        cmsgSize: room for the data of the ancillary messages, in bytes.
    """
    data, ancillary, flags, _ = socket.recvmsg(maxSize, CMSG_SPACE(cmsgSize), flags)
    return ReceivedMessage(data, ancillary, flags)


def getSocketFamily(socket: Socket) -> int:
    """Return the socket's address family, one of the ``AF_`` constants."""
    return socket.family
