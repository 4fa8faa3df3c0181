"""`CertificateOptions`, whole: what it refuses, what it says to either engine."""

from __future__ import annotations

import gc
import ssl as stdlib
import weakref
from pathlib import Path
from typing import Any

import pytest
from OpenSSL import SSL, crypto
from zope.interface import implementer
from zope.interface.verify import verifyObject

from ropewalk.internet.interfaces import (
    IAcceptableCiphers,
    IOpenSSLClientConnectionCreator,
    IOpenSSLContextFactory,
    IOpenSSLServerConnectionCreator,
    IProtocolNegotiationFactory,
)
from ropewalk.internet.ssl import (
    AcceptableCiphers,
    CertificateOptions,
    DiffieHellmanParameters,
    TLSVersion,
    optionsForClientTLS,
    platformTrust,
    trustRootFromCertificates,
)
from ropewalk.python.filepath import FilePath
from support.certificates import Met, Pump, Shake, issue, trusted

GOOD = issue("a.example")
V = TLSVersion

# The group ffdhe2048 (RFC 7919 §A.1), as ``openssl dhparam`` would write it.
DH = b"""-----BEGIN DH PARAMETERS-----
MIIBDAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAgICAOE=
-----END DH PARAMETERS-----
"""


def server(**options: Any) -> CertificateOptions:
    """A server's policy with a good certificate."""
    return CertificateOptions(privateKey=GOOD.privateKey.original, certificate=GOOD.original, **options)


def client(**options: Any) -> Any:
    """A client's policy that trusts it."""
    protocols = options.pop("acceptableProtocols", None)
    return optionsForClientTLS("a.example", trusted(), None, protocols, extraCertificateOptions=options)


class TestMistakes:
    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ({"privateKey": GOOD.privateKey}, "privateKey is given without certificate"),
            ({"certificate": GOOD}, "certificate is given without privateKey"),
            ({"verify": True}, "caCerts"),
            ({"extraCertChain": [GOOD]}, "extraCertChain is given without"),
            ({"raiseMinimumTo": V.TLSv1_3, "lowerMaximumSecurityTo": V.TLSv1_2}, "leaves no version of TLS"),
            ({"insecurelyLowerMinimumTo": V.TLSv1_2, "lowerMaximumSecurityTo": V.TLSv1_0}, "leaves no version of TLS"),
            ({"raiseMinimumTo": "TLSv1_3"}, "raiseMinimumTo is one of TLSVersion's"),
            ({"method": 99}, "method is a constant of OpenSSL.SSL"),
            ({"acceptableProtocols": [b""]}, "1 to 255 bytes"),
            ({"acceptableProtocols": [b"x" * 256]}, "1 to 255 bytes"),
            ({"acceptableCiphers": AcceptableCiphers([])}, "accepts no cipher suite"),
        ],
    )
    def test_contradictions(self, options: Any, says: str) -> None:
        """Arguments that contradict each other, or miss one another, are refused by name."""
        with pytest.raises(ValueError, match=says):
            CertificateOptions(**options)

    @pytest.mark.parametrize(
        "options",
        [
            {"trustRoot": trusted(), "verify": True, "caCerts": [trusted()]},
            {"trustRoot": trusted(), "caCerts": [trusted()]},
            {"trustRoot": trusted(), "requireCertificate": False},
            {"method": SSL.TLS_METHOD, "raiseMinimumTo": V.TLSv1_2},
            {"method": SSL.TLS_METHOD, "insecurelyLowerMinimumTo": V.TLSv1_2},
            {"method": SSL.TLS_METHOD, "lowerMaximumSecurityTo": V.TLSv1_2},
            {"raiseMinimumTo": V.TLSv1_3, "insecurelyLowerMinimumTo": V.TLSv1_2},
        ],
    )
    def test_exclusions(self, options: Any) -> None:
        """Arguments that say the same in two ways exclude each other."""
        with pytest.raises(TypeError, match="exclude"):
            CertificateOptions(**options)

    def test_notTrusted(self) -> None:
        """What isn't anybody to trust is refused."""
        with pytest.raises(TypeError, match="a trustRoot is a Certificate"):
            CertificateOptions(trustRoot=3)
        with pytest.raises(TypeError, match="not X509"):
            trustRootFromCertificates([GOOD.original])

    def test_methodIsDeprecated(self) -> None:
        """``method`` works, with a warning that names what to write (F118)."""
        with pytest.warns(DeprecationWarning, match="raiseMinimumTo"):
            options = CertificateOptions(method=SSL.TLSv1_2_METHOD)
        assert options._said().versions.numbers == (0x0303, 0x0303)
        with pytest.warns(DeprecationWarning, match="method"):
            assert CertificateOptions(method=SSL.SSLv23_METHOD)._said().versions.numbers == (0x0303, 0x0304)


