"""TLS as a layer, in memory and by hand-moved time, with each engine on each side.

What every stream promises, TLS included, is in `conformance/test_streams.py`; what certificates and policies say in
`internet`. Here is what only TLS promises.
"""

from __future__ import annotations

import gc
import ssl
import subprocess
import sys
import weakref
from typing import Any

import pytest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from ropewalk.internet import interfaces
from ropewalk.internet._tls.contract import StdlibSession
from ropewalk.internet._tls.layer import CLOSE_PATIENCE, MOST_ANSWERS
from ropewalk.internet._transports.memory import MemoryPump, connectedPair
from ropewalk.internet.defer import Deferred, succeed
from ropewalk.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from ropewalk.internet.protocol import ClientFactory, Factory, Protocol, connectionDone
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols.policies import ProtocolWrapper, WrappingFactory
from ropewalk.protocols.tls import BufferingTLSTransport, TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from ropewalk.python.failure import Failure
from support.certificates import authority
from support.recording import HalfCloseable, Recorder, declare, logged
from support.tlsnetworks import ENGINES, OpenSSL, Stdlib

PAIRS = [(server, client) for server in ENGINES for client in ENGINES]


@pytest.fixture(params=PAIRS, ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def engines(request: pytest.FixtureRequest) -> Any:
    """A server's engine and a client's."""
    return request.param


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Any:
    return request.param


class Giving(ClientFactory[Any]):
    """Makes the one protocol that it is given."""

    noisy = False

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol

    def buildProtocol(self, addr: Any) -> Any:
        return self.__dict__.pop("_protocol")


def layered(context: Any, isClient: bool, protocol: Any, clock: Any = None) -> Any:
    """Put TLS around one protocol."""
    layer = TLSMemoryBIOFactory(context, isClient, Giving(protocol), clock).buildProtocol(None)
    assert layer is not None
    return layer


class Talk:
    """A server and a client that speak TLS over a pair in memory."""

    def __init__(
        self, engines: Any, server: Any = None, client: Any = None, contexts: Any = None, **options: Any
    ) -> None:
        self.server: Any = Recorder() if server is None else server
        self.client: Any = Recorder() if client is None else client
        forServer, forClient = contexts or (engines[0].server(), engines[1].client())
        self.pump = connectedPair(
            layered(forServer, False, self.server), layered(forClient, True, self.client), **options
        )

    def settle(self) -> Talk:
        self.pump.settle()
        return self


# The handshake.


@implementer(interfaces.IHandshakeListener)
class Listening(Recorder):
    """Notes when TLS is agreed upon."""

    def handshakeCompleted(self) -> None:
        self._note("handshakeCompleted")
        self.transport.write(b"agreed")


def test_connectionMadeComesFirstThenTheHandshakesEnd(engines: Any) -> None:
    """F111: connectionMade means that there is a connection; an IHandshakeListener hears when TLS is agreed upon."""
    talk = Talk(engines, Listening(), Listening())
    assert (talk.server.heard, talk.client.heard) == (["connectionMade"], ["connectionMade"])
    talk.settle()
    assert talk.server.heard == talk.client.heard == ["connectionMade", "handshakeCompleted", "dataReceived"]
    assert talk.server.received == talk.client.received == b"agreed"


def test_whatIsWrittenBeforeTheHandshakeArrivesAfterIt(engines: Any) -> None:
    """Both sides may write in connectionMade; it is kept, and encrypted."""

    class Eager(Recorder):
        def connectionMade(self) -> None:
            super().connectionMade()
            self.transport.write(b"a secret, ")
            self.transport.writeSequence([b"and ", b"another"])

    talk = Talk(engines, Eager(), Eager())
    wire = bytearray()
    for end in (talk.pump.server, talk.pump.client):
        send = end.socket.send
        end.socket.send = lambda data, send=send: wire.extend(data) or send(data)
    talk.settle()
    assert talk.server.received == talk.client.received == b"a secret, and another"
    assert b"secret" not in wire
    assert b"another" not in wire


@pytest.mark.parametrize("pieceSize", [1, 7, 5000])
def test_theBytesMayComeInAnyPieces(engines: Any, pieceSize: int) -> None:
    """A handshake, records and a farewell that come in pieces are the same."""
    message = bytes(range(256)) * 20
    talk = Talk(engines, pieceSize=pieceSize)
    talk.client.transport.write(message)
    talk.client.transport.loseConnection()
    talk.settle()
    assert bytes(talk.server.received) == message
    assert type(talk.server.reason.value) is type(talk.client.reason.value) is ConnectionDone


def test_theWritesOfATurnAreFullRecords(engines: Any) -> None:
    """A thousand small writes become one record, not a thousand; much data becomes records of 16 KiB."""
    talk = Talk(engines).settle()
    sizes: list[int] = []
    send = talk.pump.server.socket.send

    def noted(data: bytes) -> int:
        sizes.append(send(data))
        return sizes[-1]

    talk.pump.server.socket.send = noted  # type: ignore[method-assign]
    for _ in range(1000):
        talk.server.transport.write(b"ten bytes.")
    talk.settle()
    assert len(talk.client.received) == 10_000
    assert len(sizes) == 1
    assert sizes[0] < 10_000 + 100
    del sizes[:]
    talk.server.transport.write(bytes(163840))
    talk.settle()
    assert sum(sizes) < 163840 + 10 * 50


@pytest.mark.parametrize("isClient", [True, False])
def test_aPeerThatStallsIsDropped(engine: Any, isClient: bool) -> None:
    """A handshake takes handshakeTimeout at most, which costs a timer and nothing else; not a moment less."""
    protocol: Any = Recorder()
    context = engine.client() if isClient else engine.server()
    pump = connectedPair(layered(context, isClient, protocol), Recorder())
    patience = TLSMemoryBIOFactory.handshakeTimeout
    assert patience == 60.0
    pump.settle()
    pump.clock.advance(59.9)
    pump.settle()
    assert protocol.reason is None
    pump.clock.advance(0.2)
    pump.settle()
    assert protocol.reason is not None
    assert type(protocol.reason.value) is ConnectionLost
    assert "within 60 seconds" in str(protocol.reason.value)
    assert pump.clock.getDelayedCalls() == []


def test_theHandshakesPatienceEndsWithIt(engines: Any) -> None:
    """Once TLS is agreed upon nothing is counted."""
    talk = Talk(engines).settle()
    assert talk.pump.clock.getDelayedCalls() == []


def test_thePatienceMayBeChosen(engine: Any) -> None:
    """handshakeTimeout is an attribute of the factory; None is for ever."""

    class Patient(TLSMemoryBIOFactory):
        handshakeTimeout = None

    factory = Patient(engine.server(), False, Factory.forProtocol(Recorder))
    pump = connectedPair(factory.buildProtocol(None), Recorder())
    assert pump.clock.getDelayedCalls() == []


def test_aPeerThatHangsUpInTheHandshake(engine: Any) -> None:
    """It is a ConnectionLost that says so."""
    server: Any = Recorder()
    peer: Any = Recorder()
    pump = connectedPair(layered(engine.server(), False, server), peer)
    peer.transport.loseConnection()
    pump.settle()
    assert type(server.reason.value) is ConnectionLost
    assert "in the middle of the TLS handshake" in str(server.reason.value)


@pytest.mark.parametrize(
    "words", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 100, bytes(range(256)), b"EHLO x\r\n" * 3000]
)
def test_aPeerThatDoesNotSpeakTLS(engine: Any, words: bytes) -> None:
    """Whatever it sends, it is told so in TLS's words, and the protocol hears nothing but that it is lost."""
    server: Any = Recorder()
    peer: Any = Recorder()
    pump = connectedPair(layered(engine.server(), False, server), peer)
    peer.transport.write(words)
    pump.settle()
    assert server.heard == ["connectionMade", "connectionLost"]
    assert server.reason.value.args[0][0][2]
    assert peer.received == b"" or peer.received[0] == 21  # an alert
    assert isinstance(peer.reason.value, (ConnectionDone, ConnectionLost))


