"""P27: the calculator over TCP: a line ``add 4123 9423`` is answered by the result.

A line that is not understood raises, which is logged and costs that client its connection, and nobody else.
Run it as ``python -m calculus.remote_1`` from examples/; the log tells the port.
"""

import sys

from ropewalk.internet import protocol, reactor
from ropewalk.protocols import basic
from ropewalk.python import log

from .calculation import Calculation


class CalculationProxy:
    """The calculator's methods under names that a client may reach, and no others."""

    def __init__(self):
        calculation = Calculation()
        for operation in ("add", "subtract", "multiply", "divide"):
            setattr(self, f"remote_{operation}", getattr(calculation, operation))


class RemoteCalculationProtocol(basic.LineReceiver):
    def __init__(self):
        self.proxy = CalculationProxy()

    def lineReceived(self, line):
        operation, a, b = line.decode().split()
        result = getattr(self.proxy, f"remote_{operation}")(int(a), int(b))
        self.sendLine(str(result).encode())


class RemoteCalculationFactory(protocol.Factory):
    protocol = RemoteCalculationProtocol


def main():
    log.startLogging(sys.stdout)
    reactor.listenTCP(0, RemoteCalculationFactory())
    reactor.run()


if __name__ == "__main__":
    main()
