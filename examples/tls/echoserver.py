"""P60: an echo over TLS, with the key and the certificate of one PEM file."""

import sys
from pathlib import Path

from ropewalk.internet import defer, ssl, task
from ropewalk.internet.protocol import Factory, Protocol


class Echo(Protocol):
    def dataReceived(self, data):
        self.transport.write(data)


def main(reactor, port=8000, folder="."):
    certificate = ssl.PrivateCertificate.loadPEM((Path(folder) / "server.pem").read_bytes())
    reactor.listenSSL(int(port), Factory.forProtocol(Echo), certificate.options())
    print("listening")
    return defer.Deferred()  # for ever


task.react(main, sys.argv[1:])
