"""`optionsForClientTLS`: whom a client expects."""

from __future__ import annotations

from typing import Any

import pytest
from OpenSSL import SSL

from ropewalk.internet._tls.clients import ClientTLSOptions
from ropewalk.internet._tls.hostnames import verifyHostname, verifyIPAddress
from ropewalk.internet.ssl import CertificateOptions, VerificationError, optionsForClientTLS
from ropewalk.python.failure import Failure
from support.certificates import Pump, Shake, issue, shakeOpenSSL, trusted


@pytest.mark.parametrize(
    "host", ["a.example", "A.EXAMPLE", "bücher.example", "192.0.2.1", "2001:db8::1", "x.w.example"]
)
def test_hosts(host: str, shake: Shake) -> None:
    """Names in any script, wildcards and addresses are verified (F108)."""
    server = issue("a.example", "xn--bcher-kva.example", "192.0.2.1", "2001:db8::1", "*.w.example").options()
    assert shake(server, optionsForClientTLS(host, trusted()))[1].refusal is None
    other = shake(issue("other.example").options(), optionsForClientTLS(host, trusted()))[1]
    assert isinstance(other.refusal, VerificationError)


def test_textOnly() -> None:
    """The host's name is text (F108)."""
    with pytest.raises(TypeError, match="the host's name is text, not bytes"):
        optionsForClientTLS(b"a.example")  # type: ignore[arg-type]  # as a test has to


def test_noHost() -> None:
    """What can't be a host's name is refused at once."""
    with pytest.raises(ValueError, match="invalid hostname"):
        optionsForClientTLS("a..example")


def test_givenTwice() -> None:
    """What has an argument of its own isn't given among the extra ones."""
    with pytest.raises(TypeError, match="extraCertificateOptions has trustRoot, which"):
        optionsForClientTLS("a.example", extraCertificateOptions={"trustRoot": trusted()})
    with pytest.raises(TypeError, match="foo"):
        optionsForClientTLS("a.example", extraCertificateOptions={"foo": 1})


class TestServerName:
    @pytest.mark.parametrize(
        ("host", "send", "sent"),
        [
            ("a.example", None, b"a.example"),
            ("bücher.example", None, b"xn--bcher-kva.example"),
            ("192.0.2.1", None, None),
            ("a.example", False, None),
        ],
    )
    def test_sent(self, host: str, send: bool | None, sent: bytes | None, shake: Shake) -> None:
        """Names are told to the server (SNI), addresses are not, and nothing is on request."""
        asked: list[bytes | None] = []

        class Ask:
            """What a server asks for certificates."""

            def _optionsFor(self, name: bytes | None) -> CertificateOptions:
                asked.append(name)
                return issue("a.example", "bücher.example", "192.0.2.1").options()

        server = CertificateOptions(contextForServerName=Ask())  # type: ignore[arg-type]  # as our own lookups are
        assert shake(server, optionsForClientTLS(host, trusted(), sendServerName=send))[1].refusal is None
        assert asked == [sent]


class TestSubclasses:
    """Programs subclass `ClientTLSOptions` to hear what OpenSSL does."""

    def test_ownCheck(self) -> None:
        """An info callback of a program's own decides; then pyOpenSSL makes the connection."""
        heard: list[Any] = []

        class Hearing(ClientTLSOptions):
            def _identityVerifyingInfoCallback(self, connection: Any, where: int, ret: int) -> None:
                if where & SSL.SSL_CB_HANDSHAKE_DONE:
                    for check, name in ((verifyHostname, "a.example"), (verifyIPAddress, "192.0.2.9")):
                        try:
                            check(connection, name)
                        except VerificationError:
                            heard.append((name, "refused"))
                        else:
                            heard.append((name, "good"))

        context = CertificateOptions(trustRoot=trusted())
        policy = Hearing(context.clientConnectionForTLS, "b.example")
        assert policy._stdlibSession(True) is None
        assert shakeOpenSSL(issue("a.example").options(), policy)[1].refusal is None
        assert heard == [("a.example", "good"), ("192.0.2.9", "refused")]

    def test_olderSignature(self) -> None:
        """The host and a context, as older releases had it, in the module that packages import it from."""
        from ropewalk.internet._sslverify import ClientTLSOptions as Theirs

        policy: Any = Theirs("a.example", CertificateOptions(trustRoot=trusted()).getContext())
        assert shakeOpenSSL(issue("a.example").options(), policy)[1].refusal is None
        assert isinstance(shakeOpenSSL(issue("b.example").options(), policy)[1].refusal, VerificationError)

    def test_byHand(self) -> None:
        """One made by hand, with a function that makes connections, verifies as ever."""
        policy = ClientTLSOptions(CertificateOptions(trustRoot=trusted()).clientConnectionForTLS, "b.example")
        assert isinstance(shakeOpenSSL(issue("a.example").options(), policy)[1].refusal, VerificationError)

    def test_failureIsTold(self) -> None:
        """The TLS protocol hears of it by ``failVerification``, with a `Failure`."""
        pump = Pump()
        policy = optionsForClientTLS("b.example", trusted())
        connection = policy.clientConnectionForTLS(pump)
        policy._identityVerifyingInfoCallback(connection, SSL.SSL_CB_HANDSHAKE_DONE, 1)
        assert isinstance(pump.failures[0], Failure)
        assert pump.failures[0].check(VerificationError)


def test_repeatedNames() -> None:
    """What a subclass reads is there: the name as it was given, in ASCII, as bytes."""
    policy = optionsForClientTLS("bücher.example")
    assert policy._hostname == "bücher.example"
    assert policy._hostnameBytes == b"xn--bcher-kva.example"
    assert policy._hostnameIsDnsName
    assert not optionsForClientTLS("::1")._hostnameIsDnsName
