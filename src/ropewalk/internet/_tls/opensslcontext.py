"""A policy, carried out by pyOpenSSL: an ``OpenSSL.SSL.Context``, which the documented API hands out and takes."""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from .certificates import Certificate
from .ciphers import TLS13
from .extra import needed
from .keys import FILETYPE_PEM, KeyPair
from .memory import asFile
from .policies import Identity, Policy, Verification
from .refusals import Shown, refuseCertificate, refused

__all__ = ["ask", "keptContext", "newContext"]

# As many as the other engine keeps, for the same reason.
KEPT = 32
UNSAFE = ":@SECLEVEL=0"


@lru_cache(maxsize=KEPT)
def keptContext(policy: Policy) -> Any:
    """Return the context of a policy: the same one each time, as far as possible. Nobody may change it."""
    return newContext(policy)


def newContext(policy: Policy) -> Any:
    """Make an ``OpenSSL.SSL.Context`` of a policy.

    Raises:
        ImportError: pyOpenSSL isn't installed.
        OpenSSL.SSL.Error: OpenSSL does not take the key or the certificate.
    """
    SSL = needed("OpenSSL.SSL")
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_options(
        SSL.OP_NO_COMPRESSION
        | SSL.OP_NO_RENEGOTIATION
        | SSL.OP_SINGLE_DH_USE
        | SSL.OP_SINGLE_ECDH_USE
        | SSL.OP_CIPHER_SERVER_PREFERENCE
        | (SSL.OP_ALL if policy.lenient else 0)
        | (0 if policy.tickets else SSL.OP_NO_TICKET)
    )
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    lowest, highest = policy.versions.numbers
    context.set_min_proto_version(lowest)
    context.set_max_proto_version(highest)
    _setCiphers(context, policy)
    context.set_session_cache_mode(SSL.SESS_CACHE_SERVER if policy.sessions else SSL.SESS_CACHE_OFF)
    context.set_session_id(secrets.token_bytes(32))
    if policy.protocols:
        context.set_alpn_protos(list(policy.protocols))
        context.set_alpn_select_callback(_selector(policy.protocols))
    if policy.identity is not None:
        _show(context, policy.identity)
    if policy.verification is not None:
        _verify(context, policy.verification)
    if policy.dhParameters is not None:
        with asFile(policy.dhParameters) as path:
            context.load_tmp_dh(os.fsencode(path))
    if policy.lookup is not None:
        context.set_tlsext_servername_callback(_chooser(policy))
    return context


def _setCiphers(context: Any, policy: Policy) -> None:
    """Set the suites, those of TLS 1.3 by a function of their own.

    A suite that this OpenSSL lacks (the names come from the one of the standard library) is passed over by it.
    """
    older = [name for name in policy.ciphers if not name.startswith(TLS13)]
    newer = [name for name in policy.ciphers if name.startswith(TLS13)]
    if older:
        context.set_cipher_list((":".join(older) + (UNSAFE if policy.isLowered else "")).encode("ascii"))
    if newer:
        context.set_tls13_ciphersuites(":".join(newer).encode("ascii"))


def _selector(ours: tuple[bytes, ...]) -> Any:
    """Make what selects a protocol among those that a client offers: the first of ours (RFC 7301 §3.2)."""

    def select(connection: Any, offered: list[bytes]) -> bytes:
        for name in ours:
            if name in offered:
                return name
        theirs, known = (", ".join(repr(name[:32]) for name in names[:8]) for names in (offered, ours))
        raise refused(
            "no application protocol",
            f"the peer offers the application protocols {theirs} (ALPN), and we speak {known}: no shared protocol",
        )

    return select


def _show(context: Any, identity: Identity) -> None:
    x509 = needed("cryptography.x509")
    context.use_privatekey(KeyPair.load(identity.key, FILETYPE_PEM)._secret())
    own, *others = map(x509.load_der_x509_certificate, identity.chain)
    context.use_certificate(own)
    for certificate in others:
        context.add_extra_chain_cert(certificate)
    context.check_privatekey()


def _verify(context: Any, verification: Verification) -> None:
    SSL = needed("OpenSSL.SSL")
    mode = SSL.VERIFY_PEER
    if verification.required:
        mode |= SSL.VERIFY_FAIL_IF_NO_PEER_CERT
    if verification.once:
        mode |= SSL.VERIFY_CLIENT_ONCE
    context.set_verify(mode, _believe)
    context.set_verify_depth(verification.depth)
    if verification.roots is not None:
        verification.roots.tell(context)
    else:
        root: Any = verification.root
        root._addCACertsToContext(context)


# Whom a client's connection has asked for: one context serves many hosts.
_asked: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


def ask(connection: Any, host: str) -> None:
    """Note whom an ``OpenSSL.SSL.Connection`` asks for, to be named if its certificate is refused."""
    _asked[connection] = host


def _believe(connection: Any, certificate: Any, code: int, depth: int, isGood: int) -> bool:
    """Hear of each certificate of a chain whether OpenSSL believes it.

    What is raised here pyOpenSSL raises out of ``do_handshake``; the peer is told by an alert.
    """
    if isGood:
        return True
    shown = Shown(_asked.get(connection), Certificate(certificate).dump(), depth)
    raise refuseCertificate(code, f"reason {code} of OpenSSL's", shown)


def _chooser(policy: Policy) -> Any:
    """Make what chooses a context by the name that a client asks for (SNI, RFC 6066 §3).

    Of what our own lookups find only the identity counts. For the rest the policy holds: with its context a connection
    takes over whom to trust, too.
    """
    lookup: Any = policy.lookup
    made: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    def find(name: bytes | None) -> Any:
        options = lookup._optionsFor(name)
        if options is None:
            return None
        chosen = made.get(options)
        if chosen is None:
            chosen = made[options] = newContext(policy.showing(options))
        return chosen

    ask = find if hasattr(lookup, "_optionsFor") else lookup

    def choose(connection: Any) -> None:
        context = ask(connection.get_servername())
        if context is not None:
            connection.set_context(context)

    return choose
