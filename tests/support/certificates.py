"""Certificates for tests, good and bad, and handshakes in memory with either engine."""

from __future__ import annotations

import ssl as stdlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import trustme

from ropewalk.internet._tls.refusals import explain
from ropewalk.internet._tls.stdlibcontext import sentBy
from ropewalk.internet.ssl import Certificate, PrivateCertificate
from ropewalk.python.failure import Failure

NOW = datetime.now(UTC)


def days(count: float) -> datetime:
    """The moment so many days from now."""
    return NOW + timedelta(days=count)


@cache
def authority(name: str = "Acme") -> trustme.CA:
    """An authority, made once for all tests."""
    return trustme.CA(organization_name=name)


def trusted(ca: trustme.CA | None = None) -> Certificate:
    """An authority's certificate, to be trusted."""
    return Certificate.loadPEM((ca or authority()).cert_pem.bytes())


def pemOf(leaf: trustme.LeafCert) -> bytes:
    """A certificate with its key and those who signed it, as a PEM file has it."""
    return leaf.private_key_and_cert_chain_pem.bytes()


def private(leaf: trustme.LeafCert) -> PrivateCertificate:
    """A certificate with its key, as programs have it."""
    return PrivateCertificate.loadPEM(pemOf(leaf))


def issue(*names: str, ca: trustme.CA | None = None, **options: Any) -> PrivateCertificate:
    """A certificate for some hosts, signed by an authority."""
    return private((ca or authority()).issue_cert(*names, **options))


def revoked(ca: trustme.CA, *certificates: PrivateCertificate) -> bytes:
    """An authority's list of revoked certificates, in PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    key = serialization.load_pem_private_key(ca.private_key_pem.bytes(), None)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(x509.load_pem_x509_certificate(ca.cert_pem.bytes()).subject)
        .last_update(days(-1))
        .next_update(days(9))
    )
    for each in certificates:
        entry = x509.RevokedCertificateBuilder().serial_number(each.serialNumber()).revocation_date(days(-1)).build()
        builder = builder.add_revoked_certificate(entry)
    signed = builder.sign(key, hashes.SHA256())  # type: ignore[arg-type]  # an EC key it is
    return signed.public_bytes(serialization.Encoding.PEM)


# Handshakes.


@dataclass
class Met:
    """What came of a handshake, for one side.

    Attributes:
        refusal: why it was refused; `None` if it wasn't.
        version, cipher, protocol: what was agreed upon.
    """

    refusal: BaseException | None = None
    version: str = ""
    cipher: str = ""
    protocol: bytes | None = None

    @property
    def sentence(self) -> str:
        """What is said to people."""
        return str(self.refusal)


Shake = Callable[[Any, Any], tuple[Met, Met]]


def shakeStdlib(server: Any, client: Any) -> tuple[Met, Met]:
    """Let two policies shake hands in memory by the standard library; return what came of it, the server's first."""
    up, down = stdlib.MemoryBIO(), stdlib.MemoryBIO()
    sides = []
    for policy, isClient, incoming, outgoing in ((server, False, up, down), (client, True, down, up)):
        session = policy._stdlibSession(isClient)
        assert session is not None, "the standard library can't do this policy"
        connection = session.context.wrap_bio(
            incoming, outgoing, server_side=not isClient, server_hostname=session.serverHostname
        )
        sides.append((connection, session, isClient))

    def step(side: tuple[Any, Any, bool]) -> Met | None:
        connection, session, isClient = side
        host = client._hostname if isClient and hasattr(client, "_hostname") else None
        try:
            connection.do_handshake()
            if session.afterHandshake is not None:
                session.afterHandshake(connection)
        except stdlib.SSLWantReadError:
            return None
        except Exception as problem:
            return Met(explain(problem, host, sentBy(connection)))
        protocol = connection.selected_alpn_protocol()
        return Met(None, connection.version(), connection.cipher()[0], protocol and protocol.encode())

    return _shake(sides, step, lambda: None)


@dataclass
class Pump:
    """What an OpenSSL creator is handed."""

    failures: list[Failure] = field(default_factory=list)

    def failVerification(self, failure: Failure) -> None:
        self.failures.append(failure)


def shakeOpenSSL(server: Any, client: Any) -> tuple[Met, Met]:
    """Let two policies shake hands in memory by pyOpenSSL; return what came of it, the server's first."""
    from OpenSSL import SSL

    pumps = Pump(), Pump()
    ours, theirs = server.serverConnectionForTLS(pumps[0]), client.clientConnectionForTLS(pumps[1])
    ours.set_accept_state()
    theirs.set_connect_state()

    def step(side: tuple[Any, Pump]) -> Met | None:
        connection, pump = side
        try:
            connection.do_handshake()
        except SSL.WantReadError:
            return None
        except Exception as problem:
            return Met(explain(problem))
        if pump.failures:
            return Met(pump.failures[0].value)
        return Met(
            None,
            connection.get_protocol_version_name(),
            connection.get_cipher_name(),
            connection.get_alpn_proto_negotiated() or None,
        )

    def carry() -> None:
        for source, target in ((ours, theirs), (theirs, ours)):
            try:
                target.bio_write(source.bio_read(65536))
            except SSL.WantReadError:
                pass

    return _shake([(ours, pumps[0]), (theirs, pumps[1])], step, carry)


def _shake(sides: list[Any], step: Callable[[Any], Met | None], carry: Callable[[], None]) -> tuple[Met, Met]:
    met: list[Met | None] = [None, None]
    for _ in range(6):
        for index in (1, 0):
            if met[index] is None:
                met[index] = step(sides[index])
            carry()
    server, client = met
    # TLS 1.3: a client is done before the server has looked at what it has shown.
    return server or Met(ConnectionError("it is still waiting")), client or Met(ConnectionError("it is still waiting"))


ENGINES: dict[str, Shake] = {"stdlib": shakeStdlib, "pyOpenSSL": shakeOpenSSL}
