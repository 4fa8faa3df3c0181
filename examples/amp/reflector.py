"""Send every box back (F8): without commands, boxes are all there is.

python reflector.py [PORT]
"""

import sys

from zope.interface import implementer

from ropewalk.internet import reactor
from ropewalk.internet.endpoints import TCP4ServerEndpoint
from ropewalk.internet.protocol import Factory
from ropewalk.protocols.amp import AMP, IBoxReceiver


@implementer(IBoxReceiver)
class BoxReflector:
    """Takes boxes, and sends them where they came from."""

    boxSender = None

    def startReceivingBoxes(self, boxSender):
        self.boxSender = boxSender

    def ampBoxReceived(self, box):
        self.boxSender.sendBox(box)

    def stopReceivingBoxes(self, reason):
        self.boxSender = None


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8750
    factory = Factory.forProtocol(lambda: AMP(boxReceiver=BoxReflector()))
    TCP4ServerEndpoint(reactor, port, interface="127.0.0.1").listen(factory)
    reactor.run()


if __name__ == "__main__":
    main()