def test_aListenerThatRaisesLosesItsConnection(engines: Any) -> None:
    """F018: handshakeCompleted is a method of the program like any other."""

    @implementer(interfaces.IHandshakeListener)
    class Raising(Recorder):
        def handshakeCompleted(self) -> None:
            raise ValueError("not today")

    with logged(ValueError):
        talk = Talk(engines, server=Raising()).settle()
    assert type(talk.server.reason.value) is ValueError
    assert isinstance(talk.client.reason.value, ConnectionLost)


def test_readingMayBePausedFromTheStart(engines: Any) -> None:
    """A pause concerns the program's bytes: the handshake goes on, and what comes with its end waits."""

    class Later(Recorder):
        def connectionMade(self) -> None:
            super().connectionMade()
            self.transport.pauseProducing()

    @implementer(interfaces.IHandshakeListener)
    class LaterListening(Later):
        agreed = False

        def handshakeCompleted(self) -> None:
            self.agreed = True

    server = LaterListening()
    talk = Talk(engines, server)
    talk.client.transport.write(b"first")
    talk.settle()
    assert server.agreed
    talk.client.transport.write(b", second")
    talk.settle()
    assert server.received == b""
    server.transport.resumeProducing()
    assert server.received == b"", "nothing is heard from inside a call that the program makes itself"
    talk.settle()
    assert server.received == b"first, second"


