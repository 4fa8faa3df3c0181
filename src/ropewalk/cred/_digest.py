"""Digest authentication: the challenge, and the answer as credentials.

The server keeps nothing for a challenge that it has sent. All it needs to know later, the nonce, for whom and when, is
in the opaque value that comes back with the answer, signed with a key of the factory's own. What is kept is which
answers were good: each counts once (`_wire.spent`), so that who reads one on the wire cannot use it again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping

from zope.interface import implementer

from ropewalk._wire.events import RemoteProtocolError

from ._kinds import ICredentials, IUsernameDigestHash, IUsernameHashedPassword
from ._wire.digest import algorithmNamed, calcHA1, calcHA2, calcResponse
from ._wire.parameters import parse
from ._wire.spent import Spent
from ._wire.text import asBytes, same
from .error import MalformedCredentials, StaleChallenge

__all__ = ["DigestCredentialFactory", "DigestedCredentials"]

Text = bytes | str

# What an answer must have, apart from those that come with ``qop``.
NEEDED = ("username", "nonce", "opaque", "uri", "response")

COUNT = re.compile(rb"[0-9A-Fa-f]{8}")


@implementer(ICredentials, IUsernameHashedPassword, IUsernameDigestHash)
class DigestedCredentials:
    """A peer's answer to a challenge.

    Attributes:
        username: who the peer says it is.
        method: what it asks for, ``b"GET"`` say.
        realm: where.
        fields: the answer's parameters by their names in lower case. Compare ``uri`` with what is really asked for
            (RFC 7616 §3.4.6): the answer is good for that only.

    Args:
        spend: called when the answer has proved right; false means that it was used before.
    """

    def __init__(
        self,
        username: bytes,
        method: bytes,
        realm: bytes,
        fields: Mapping[str, bytes],
        *,
        spend: Callable[[], bool] | None = None,
    ) -> None:
        self.username = username
        self.method = method
        self.realm = realm
        self.fields = fields
        self._spend = spend

    def checkPassword(self, password: Text) -> bool:
        """Whether the answer was computed from this password."""
        return self._check((self.username, self.realm, password), None)

    def checkHash(self, digestHash: Text) -> bool:
        """Whether the answer was computed from this hash of name, realm and password: `calcHA1` with plain names.

        Args:
            digestHash: in hexadecimal.
        """
        return self._check((None, None, None), digestHash)

    def _check(self, who: tuple[Text | None, Text | None, Text | None], preHA1: Text | None) -> bool:
        fields = self.fields
        algorithm, nonce, cnonce = fields.get("algorithm", b"md5"), fields.get("nonce", b""), fields.get("cnonce", b"")
        qop, response = fields.get("qop"), fields.get("response")
        if response is None or "uri" not in fields:
            return False
        if qop is not None and qop.lower() != b"auth":
            return False  # It is about the body, too, which nobody has shown us.
        try:
            ours = calcResponse(
                calcHA1(algorithm, *who, nonce, cnonce, preHA1),
                calcHA2(algorithm, self.method, fields["uri"], qop, None),
                algorithm,
                nonce,
                fields.get("nc"),
                cnonce,
                qop,
            )
        except ValueError:
            return False  # An algorithm that nobody knows.
        if not same(ours, response):
            return False
        if self._spend is not None:
            if not self._spend():
                return False
            self._spend = None  # Several checkers may ask. It is one use.
        return True


class DigestCredentialFactory:
    """Challenges peers, and makes credentials of their answers.

    Only the instance that made a challenge takes its answer: keep it as long as the server.

    Args:
        algorithm: ``md5``, ``sha``, ``sha-256`` or ``sha-512-256``. The last two are those to use (RFC 7616), unless
            a peer is older.
        authenticationRealm: of what the peer's password is asked.
        seconds: the clock.

    Raises:
        ValueError: there is no such algorithm.

    Attributes:
        CHALLENGE_LIFETIME_SECS: how long a challenge may be answered; then the peer is challenged anew, and answers
            without asking its user.
        scheme: the name of the scheme.
        privateKey: signs challenges. Chosen at random.

    Spec: RFC 7616; RFC 2617 for older peers, and RFC 2069's answers without ``qop``.
    """

    CHALLENGE_LIFETIME_SECS = 15 * 60
    scheme = b"digest"

    def __init__(
        self,
        algorithm: Text,
        authenticationRealm: Text,
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        algorithmNamed(algorithm)
        self.algorithm = asBytes(algorithm)
        self.authenticationRealm = asBytes(authenticationRealm)
        self.privateKey = secrets.token_bytes(32)
        self._seconds = seconds
        self._spent = Spent(seconds, self.CHALLENGE_LIFETIME_SECS)

    def getChallenge(self, address: Text | None) -> dict[str, bytes]:
        """Return the parameters of a new challenge.

        Args:
            address: the peer's; the answer must come from there.
        """
        nonce = secrets.token_hex(12).encode()
        return {
            "nonce": nonce,
            "opaque": self._opaque(nonce, address),
            "qop": b"auth",
            "algorithm": self.algorithm,
            "realm": self.authenticationRealm,
        }

    def decode(self, response: bytes, method: Text, host: Text | None) -> DigestedCredentials:
        """Make credentials of an answer.

        Args:
            response: its parameters, ``username="joe", ...``, without the name of the scheme.
            method: what the peer asks for, ``b"GET"`` say.
            host: the peer's address, as in `getChallenge`.

        Returns:
            Credentials, whose password nobody has looked at yet.

        Raises:
            StaleChallenge: it answers a challenge that is too old, or was used already. Challenge anew.
            MalformedCredentials: it is none, or answers no challenge of ours.
        """
        try:
            fields = parse(response)
        except RemoteProtocolError as problem:
            raise MalformedCredentials(str(problem)) from None
        missing = [name for name in NEEDED if not fields.get(name)]
        if missing:
            raise MalformedCredentials(f"the answer has no {', no '.join(missing)}")
        count = self._count(fields)
        if fields.setdefault("algorithm", self.algorithm).lower() != self.algorithm.lower():
            # A weaker one than we asked for would let an eavesdropper choose what to break.
            raise MalformedCredentials(
                f"the answer's algorithm is {fields['algorithm'][:32]!r}, the challenge's {self.algorithm!r}"
            )
        issued = self._verify(fields["opaque"], fields["nonce"], host)
        self._spent.lifetime = self.CHALLENGE_LIFETIME_SECS
        # Without a count, the same answer comes for the same request only, and counts once, too.
        challenge, number = (fields["nonce"], count) if count is not None else (fields["response"], 0)
        if self._spent.isTooOld(issued):
            raise StaleChallenge("the answer comes too late for its challenge")
        if self._spent.isSpent(challenge, number):
            raise StaleChallenge("the answer was used already, or came long after later ones")
        return DigestedCredentials(
            fields["username"],
            asBytes(method),
            self.authenticationRealm,
            fields,
            spend=lambda: self._spent.spend(challenge, issued, number),
        )

    def _count(self, fields: Mapping[str, bytes]) -> int | None:
        """How many answers the peer has given to the challenge, this one included; `None` from peers of RFC 2069."""
        if "qop" not in fields:
            # Then the response leaves them out, and so nothing would hold the peer to the count.
            if "nc" in fields and "cnonce" in fields:
                raise MalformedCredentials("the answer has nc and cnonce, and no qop")
            return None
        if fields["qop"].lower() != b"auth":
            raise MalformedCredentials(f"the answer's qop is {fields['qop'][:32]!r}, and only auth was offered")
        count = fields.get("nc", b"")
        if not COUNT.fullmatch(count):
            raise MalformedCredentials(f"the answer's nc is {count[:32]!r}, not eight hexadecimal digits")
        if not fields.get("cnonce"):
            raise MalformedCredentials("the answer has no cnonce")
        return int(count, 16)

    # The opaque value: a signature, a dash, and in base 64 the nonce, the address and the time, with commas between.

    def _opaque(self, nonce: bytes, address: Text | None) -> bytes:
        said = b",".join([nonce, asBytes(address or b""), repr(self._seconds()).encode()])
        return self._signature(said) + b"-" + b64encode(said)

    def _signature(self, said: bytes) -> bytes:
        return hmac.new(self.privateKey, said, hashlib.sha256).hexdigest().encode()

    def _verify(self, opaque: bytes, nonce: bytes, address: Text | None) -> float:
        """Return when the challenge was issued, once it is known to be ours, and for this peer."""
        signature, _, encoded = opaque.partition(b"-")
        try:
            said = b64decode(encoded, validate=True)
        except ValueError:
            said = b""
        if not hmac.compare_digest(signature, self._signature(said)):
            raise MalformedCredentials("the answer's opaque value is not one of ours")
        # An address may have commas: those of UNIX sockets are paths.
        theirs, _, rest = said.partition(b",")
        where, _, when = rest.rpartition(b",")
        if not same(theirs, nonce):
            raise MalformedCredentials("the answer's nonce is not that of its opaque value")
        if not same(where, address or b""):
            raise MalformedCredentials("the answer comes from another address than the one that was challenged")
        return float(when)
