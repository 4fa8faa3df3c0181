"""Names with passwords, challenges of CRAM-MD5, keys."""

from __future__ import annotations

import hmac

import pytest

from ropewalk.cred import credentials as module
from ropewalk.cred.credentials import (
    Anonymous,
    CramMD5Credentials,
    IAnonymous,
    ICredentials,
    ISSHPrivateKey,
    IUsernameHashedPassword,
    IUsernamePassword,
    SSHPrivateKey,
    UsernameHashedPassword,
    UsernamePassword,
)
from ropewalk.cred.error import LoginFailed, MalformedCredentials


def answered(credentials: CramMD5Credentials, name: bytes, password: bytes) -> CramMD5Credentials:
    digest = hmac.new(password, credentials.getChallenge(), "md5").hexdigest().encode()
    credentials.setResponse(name + b" " + digest)
    return credentials


def test_kinds() -> None:
    """Credentials say what kind they are, by interface (CR5)."""
    assert IUsernamePassword.providedBy(UsernamePassword(b"joe", b"secret"))
    assert IUsernameHashedPassword.providedBy(UsernameHashedPassword(b"joe", b"hash"))
    assert IUsernameHashedPassword.providedBy(CramMD5Credentials())
    assert IAnonymous.providedBy(Anonymous())
    key = SSHPrivateKey(b"joe", b"ssh-ed25519", b"blob", b"signed", b"signature")
    assert ISSHPrivateKey.providedBy(key)
    assert (key.username, key.algName, key.blob, key.sigData, key.signature) == (
        b"joe", b"ssh-ed25519", b"blob", b"signed", b"signature",
    )  # fmt: skip
    assert ICredentials.implementedBy(Anonymous)
    assert ICredentials.__identifier__ == "ropewalk.cred.credentials.ICredentials"


def test_doorNamesItsClasses() -> None:
    """Tracebacks and pickles say where a program finds them."""
    for name in module.__all__:
        assert getattr(module, name).__module__ == "ropewalk.cred.credentials", name


@pytest.mark.parametrize("make", [UsernamePassword, UsernameHashedPassword])
def test_password(make: type[UsernamePassword]) -> None:
    """The password is right or it is not; text is its UTF-8 (CR5)."""
    credentials = make("joe", "pä")
    assert credentials.username == "joe"
    assert credentials.checkPassword("pä")
    assert credentials.checkPassword("pä".encode())
    assert not credentials.checkPassword("pa")
    assert not credentials.checkPassword("")
    assert "pä" not in repr(credentials)


@pytest.mark.parametrize("password", [None, 3, object(), "\ud800"])
def test_noPassword(password: object) -> None:
    """What is no password is a wrong one."""
    assert not UsernamePassword(b"joe", b"").checkPassword(password)  # type: ignore[arg-type]  # as a careless caller does


def test_cramExample() -> None:
    """RFC 2195 §2: Tim's answer."""
    credentials = CramMD5Credentials()
    credentials.challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    credentials.setResponse(b"tim b913a602c7eda7a495b4e6e7334d3890")
    assert credentials.username == b"tim"
    assert credentials.checkPassword(b"tanstaaftanstaaf")
    assert credentials.checkPassword("tanstaaftanstaaf")
    assert not credentials.checkPassword(b"tanstaaf")


def test_cramChallenge() -> None:
    """Each login has a challenge of its own, which stays the same; it has the form of a message id (RFC 2195 §2)."""
    credentials = CramMD5Credentials(b"mail.example.org")
    challenge = credentials.getChallenge()
    assert challenge.startswith(b"<")
    assert challenge.endswith(b"@mail.example.org>")
    assert credentials.getChallenge() == challenge
    assert CramMD5Credentials("mail.example.org").getChallenge() != challenge
    assert not credentials.moreChallenges()
    assert CramMD5Credentials().getChallenge().startswith(b"<")


def test_cramNamesWithSpaces() -> None:
    """The digest comes after the last space."""
    credentials = answered(CramMD5Credentials(), b"Tim Berners", b"secret")
    assert credentials.username == b"Tim Berners"
    assert credentials.checkPassword(b"secret")


@pytest.mark.parametrize("response", [b"", b"tim", b" digest", b"x" * 1024 + b" 0"])
def test_cramMalformed(response: bytes) -> None:
    """What is no answer is refused, as a login that failed and as a ValueError, and changes nothing."""
    credentials = CramMD5Credentials()
    credentials.getChallenge()
    with pytest.raises(MalformedCredentials, match="a name, a space and a digest") as refused:
        credentials.setResponse(response)
    assert isinstance(refused.value, LoginFailed)
    assert isinstance(refused.value, ValueError)
    assert credentials.username is None


def test_cramWithoutChallenge() -> None:
    """Nobody is let in who was not challenged."""
    credentials = CramMD5Credentials()
    credentials.setResponse(b"tim " + hmac.new(b"secret", b"", "md5").hexdigest().encode())
    assert not credentials.checkPassword(b"secret")
