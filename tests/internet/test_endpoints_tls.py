"""TLS endpoints over real sockets: what they say, and that both engines carry it out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet import ssl
from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import (
    SSL4ClientEndpoint,
    SSL4ServerEndpoint,
    UNIXClientEndpoint,
    UNIXServerEndpoint,
    clientFromString,
    connectProtocol,
    quoteStringArgument,
    serverFromString,
    wrapClientTLS,
    wrapServerTLS,
)
from ropewalk.internet.error import ConnectionRefusedError
from ropewalk.internet.protocol import ClientFactory, Factory, Protocol
from ropewalk.internet.ssl import KeyPair, optionsForClientTLS
from ropewalk.internet.streams import connectTo, serveAt
from ropewalk.internet.task import Clock
from support.certificates import authority, issue, private, trusted
from support.programs import freePort
from support.reactors import epoll, fresh, run

GOOD = issue("a.example")


class Echo(Protocol):
    def dataReceived(self, data: bytes) -> None:
        self.transport.write(data)


class Ask(Protocol):
    """Says something, and keeps the answer and who gave it."""

    def __init__(self) -> None:
        self.answer: Deferred[tuple[bytes, ssl.Certificate]] = Deferred()

    def connectionMade(self) -> None:
        self.transport.write(b"hello")

    def dataReceived(self, data: bytes) -> None:
        self.answer.callback((data, ssl.Certificate.peerFromTransport(self.transport)))
        self.transport.loseConnection()

    def connectionLost(self, reason: Any) -> None:
        if not self.answer.called:
            self.answer.errback(reason)


def ask(server: Callable[[Any], Any], client: Callable[[Any, Any], Any]) -> tuple[bytes, ssl.Certificate]:
    """Listen at one endpoint, connect to another, given the port's address, and return what was answered by whom."""

    async def main(reactor: Any) -> Any:
        port = await server(reactor).listen(Factory.forProtocol(Echo))
        try:
            asking = await connectProtocol(client(reactor, port.getHost()), Ask())
            return await asking.answer
        finally:
            await port.stopListening()

    with fresh(epoll) as reactor:
        answered: tuple[bytes, ssl.Certificate] = run(reactor, main, reactor)
    return answered


@pytest.fixture(params=["stdlib", "pyOpenSSL"])
def options(request: pytest.FixtureRequest) -> ssl.CertificateOptions:
    """A server's policy, carried out by one engine, then by the other."""
    chosen = GOOD.options()
    if request.param == "pyOpenSSL":
        chosen.getContext()
    return chosen


def expecting(host: str = "a.example") -> Any:
    return optionsForClientTLS(host, trusted())


class TestObjects:
    def test_ssl4(self, options: Any) -> None:
        """F050, F055, F105: with other endpoints the same protocols speak TLS."""
        answer = ask(
            lambda reactor: SSL4ServerEndpoint(reactor, 0, options, interface="127.0.0.1"),
            lambda reactor, host: SSL4ClientEndpoint(
                reactor, "127.0.0.1", host.port, expecting(), bindAddress="127.0.0.1"
            ),
        )
        assert answer == (b"hello", GOOD)

    def test_refusal(self, options: Any) -> None:
        """F111: to connect succeeds with TCP; who is refused is heard of when the connection is lost."""
        with pytest.raises(ssl.VerificationError, match=r"'b\.example' was asked for"):
            ask(
                lambda reactor: SSL4ServerEndpoint(reactor, 0, options, interface="127.0.0.1"),
                lambda reactor, host: SSL4ClientEndpoint(reactor, "127.0.0.1", host.port, expecting("b.example")),
            )

    def test_overUNIX(self, options: Any, tmp_path: Path) -> None:
        """TLS goes over any other endpoint: here, a UNIX socket (EP12)."""
        path = str(tmp_path / "socket")
        answer = ask(
            lambda reactor: wrapServerTLS(options, UNIXServerEndpoint(reactor, path)),
            lambda reactor, host: wrapClientTLS(expecting(), UNIXClientEndpoint(reactor, path)),
        )
        assert answer == (b"hello", GOOD)

    def test_overTLS(self, options: Any) -> None:
        """TLS goes over TLS."""
        answer = ask(
            lambda reactor: wrapServerTLS(options, SSL4ServerEndpoint(reactor, 0, options, interface="127.0.0.1")),
            lambda reactor, host: wrapClientTLS(
                expecting(), SSL4ClientEndpoint(reactor, "127.0.0.1", host.port, expecting())
            ),
        )
        assert answer == (b"hello", GOOD)

    def test_nobodyThere(self) -> None:
        """What the wrapped endpoint fails with is what it fails with."""
        there = quoteStringArgument(f"tcp:127.0.0.1:{freePort()}")
        with fresh(epoll) as reactor, pytest.raises(ConnectionRefusedError):
            endpoint = clientFromString(reactor, f"tls:a.example:443:endpoint={there}")
            run(reactor, lambda: endpoint.connect(Factory.forProtocol(Ask)))

    def test_clock(self, options: Any) -> None:
        """Who hands a clock in says when a handshake has lasted too long."""
        from ropewalk.internet.testing import MemoryReactor

        clock, reactor = Clock(), MemoryReactor()
        endpoint = wrapServerTLS(options, serverFromString(reactor, "tcp:0"), clock)
        endpoint.listen(Factory.forProtocol(Echo))
        (listening,) = reactor.tcpServers
        assert listening[1]._clock is clock

    def test_inLogs(self) -> None:
        """Endpoints show what they are."""
        with fresh(epoll) as reactor:
            assert repr(clientFromString(reactor, "tls:a.example:443")) == "<TLS over <HostnameEndpoint a.example:443>>"
            assert repr(SSL4ClientEndpoint(reactor, "h", 1, None)) == "<SSL4ClientEndpoint h:1>"


