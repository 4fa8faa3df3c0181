"""Echo on an asyncio event loop, with its own protocols and transports: `loop.py asyncio|uvloop echo|chatty|udp`.

Prints the port, serves until killed.
"""

from __future__ import annotations

import asyncio
import sys

EIGHTHS = tuple(slice(start, start + 8) for start in range(0, 64, 8))


class Echo(asyncio.Protocol):
    """Send back what comes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # streams get no other
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


class Chatty(Echo):
    """Send back each 64 bytes in eight pieces, as protocols do that write a field at a time."""

    def data_received(self, data: bytes) -> None:
        write = self.transport.write
        for eighth in EIGHTHS:
            write(data[eighth])


class Bounce(asyncio.DatagramProtocol):
    """Send each datagram back to where it came from."""

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # as above
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data, addr)


async def serve(work: str) -> None:
    loop = asyncio.get_running_loop()
    if work == "udp":
        transport, _ = await loop.create_datagram_endpoint(Bounce, ("127.0.0.1", 0))
        port = transport.get_extra_info("sockname")[1]
    else:
        protocol = Chatty if work == "chatty" else Echo
        server = await loop.create_server(protocol, "127.0.0.1", 0, backlog=1024)
        port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    await loop.create_future()  # never fulfilled: the runner kills us


_, loopName, work = sys.argv
if loopName == "uvloop":
    import uvloop

    uvloop.run(serve(work))
else:
    asyncio.run(serve(work))
