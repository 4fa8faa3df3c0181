"""P80: results travel down the callbacks, errors down the errbacks."""

import sys

from ropewalk.internet import defer, reactor

second = float(sys.argv[1]) if len(sys.argv) > 1 else 1


class Getter:
    """Fetches a number; odd ones are an error."""

    waiting = None

    def getDummyData(self, number):
        self.waiting = defer.Deferred()
        reactor.callLater(2 * second, self.gotResults, number)
        return self.waiting.addCallback("Result: {}".format)

    def gotResults(self, number):
        # Forget the Deferred before firing it: a callback may well ask for the next one.
        waiting, self.waiting = self.waiting, None
        if waiting is None:
            print("Nowhere to put results")
        elif number % 2:
            waiting.errback(ValueError("You used an odd number!"))
        else:
            waiting.callback(number * 3)


def complain(failure):
    sys.stderr.write(str(failure))


for number in (3, 4):
    Getter().getDummyData(number).addCallback(print).addErrback(complain)

reactor.callLater(4 * second, reactor.stop)
reactor.run()
