"""P28: the calculator over TCP, which answers ``error`` to what is no number, and logs why."""

import sys

from ropewalk.internet import protocol, reactor
from ropewalk.protocols import basic
from ropewalk.python import log

from .remote_1 import CalculationProxy


class RemoteCalculationProtocol(basic.LineReceiver):
    def __init__(self):
        self.proxy = CalculationProxy()

    def lineReceived(self, line):
        operation, a, b = line.decode().split()
        try:
            result = getattr(self.proxy, f"remote_{operation}")(a, b)
        except TypeError:
            log.err()
            self.sendLine(b"error")
        else:
            self.sendLine(str(result).encode())


class RemoteCalculationFactory(protocol.Factory):
    protocol = RemoteCalculationProtocol


def main():
    log.startLogging(sys.stdout)
    reactor.listenTCP(0, RemoteCalculationFactory())
    reactor.run()


if __name__ == "__main__":
    main()
