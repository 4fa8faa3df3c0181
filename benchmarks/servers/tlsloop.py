"""Echo over TLS on an asyncio event loop, with its own transports: `tlsloop.py asyncio|uvloop PEM`.

Prints the port, serves until killed.
"""

from __future__ import annotations

import asyncio
import ssl
import sys


class Echo(asyncio.Protocol):
    """Send back what comes."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # streams get no other
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


async def serve(pem: str) -> None:
    loop = asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = await loop.create_server(Echo, "127.0.0.1", 0, backlog=1024, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.create_future()  # never fulfilled: the runner kills us


_, loopName, pem = sys.argv
if loopName == "uvloop":
    import uvloop

    uvloop.run(serve(pem))
else:
    asyncio.run(serve(pem))
