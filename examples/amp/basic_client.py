"""B39: connect to an AMP server, and stop."""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.endpoints import TCP4ClientEndpoint
from ropewalk.internet.protocol import Factory
from ropewalk.protocols.amp import AMP
from ropewalk.python.log import err, startLogging


def connect():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8750
    return TCP4ClientEndpoint(reactor, "127.0.0.1", port).connect(Factory.forProtocol(AMP))


def main():
    startLogging(sys.stdout)
    connecting = connect()
    connecting.addErrback(err, "Connection failed")
    connecting.addCallback(lambda ignored: reactor.stop())
    reactor.run()


if __name__ == "__main__":
    main()
