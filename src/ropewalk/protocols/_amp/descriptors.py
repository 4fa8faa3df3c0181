"""File descriptors on their way over a UNIX socket: each has a number, counted from 0 on either side."""

from __future__ import annotations

import os
from typing import Any

from zope.interface import implementer

from ropewalk.internet.interfaces import IFileDescriptorReceiver

from .errors import MalformedAmpBox

__all__ = ["MAX_DESCRIPTORS", "DescriptorExchanger"]

# How many descriptors may have arrived without the box that takes them. A peer could use up all of ours.
MAX_DESCRIPTORS = 64


@implementer(IFileDescriptorReceiver)
class DescriptorExchanger:
    """Mixed into a protocol: keeps the descriptors that arrive until `Descriptor` takes them."""

    transport: Any

    _sentDescriptors: int = 0
    _arrivedDescriptors: int = 0
    _descriptors: dict[int, int] | None = None

    def _sendFileDescriptor(self, descriptor: int) -> int:
        """Send a descriptor; return its number.

        Raises:
            TypeError: the transport is no UNIX socket.
        """
        send = getattr(self.transport, "sendFileDescriptor", None)
        if send is None:
            raise TypeError(f"descriptors can be sent over UNIX sockets only, not over {self.transport!r}")
        send(descriptor)
        number = self._sentDescriptors
        self._sentDescriptors += 1
        return number

    def _takeDescriptor(self, number: int) -> int:
        """Return the descriptor of a number, once."""
        try:
            return (self._descriptors or {}).pop(number)
        except KeyError:
            raise MalformedAmpBox(f"no descriptor waits under the number {number}") from None

    def fileDescriptorReceived(self, descriptor: int) -> None:
        """Keep a descriptor until the box that it belongs to takes it."""
        if self._descriptors is None:
            self._descriptors = {}
        if len(self._descriptors) >= MAX_DESCRIPTORS:
            os.close(descriptor)
            raise MalformedAmpBox(f"{MAX_DESCRIPTORS} descriptors have come for which there is no box")
        self._descriptors[self._arrivedDescriptors] = descriptor
        self._arrivedDescriptors += 1

    def _closeDescriptors(self) -> None:
        """Close what nobody took."""
        left, self._descriptors = self._descriptors or {}, None
        for descriptor in left.values():
            os.close(descriptor)
