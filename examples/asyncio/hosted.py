"""An asyncio program that uses a Ropewalk protocol beside asyncio's own streams, without giving up its loop.

python examples/asyncio/hosted.py [uvloop]
"""

import asyncio
import sys

from ropewalk.internet import reactor
from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from ropewalk.internet.protocol import Factory
from ropewalk.internet.task import deferLater
from ropewalk.protocols.basic import LineReceiver


class Shout(LineReceiver):
    """A server of ours: each line comes back in capitals."""

    def lineReceived(self, line):
        self.sendLine(line.upper())


class Ask(LineReceiver):
    """A client of ours whose answers are Deferreds."""

    def __init__(self):
        self.waiting = []

    def ask(self, line):
        answer = Deferred()
        self.waiting.append(answer)
        self.sendLine(line)
        return answer

    def lineReceived(self, line):
        self.waiting.pop(0).callback(line)


async def reverse(reader, writer):
    """A server of asyncio's: each line comes back reversed."""
    while line := await reader.readline():
        writer.write(line.strip()[::-1] + b"\n")
        await writer.drain()
    writer.close()


async def askReverse(port, line):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(line + b"\n")
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer.strip()


def futureLikeADriver(value):
    """What database drivers return: a future that their own protocol resolves later."""
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.01, future.set_result, value)
    return future


async def main():
    # The reactor is chosen here, at its first use: it finds a loop running and lives on that one.
    shouting = reactor.listenTCP(0, Factory.forProtocol(Shout), interface="127.0.0.1")
    reversing = await asyncio.start_server(reverse, "127.0.0.1", 0)
    reversingPort = reversing.sockets[0].getsockname()[1]

    client = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", shouting.getHost().port), Ask())
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        capitals = group.create_task(waitFor(client.ask(b"from a deferred")))
        reversed_ = group.create_task(askReverse(reversingPort, b"from a stream"))
        row = group.create_task(waitFor(futureLikeADriver("from a future")))
        later = group.create_task(waitFor(deferLater(reactor, 0.01, lambda: "from a delayed call")))
    for task in (capitals, reversed_, row, later):
        print(task.result(), flush=True)

    client.transport.loseConnection()
    await shouting.stopListening()
    reversing.close()


async def waitFor(something):
    """Deferreds and futures are awaited alike, in an asyncio task as anywhere."""
    return await something


if __name__ == "__main__":
    if "uvloop" in sys.argv:
        import uvloop

        uvloop.run(main())
    else:
        asyncio.run(main())