class TestServerDescriptions:
    def ask(self, description: str, **client: Any) -> tuple[bytes, ssl.Certificate]:
        """Serve at a description, and ask there."""
        policy = client.pop("policy", None) or expecting()
        return ask(
            lambda reactor: serverFromString(reactor, description),
            lambda reactor, host: SSL4ClientEndpoint(reactor, "127.0.0.1", host.port, policy),
        )

    def test_oneFile(self, tmp_path: Path) -> None:
        """``ssl:`` finds key, certificate and chain in one file (EP18)."""
        (tmp_path / "server.pem").write_bytes(GOOD.dumpPEM())
        text = f"ssl:0:privateKey={tmp_path}/server.pem:interface=127.0.0.1:backlog=5"
        assert self.ask(text) == (b"hello", GOOD)

    def test_manyFiles(self, tmp_path: Path) -> None:
        """``certKey=`` and ``extraCertChain=`` name other files; ``sslmethod=`` chooses a version (EP18)."""
        child = authority().create_child_ca()
        certificate = private(child.issue_cert("a.example"))
        (tmp_path / "key.pem").write_bytes(certificate.privateKey.dump(1))
        (tmp_path / "certificate.pem").write_bytes(certificate.dump(1))
        (tmp_path / "chain.pem").write_bytes(trusted(child).dumpPEM())
        text = (
            f"ssl:0:privateKey={tmp_path}/key.pem:certKey={tmp_path}/certificate.pem"
            f":extraCertChain={tmp_path}/chain.pem:sslmethod=TLSv1_2_METHOD:interface=127.0.0.1"
        )
        with pytest.warns(DeprecationWarning, match="method"):
            assert self.ask(text) == (b"hello", certificate)
        newest = optionsForClientTLS(
            "a.example", trusted(), extraCertificateOptions={"raiseMinimumTo": ssl.TLSVersion.TLSv1_3}
        )
        with pytest.warns(DeprecationWarning, match="method"), pytest.raises(Exception, match="protocol version"):
            self.ask(text, policy=newest)

    def test_directory(self, tmp_path: Path) -> None:
        """``tls:`` shows each client the certificate of the host that it asks for (certbot's layout)."""
        certificates = {host: issue(host) for host in ("a.example", "b.example")}
        for host, certificate in certificates.items():
            (tmp_path / host).mkdir()
            (tmp_path / host / "fullchain.pem").write_bytes(certificate.dump(1))
            (tmp_path / host / "privkey.pem").write_bytes(certificate.privateKey.dump(1))
        for host, certificate in certificates.items():
            text = f"tls:{tmp_path}:0:interface=127.0.0.1"
            assert self.ask(text, policy=expecting(host)) == (b"hello", certificate)

    def test_openConnectionsLiveOn(self, tmp_path: Path) -> None:
        """A renewed certificate is shown to new clients; those who are connected stay so."""
        path = tmp_path / "a.pem"
        path.write_bytes(GOOD.dumpPEM())
        renewed = issue("a.example")

        async def main(reactor: Any) -> None:
            from ropewalk.internet._tls.directory import CertificateDirectory
            from ropewalk.internet._tls.servers import SNIConnectionCreator
            from ropewalk.python.filepath import FilePath

            clock = Clock()
            creator = SNIConnectionCreator(CertificateDirectory(FilePath(str(tmp_path)), clock.seconds))
            server = wrapServerTLS(creator, serverFromString(reactor, "tcp:0:interface=127.0.0.1"))
            port: Any = await serveAt(shout, server)
            there = SSL4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port, expecting())
            async with await connectTo(there) as old:
                old.write(b"one")
                assert await old.read() == b"ONE"
                path.with_suffix(".new").write_bytes(renewed.dumpPEM())
                os.replace(path.with_suffix(".new"), path)
                clock.advance(1.0)
                async with await connectTo(there) as new:
                    new.write(b"two")
                    assert await new.read() == b"TWO"
                    assert ssl.Certificate.peerFromTransport(new.transport) == renewed
                old.write(b"three")
                assert await old.read() == b"THREE"
                assert ssl.Certificate.peerFromTransport(old.transport) == GOOD
            await port.stopListening()

        with fresh(epoll) as reactor:
            run(reactor, main, reactor)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("ssl:443:privateKey=/nowhere.pem", "privateKey is a file in PEM: '/nowhere.pem': No such file"),
            ("ssl:443:privateKey=DIR/ca.pem", "privateKey is a file in PEM: .*no private key"),
            ("ssl:443:privateKey=DIR/a.pem:certKey=/nowhere", "certKey is a file in PEM"),
            ("ssl:443:privateKey=DIR/a.pem:extraCertChain=/nowhere", "extraCertChain is a file in PEM"),
            ("ssl:443:privateKey=DIR/a.pem:dhParameters=/nowhere", "dhParameters is a file in PEM"),
            ("ssl:443:privateKey=DIR/a.pem:sslmethod=TLSv9_METHOD", "sslmethod is one of"),
            ("ssl:443:privateKey=DIR/a.pem:backlog=x", "backlog is a whole number"),
            ("ssl:x:privateKey=DIR/a.pem", "a TCP port is a whole number"),
            ("tls:/nowhere", "path is a directory of certificates; '/nowhere' can't be read"),
            ("tls:", "path of the certificates' directory is missing"),
            ("tls:DIR:443:nonsense=1", "don't fit"),
        ],
    )
    def test_mistakes(self, text: str, says: str, tmp_path: Path) -> None:
        """A mistake names its argument, before anything listens."""
        (tmp_path / "a.pem").write_bytes(GOOD.dumpPEM())
        (tmp_path / "ca.pem").write_bytes(trusted().dumpPEM())
        with fresh(epoll) as reactor, pytest.raises(ValueError, match=says):
            serverFromString(reactor, text.replace("DIR", str(tmp_path)))


