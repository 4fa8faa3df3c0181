"""A connection of AMP may become an encrypted one, in its middle."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol
from ropewalk.internet.protocol import Factory
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols import amp
from support.reactors import run
from support.recording import logged, until

pytest.importorskip("OpenSSL", reason="pyOpenSSL is not installed: certificates are made with it")


class Secret(amp.Command):
    response = [(b"said", amp.Unicode())]


class Server(amp.AMP):
    """Has a certificate, if it is given one."""

    certificates: tuple[Any, Any] | None = None

    @amp.StartTLS.responder
    def secure(self) -> dict[str, Any]:
        if self.certificates is None:
            return {}
        return {"tls_localCertificate": self.certificates[0], "tls_verifyAuthorities": self.certificates[1]}

    @Secret.responder
    def secret(self) -> dict[str, str]:
        return {"said": "nobody hears this"}


@pytest.fixture(scope="module")
def certificates() -> tuple[Any, Any]:
    """Two certificates that nobody has signed but their owners."""
    return tuple(  # type: ignore[return-value]
        amp.KeyPair.generate(size=2048).selfSignedCert(number, CN=name)
        for number, name in ((1, "server"), (2, "client"))
    )


def talk(reactor: Any, server: Any, program: Any) -> Any:
    """Run a coroutine function with a client that is connected to a server."""

    async def main() -> Any:
        built: list[Any] = []

        def build() -> Any:
            built.append(server())
            return built[-1]

        factory = Factory.forProtocol(build)
        factory.noisy = False
        port: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port)
        client = await connectProtocol(endpoint, amp.AMP())
        await until(reactor, lambda: built)
        try:
            return await program(client, built[0])
        finally:
            for side in (client, built[0]):
                if side.transport is not None:
                    side.transport.abortConnection()
            await until(reactor, lambda: client.transport is built[0].transport is None)
            await port.stopListening()

    return run(reactor, main)


def test_encrypted(reactor: Any) -> None:
    """After StartTLS both sides speak TLS; what was asked meanwhile is answered then. `AMP` alone knows how to."""

    async def program(client: amp.AMP, server: amp.AMP) -> None:
        assert await client.callRemote(Secret) == {"said": "nobody hears this"}
        begun = client.callRemote(amp.StartTLS)
        early = client.callRemote(Secret)
        assert await begun == {}
        assert await early == {"said": "nobody hears this"}
        with pytest.raises(amp.OnlyOneTLS):
            client.callRemote(amp.StartTLS)
        assert client.peerCertificate is not None
        # A peer that does not keep to that is told nothing more than that it failed.
        with logged(amp.OnlyOneTLS), pytest.raises(amp.RemoteAmpError):
            await client.callRemoteString(b"StartTLS")

    talk(reactor, Server, program)


def test_bothKnowEachOther(reactor: Any, certificates: tuple[Any, Any]) -> None:
    """With certificates and authorities on both sides, each knows who the other is."""
    ours, theirs = certificates

    class Known(Server):
        certificates = (ours, [theirs])

    async def program(client: amp.AMP, server: amp.AMP) -> None:
        await client.callRemote(amp.StartTLS, tls_localCertificate=theirs, tls_verifyAuthorities=[ours])
        assert await client.callRemote(Secret) == {"said": "nobody hears this"}
        assert client.peerCertificate.digest() == ours.digest()
        assert server.peerCertificate.digest() == theirs.digest()
        assert client.hostCertificate is theirs

    talk(reactor, Known, program)


@pytest.mark.parametrize("stranger", ["server", "client"])
def test_strangersAreKeptOut(reactor: Any, certificates: tuple[Any, Any], stranger: str) -> None:
    """When one side is not whom the other trusts, nothing is answered any more."""
    ours, theirs = certificates

    class Wary(Server):
        certificates = (ours, [theirs if stranger == "server" else ours])

    async def program(client: amp.AMP, server: amp.AMP) -> None:
        trusted = theirs if stranger == "server" else ours
        said = "verify failed" if stranger == "server" else "unknown ca"
        with pytest.raises(Exception, match=said):
            await client.callRemote(amp.StartTLS, tls_localCertificate=theirs, tls_verifyAuthorities=[trusted])
            await client.callRemote(Secret)

    talk(reactor, Wary, program)


def test_nothingIsBelievedFromBefore() -> None:
    """Bytes that came in clear behind the wish for TLS end the connection: anybody could have put them there."""
    transport = StringTransport()
    server = Server()
    server.makeConnection(transport)
    wish = amp.Box(_ask=b"1", _command=b"StartTLS").serialize()
    server.dataReceived(wish + amp.Box(_ask=b"2", _command=b"Secret").serialize())
    assert transport.disconnecting
    assert b"nobody" not in transport.value()


def test_refused() -> None:
    """When the peer can't do it the question fails, and what was held back is sent in clear."""
    client, transport = amp.AMP(), StringTransport()
    client.makeConnection(transport)
    got: list[Any] = []
    client.callRemote(amp.StartTLS).addErrback(got.append)
    transport.clear()
    client.callRemote(Secret)
    assert transport.value() == b""
    error = amp.Box(_error=b"1", _error_code=b"UNHANDLED", _error_description=b"no")
    client.dataReceived(error.serialize())
    assert type(got[0].value) is amp.UnhandledCommand
    assert amp.parseString(transport.value()) == [{b"_ask": b"2", b"_command": b"Secret"}]
