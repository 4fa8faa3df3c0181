"""Echo on a reactor: `reactor.py PACKAGE REACTOR WORK`, the same program for Ropewalk and for Twisted.

PACKAGE is the package's name (`ropewalk`, `twisted`), REACTOR `default`, `uvloop` (by `asyncioreactor`) or the name of
a reactor module (`selectreactor`), WORK `echo`, `chatty` or `udp`. Prints the port, serves until killed.
"""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False

_, package, reactorName, work = sys.argv

if reactorName == "uvloop":
    import uvloop

    import_module(f"{package}.internet.asyncioreactor").install(uvloop.new_event_loop())
elif reactorName != "default":
    import_module(f"{package}.internet.{reactorName}").install()

if TYPE_CHECKING:
    from ropewalk.internet import reactor
    from ropewalk.internet.protocol import DatagramProtocol, Factory, Protocol
else:
    reactor = import_module(f"{package}.internet.reactor")
    DatagramProtocol, Factory, Protocol = (
        getattr(import_module(f"{package}.internet.protocol"), name)
        for name in ("DatagramProtocol", "Factory", "Protocol")
    )

EIGHTHS = tuple(slice(start, start + 8) for start in range(0, 64, 8))


class Echo(Protocol):
    """Send back what comes."""

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


class Chatty(Protocol):
    """Send back each 64 bytes in eight pieces, as protocols do that write a field at a time."""

    def dataReceived(self, data: bytes) -> None:
        write = self.transport.write
        for eighth in EIGHTHS:
            write(data[eighth])


class Bounce(DatagramProtocol):
    """Send each datagram back to where it came from."""

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        self.transport.write(datagram, addr)


if work == "udp":
    port = reactor.listenUDP(0, Bounce(), interface="127.0.0.1")
else:
    factory = Factory.forProtocol(Chatty if work == "chatty" else Echo)
    factory.noisy = False
    port = reactor.listenTCP(0, factory, backlog=1024, interface="127.0.0.1")
reactor.callWhenRunning(print, port.getHost().port, flush=True)
reactor.run()
