"""The front door of TLS: what is there, and the context factories of old."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from OpenSSL import SSL
from zope.interface.verify import verifyObject

from ropewalk.internet import ssl
from ropewalk.internet.defer import Deferred
from ropewalk.internet.interfaces import IOpenSSLContextFactory
from ropewalk.internet.protocol import Factory, Protocol
from support.certificates import issue
from support.reactors import epoll, fresh, run


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A key and a certificate, in files."""
    certificate = issue("a.example")
    (tmp_path / "key.pem").write_bytes(certificate.privateKey.dump(1))
    (tmp_path / "certificate.pem").write_bytes(certificate.dump(1))
    return str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")


class TestDoor:
    def test_names(self) -> None:
        """Everything says that it comes from here."""
        for name in ssl.__all__:
            thing = getattr(ssl, name)
            if hasattr(thing, "__module__") and name not in ("supported",):
                assert thing.__module__ == "ropewalk.internet.ssl", name

    def test_supported(self) -> None:
        """Programs ask whether there is TLS: there is."""
        assert ssl.supported

    def test_nothingIsImportedThatIsNotUsed(self) -> None:
        """pyOpenSSL, cryptography and asyncio cost nothing until somebody needs them."""
        code = (
            "import sys; from ropewalk.internet import ssl; ssl.optionsForClientTLS('a.example');"
            "print([name for name in ('OpenSSL', 'cryptography', 'asyncio', 'idna') if name in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
        assert done.stdout.strip() == "[]"

    def test_withoutTLSNothingOfItIsImported(self) -> None:
        """A program with endpoints and without TLS imports nothing of TLS."""
        code = (
            "import sys; from ropewalk.internet import endpoints, reactor;"
            "endpoints.serverFromString(reactor, 'tcp:0');"
            "print([name for name in sys.modules if '_tls' in name or name == 'ssl'])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True)
        assert done.stdout.strip() == "[]"


class TestNegotiation:
    def test_mechanisms(self) -> None:
        """There is ALPN, and a warning that nobody need ask (F121)."""
        with pytest.warns(DeprecationWarning, match="every OpenSSL"):
            found = ssl.protocolNegotiationMechanisms()
        support = ssl.ProtocolNegotiationSupport
        assert support.ALPN in found
        assert support.NPN not in found
        assert not support.NOSUPPORT


class TestVersions:
    def test_order(self) -> None:
        """Versions compare from old to new."""
        versions = ssl.TLSVersion
        assert versions.SSLv3 < versions.TLSv1_0 < versions.TLSv1_1 < versions.TLSv1_2 < versions.TLSv1_3
        assert repr(versions.TLSv1_2) == "<TLSVersion=TLSv1_2>"


class TestOlder:
    def test_default(self, files: tuple[str, str]) -> None:
        """A key and a certificate in files make a context, one for all connections (F125)."""
        factory = ssl.DefaultOpenSSLContextFactory(*files)
        verifyObject(IOpenSSLContextFactory, factory)
        assert isinstance(factory.getContext(), SSL.Context)
        assert factory.getContext() is factory.getContext()

    def test_badFiles(self, files: tuple[str, str]) -> None:
        """That a file is missing is heard of at once."""
        with pytest.raises(SSL.Error):
            ssl.DefaultOpenSSLContextFactory("/nowhere", files[1])

    def test_pickled(self, files: tuple[str, str]) -> None:
        """It can be kept in a file: the context is made again."""
        again = pickle.loads(pickle.dumps(ssl.DefaultOpenSSLContextFactory(*files)))
        assert isinstance(again.getContext(), SSL.Context)

    def test_client(self) -> None:
        """A client that takes anybody makes a context each time."""
        factory = ssl.ClientContextFactory()
        verifyObject(IOpenSSLContextFactory, factory)
        assert factory.getContext() is not factory.getContext()
        assert (factory.isClient, factory.method) == (1, SSL.TLS_METHOD)

    def test_base(self) -> None:
        """A subclass has to say what its context is."""
        assert ssl.ContextFactory.isClient == 0
        with pytest.raises(NotImplementedError, match="has to return"):
            ssl.ContextFactory().getContext()

    @pytest.mark.parametrize("kind", ["default", "plain class"])
    def test_served(self, kind: str, files: tuple[str, str]) -> None:
        """They serve and connect; a plain class with ``getContext`` does so as well (F125, F182)."""

        class Plain:
            def getContext(self) -> Any:
                context = SSL.Context(SSL.TLS_METHOD)
                context.use_privatekey_file(files[0])
                context.use_certificate_file(files[1])
                return context

        class Echo(Protocol):
            def dataReceived(self, data: bytes) -> None:
                self.transport.write(data)

        class Ask(Protocol):
            def connectionMade(self) -> None:
                self.answer: Deferred[bytes] = Deferred()
                self.transport.write(b"hello")

            def dataReceived(self, data: bytes) -> None:
                self.answer.callback(data)
                self.transport.loseConnection()

        async def main(reactor: Any) -> bytes:
            from ropewalk.internet.endpoints import SSL4ClientEndpoint, connectProtocol

            server = ssl.DefaultOpenSSLContextFactory(*files) if kind == "default" else Plain()
            port = reactor.listenSSL(0, Factory.forProtocol(Echo), server, interface="127.0.0.1")
            there = SSL4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port, ssl.ClientContextFactory())
            asking = await connectProtocol(there, Ask())
            answer = await asking.answer
            await port.stopListening()
            return answer

        with fresh(epoll) as reactor:
            assert run(reactor, main, reactor) == b"hello"
