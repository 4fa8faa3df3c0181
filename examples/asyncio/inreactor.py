"""A Ropewalk program that uses asyncio's streams, tasks and futures inside ``reactor.run()``.

Which loop is below does not matter: try ROPEWALK_REACTOR=select, poll, epoll or asyncio.
"""

import asyncio

from ropewalk.internet import task
from ropewalk.internet.defer import Deferred, ensureDeferred, gatherResults
from ropewalk.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol
from ropewalk.internet.protocol import Factory, Protocol


class Echo(Protocol):
    def dataReceived(self, data):
        self.transport.write(data)


class Collect(Protocol):
    """Asks for something and collects the answer until the other side has closed."""

    def __init__(self, question):
        self.question = question
        self.answer = b""
        self.done = Deferred()

    def connectionMade(self):
        self.transport.write(self.question)

    def dataReceived(self, data):
        self.answer += data

    def connectionLost(self, reason):
        self.done.callback(self.answer)


async def greet(reader, writer):
    """An asyncio streams server, on the reactor's loop."""
    name = await reader.readline()
    writer.write(b"hello " + name)
    writer.close()


async def main(reactor):
    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    where = server.sockets[0].getsockname()[1]
    echo = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory.forProtocol(Echo))

    # Our client asks asyncio's server; asyncio's client asks ours.
    ours = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", where), Collect(b"rope\n"))
    print((await ours.done).decode().strip(), flush=True)
    reader, writer = await asyncio.open_connection("127.0.0.1", echo.getHost().port)
    writer.write(b"there and back\n")
    print((await reader.readline()).decode().strip(), flush=True)
    writer.close()

    # An asyncio task, and coroutines driven by Deferreds, wait for each other's kind of result.
    async def fromFuture():
        future = asyncio.get_running_loop().create_future()
        reactor.callLater(0.01, future.set_result, "a future resolved by the reactor")
        return await future

    async def fromDeferred():
        deferred = Deferred()
        asyncio.get_running_loop().call_later(0.01, deferred.callback, "a Deferred fired by asyncio")
        return await deferred

    asTask = asyncio.create_task(fromDeferred())
    both = await gatherResults([ensureDeferred(fromFuture()), Deferred.fromFuture(asTask)])
    print(*both, sep="\n", flush=True)

    server.close()
    await echo.stopListening()


if __name__ == "__main__":
    task.react(main)
