"""P65: an echo for those who can prove who they are: their certificate has to be signed by somebody we trust."""

import sys
from pathlib import Path

from ropewalk.internet import defer, ssl, task
from ropewalk.internet.protocol import Factory, Protocol


class Echo(Protocol):
    def dataReceived(self, data):
        self.transport.write(data)


def main(reactor, port=8000, folder="."):
    authority = ssl.Certificate.loadPEM((Path(folder) / "public.pem").read_bytes())
    certificate = ssl.PrivateCertificate.loadPEM((Path(folder) / "server.pem").read_bytes())
    reactor.listenSSL(int(port), Factory.forProtocol(Echo), certificate.options(authority))
    print("listening")
    return defer.Deferred()


task.react(main, sys.argv[1:])
