"""``twist portforward`` passes connections on."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.application.internet import StreamServerEndpointService
from ropewalk.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol, serverFromString
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.python import usage
from ropewalk.tap.portforward import Options, makeService
from support.reactors import run
from support.recording import Recorder


class Upper(Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data.upper())


def configured(*words: str) -> Options:
    options = Options()
    options.parseOptions(words)
    return options


def test_options() -> None:
    """What isn't said has a default, and a port that is none is refused."""
    assert dict(configured()) == {"port": "tcp:6666", "host": "localhost", "dest_port": 6665}
    options = configured("-p", "tcp:0", "-h", "example.com", "--dest_port", "99")
    assert (options["port"], options["host"], options["dest_port"]) == ("tcp:0", "example.com", 99)
    with pytest.raises(usage.UsageError, match="port"):
        configured("-d", "many")


@pytest.mark.parametrize("where", ["0", "tcp:0"])
def test_service(where: str) -> None:
    """A number is a port, and anything else a description."""
    assert isinstance(makeService(configured("-p", where)), StreamServerEndpointService)
    with pytest.raises(ValueError, match="nonsense"):
        makeService(configured("-p", "nonsense:0"))


def test_forwards(reactor: Any) -> None:
    """Bytes go to the other host and come back."""

    async def main() -> None:
        server: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(Factory.forProtocol(Upper))
        config = {"port": "tcp:0:interface=127.0.0.1", "host": "127.0.0.1", "dest_port": server.getHost().port}
        service: Any = makeService(config)
        service.endpoint = serverFromString(reactor, config["port"])
        service.factory.protocol.reactor = reactor
        try:
            service.startService()
            listening: Any = await service._waitingForPort
            client: Any = await connectProtocol(
                TCP4ClientEndpoint(reactor, "127.0.0.1", listening.getHost().port), Recorder()
            )
            client.transport.write(b"hello")
            assert await client.got(5) == b"HELLO"
            client.transport.loseConnection()
            await client.lost
            await service.stopService()
            await server.stopListening()
        finally:
            service.factory.protocol.reactor = None

    run(reactor, main)