class TestVersions:
    @pytest.mark.parametrize(
        ("options", "lowest", "highest"),
        [
            ({}, 0x0303, 0x0304),
            ({"raiseMinimumTo": V.TLSv1_3}, 0x0304, 0x0304),
            ({"raiseMinimumTo": V.TLSv1_0}, 0x0303, 0x0304),
            ({"insecurelyLowerMinimumTo": V.TLSv1_0}, 0x0301, 0x0304),
            ({"lowerMaximumSecurityTo": V.TLSv1_2}, 0x0303, 0x0303),
            ({"lowerMaximumSecurityTo": V.TLSv1_1}, 0x0302, 0x0302),
            ({"insecurelyLowerMinimumTo": V.TLSv1_1, "lowerMaximumSecurityTo": V.TLSv1_2}, 0x0302, 0x0303),
        ],
    )
    def test_range(self, options: Any, lowest: int, highest: int) -> None:
        """TLS 1.2 and 1.3, unless the range is said."""
        assert CertificateOptions(**options)._said().versions.numbers == (lowest, highest)

    @pytest.mark.parametrize("version", [V.TLSv1_0, V.TLSv1_1, V.TLSv1_2, V.TLSv1_3])
    def test_spoken(self, version: Any, shake: Shake) -> None:
        """Who lowers the minimum can speak the old versions."""
        lowered = server(insecurelyLowerMinimumTo=V.TLSv1_0)
        _, met = shake(lowered, client(insecurelyLowerMinimumTo=V.TLSv1_0, lowerMaximumSecurityTo=version))
        name = {"TLSv1_0": "TLSv1", "TLSv1_1": "TLSv1.1", "TLSv1_2": "TLSv1.2", "TLSv1_3": "TLSv1.3"}[version.name]
        assert met.version == name

    @pytest.mark.parametrize("version", [V.TLSv1_0, V.TLSv1_1])
    def test_floor(self, version: Any, shake: Shake) -> None:
        """Nobody else can."""
        _, met = shake(server(), client(insecurelyLowerMinimumTo=V.TLSv1_0, lowerMaximumSecurityTo=version))
        assert met.refusal is not None


