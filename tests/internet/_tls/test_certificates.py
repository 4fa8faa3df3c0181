"""Certificates, keys and requests."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from cryptography import x509
from OpenSSL import SSL, crypto

from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import CertificateError, VerifyError
from ropewalk.internet.ssl import DN, Certificate, CertificateRequest, KeyPair, PrivateCertificate
from support.certificates import authority, issue, pemOf, trusted
from support.outcomes import outcome

PAIR = KeyPair.generate()
OTHER = KeyPair.generate()
CERTIFICATE = PAIR.selfSignedCert(7, CN="a.example", O="Acme")


class TestCertificate:
    def test_loadAndDump(self) -> None:
        """A certificate is read from PEM and from DER, and comes out the same."""
        ca = trusted()
        assert ca.dumpPEM() == authority().cert_pem.bytes()
        assert Certificate.load(ca.dump()) == ca == Certificate.load(ca.dumpPEM(), crypto.FILETYPE_PEM)

    def test_pyOpenSSLsObject(self) -> None:
        """It is made of an ``X509``, and ``original`` is one (F107)."""
        certificate = Certificate(CERTIFICATE.original)
        assert isinstance(certificate.original, crypto.X509)
        assert certificate == CERTIFICATE
        assert Certificate(CERTIFICATE.original.to_cryptography()) == CERTIFICATE

    def test_shownInALine(self) -> None:
        """``repr`` tells subject and issuer (F107)."""
        certificate = Certificate(CERTIFICATE.original)
        assert repr(certificate) == "<Certificate Subject=b'a.example' Issuer=b'a.example'>"

    def test_whatItSays(self) -> None:
        """Names, number and fingerprints."""
        assert CERTIFICATE.getSubject() == DN(CN="a.example", O="Acme") == CERTIFICATE.getIssuer()
        assert CERTIFICATE.serialNumber() == 7
        assert len(CERTIFICATE.digest()) == 16 * 3 - 1
        known = CERTIFICATE.original.digest("sha256")
        assert CERTIFICATE.digest("sha256") == known

    def test_inspected(self) -> None:
        """An inspection is a table for people."""
        lines = Certificate(CERTIFICATE.original).inspect().splitlines()
        assert lines[0] == "Certificate For Subject:"
        assert "         Organization Name: Acme" in lines
        assert f"Digest: {CERTIFICATE.digest().decode()}" in lines
        assert lines[-1] == f"Public Key with Hash: {PAIR.keyHash()}"
        assert CERTIFICATE.inspect().splitlines()[-1] == f"2048-bit RSA Key Pair with Hash: {PAIR.keyHash()}"

    def test_dumpForPeople(self) -> None:
        """`FILETYPE_TEXT` is OpenSSL's own table."""
        assert CERTIFICATE.dump(crypto.FILETYPE_TEXT).startswith(b"Certificate:")

    def test_comparesByItsBytes(self) -> None:
        """Equal certificates are equal, with a key or without; other things are not; none is a key of a dictionary."""
        assert Certificate(CERTIFICATE.original) == CERTIFICATE
        assert PAIR.selfSignedCert(8, CN="a.example") != CERTIFICATE
        assert CERTIFICATE != 3
        with pytest.raises(TypeError, match="unhashable"):
            hash(CERTIFICATE)

    def test_cantBeShownWithoutItsKey(self) -> None:
        """Only a certificate with its key has options."""
        with pytest.raises(NotImplementedError, match="PrivateCertificate"):
            trusted().options()

    @pytest.mark.parametrize("data", [b"", b"junk", CERTIFICATE.privateKey.dump(crypto.FILETYPE_PEM)])
    def test_notThere(self, data: bytes) -> None:
        """A text without a certificate says so."""
        with pytest.raises(ValueError, match="there is no certificate"):
            Certificate.loadPEM(data)

    def test_otherThings(self) -> None:
        """A certificate isn't made of anything."""
        with pytest.raises(TypeError, match="not of int"):
            Certificate(3)
        with pytest.raises(ValueError, match="FILETYPE_PEM"):
            Certificate.load(b"", 9)


class Handle:
    """What a TLS transport of pyOpenSSL's answers with."""

    def __init__(self, peer: Any, host: Any) -> None:
        self.get_peer_certificate = lambda: peer
        self.get_certificate = lambda: host


class Transport:
    def __init__(self, peer: Any, host: Any) -> None:
        self.getHandle = lambda: Handle(peer, host)


class TestTransports:
    def test_bothEnds(self) -> None:
        """A connection's certificates are the peer's and ours."""
        transport = Transport(trusted().original, CERTIFICATE.original)
        assert Certificate.peerFromTransport(transport) == trusted()
        assert Certificate.hostFromTransport(transport) == CERTIFICATE

    def test_notShown(self) -> None:
        """Who has shown none has none."""
        with pytest.raises(CertificateError, match="has shown no certificate"):
            Certificate.peerFromTransport(Transport(None, None))
        with pytest.raises(CertificateError, match="no certificate of ours"):
            Certificate.hostFromTransport(Transport(None, None))


