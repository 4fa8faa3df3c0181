"""Answers to Digest challenges: any bytes give credentials or a LoginFailed, and what was quoted comes back."""

from __future__ import annotations

from fuzzing import main, pieces

from ropewalk._wire.events import RemoteProtocolError
from ropewalk.cred._wire.parameters import LIMIT, parse
from ropewalk.cred.credentials import DigestCredentialFactory
from ropewalk.cred.error import LoginFailed

FACTORY = DigestCredentialFactory(b"sha-256", b"realm")
CHALLENGE = FACTORY.getChallenge(b"10.0.0.1")

# What the bytes stand between: alone they would hardly ever be more than a parameter.
GOOD = b'username="joe", nonce="%(nonce)b", opaque="%(opaque)b", uri="/", response="0", ' % {
    name.encode(): value for name, value in CHALLENGE.items()
}
BEGINNINGS = [b"", b'username="', b"username*=UTF-8''", b'username="joe", nonce="', GOOD, GOOD + b'qop=auth, nc="']


def target(data: bytes) -> None:
    answer = BEGINNINGS[data[0] % len(BEGINNINGS)] + data[1:] if data else b""
    said = ""
    try:
        fields = parse(answer)
        assert sum(map(len, fields.values())) <= len(answer) <= LIMIT, (answer, fields)
    except RemoteProtocolError as refused:
        said = str(refused)
    try:
        credentials = FACTORY.decode(answer, b"GET", b"10.0.0.1")
        assert not credentials.checkPassword(b"guess")
    except LoginFailed as refused:
        said += str(refused)
    assert len(said) < 500, said

    values = {f"p{number}": piece for number, piece in enumerate(pieces(data)[:20])}
    quoted = [b'%b="%b"' % (name.encode(), escaped(value)) for name, value in values.items()]
    assert parse(b" ,\t".join(quoted)) == values


def escaped(value: bytes) -> bytes:
    return value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')


if __name__ == "__main__":
    main(target)
