"""P76: a server whose answer is another program's output."""

import sys

from ropewalk.internet import protocol, reactor, utils


class FortuneQuoter(protocol.Protocol):
    def connectionMade(self):
        output = utils.getProcessOutput(self.factory.program)
        output.addCallbacks(self.transport.write, self.noQuote)
        output.addCallback(lambda _: self.transport.loseConnection())

    def noQuote(self, failure):
        print("no quote:", failure.getErrorMessage(), flush=True)


port = int(sys.argv[1]) if len(sys.argv) > 1 else 10999
factory = protocol.Factory.forProtocol(FortuneQuoter)
factory.program = "fortune"
reactor.listenTCP(port, factory)
reactor.run()