# Certificates.


def test_anIssuerNobodyKnowsIsRefused(engine: Any) -> None:
    """F110: the client hears a sentence, the server that it was refused; neither protocol sees a byte."""
    import trustme

    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(stranger)
    talk = Talk(None, contexts=(stranger, engine.client()))
    talk.client.transport.write(b"a password")
    talk.settle()
    assert talk.client.heard == talk.server.heard == ["connectionMade", "connectionLost"]
    assert talk.client.reason.value.args[0][0][2] == "certificate verify failed"
    assert ": " in str(talk.client.reason.value)
    assert "refused" in str(talk.server.reason.value)


def test_aClientWithoutACertificateIsRefused(engines: Any) -> None:
    """F116: a server that asks for one closes, and the client gets no data."""
    talk = Talk(None, contexts=(engines[0].server(verify=True), engines[1].client()))
    talk.server.transport.write(b"for clients only")
    talk.client.transport.write(b"let me in")
    talk.settle()
    assert (talk.server.received, talk.client.received) == (b"", b"")
    assert "certificate" in str(talk.server.reason.value)
    assert "certificate" in str(talk.client.reason.value)


def test_bothEndsShowTheirCertificates(engines: Any) -> None:
    """F113: getPeerCertificate is an OpenSSL.crypto.X509 with either engine; None as long as there is none."""
    from OpenSSL import crypto

    own = authority().issue_cert("client.example")
    talk = Talk(None, contexts=(engines[0].server(verify=True), engines[1].client(show=own)))
    assert talk.client.transport.getPeerCertificate() is None
    talk.settle()
    shown = talk.client.transport.getPeerCertificate()
    assert type(shown) is crypto.X509
    assert b"localhost" in crypto.dump_certificate(crypto.FILETYPE_TEXT, shown)
    shown = talk.server.transport.getPeerCertificate()
    assert b"client.example" in crypto.dump_certificate(crypto.FILETYPE_TEXT, shown)


def test_theHandleAnswersTheSameWithEitherEngine(engines: Any) -> None:
    """getHandle's cipher, version, protocol and certificate are what an OpenSSL.SSL.Connection says."""
    talk = Talk(engines).settle()
    there, here = talk.server.transport.getHandle(), talk.client.transport.getHandle()
    for question in ("get_cipher_name", "get_cipher_version", "get_cipher_bits", "get_protocol_version_name"):
        assert getattr(there, question)() == getattr(here, question)(), question
    assert here.get_protocol_version_name() == "TLSv1.3"
    assert here.get_alpn_proto_negotiated() == b""
    assert here.get_peer_certificate().digest("sha256") == talk.client.transport.getPeerCertificate().digest("sha256")
    assert there.get_servername() is None
    chain = [certificate.get_subject().CN for certificate in here.get_verified_chain()]
    assert len(chain) == 2, "its own, and the authority's"


def test_whatTheHandleCannotAnswerItSays() -> None:
    """A question for pyOpenSSL alone is an AttributeError that says how to have that."""
    handle = Talk((Stdlib, Stdlib)).settle().client.transport.getHandle()
    assert type(handle.sslObject) is ssl.SSLObject
    with pytest.raises(AttributeError, match=r"getContext\(\) was called"):
        handle.get_finished()


# The next protocol.


@implementer(interfaces.IProtocolNegotiationFactory)
class Speaking(ClientFactory[Any]):
    """A factory that says which protocols its own can speak."""

    noisy = False

    def __init__(self, *names: bytes) -> None:
        self.names = list(names)
        self.recorder = Recorder()

    def acceptableProtocols(self) -> list[bytes]:
        return self.names

    def buildProtocol(self, addr: Any) -> Any:
        return self.recorder


