"""A policy, carried out by the standard library: an ``ssl.SSLContext``.

What it can't express is listed in `whyNot`; pyOpenSSL does that.
"""

from __future__ import annotations

import os
import ssl
import warnings
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from ._wire import pem
from .ciphers import TLS13, expanded
from .memory import asFile
from .policies import DEPTH, Identity, Policy, Verification
from .versions import TLSVersion

__all__ = ["sentBy", "shownBy", "stdlibContext", "whyNot"]

# How many contexts are kept that nobody holds: web clients make options anew for each request.
KEPT = 32

# OpenSSL 3 has no signatures for the versions before 1.2 on any level of security above this.
UNSAFE = ":@SECLEVEL=0"

# What a policy wants of every context. No compression (CRIME), no renegotiation (which only attackers ask for), keys
# of an exchange used once, the server's order of ciphers.
OPTIONS = (
    ssl.OP_NO_COMPRESSION
    | ssl.OP_NO_RENEGOTIATION
    | ssl.OP_SINGLE_DH_USE
    | ssl.OP_SINGLE_ECDH_USE
    | ssl.OP_CIPHER_SERVER_PREFERENCE
)
# ``_ssl.ENCODING_DER``.
ENCODING_DER = 2
# A connection that ends without a farewell is told apart from one that ends with one.
IGNORE_EOF = getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)


def whyNot(policy: Policy) -> str | None:
    """Say what of a policy the standard library can't do; `None` if it can do all."""
    if policy.verification is not None and policy.verification.roots is None:
        return f"the trust root {policy.verification.root!r} is for OpenSSL.SSL contexts only"
    if policy.verification is not None and policy.verification.depth != DEPTH:
        return "it says how long a chain may be"
    if policy.lookup is not None and not hasattr(policy.lookup, "_optionsFor"):
        return f"{policy.lookup!r} (contextForServerName) returns OpenSSL.SSL contexts"
    chosen = {name for name in policy.ciphers if name.startswith(TLS13)}
    if chosen and chosen != {name for name in expanded("") if name.startswith(TLS13)}:
        return "it chooses among the cipher suites of TLS 1.3"
    if policy.versions.highest is TLSVersion.SSLv3:
        return "there is no SSL 3 any more"
    return None


def stdlibContext(policy: Policy, isClient: bool) -> ssl.SSLContext:
    """Return the context of a policy: the same one each time, as far as possible.

    Raises:
        ssl.SSLError: OpenSSL does not take the key or the certificate.
    """
    if policy.isShared:
        return _kept(policy, isClient)
    context = _made(policy, isClient)
    if policy.lookup is not None:
        context.sni_callback = _chooser(policy)
    return context


@lru_cache(maxsize=KEPT)
def _kept(policy: Policy, isClient: bool) -> ssl.SSLContext:
    return _made(policy, isClient)


def _made(policy: Policy, isClient: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if isClient else ssl.PROTOCOL_TLS_SERVER)
    # Names are compared in `hostnames`, when the handshake is done.
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= OPTIONS
    context.options &= ~IGNORE_EOF
    _setVersions(context, policy)
    names = [name for name in policy.ciphers if not name.startswith(TLS13)]
    if names:
        context.set_ciphers(":".join(names) + (UNSAFE if policy.isLowered else ""))
    if not isClient:
        _setSessions(context, policy)
    if policy.protocols:
        context.set_alpn_protocols([name.decode("latin-1") for name in policy.protocols])
    if policy.identity is not None:
        _show(context, policy.identity)
    if policy.verification is not None:
        _verify(context, policy.verification)
    if policy.dhParameters is not None:
        with asFile(policy.dhParameters) as path:
            context.load_dh_params(path)
    return context


def _setVersions(context: ssl.SSLContext, policy: Policy) -> None:
    lowest, highest = policy.versions.numbers
    with warnings.catch_warnings():
        # That the old ones are deprecated is what ``insecurely`` says.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion(max(lowest, ssl.TLSVersion.TLSv1))
        context.maximum_version = ssl.TLSVersion(highest)


def _setSessions(context: ssl.SSLContext, policy: Policy) -> None:
    if not policy.tickets:
        context.options |= ssl.OP_NO_TICKET
    if not policy.tickets and not policy.sessions:
        # TLS 1.3 can't be resumed without, and sending none saves a record of each handshake.
        context.num_tickets = 0


def _show(context: ssl.SSLContext, identity: Identity) -> None:
    chain = [pem.encode(pem.CERTIFICATE, der) for der in identity.chain]
    with asFile(pem.join((identity.key, *chain))) as path:
        context.load_cert_chain(path)
    _shown[context] = identity.chain[0]


# The certificates that contexts show: they can't be asked for them.
_shown: WeakKeyDictionary[ssl.SSLContext, bytes] = WeakKeyDictionary()


def shownBy(context: ssl.SSLContext) -> bytes | None:
    """Return the DER bytes of the certificate that a context of ours shows to peers; `None` if it shows none."""
    return _shown.get(context)


def sentBy(connection: ssl.SSLObject) -> list[bytes]:
    """Return the DER bytes of a peer's certificate and of those who have signed it, as far as OpenSSL could follow.

    Only for sentences about a chain that it doesn't believe: before Python 3.13 there is no public way to ask, and then
    there may be none.
    """
    ask = getattr(connection, "get_verified_chain", None)
    try:
        if ask is not None:
            return list(ask())
        # Private, and what the public method calls in Python 3.13.
        sent = connection._sslobj.get_verified_chain() or ()  # type: ignore[attr-defined]  # as said
        return [certificate.public_bytes(ENCODING_DER) for certificate in sent]
    except (AttributeError, TypeError, ValueError):
        return []


def _verify(context: ssl.SSLContext, verification: Verification) -> None:
    context.verify_mode = ssl.CERT_REQUIRED if verification.required else ssl.CERT_OPTIONAL
    roots = verification.roots
    if roots is None:
        return
    if roots.system is not None:
        _trustSystem(context, roots.system)
    if roots.authorities:
        # Any of them will do as the end of a chain, an intermediate one or the peer's own included.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cadata=roots.asPEM().decode("ascii"))
    if roots.revocations:
        with asFile(roots.revocations) as path:
            context.load_verify_locations(path)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF


def _trustSystem(context: ssl.SSLContext, paths: tuple[str, ...]) -> None:
    if not paths:
        # Windows keeps them elsewhere, and Python knows where.
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    for path in paths:
        if os.path.isdir(path):
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(path)


def _chooser(policy: Policy) -> Any:
    """Make what chooses a context by the name that a client asks for (SNI, RFC 6066 §3).

    Of what is found only the identity counts. For the rest the policy holds: with its context a connection takes over
    whom to trust, too.
    """
    lookup: Any = policy.lookup
    made: WeakKeyDictionary[Any, ssl.SSLContext] = WeakKeyDictionary()

    def choose(connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        options = lookup._optionsFor(None if name is None else name.encode("ascii", "replace"))
        if options is None:
            return
        chosen = made.get(options)
        if chosen is None:
            chosen = made[options] = _made(policy.showing(options), False)
        connection.context = chosen

    return choose