class TestPrivateCertificate:
    def test_onePEMWithBoth(self) -> None:
        """One PEM text holds certificate and key, in any order (F106)."""
        text = CERTIFICATE.dumpPEM()
        certificate = PrivateCertificate.loadPEM(text)
        assert certificate == CERTIFICATE
        assert certificate.privateKey.matches(PAIR)
        cut = text.index(b"-----BEGIN PRIVATE")
        assert PrivateCertificate.loadPEM(text[cut:] + text[:cut]) == CERTIFICATE

    def test_chain(self) -> None:
        """More certificates in the text are shown to peers as well."""
        child = authority().create_child_ca()
        options = PrivateCertificate.loadPEM(pemOf(child.issue_cert("a.example"))).options()
        assert [Certificate(each) for each in options.extraCertChain] == [trusted(child)]

    def test_noKey(self) -> None:
        """A text without a key says so."""
        with pytest.raises(ValueError, match="no private key"):
            PrivateCertificate.loadPEM(trusted().dumpPEM())

    def test_othersKey(self) -> None:
        """A key that is another's is refused."""
        with pytest.raises(VerifyError, match=PAIR.keyHash()):
            PrivateCertificate.fromCertificateAndKeyPair(CERTIFICATE, OTHER)
        with pytest.raises(VerifyError, match=OTHER.keyHash()):
            PrivateCertificate.load(CERTIFICATE.dump(), OTHER)

    def test_shownInALine(self) -> None:
        """``repr`` adds the key's hash, never the key."""
        assert repr(CERTIFICATE).endswith(f"Issuer=b'a.example'> with <KeyPair {PAIR.keyHash()}>")

    def test_selfSignedOnesCanBeUsed(self) -> None:
        """A self-signed certificate may sign others, and is for the host that its name says."""
        said = x509.load_der_x509_certificate(CERTIFICATE.dump())
        assert said.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        names = said.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["a.example"]

    def test_namesThatAreNoHosts(self) -> None:
        """A name that can't be a host's makes no host's certificate."""
        said = x509.load_der_x509_certificate(PAIR.selfSignedCert(1, CN="Bob the Builder").dump())
        with pytest.raises(x509.ExtensionNotFound):
            said.extensions.get_extension_for_class(x509.SubjectAlternativeName)

    def test_othersKeyIntoOptions(self) -> None:
        """A key that OpenSSL finds to be another's is refused at the first use."""
        from ropewalk.internet.ssl import CertificateOptions

        options = CertificateOptions(privateKey=OTHER.original, certificate=CERTIFICATE.original)
        with pytest.raises(SSL.Error):
            options.getContext()


class TestKeyPair:
    def test_loadAndDump(self) -> None:
        """A key is read and written in PEM and DER."""
        assert KeyPair.load(PAIR.dump()).matches(PAIR)
        assert KeyPair.load(PAIR.dump(crypto.FILETYPE_PEM), crypto.FILETYPE_PEM).matches(PAIR)
        assert not PAIR.matches(OTHER)

    def test_publicHalf(self) -> None:
        """A certificate's public key is that of the pair it was made for."""
        public = CERTIFICATE.getPublicKey()
        assert public.matches(PAIR)
        assert PAIR.matches(public)
        assert repr(public) == f"<PublicKey {PAIR.keyHash()}>"
        assert isinstance(public.original, crypto.PKey)

    def test_pyOpenSSLsObject(self) -> None:
        """It is made of a ``PKey``, and ``original`` is one."""
        assert isinstance(PAIR.original, crypto.PKey)
        assert KeyPair(PAIR.original).matches(PAIR)

    def test_kinds(self) -> None:
        """There are RSA keys and DSA keys."""
        assert KeyPair.generate(crypto.TYPE_DSA, 1024).inspect().startswith("1024-bit DSA Key Pair")
        with pytest.raises(ValueError, match="TYPE_RSA"):
            KeyPair.generate(99)

    @pytest.mark.parametrize(
        ("form", "says"), [(crypto.FILETYPE_ASN1, "deserialize"), (crypto.FILETYPE_PEM, "there is no private key")]
    )
    def test_otherBytes(self, form: int, says: str) -> None:
        """What is no key is refused."""
        with pytest.raises(ValueError, match=says):
            KeyPair.load(b"junk", form)

    def test_otherThings(self) -> None:
        """A pair isn't made of anything."""
        with pytest.raises(TypeError, match="not of int"):
            KeyPair(3)