@pytest.mark.parametrize(
    ("server", "client", "agreed"),
    [
        ([b"h2", b"http/1.1"], [b"http/1.1", b"h2"], b"h2"),
        ([b"http/1.1"], [b"h2", b"http/1.1"], b"http/1.1"),
        ([b"h2"], [], None),
        ([], [b"h2"], None),
    ],
)
def test_theServersBestCommonProtocolIsAgreedOn(
    engines: Any, server: list[bytes], client: list[bytes], agreed: bytes | None
) -> None:
    """F122, F123: negotiatedProtocol is the first of the server's that the client offers; None without any."""
    factories = Speaking(*server), Speaking(*client)
    pump = connectedPair(
        TLSMemoryBIOFactory(engines[0].server(), False, factories[0]).buildProtocol(None),
        TLSMemoryBIOFactory(engines[1].client(), True, factories[1]).buildProtocol(None),
    )
    for factory in factories:
        assert factory.recorder.transport.negotiatedProtocol is None
    pump.settle()
    assert [factory.recorder.transport.negotiatedProtocol for factory in factories] == [agreed, agreed]


def test_aFactorysProtocolsAreInsistedOn(engines: Any) -> None:
    """F124: a server's factory that says what it speaks is not given a client that offers something else alone."""
    factories = Speaking(b"h2"), Speaking(b"http/1.1", b"imap")
    pump = connectedPair(
        TLSMemoryBIOFactory(engines[0].server(), False, factories[0]).buildProtocol(None),  # type: ignore[arg-type]
        TLSMemoryBIOFactory(engines[1].client(), True, factories[1]).buildProtocol(None),  # type: ignore[arg-type]
    )
    pump.settle()
    server, client = (factory.recorder.reason.value for factory in factories)  # type: ignore[union-attr]
    assert "b'http/1.1', b'imap' (ALPN), and we speak b'h2'" in str(server)
    assert "no application protocol" in str(client)


class Requiring:
    """A policy of ours for servers that insist on a protocol."""

    def __init__(self, *names: bytes) -> None:
        self.names = names

    def _stdlibSession(self, isClient: bool, protocols: Any = None) -> StdlibSession:
        context = Stdlib.server()
        context.set_alpn_protocols([name.decode() for name in self.names])
        return StdlibSession(context, requiredProtocols=self.names)


@pytest.mark.parametrize("pieceSize", [None, 1, 100])
def test_noProtocolInCommonFailsTheHandshake(engine: Any, pieceSize: int | None) -> None:
    """F124: also with the standard library, which would go on: the peer gets the alert that RFC 7301 §3.2 asks for."""
    factory = Speaking(b"h2")
    client = TLSMemoryBIOFactory(engine.client(), True, factory).buildProtocol(None)
    server: Any = Recorder()
    pump = connectedPair(layered(Requiring(b"http/1.1", b"x"), False, server), client, pieceSize=pieceSize)
    pump.settle()
    assert "h2" in str(server.reason.value)
    assert "http/1.1" in str(server.reason.value)
    assert "no application protocol" in str(factory.recorder.reason.value)


@pytest.mark.parametrize("offered", [[], [b"x", b"h2"]])
def test_aRequiredProtocolThatIsOfferedOrNotAskedFor(engine: Any, offered: list[bytes]) -> None:
    """A client that offers one of the protocols, or knows nothing of ALPN, is served."""
    factory = Speaking(*offered)
    client = TLSMemoryBIOFactory(engine.client(), True, factory).buildProtocol(None)
    server: Any = Recorder()
    pump = connectedPair(layered(Requiring(b"http/1.1", b"x"), False, server), client)
    factory.recorder.transport.write(b"hello")
    pump.settle()
    assert server.received == b"hello"
    assert server.transport.negotiatedProtocol == (b"x" if offered else None)


# Ending.


@pytest.mark.parametrize("first", ["server", "client"])
@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_bothEndsSayFarewell(engines: Any, first: str, version: str) -> None:
    """loseConnection delivers what was written, and is a ConnectionDone for both, whoever begins."""
    contexts = engines[0].server(tls12=version == "1.2"), engines[1].client()
    talk = Talk(None, contexts=contexts).settle()
    closing, other = (talk.server, talk.client) if first == "server" else (talk.client, talk.server)
    closing.transport.write(b"last words")
    closing.transport.loseConnection()
    assert closing.transport.disconnecting
    talk.settle()
    assert other.received == b"last words"
    assert type(closing.reason.value) is type(other.reason.value) is ConnectionDone
    assert talk.pump.clock.getDelayedCalls() == []