class TestClientDescriptions:
    def ask(self, description: str, server: Any = None) -> tuple[bytes, ssl.Certificate]:
        """Serve, and ask by a description, in which PORT stands for the port."""
        policy = server or GOOD.options()
        return ask(
            lambda reactor: SSL4ServerEndpoint(reactor, 0, policy, interface="127.0.0.1"),
            lambda reactor, host: clientFromString(reactor, description.replace("PORT", str(host.port))),
        )

    @pytest.fixture
    def roots(self, tmp_path: Path) -> Path:
        """A directory of certificates to trust."""
        (tmp_path / "roots").mkdir()
        (tmp_path / "roots" / "acme.pem").write_bytes(trusted().dumpPEM())
        return tmp_path / "roots"

    def test_tls(self, roots: Path) -> None:
        """``tls:host:port`` connects to a host and verifies that it is that host (EP11)."""
        local = issue("127.0.0.1")
        text = f"tls:127.0.0.1:PORT:trustRoots={roots}:timeout=5:bindAddress=127.0.0.1"
        assert self.ask(text, local.options()) == (b"hello", local)
        with pytest.raises(ssl.VerificationError, match=r"'127\.0\.0\.1' was asked for"):
            self.ask(text)

    def test_endpoint(self, roots: Path) -> None:
        """``endpoint=`` says how to get there; host and port are for verification then (EP11)."""
        text = f"tls:a.example:443:trustRoots={roots}:endpoint=tcp\\:127.0.0.1\\:PORT"
        assert self.ask(text) == (b"hello", GOOD)

    def test_clientCertificate(self, roots: Path, tmp_path: Path) -> None:
        """``certificate=`` and ``privateKey=``, in one file or in two, say who we are (EP11)."""
        me = issue("me.example")
        (tmp_path / "me.pem").write_bytes(me.dumpPEM())
        (tmp_path / "certificate.pem").write_bytes(me.dump(1))
        (tmp_path / "key.pem").write_bytes(me.privateKey.dump(1))
        strict = GOOD.options(trusted())
        text = f"tls:a.example:443:trustRoots={roots}:endpoint=tcp\\:127.0.0.1\\:PORT"
        for shown in ("me.pem", f"certificate.pem:privateKey={tmp_path}/key.pem"):
            assert self.ask(f"{text}:certificate={tmp_path}/{shown}", strict) == (b"hello", GOOD)
        with pytest.raises(Exception, match="wants a certificate of ours"):
            self.ask(text, strict)

    def test_ssl(self, roots: Path, tmp_path: Path) -> None:
        """``ssl:`` verifies the host if it is told which, and the chain if it is told whom to trust (EP15)."""
        text = f"ssl:127.0.0.1:PORT:caCertsDir={roots}"
        assert self.ask(f"{text}:hostname=a.example:timeout=5") == (b"hello", GOOD)
        with pytest.raises(ssl.VerificationError):
            self.ask(f"{text}:hostname=b.example")
        with pytest.warns(UserWarning, match="doesn't verify who answers"):
            assert self.ask(text) == (b"hello", GOOD)
        stranger = KeyPair.generate().selfSignedCert(1, CN="a.example").options()
        with pytest.warns(UserWarning, match="tls:"), pytest.raises(Exception, match="self-signed"):
            self.ask(text, stranger)

    def test_sslClientCertificate(self, roots: Path, tmp_path: Path) -> None:
        """``ssl:`` shows a certificate, too."""
        (tmp_path / "me.pem").write_bytes(issue("me.example").dumpPEM())
        text = f"ssl:127.0.0.1:PORT:caCertsDir={roots}:hostname=a.example:certKey={tmp_path}/me.pem"
        assert self.ask(text, GOOD.options(trusted())) == (b"hello", GOOD)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("tls::443", "host is missing"),
            ("tls:a..b:443", "invalid hostname"),
            ("tls:a.example", "needs host, port"),
            ("tls:a.example:x", "a TCP port"),
            ("tls:a.example:443:trustRoots=/nowhere", "trustRoots is a directory of certificates to trust"),
            ("tls:a.example:443:trustRoots=DIR", "trustRoots is a directory .*there is no certificate"),
            ("tls:a.example:443:certificate=/nowhere", "certificate is a file in PEM"),
            ("tls:a.example:443:privateKey=/nowhere:certificate=/nowhere", "privateKey is a file in PEM"),
            ("tls:a.example:443:timeout=soon", "timeout is a number of seconds"),
            ("tls:a.example:443:endpoint=bogus\\:1", "unknown endpoint type 'bogus'"),
            ("ssl:a.example:443:hostname=a.example:caCertsDir=/nowhere", "caCertsDir is a directory"),
        ],
    )
    def test_mistakes(self, text: str, says: str, tmp_path: Path) -> None:
        """A mistake names its argument, before anything is connected."""
        with fresh(epoll) as reactor, pytest.raises(ValueError, match=says):
            clientFromString(reactor, text.replace("DIR", str(tmp_path)))