class TestRequests:
    def test_signed(self) -> None:
        """A request is signed in the name of a certificate: its name and its key are in the new one."""
        request = OTHER.requestObject(DN(CN="b.example", OU="Unit"))
        signed = CERTIFICATE.signRequestObject(request, 9, secondsToExpiry=60)
        assert signed.getSubject() == DN(CN="b.example", OU="Unit")
        assert signed.getIssuer() == CERTIFICATE.getSubject()
        assert signed.serialNumber() == 9
        assert signed.getPublicKey().matches(OTHER)
        said = x509.load_der_x509_certificate(signed.dump())
        said.verify_directly_issued_by(x509.load_der_x509_certificate(CERTIFICATE.dump()))
        assert (said.not_valid_after_utc - said.not_valid_before_utc).total_seconds() == 60

    def test_onlyTheNameIsGranted(self) -> None:
        """Other names that a request asks for are not signed: nobody has agreed to them."""
        from cryptography.hazmat.primitives import hashes

        greedy = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "b.example")]))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("bank.example")]), critical=False)
            .sign(OTHER.original.to_cryptography_key(), hashes.SHA256())
        )
        signed = CERTIFICATE.signRequestObject(CertificateRequest(greedy), 1)
        said = x509.load_der_x509_certificate(signed.dump())
        names = said.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["b.example"]

    def test_asBytes(self) -> None:
        """Requests and what is made of them travel as bytes, in both forms."""
        data = OTHER.certificateRequest(DN(CN="b.example"), crypto.FILETYPE_PEM)
        assert CertificateRequest.load(data, crypto.FILETYPE_PEM).getSubject() == DN(CN="b.example")
        signed = CERTIFICATE.signCertificateRequest(
            data, lambda name: name.CN == b"b.example", 1, crypto.FILETYPE_PEM, crypto.FILETYPE_PEM
        )
        assert isinstance(signed, bytes)
        assert OTHER.newCertificate(signed, crypto.FILETYPE_PEM).getSubject().CN == b"b.example"
        again = CertificateRequest.load(CERTIFICATE.certificateRequest())
        assert again.getSubject() == CERTIFICATE.getSubject()

    def test_nobodyAgrees(self) -> None:
        """A name that isn't agreed to is not signed."""
        data = OTHER.certificateRequest(DN(CN="b.example"))
        with pytest.raises(VerifyError, match=r"b\.example"):
            PAIR.signCertificateRequest(DN(CN="me"), data, lambda name: False, 1)

    def test_laterAgreed(self) -> None:
        """To agree may take time: the answer is then a Deferred, too."""
        data = OTHER.certificateRequest(DN(CN="b.example"))
        for answer in (True, False):
            asked: Deferred[bool] = Deferred()
            signed: Any = PAIR.signCertificateRequest(DN(CN="me"), data, _answer(asked), 1)
            assert not signed.called
            asked.callback(answer)
            if answer:
                assert Certificate.load(outcome(signed)).getIssuer() == DN(CN="me")
            else:
                with pytest.raises(VerifyError):
                    outcome(signed)

    def test_forgedRequests(self) -> None:
        """A request that isn't signed by its own key is refused."""
        data = bytearray(OTHER.certificateRequest(DN(CN="b.example")))
        data[-1] ^= 1
        with pytest.raises(VerifyError, match="isn't signed"):
            CertificateRequest.load(bytes(data))

    def test_digests(self) -> None:
        """What is signed with is named as `hashlib` does; unknown names are refused."""
        request = OTHER.requestObject(DN(CN="b.example"), "sha512")
        assert request.original.signature_hash_algorithm.name == "sha512"
        with pytest.raises(ValueError, match="'foo' is no digest"):
            OTHER.requestObject(DN(CN="b.example"), "foo")


def _answer(value: Any) -> Any:
    """Something that agrees to any name with one answer."""
    return lambda name: value


BARE = """
import sys
sys.modules["OpenSSL"] = sys.modules["cryptography"] = None
from ropewalk.internet import ssl
import importlib.util
certificate = ssl.PrivateCertificate.loadPEM(sys.stdin.buffer.read())
print(repr(certificate.getSubject().get("commonName")), certificate.serialNumber() > 0, certificate.getPublicKey())
session = certificate.options()._stdlibSession(False)
print(type(session.context).__name__, "cryptography" in sys.modules and sys.modules["cryptography"])
try:
    certificate.original
except ImportError as problem:
    print(problem)
"""


def test_nothingInstalled() -> None:
    """Without pyOpenSSL and cryptography certificates are read, looked at and served; what needs them says so."""
    certificate = issue("a.example", common_name="Server")
    done = subprocess.run(
        [sys.executable, "-c", BARE], input=certificate.dumpPEM(), capture_output=True, timeout=20, check=False
    )
    lines = done.stdout.decode().splitlines()
    assert lines == [
        f"b'Server' True <PublicKey {certificate.getPublicKey().keyHash()}>",
        "SSLContext None",
        "this part of ropewalk.internet.ssl needs pyOpenSSL: pip install 'ropewalk[tls]'",
    ], done.stderr.decode()
