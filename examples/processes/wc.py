"""P74: let another program do the counting."""

from ropewalk.internet import protocol, reactor


class WCProcessProtocol(protocol.ProcessProtocol):
    def __init__(self, text):
        self.text = text
        self.counts = b""

    def connectionMade(self):
        self.transport.write(self.text)
        self.transport.closeStdin()

    def outReceived(self, data):
        self.counts += data

    def processEnded(self, reason):
        self.receiveCounts(*map(int, self.counts.split()))

    def receiveCounts(self, lines, words, characters):
        print("Received counts from wc.")
        print("Lines:", lines)
        print("Words:", words)
        print("Characters:", characters, flush=True)


reactor.spawnProcess(WCProcessProtocol(b"accessing protocols through Twisted is fun!\n"), "wc", ["wc"])
reactor.run()