def test_anEndThatWasNotAnnouncedIsTold(engines: Any) -> None:
    """A connection that ends without close_notify may have been cut: ConnectionLost, with a sentence."""
    talk = Talk(engines).settle()
    talk.client.transport.write(b"some of it")
    talk.settle()
    talk.pump.client.loseConnection()  # the transport, below TLS
    talk.settle()
    assert talk.server.received == b"some of it"
    assert type(talk.server.reason.value) is ConnectionLost
    assert "close_notify" in str(talk.server.reason.value)


def test_aPeerThatSaysNoFarewellIsWaitedForALittle(engines: Any) -> None:
    """We close CLOSE_PATIENCE seconds after our own farewell at the latest."""
    talk = Talk(engines).settle()
    talk.pump.client.stopReading()  # the peer has stopped, below TLS
    talk.server.transport.loseConnection()
    talk.settle()
    talk.pump.clock.advance(CLOSE_PATIENCE - 0.1)
    talk.settle()
    assert talk.server.reason is None
    talk.pump.clock.advance(0.2)
    talk.settle()
    assert type(talk.server.reason.value) is ConnectionDone


def test_nothingIsReadAfterLoseConnection(engines: Any) -> None:
    """As of every transport: what the peer sends until it closes, too, is dropped."""
    talk = Talk(engines).settle()
    talk.server.transport.loseConnection()
    talk.client.transport.write(b"too late")
    talk.settle()
    assert talk.server.received == b""
    assert type(talk.server.reason.value) is ConnectionDone


def test_whatBreaksAfterOurFarewellDoesNotMatter(engines: Any) -> None:
    """We have closed; that a peer answers with something else than a farewell is no reason to complain."""
    talk = Talk(engines).settle()
    talk.server.transport.loseConnection()
    talk.pump.client.write(b"\x17\x03\x03\x00\x20" + bytes(32))
    talk.settle()
    assert type(talk.server.reason.value) is ConnectionDone


def test_loseConnectionDuringTheHandshake(engines: Any) -> None:
    """With something written it is delivered first (F115); with nothing the connection ends at once."""
    talk = Talk(engines)
    talk.client.transport.write(b"only this")
    talk.client.transport.loseConnection()
    talk.settle()
    assert talk.server.received == b"only this"
    assert type(talk.client.reason.value) is type(talk.server.reason.value) is ConnectionDone

    talk = Talk(engines)
    talk.client.transport.loseConnection()
    talk.settle()
    assert type(talk.client.reason.value) is ConnectionDone
    assert type(talk.server.reason.value) is ConnectionLost


def test_abortDuringTheHandshake(engines: Any) -> None:
    """F029: it ends at once, and nothing is kept or counted."""
    talk = Talk(engines)
    talk.client.transport.write(b"never mind")
    talk.client.transport.abortConnection()
    talk.settle()
    assert type(talk.client.reason.value) is ConnectionAborted
    assert isinstance(talk.server.reason.value, ConnectionLost)
    assert talk.pump.clock.getDelayedCalls() == []


def test_halfClosesAreFarewells(engines: Any) -> None:
    """loseWriteConnection announces the end of our bytes (close_notify), and the peer's go on coming."""
    declare()
    talk = Talk(engines, HalfCloseable(), HalfCloseable()).settle()
    talk.client.transport.loseWriteConnection()
    talk.settle()
    assert "readConnectionLost" in talk.server.heard
    assert talk.client.heard == ["connectionMade", "writeConnectionLost"]
    talk.server.transport.write(b"answer")
    talk.settle()
    assert talk.client.received == b"answer"
    talk.server.transport.loseWriteConnection()
    talk.settle()
    assert type(talk.server.reason.value) is type(talk.client.reason.value) is ConnectionDone


def test_aHalfThatRaisesLosesItsConnection(engines: Any) -> None:
    """F018: also where the loop, not the peer, is what calls the protocol."""
    declare()

    class Raising(HalfCloseable):
        def writeConnectionLost(self) -> None:
            raise ValueError("not today")

    talk = Talk(engines, Raising()).settle()
    talk.server.transport.loseWriteConnection()
    with logged(ValueError):
        talk.settle()
    assert type(talk.server.reason.value) is ValueError


# Policies that programs bring.


class Plain:
    """What the documents call a context factory: no base, no declaration."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.asked = 0

    def getContext(self) -> Any:
        self.asked += 1
        return self.context


@implementer(interfaces.IOpenSSLClientConnectionCreator)
class ClientCreator:
    """Makes a client's connection itself."""

    def clientConnectionForTLS(self, tlsProtocol: Any) -> Any:
        from OpenSSL import SSL

        return SSL.Connection(OpenSSL.client(), None)


