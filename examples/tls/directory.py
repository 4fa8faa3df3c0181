"""An echo with the certificates of a directory, as certbot keeps them, and a client of it; both as descriptions."""

import sys

from ropewalk.internet import defer, task
from ropewalk.internet.endpoints import clientFromString, connectProtocol, quoteStringArgument, serverFromString
from ropewalk.internet.protocol import Factory, Protocol


class Echo(Protocol):
    def dataReceived(self, data):
        self.transport.write(data)


class Ask(Protocol):
    def __init__(self):
        self.answered = defer.Deferred()

    def connectionMade(self):
        self.transport.write(b"whose certificate do you show?")

    def dataReceived(self, data):
        self.answered.callback(self.transport.getPeerCertificate())

    def connectionLost(self, reason):
        if not self.answered.called:
            self.answered.errback(reason)


async def main(reactor, folder, roots, *hosts):
    server = serverFromString(reactor, f"tls:{quoteStringArgument(folder)}:0:interface=127.0.0.1")
    port = (await server.listen(Factory.forProtocol(Echo))).getHost().port
    for host in hosts:
        there = quoteStringArgument(f"tcp:127.0.0.1:{port}")
        description = f"tls:{host}:443:trustRoots={quoteStringArgument(roots)}:endpoint={there}"
        asking = await connectProtocol(clientFromString(reactor, description), Ask())
        try:
            await asking.answered
        except Exception as problem:
            print(f"{host}: {problem}")
        else:
            print(f"{host}: good")
        asking.transport.loseConnection()


task.react(main, sys.argv[1:])
