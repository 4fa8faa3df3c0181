"""P63: begin in the clear, and switch to TLS when the client says so. READY still leaves in the clear."""

import sys
from pathlib import Path

from ropewalk.internet import defer, ssl, task
from ropewalk.internet.endpoints import TCP4ServerEndpoint
from ropewalk.internet.protocol import Factory
from ropewalk.protocols.basic import LineReceiver


class Switching(LineReceiver):
    def lineReceived(self, line):
        print("received:", line.decode())
        if line == b"STARTTLS":
            print("-- Switching to TLS")
            self.sendLine(b"READY")
            self.transport.startTLS(self.factory.options)


async def main(reactor, port=8000, folder="."):
    factory = Factory.forProtocol(Switching)
    factory.options = ssl.PrivateCertificate.loadPEM((Path(folder) / "server.pem").read_bytes()).options()
    await TCP4ServerEndpoint(reactor, int(port)).listen(factory)
    print("listening")
    await defer.Deferred()


task.react(main, sys.argv[1:])