def test_aClientsCreatorOffersWhatItsFactorySpeaks(engine: Any) -> None:
    """F123: the names go to the connection, for it is there when they become known."""
    client, server = Speaking(b"h2"), Speaking(b"http/1.1", b"h2")
    pump = connectedPair(
        TLSMemoryBIOFactory(engine.server(), False, server).buildProtocol(None),  # type: ignore[arg-type]
        TLSMemoryBIOFactory(ClientCreator(), True, client).buildProtocol(None),  # type: ignore[arg-type]
    )
    pump.settle()
    assert client.recorder.transport.negotiatedProtocol == b"h2"


@implementer(interfaces.IOpenSSLServerConnectionCreator)
class Creator:
    """Makes the connection itself, and hears what OpenSSL does."""

    def serverConnectionForTLS(self, tlsProtocol: Any) -> Any:
        from OpenSSL import SSL

        self.tlsProtocol = tlsProtocol
        context = OpenSSL.server()
        context.set_info_callback(self.heard)
        connection = SSL.Connection(context, None)
        connection.set_app_data(tlsProtocol)
        return connection

    def heard(self, connection: Any, where: int, ret: int) -> None:
        from OpenSSL import SSL

        if where & SSL.SSL_CB_HANDSHAKE_DONE:
            connection.get_app_data().failVerification(Failure(ValueError("I don't like you")))


def test_aPlainContextFactoryIsEnough() -> None:
    """F125: an object with getContext; it is asked once to see that it works, then for each connection."""
    plain = Plain(OpenSSL.server())
    talk = Talk(None, contexts=(plain, Stdlib.client()))
    talk.client.transport.write(b"hello")
    talk.settle()
    assert talk.server.received == b"hello"
    assert plain.asked == 2
    assert verifyObject(interfaces.IOpenSSLContextFactory, plain, tentative=True)


def test_aCreatorMakesTheConnectionAndMayRefuse() -> None:
    """What a creator is handed has failVerification, for callbacks that cannot raise."""
    creator = Creator()
    talk = Talk(None, contexts=(creator, Stdlib.client()))
    assert creator.tlsProtocol is talk.server.transport
    talk.client.transport.write(b"hello?")
    talk.settle()
    assert str(talk.server.reason.value) == "I don't like you"
    assert talk.server.received == b""


@pytest.mark.parametrize("wrong", [None, 5, object(), "context"])
def test_whatSaysNothingOfTLSIsATypeError(wrong: object) -> None:
    """The message names what would do."""
    with pytest.raises(TypeError, match=r"getContext.*CertificateOptions"):
        TLSMemoryBIOFactory(wrong, True, Factory())


def test_aContextFactorysErrorIsHeardAtOnce() -> None:
    """A file that isn't there is an error of listening, not of the first connection."""

    class Wrong:
        def getContext(self) -> Any:
            raise FileNotFoundError("server.pem")

    with pytest.raises(FileNotFoundError):
        TLSMemoryBIOFactory(Wrong(), False, Factory())


def test_anEngineThatCannotBeginIsLoggedAndTheReason() -> None:
    """The protocol hears connectionMade and connectionLost with the exception; the log has its traceback."""
    plain = Plain(OpenSSL.server())
    layer = layered(plain, False, server := Recorder())
    plain.context = "no context"
    with logged(TypeError):
        pump = connectedPair(layer, Recorder())
        pump.settle()
    assert server.heard == ["connectionMade", "connectionLost"]
    assert type(server.reason.value) is TypeError


def test_aContextThatChecksAHostNobodyHasNamed() -> None:
    """An ssl.SSLContext with check_hostname, over a transport that was not told whom to connect to, is refused."""
    context = ssl.create_default_context()
    client = Recorder()
    with logged(ValueError):
        pump = connectedPair(Recorder(), layered(context, True, client))
        pump.settle()
    assert "optionsForClientTLS" in str(client.reason.value)  # type: ignore[union-attr]


def test_aChildOfOursThatSaysSomethingElseIsObeyed() -> None:
    """A program that derives from a policy of ours and overrides getContext has that asked, with pyOpenSSL."""

    class Child(Requiring):
        def getContext(self) -> Any:
            return OpenSSL.server()

    talk = Talk(None, contexts=(Child(b"x"), Stdlib.client())).settle()
    assert type(talk.server.transport.getHandle()).__module__.startswith("OpenSSL")


