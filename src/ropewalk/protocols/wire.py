"""Tiny services of the early Internet: echo, discard, character generator, quote, users, time of day."""

from __future__ import annotations

import time

from zope.interface import implementer

from ropewalk.internet.interfaces import IProducer
from ropewalk.internet.protocol import Protocol

__all__ = ["QOTD", "Chargen", "Daytime", "Discard", "Echo", "Time", "Who"]

# Seconds from the beginning of 1900, from where `Time` counts, to the beginning of 1970.
_FROM_1900_TO_1970 = 2_208_988_800


class Echo(Protocol):
    """Sends back what it receives. Spec: RFC 862."""

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


class Discard(Protocol):
    """Throws away what it receives. Spec: RFC 863."""

    def dataReceived(self, data: bytes) -> None:
        pass


@implementer(IProducer)
class Chargen(Protocol):
    """Sends characters for as long as the peer takes them. Spec: RFC 864.

    Attributes:
        noise: the characters.
    """

    noise = b'@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ !"#$%&?'

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, False)  # type: ignore[attr-defined]  # every stream has it

    def resumeProducing(self) -> None:
        """Send the characters once more."""
        self.transport.write(self.noise)

    def pauseProducing(self) -> None:
        """Do nothing: more is sent when it is asked for."""

    def stopProducing(self) -> None:
        """Do nothing: nothing is sent unless it is asked for."""


class QOTD(Protocol):
    """Sends a quote, and closes. Spec: RFC 865."""

    def connectionMade(self) -> None:
        self.transport.write(self.getQuote())
        self.transport.loseConnection()

    def getQuote(self) -> bytes:
        """Override to return the quote of the day."""
        return b"Many strands make a rope.\r\n"


class Who(Protocol):
    """Sends the names of the users who are logged in, and closes. Spec: RFC 866."""

    def connectionMade(self) -> None:
        self.transport.write(self.getUsers())
        self.transport.loseConnection()

    def getUsers(self) -> bytes:
        """Override to return the users' names, a line each."""
        return b"root\r\n"


class Daytime(Protocol):
    """Sends the time (UTC) as text, and closes. Spec: RFC 867."""

    def connectionMade(self) -> None:
        self.transport.write(time.asctime(time.gmtime()).encode("ascii") + b"\r\n")
        self.transport.loseConnection()


class Time(Protocol):
    """Sends the time as a number of four bytes, seconds since 1900, and closes. Spec: RFC 868."""

    def connectionMade(self) -> None:
        seconds = int(time.time()) + _FROM_1900_TO_1970
        # The number wraps around in 2036; what a client reads then is the RFC's to say.
        self.transport.write((seconds % 2**32).to_bytes(4, "big"))
        self.transport.loseConnection()
