"""What is said when a handshake fails: a sentence for each reason, the same with both engines."""

from __future__ import annotations

import pickle
import ssl as stdlib
from typing import Any

import pytest
import trustme
from OpenSSL import SSL

from ropewalk.internet._tls.refusals import HandshakeRefused, Shown, explain, refuseCertificate
from ropewalk.internet.ssl import (
    AcceptableCiphers,
    CertificateOptions,
    KeyPair,
    PrivateCertificate,
    TLSVersion,
    VerificationError,
    optionsForClientTLS,
)
from support.certificates import Shake, authority, days, issue, private, revoked, trusted

GOOD = issue("a.example")
FAILED = [("SSL routines", "", "certificate verify failed")]
CHILD = authority().create_child_ca()


def client(host: str = "a.example", ca: Any = None, *shown: Any, **options: Any) -> Any:
    """A client's policy."""
    return optionsForClientTLS(host, ca or trusted(), *shown, **options)


def server(**options: Any) -> CertificateOptions:
    """A server's policy with a good certificate."""
    return CertificateOptions(privateKey=GOOD.privateKey, certificate=GOOD, **options)


def incomplete() -> PrivateCertificate:
    """A certificate whose issuer's own isn't sent along."""
    leaf = CHILD.issue_cert("a.example")
    return PrivateCertificate.loadPEM(leaf.private_key_pem.bytes() + leaf.cert_chain_pems[0].bytes())


class TestCertificates:
    """A client refuses certificates, and says which is wrong how (F110)."""

    CASES = [
        (
            "expired",
            lambda: issue("a.example", not_before=days(-9), not_after=days(-1)),
            ("has expired", f"valid until {days(-1):%Y-%m-%d}", "now it is"),
            10,
        ),
        (
            "not yet valid",
            lambda: issue("a.example", not_before=days(2), not_after=days(9)),
            ("not yet valid", f"from {days(2):%Y-%m-%d}", "clock"),
            9,
        ),
        ("self-signed", lambda: KeyPair.generate().selfSignedCert(1, CN="a.example"), ("is self-signed",), 18),
        (
            "untrusted issuer",
            lambda: private(authority("Evil").create_child_ca().issue_cert("a.example")),
            ("is signed by", "an untrusted issuer"),
            20,
        ),
        (
            "incomplete chain",
            incomplete,
            ("is signed by", "the chain is incomplete", "did not send"),
            20,
        ),
    ]

    @pytest.mark.parametrize(("certificate", "says", "code"), [pytest.param(*row[1:], id=row[0]) for row in CASES])
    def test_sentence(self, certificate: Any, says: tuple[str, ...], code: int, shake: Shake) -> None:
        """The sentence names host and certificate, and what is wrong with it; OpenSSL's own words come first."""
        _, met = shake(certificate().options(), client())
        assert isinstance(met.refusal, HandshakeRefused)
        assert met.refusal.args == (FAILED,)
        assert met.sentence.startswith(f"{FAILED}: ")
        assert "'a.example'" in met.sentence
        for words in says:
            assert words in met.sentence
        assert met.refusal.verifyCode == code

    def test_wrongHost(self, shake: Shake) -> None:
        """A genuine certificate of somebody else is refused with both names (F110)."""
        _, met = shake(GOOD.options(), client("b.example"))
        assert isinstance(met.refusal, VerificationError)
        assert "'b.example' was asked for, and the certificate is for 'a.example'" in met.sentence

    def test_completeChain(self, shake: Shake) -> None:
        """With the whole chain the same authority will do."""
        _, met = shake(private(CHILD.issue_cert("a.example")).options(), client())
        assert met.refusal is None

    def test_theOtherSideHearsToo(self, shake: Shake) -> None:
        """The server is told by an alert, and says what that means."""
        met, _ = shake(GOOD.options(), client("a.example", trusted(authority("Other"))))
        assert isinstance(met.refusal, HandshakeRefused)
        assert "unknown ca" in str(met.refusal.args)
        assert "does not trust who signed our certificate" in met.sentence


class TestClients:
    """A server refuses clients (F116)."""

    def test_noCertificate(self, shake: Shake) -> None:
        """A client that has to show a certificate and shows none."""
        met, _ = shake(GOOD.options(trusted()), client())
        assert "has shown no certificate" in met.sentence

    def test_untrusted(self, shake: Shake) -> None:
        """A client whose certificate nobody knows has signed."""
        evil = authority("Evil")
        met, _ = shake(GOOD.options(trusted()), client("a.example", None, issue("me.example", ca=evil)))
        assert "the certificate of the peer ('me.example') is signed by" in met.sentence

    def test_welcome(self, shake: Shake) -> None:
        """A client that shows what is asked for comes in."""
        met, other = shake(GOOD.options(trusted()), client("a.example", None, issue("me.example")))
        assert met.refusal is other.refusal is None