def test_withoutPyOpenSSL() -> None:
    """With nothing but Python there is TLS; a policy that needs pyOpenSSL says what to install, and when it is made."""
    program = """
import sys
sys.modules["OpenSSL"] = None  # what an import of it then raises is an ImportError
from ropewalk.protocols.tls import TLSMemoryBIOFactory
from ropewalk.internet.protocol import Factory
import ssl
TLSMemoryBIOFactory(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), False, Factory()).buildProtocol
class OnlyOpenSSL:
    def _stdlibSession(self, isClient, protocols=None):
        return None
    def getContext(self):
        from ropewalk.internet._tls.extra import needed
        return needed("OpenSSL.SSL").Context
try:
    TLSMemoryBIOFactory(OnlyOpenSSL(), False, Factory())
except ImportError as problem:
    print(problem)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "pip install 'ropewalk[tls]'" in done.stdout, done.stderr


# What it is.


def test_interfaces(engine: Any) -> None:
    """What TLS adds is declared, and so is what the transport below offers."""
    talk = Talk((engine, engine))
    transport = talk.server.transport
    for name in ("ISSLTransport", "INegotiated", "ITCPTransport", "ITLSTransport", "IConsumer", "IPushProducer"):
        assert getattr(interfaces, name).providedBy(transport), name
    assert isinstance(transport, BufferingTLSTransport)
    assert isinstance(transport, ProtocolWrapper)
    assert issubclass(TLSMemoryBIOFactory, WrappingFactory)
    assert verifyObject(interfaces.INegotiated, transport)
    assert issubclass(BufferingTLSTransport, TLSMemoryBIOProtocol)
    assert transport.TLS
    assert talk.pump.server.TLS is False


def test_whatTheTransportBelowOffersIsOffered(engine: Any) -> None:
    """setTcpNoDelay and kin, addresses, the log's prefix."""
    talk = Talk((engine, engine))
    transport = talk.server.transport
    transport.setTcpNoDelay(True)
    transport.setTcpKeepAlive(1)
    assert transport.getTcpNoDelay()
    assert transport.getTcpKeepAlive()
    assert transport.getPeer().port == 54321
    assert transport.logPrefix() == "Recorder (BufferingTLSTransport)"
    assert transport.factory.logPrefix() == "Giving (TLS)"


def test_overATransportOfAnotherKind(engine: Any) -> None:
    """A transport that only writes and loses is enough: nothing waits for a turn, or is counted."""
    server, below = Recorder(), StringTransport()
    layer = layered(engine.server(), False, server)
    layer.makeConnection(below)
    client, above = Recorder(), StringTransport()
    peer = layered(Stdlib.client(), True, client)
    peer.makeConnection(above)

    def exchange() -> None:
        while below.value() or above.value():
            heard, said = below.value(), above.value()
            below.clear()
            above.clear()
            if said:
                layer.dataReceived(said)
            if heard:
                peer.dataReceived(heard)

    exchange()
    server.transport.write(b"at once")
    assert below.value()
    exchange()
    assert client.received == b"at once"
    server.transport.loseConnection()
    exchange()
    assert below.disconnecting
    assert above.disconnecting


def test_eitherNameOfTheProtocolMayBeAssigned(engines: Any) -> None:
    """What takes a connection over sets transport.protocol; for a wrapper, wrappedProtocol. Here both do it."""
    talk = Talk(engines).settle()
    for attribute in ("protocol", "wrappedProtocol"):
        successor = Recorder()
        successor.makeConnection(talk.server.transport)
        setattr(talk.server.transport, attribute, successor)
        talk.client.transport.write(b"hello")
        talk.settle()
        assert successor.received == b"hello"


# What is left behind.