class TestCiphers:
    def test_defaultsAreModern(self) -> None:
        """Forward secrecy and authenticated encryption only; the order is strongest first."""
        names = CertificateOptions()._said().ciphers
        assert names[0].startswith("TLS_")
        for name in names:
            assert name.startswith(("TLS_", "ECDHE-", "DHE-"))
            assert "GCM" in name or "CHACHA20" in name

    def test_chosen(self, shake: Shake) -> None:
        """An `IAcceptableCiphers` chooses among those that there are (F119)."""
        chosen = AcceptableCiphers.fromOpenSSLCipherString("ECDHE-ECDSA-AES128-GCM-SHA256")
        met, _ = shake(server(acceptableCiphers=chosen, lowerMaximumSecurityTo=V.TLSv1_2), client())
        assert met.cipher == "ECDHE-ECDSA-AES128-GCM-SHA256"

    def test_programsOwn(self, shake: Shake) -> None:
        """A program may bring its own object, and may pick among the suites of TLS 1.3: pyOpenSSL does that."""

        @implementer(IAcceptableCiphers)
        class One:
            def selectCiphers(self, availableCiphers: Any) -> Any:
                return [cipher for cipher in availableCiphers if cipher.fullName == "TLS_AES_128_GCM_SHA256"]

        options = server(acceptableCiphers=One())
        assert options._stdlibSession(False) is None
        from support.certificates import shakeOpenSSL

        assert shakeOpenSSL(options, client())[0].cipher == "TLS_AES_128_GCM_SHA256"

    def test_text(self) -> None:
        """A text of OpenSSL's stands for suites; for none, if it means nothing."""
        chosen = AcceptableCiphers.fromOpenSSLCipherString("ECDHE+AESGCM")
        assert "ECDHE-RSA-AES256-GCM-SHA384" in repr(chosen)
        available = chosen._ciphers[1:2]
        assert chosen.selectCiphers(available) == available
        assert all(each.fullName.startswith("TLS_") for each in AcceptableCiphers.fromOpenSSLCipherString("x")._ciphers)

    def test_diffieHellman(self, tmp_path: Path, shake: Shake) -> None:
        """Parameters make the DHE suites work (F117)."""
        path = tmp_path / "dh.pem"
        path.write_bytes(DH)
        parameters = DiffieHellmanParameters.fromFile(FilePath(str(path)))
        from ropewalk.internet.ssl import KeyPair

        rsa = KeyPair.generate().selfSignedCert(1, CN="a.example")
        chosen = AcceptableCiphers.fromOpenSSLCipherString("DHE-RSA-AES256-GCM-SHA384")
        options = CertificateOptions(
            privateKey=rsa.privateKey,
            certificate=rsa,
            dhParameters=parameters,
            acceptableCiphers=chosen,
            lowerMaximumSecurityTo=V.TLSv1_2,
        )
        met, _ = shake(options, optionsForClientTLS("a.example", rsa))
        assert met.cipher == "DHE-RSA-AES256-GCM-SHA384"


class TestProtocols:
    def test_serversOrder(self, shake: Shake) -> None:
        """The server takes the first of its own that the client offers (F120, F122)."""
        met, other = shake(
            server(acceptableProtocols=[b"h2", b"http/1.1"]), client(acceptableProtocols=[b"http/1.1", b"h2"])
        )
        assert met.protocol == other.protocol == b"h2"

    def test_noneOffered(self, shake: Shake) -> None:
        """A client that offers none is served (F123)."""
        met, other = shake(server(acceptableProtocols=[b"h2"]), client())
        assert (met.refusal, other.refusal, met.protocol) == (None, None, None)

    def test_noneInCommon(self) -> None:
        """A client that offers others is refused (F124); the standard library's engine does so by the contract."""
        from support.certificates import shakeOpenSSL

        options = server(acceptableProtocols=[b"h2"])
        met, other = shakeOpenSSL(options, client(acceptableProtocols=[b"spdy/3"]))
        assert "b'spdy/3' (ALPN), and we speak b'h2': no shared protocol" in met.sentence
        assert "no shared protocol" in other.sentence
        session = options._stdlibSession(False)
        assert session is not None
        assert session.requiredProtocols == (b"h2",)

    def test_factorysOwn(self) -> None:
        """A factory that says which protocols it speaks is asked, instead of the policy; contexts are kept apart."""
        options = server(acceptableProtocols=[b"h2"])
        ours = options._stdlibSession(False)
        theirs = options._stdlibSession(False, [b"imap"])
        assert ours is not None
        assert theirs is not None
        assert theirs.requiredProtocols == (b"imap",)
        assert ours.context is not theirs.context

        @implementer(IProtocolNegotiationFactory)
        class Mail:
            def acceptableProtocols(self) -> Any:
                return [b"imap"]

        class Speaking(Pump):
            factory: Any = type("F", (), {"wrappedFactory": Mail()})()

        connection = options.serverConnectionForTLS(Speaking())
        assert connection.get_context() is not options.serverConnectionForTLS(Pump()).get_context()