class TestNothingInCommon:
    def test_version(self, shake: Shake) -> None:
        """A version that is too low is said to be, on both sides."""
        old = client(extraCertificateOptions={"lowerMaximumSecurityTo": TLSVersion.TLSv1_2})
        met, other = shake(server(raiseMinimumTo=TLSVersion.TLSv1_3), old)
        assert "no version of TLS that we accept: its newest is too low" in met.sentence
        assert "'a.example' refused" in other.sentence or "the peer refused" in other.sentence
        assert "versions are too far apart" in other.sentence

    def test_cipher(self, shake: Shake) -> None:
        """No cipher suite in common."""
        ciphers = AcceptableCiphers.fromOpenSSLCipherString
        one = server(
            acceptableCiphers=ciphers("ECDHE-ECDSA-AES256-GCM-SHA384"), lowerMaximumSecurityTo=TLSVersion.TLSv1_2
        )
        other = client(extraCertificateOptions={"acceptableCiphers": ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")})
        met, heard = shake(one, other)
        assert "no shared cipher" in met.sentence
        assert "no cipher suite" in heard.sentence


class TestWords:
    def test_isAnOpenSSLError(self) -> None:
        """Programs that look for ``OpenSSL.SSL.Error`` find it, whichever engine has refused."""
        problem = stdlib.SSLError(1, "[SSL] no shared cipher")
        problem.reason = "NO_SHARED_CIPHER"
        said = explain(problem)
        assert isinstance(said, SSL.Error)
        assert said.args == ([("SSL routines", "", "no shared cipher")],)

    def test_wordsThatTheStandardLibraryHasNoNameFor(self) -> None:
        """Alerts that Python's ``ssl`` knows no name of are put in a sentence, too."""
        refusal = explain(stdlib.SSLError(1, "[SSL] tlsv1 alert no application protocol (_ssl.c:1006)"), "a.example")
        assert isinstance(refusal, HandshakeRefused)
        assert refusal.reason == "tlsv1 alert no application protocol"
        assert refusal.sentence.startswith("'a.example' refused: it speaks none of the protocols that we offered")

    def test_otherErrorsAreLeftAlone(self) -> None:
        """What isn't about TLS, or was explained already, comes back as it is."""
        for problem in (ValueError("x"), HandshakeRefused("a", "b"), VerificationError([])):
            assert explain(problem) is problem

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            ("wrong version number", "is no TLS"),
            ("http request", "plain HTTP request"),
            ("sslv3 alert certificate expired", "our certificate has expired"),
            ("tls alert certificate expired", "our certificate has expired"),
            ("tlsv13 alert certificate required", "wants a certificate of ours"),
            ("tlsv1 alert something new", "something new"),
            ("what nobody has heard of", "'what nobody has heard of'"),
        ],
    )
    def test_oldAndNewWords(self, words: str, says: str) -> None:
        """The words of OpenSSL 3 and OpenSSL 4 become the same sentences; new ones are quoted."""
        assert says in str(explain(SSL.Error([("SSL routines", "", words)])))

    @pytest.mark.parametrize("code", [2, 3, 21, 22, 23, 26, 62, 64, 66, 67, 68])
    def test_rareReasons(self, code: int) -> None:
        """Every reason has a sentence about the certificate, whether it is known or not."""
        for culprit in (GOOD.dump(), None, b"junk"):
            said = refuseCertificate(code, "some words", Shown("a.example", culprit, 1))
            assert said.verifyCode == code
            assert "chain of 'a.example'" in str(said)

    def test_pickle(self) -> None:
        """A refusal can be sent to another process."""
        said = refuseCertificate(10, "", Shown("a.example"))
        again = pickle.loads(pickle.dumps(said))
        assert (str(again), again.verifyCode) == (str(said), 10)


class TestRevoked:
    def test_listed(self, shake: Shake) -> None:
        """A certificate on its issuer's list of revoked ones (CRL) is refused, with its number; others are not."""
        from ropewalk.internet._tls.trust import OpenSSLCertificateAuthorities

        ca = trustme.CA()
        bad, good = issue("a.example", ca=ca), issue("a.example", ca=ca)
        roots = OpenSSLCertificateAuthorities([trusted(ca)], revoked(ca, bad))
        _, met = shake(bad.options(), client("a.example", roots))
        assert f"serial number {bad.serialNumber():x}, was revoked by its issuer" in met.sentence
        assert shake(good.options(), client("a.example", roots))[1].refusal is None