class Forgetful(Protocol):
    """Keeps no reason: its traceback refers to whoever was calling, the test as well."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.over = True


def farewell(talk: Talk) -> None:
    talk.client.transport.loseConnection()


def cut(talk: Talk) -> None:
    talk.pump.client.abortConnection()


def corrupt(talk: Talk) -> None:
    talk.pump.client.write(b"\x17\x03\x03\x00\x20" + bytes(32))


@pytest.mark.parametrize("end", [farewell, cut, corrupt])
def test_nothingKeepsItselfAlive(engines: Any, end: Any) -> None:
    """With the collector off, a connection that has ended is gone when its program lets go of it."""
    contexts = engines[0].server(), engines[1].client()
    Talk(None, contexts=contexts).settle()  # whatever is kept once is kept now
    gc.collect()
    gc.disable()
    try:
        talk = Talk(None, Forgetful(), Forgetful(), contexts).settle()
        talk.client.transport.write(b"hello")
        talk.settle()
        left = [weakref.ref(talk.server.transport), weakref.ref(talk.client.transport)]
        end(talk)
        talk.settle()
        assert talk.server.over
        assert talk.client.over
        del talk
        assert [ref() for ref in left] == [None, None]
    finally:
        gc.enable()


def test_handshakesThatAreGivenUpLeaveNothing(engines: Any) -> None:
    """However far they came: no timer, no layer, nothing that the collector would have to find."""
    contexts = engines[0].server(), engines[1].client()
    left = []
    gc.collect()
    gc.disable()
    try:
        for number in range(40):
            talk = Talk(None, Forgetful(), Forgetful(), contexts, pieceSize=200)
            for _ in range(number % 12):
                talk.pump.turn()
            left.append(weakref.ref(talk.server.transport))
            (talk.pump.client if number % 2 else talk.pump.server).abortConnection()
            talk.settle()
            assert talk.pump.clock.getDelayedCalls() == []
            del talk
        assert [ref() for ref in left] == [None] * len(left)
    finally:
        gc.enable()


def test_theClockMayBeGiven(engine: Any) -> None:
    """TLSMemoryBIOFactory(clock=) counts by that, not by the transport's reactor."""
    from ropewalk.internet.task import Clock

    clock = Clock()
    pump: MemoryPump = connectedPair(layered(engine.server(), False, server := Recorder(), clock), Protocol())
    assert pump.clock.getDelayedCalls() == []
    clock.advance(61)
    pump.settle()
    assert type(server.reason.value) is ConnectionLost


# Keys that are changed.


class Keys:
    """An engine whose peer asks for new keys with whatever it sends."""

    closed = False
    trouble = None

    def __init__(self) -> None:
        self.says = b""

    def handshake(self, data: bytes) -> bool:
        return bool(data)

    def decrypt(self, data: bytes) -> bytes:
        self.says += b"k" * bool(data)
        return data.strip(b"k")

    def encrypt(self, data: bytes) -> bytes:
        says, self.says = self.says, b""
        return says + data

    def take(self) -> bytes:
        return self.encrypt(b"")

    def close(self) -> None:
        """There is nothing to say."""

    release = close


class Keyed(TLSMemoryBIOFactory):
    def _makeEngine(self, pump: Any) -> Any:
        return Keys()


def keyed(transport: StringTransport) -> tuple[TLSMemoryBIOProtocol, Recorder]:
    recorder = Recorder()
    layer: Any = Keyed(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), False, Giving(recorder)).buildProtocol(None)
    layer.factory.handshakeTimeout = None
    layer.makeConnection(transport)
    layer.dataReceived(b"k")  # the handshake
    return layer, recorder


def test_newKeysAreAnswered() -> None:
    """A peer that asks for new keys is answered at once (RFC 8446 §4.6.3), whether data came along or not."""
    transport = StringTransport()
    layer, recorder = keyed(transport)
    for data, answered in ((b"k", b"k"), (b"data", b"k"), (b"k", b"k")):
        transport.clear()
        layer.dataReceived(data)
        assert transport.value() == answered
    assert recorder.received == b"data"


def test_whoTakesNoAnswersGetsNoNewKeys() -> None:
    """A peer that asks for new keys over and over, and doesn't read, is cut off before that takes memory."""

    class Full(StringTransport):
        def drain(self) -> Any:
            return Deferred()

    transport = Full()
    layer, recorder = keyed(transport)
    while not transport.disconnected:
        layer.dataReceived(b"data")
        assert len(transport.value()) <= MOST_ANSWERS + 1
    layer.connectionLost(Failure(ConnectionAborted()))
    assert recorder.reason is not None
    assert recorder.reason.check(ConnectionLost)
    assert "asks for new keys" in str(recorder.reason.value)


def test_whoTakesAnswersGetsNewKeysForEver() -> None:
    """As long as the answers are taken there is no limit to new keys."""

    class Roomy(StringTransport):
        def drain(self) -> Any:
            return succeed(None)

    transport = Roomy()
    layer, _ = keyed(transport)
    for _ in range(3 * MOST_ANSWERS):
        layer.dataReceived(b"k")
    assert not transport.disconnecting
    assert len(transport.value()) == 3 * MOST_ANSWERS
