"""P75: everything that a process protocol hears, in the order in which it happens."""

from ropewalk.internet import protocol, reactor

VERSE = b"""Aleph-null bottles of beer on the wall,
Aleph-null bottles of beer,
Take one down and pass it around,
Aleph-null bottles of beer on the wall.
"""


class Verses(protocol.ProcessProtocol):
    def __init__(self, count):
        self.count = count
        self.data = b""

    def connectionMade(self):
        print("connectionMade!")
        for _ in range(self.count):
            self.transport.write(VERSE)
        self.transport.closeStdin()  # that was all

    def outReceived(self, data):
        print(f"outReceived! with {len(data)} bytes!")
        self.data += data

    def errReceived(self, data):
        print(f"errReceived! with {len(data)} bytes!")

    def inConnectionLost(self):
        print("inConnectionLost! stdin is closed! (we probably did it)")

    def outConnectionLost(self):
        print("outConnectionLost! The child closed their stdout!")
        print("I saw", self.data.split()[0].decode(), "lines")

    def errConnectionLost(self):
        print("errConnectionLost! The child closed their stderr.")

    def processExited(self, reason):
        print(f"processExited, status {reason.value.exitCode}")

    def processEnded(self, reason):
        print(f"processEnded, status {reason.value.exitCode}")
        print("quitting", flush=True)
        reactor.stop()


reactor.spawnProcess(Verses(10), "wc", ["wc"], {})
reactor.run()