class TestTrust:
    def test_olderForm(self, shake: Shake) -> None:
        """``verify`` and ``caCerts`` say what ``trustRoot`` says."""
        options = server(verify=True, caCerts=[trusted().original])
        assert shake(options, client())[0].refusal is not None
        assert shake(options, optionsForClientTLS("a.example", trusted(), issue("me.example")))[0].refusal is None

    def test_notRequired(self, shake: Shake) -> None:
        """Without ``requireCertificate`` a client may show none."""
        options = server(verify=True, caCerts=[trusted().original], requireCertificate=False)
        assert shake(options, client())[0].refusal is None

    def test_anyOfSeveral(self, shake: Shake) -> None:
        """One signature of several authorities is enough (F109)."""
        from support.certificates import authority

        roots = trustRootFromCertificates([trusted(authority("Other")), trusted()])
        assert shake(GOOD.options(), optionsForClientTLS("a.example", roots))[1].refusal is None

    def test_itself(self, shake: Shake) -> None:
        """A certificate can be trusted by itself, with its key or without (F109)."""
        assert shake(GOOD.options(), optionsForClientTLS("a.example", GOOD))[1].refusal is None

    def test_programsOwnRoot(self) -> None:
        """A trust root for OpenSSL contexts that a program brings is for pyOpenSSL."""

        class Root:
            def _addCACertsToContext(self, context: Any) -> None:
                context.get_cert_store().add_cert(trusted().original)

        options = optionsForClientTLS("a.example", Root())
        assert options._stdlibSession(True) is None
        from support.certificates import shakeOpenSSL

        assert shakeOpenSSL(GOOD.options(), options)[1].refusal is None

    def test_systems(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shake: Shake) -> None:
        """The system's authorities are the default; the environment may name others (F109)."""
        path = tmp_path / "roots.pem"
        path.write_bytes(trusted().dumpPEM())
        policy = optionsForClientTLS("a.example")
        assert shake(GOOD.options(), policy)[1].refusal is not None
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        assert shake(GOOD.options(), optionsForClientTLS("a.example", platformTrust()))[1].refusal is None

    def test_depth(self) -> None:
        """How long a chain may be is for pyOpenSSL to say."""
        from support.certificates import authority, private, shakeOpenSSL

        leaf = private(authority().create_child_ca().create_child_ca().issue_cert("a.example"))
        assert shakeOpenSSL(leaf.options(), client(verifyDepth=9))[1].refusal is None
        assert client(verifyDepth=0)._stdlibSession(True) is None
        assert "longer than verifyDepth" in shakeOpenSSL(leaf.options(), client(verifyDepth=0))[1].sentence


