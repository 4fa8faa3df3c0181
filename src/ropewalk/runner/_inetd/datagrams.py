"""The tiny services of `ropewalk.protocols.wire`, by datagrams.

Whoever sends may have lied about the address. So nothing is answered that was sent from the port of such a service
itself, or two of them would talk to each other for ever; and no answer is much longer than what asks for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ropewalk.internet.protocol import DatagramProtocol
from ropewalk.protocols.wire import Chargen

__all__ = ["ANSWERS", "Answering"]

# Ports below this one belong to services, and to no client.
FIRST_OF_CLIENTS = 1024

# Seconds from the beginning of 1900 to the beginning of 1970.
FROM_1900_TO_1970 = 2_208_988_800


def _echo(asked: bytes) -> bytes:
    """Spec: RFC 862."""
    return asked


def _chargen(asked: bytes) -> bytes:
    """As many characters as came: a longer answer is what floods are made of. Spec: RFC 864 leaves the number open."""
    return (Chargen.noise * (len(asked) // len(Chargen.noise) + 1))[: len(asked)]


def _daytime(asked: bytes) -> bytes:
    """Spec: RFC 867."""
    return time.asctime(time.gmtime()).encode("ascii") + b"\r\n"


def _time(asked: bytes) -> bytes:
    """Spec: RFC 868."""
    return ((int(time.time()) + FROM_1900_TO_1970) % 2**32).to_bytes(4, "big")


# The name of a service -> what it answers; discard (RFC 863) answers nothing.
ANSWERS: dict[str, Callable[[bytes], bytes] | None] = {
    "echo": _echo,
    "discard": None,
    "chargen": _chargen,
    "daytime": _daytime,
    "time": _time,
}


class Answering(DatagramProtocol):
    """Answers each datagram.

    Args:
        answer: makes the answer; `None` when there is none.
    """

    noisy = False

    def __init__(self, answer: Callable[[bytes], bytes] | None) -> None:
        self._answer = answer

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Answer, unless another service seems to have sent it."""
        if self._answer is not None and addr[1] >= FIRST_OF_CLIENTS:
            transport: Any = self.transport
            transport.write(self._answer(datagram), addr)
