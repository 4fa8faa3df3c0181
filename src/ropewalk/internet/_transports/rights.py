"""Descriptors that travel over a UNIX socket, beside the bytes (unix(7), ``SCM_RIGHTS``).

The kernel ties descriptors to a byte of the stream, and a receiver gets them no later than that byte. So each
descriptor that is sent needs a byte to ride on: more descriptors than bytes in one turn is a mistake of the
program's, and closes the connection with `FileDescriptorOverrun`.
"""

from __future__ import annotations

import os
import socket
from array import array

from ropewalk.python.failure import Failure

from ..error import FileDescriptorOverrun
from .stream import NOT_NOW, READ_SIZE, Connection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from zope.interface import implementer

    from ..interfaces import IUNIXTransport
else:
    from .._interfaces.later import IUNIXTransport, implementer

__all__ = ["PassesDescriptors"]

# The most descriptors that we put into one message.
MOST_DESCRIPTORS = 64
# The most that Linux takes (its SCM_MAX_FD): what a peer may send, and the kernel drops what there is no room for.
MOST_RECEIVED = 253

INT_SIZE = array("i").itemsize
ROOM = socket.CMSG_SPACE(MOST_RECEIVED * INT_SIZE) if hasattr(socket, "CMSG_SPACE") else 0
FLAGS = getattr(socket, "MSG_CMSG_CLOEXEC", 0)
# Said by the kernel when it has dropped descriptors.
CUT = getattr(socket, "MSG_CTRUNC", 0)


@implementer(IUNIXTransport)
class PassesDescriptors(Connection):
    """A stream connection that sends and receives descriptors, too."""

    # Descriptors that wait for a byte to ride on.
    _riders: list[int] | None = None

    def sendFileDescriptor(self, descriptor: int) -> None:
        """Send a copy of a descriptor, with the next byte that is written. Leave it open until that has left.

        Args:
            descriptor: its number.
        """
        if self._shut:
            return
        if self._riders is None:
            self._riders = []
        self._riders.append(descriptor)

    def flush(self) -> None:
        """Send what was written; the first bytes carry the descriptors."""
        out = self._out
        if not self._riders or not out or self._shut or self._rest is not None:
            super().flush()
            return
        self._out = None
        if self._sendPieces(out) and self._errand:
            self._settle()

    def _sendPieces(self, out: list[bytes]) -> bool:
        waiting = len(self._riders or ())
        if waiting > sum(map(len, out)):
            self.connectionLost(
                Failure(FileDescriptorOverrun(f"{waiting} descriptors wait, and {sum(map(len, out))} bytes carry them"))
            )
            return False
        return super()._sendPieces(out)

    def _sendSome(self, pieces: list[bytes | memoryview]) -> int:
        riders = self._riders
        if not riders:
            return super()._sendSome(pieces)
        now = riders[:MOST_DESCRIPTORS]
        # Bytes must be left for the descriptors that don't fit into this message.
        carriers = pieces[:1] if len(riders) == len(now) else [memoryview(pieces[0])[: len(now)]]
        sent = self.socket.sendmsg(carriers, [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", now))])
        del riders[: len(now)]
        return int(sent)

    def doRead(self) -> None:
        """Give the protocol what has arrived. One that can receive descriptors gets those first."""
        receiver = self.protocol
        if self.disconnecting or not hasattr(receiver, "fileDescriptorReceived"):
            # Without room for them the kernel closes what arrives; nothing leaks.
            super().doRead()
            return
        try:
            data, messages, flags, _ = self.socket.recvmsg(READ_SIZE, ROOM, FLAGS)
        except OSError as problem:
            if problem.errno not in NOT_NOW:
                self._break(problem)
            return
        if self._out is None:
            self._out = []
        if flags & CUT:
            _missDescriptors(self)
        arrived = descriptorsIn(messages)
        try:
            while arrived:
                receiver.fileDescriptorReceived(arrived.pop(0))
            if data:
                self.protocol.dataReceived(data)
        except BaseException:
            for fd in arrived:
                os.close(fd)
            self._protocolFailed("fileDescriptorReceived or dataReceived")
            return
        self.flush()
        if not data and not self.disconnected:
            self._readEnded()


def _missDescriptors(connection: object) -> None:
    """Log what a protocol that waits for a descriptor could not otherwise know."""
    from ropewalk.python import log

    log.msg(f"a peer's descriptors were lost on {connection!r}: this process may not open more (see ulimit -n)")


def descriptorsIn(messages: list[tuple[int, int, bytes]]) -> list[int]:
    """Return the descriptors in what ``recvmsg`` received beside the bytes."""
    found: array[int] = array("i")
    for level, kind, data in messages:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found.frombytes(data[: len(data) - len(data) % INT_SIZE])
    return found.tolist()