class TestContexts:
    def test_provides(self) -> None:
        """It is what the three interfaces promise (F125)."""
        for interface in (
            IOpenSSLContextFactory,
            IOpenSSLClientConnectionCreator,
            IOpenSSLServerConnectionCreator,
        ):
            verifyObject(interface, CertificateOptions())

    def test_attributes(self) -> None:
        """What was said can be asked."""
        options = server(extraCertChain=[trusted().original], verifyDepth=3)
        assert isinstance(options.privateKey, crypto.PKey)
        assert isinstance(options.certificate, crypto.X509)
        assert len(options.extraCertChain) == 1
        assert (options.verify, options.verifyDepth, options.enableSessions, options.method) == (False, 3, False, 7)

    def test_sameContext(self) -> None:
        """``getContext`` returns one context, and it is the caller's."""
        options = server()
        assert isinstance(options.getContext(), SSL.Context)
        assert options.getContext() is options.getContext()
        assert options.getContext() is not server().getContext()

    def test_onePerPolicy(self) -> None:
        """All who say the same share one context: a client of many hosts has one, with either engine."""
        one, other = optionsForClientTLS("a.example", trusted()), optionsForClientTLS("b.example", trusted())
        sessions = one._stdlibSession(True), other._stdlibSession(True)
        assert sessions[0] is not None
        assert sessions[1] is not None
        assert sessions[0].context is sessions[1].context
        assert sessions[0].serverHostname == "a.example"
        assert one.clientConnectionForTLS(Pump()).get_context() is other.clientConnectionForTLS(Pump()).get_context()

    def test_changedContextsAreUsed(self) -> None:
        """Who has taken the context may have changed it: connections are made from it from then on."""
        options = server()
        assert options._stdlibSession(False) is not None
        context = options.getContext()
        assert options._stdlibSession(False) is None
        assert options.serverConnectionForTLS(Pump()).get_context() is context

    def test_nothingIsKept(self) -> None:
        """Options that nobody holds are gone, without waiting for the collector."""
        gc.disable()
        try:
            options = server()
            options._stdlibSession(False)
            options.serverConnectionForTLS(Pump())
            gone = weakref.ref(options)
            del options
            assert gone() is None
        finally:
            gc.enable()

    def test_safeDefaults(self) -> None:
        """No compression, no renegotiation, no tickets; an end without a farewell is an error."""
        session = server()._stdlibSession(False)
        assert session is not None
        for option in (stdlib.OP_NO_COMPRESSION, stdlib.OP_NO_RENEGOTIATION, stdlib.OP_NO_TICKET):
            assert session.context.options & option
        assert not session.context.options & stdlib.OP_IGNORE_UNEXPECTED_EOF
        assert session.context.num_tickets == 0

    @pytest.mark.parametrize(("options", "cached"), [({}, SSL.SESS_CACHE_OFF), ({"enableSessions": True}, 2)])
    def test_sessions(self, options: Any, cached: int) -> None:
        """Sessions are not kept, unless that is wished for."""
        assert server(**options).getContext().get_session_cache_mode() == cached

    def test_tickets(self) -> None:
        """Tickets are sent if that is wished for."""
        session = server(enableSessionTickets=True)._stdlibSession(False)
        assert session is not None
        assert session.context.num_tickets > 0
        assert not session.context.options & stdlib.OP_NO_TICKET

    def test_singleUseOptions(self, shake: Shake) -> None:
        """The remaining switches of old are taken, and connections are made."""
        met = shake(server(enableSingleUseKeys=False, fixBrokenPeers=True, verifyOnce=False), client())[0]
        assert isinstance(met, Met)
        assert met.refusal is None

    def test_programsOwnAreKept(self) -> None:
        """What can't be shared, because a program's own object is in it, has one context an options object."""

        class Root:
            __hash__ = None  # type: ignore[assignment]  # as of a class that compares

            def _addCACertsToContext(self, context: Any) -> None:
                pass

        for options in (
            CertificateOptions(trustRoot=Root()),
            CertificateOptions(contextForServerName=lambda name: None),
        ):
            contexts = {id(options.serverConnectionForTLS(Pump()).get_context()) for _ in range(3)}
            assert len(contexts) == 1

    def test_takenContextsNegotiate(self) -> None:
        """A factory's protocols are negotiated with a context that a program has taken, too."""
        options = server()
        context = options.getContext()

        @implementer(IProtocolNegotiationFactory)
        class Mail:
            def acceptableProtocols(self) -> Any:
                return [b"imap"]

        class Speaking(Pump):
            factory: Any = type("F", (), {"wrappedFactory": Mail()})()

        ours = options.serverConnectionForTLS(Speaking())
        assert ours.get_context() is context
        theirs = client(acceptableProtocols=[b"imap"]).clientConnectionForTLS(Pump())
        ours.set_accept_state()
        theirs.set_connect_state()
        for source, target in ((theirs, ours), (ours, theirs)):
            with pytest.raises(SSL.WantReadError):
                source.do_handshake()
            target.bio_write(source.bio_read(65536))
        theirs.do_handshake()
        assert theirs.get_alpn_proto_negotiated() == b"imap"