async def shout(stream: Any) -> None:
    async for data in stream:
        stream.write(data.upper())
        await stream.drain()


class TestByHand:
    def test_portAndConnector(self) -> None:
        """`ssl.Port` and `ssl.Connector` speak TLS from the first byte; the connections know the peer's certificate."""
        lost: Deferred[Any] = Deferred()

        class Asking(ClientFactory[Ask]):
            noisy = False

            def buildProtocol(self, addr: Any) -> Ask:
                self.asking = Ask()
                self.asking.factory = self
                return self.asking

            def clientConnectionLost(self, connector: Any, reason: Any) -> None:
                lost.callback(reason.value)

        async def main(reactor: Any) -> Any:
            port: Any = ssl.Port(0, Factory.forProtocol(Echo), GOOD.options(), interface="127.0.0.1", reactor=reactor)
            port.startListening()
            factory = Asking()
            where = port.getHost()
            ssl.Connector("127.0.0.1", where.port, factory, expecting(), 5, None, reactor).connect()
            ended = await lost
            assert await factory.asking.answer == (b"hello", GOOD)
            await port.stopListening()
            return ended

        with fresh(epoll) as reactor:
            assert type(run(reactor, main, reactor)).__name__ == "ConnectionDone"

    def test_hostsCertificate(self, options: Any) -> None:
        """Both ends know both certificates, with either engine (F113)."""
        shown: list[ssl.Certificate] = []

        class Knowing(Echo):
            def dataReceived(self, data: bytes) -> None:
                shown.append(ssl.Certificate.hostFromTransport(self.transport))
                super().dataReceived(data)

        async def main(reactor: Any) -> Any:
            port = reactor.listenSSL(0, Factory.forProtocol(Knowing), options, interface="127.0.0.1")
            there = SSL4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port, expecting())
            asking = await connectProtocol(there, Ask())
            await asking.answer
            await port.stopListening()

        with fresh(epoll) as reactor:
            run(reactor, main, reactor)
        assert shown == [GOOD]
