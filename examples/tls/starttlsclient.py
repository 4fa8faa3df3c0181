"""P64: the other end: what is written after ``startTLS`` leaves encrypted, and before the connection is closed."""

import sys
from pathlib import Path

from ropewalk.internet import defer, ssl, task
from ropewalk.internet.endpoints import HostnameEndpoint, connectProtocol
from ropewalk.protocols.basic import LineReceiver


class Switching(LineReceiver):
    def __init__(self, options):
        self.options = options
        self.done = defer.Deferred()

    def connectionMade(self):
        self.sendLine(b"plain text")
        self.sendLine(b"STARTTLS")

    def lineReceived(self, line):
        print("received:", line.decode())
        if line == b"READY":
            self.transport.startTLS(self.options)
            self.sendLine(b"secure text")
            self.transport.loseConnection()

    def connectionLost(self, reason):
        self.done.callback(None)


async def main(reactor, port=8000, folder="."):
    trusted = ssl.PrivateCertificate.loadPEM((Path(folder) / "server.pem").read_bytes())
    options = ssl.optionsForClientTLS("example.com", trusted)
    client = await connectProtocol(HostnameEndpoint(reactor, "localhost", int(port)), Switching(options))
    await client.done


task.react(main, sys.argv[1:])
