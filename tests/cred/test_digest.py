"""Digest challenges are answered by those who know the password, from where they were sent, in time, and once."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.cred.credentials import (
    DigestCredentialFactory,
    DigestedCredentials,
    IUsernameDigestHash,
    IUsernameHashedPassword,
    calcHA1,
    calcHA2,
    calcResponse,
)
from ropewalk.cred.error import LoginFailed, MalformedCredentials, StaleChallenge
from ropewalk.internet.task import Clock

HOST = b"10.0.0.1"
ALGORITHMS = [b"md5", b"MD5", b"md5-sess", b"sha", b"sha-256", b"SHA-256", b"sha-256-sess", b"sha-512-256"]


class Browser:
    """A client that answers a challenge, and counts its answers."""

    def __init__(self, factory: DigestCredentialFactory, password: bytes = b"secret") -> None:
        self.factory = factory
        self.challenge = factory.getChallenge(HOST)
        self.password = password
        self.count = 0

    def answer(self, **changed: bytes | None) -> bytes:
        """The next answer, with some of its parameters changed after the response was computed, or left out."""
        self.count += 1
        fields: dict[str, bytes] = {
            "username": b"joe",
            "realm": self.challenge["realm"],
            "nonce": self.challenge["nonce"],
            "uri": b"/write/",
            "opaque": self.challenge["opaque"],
            "algorithm": self.challenge["algorithm"],
            "qop": b"auth",
            "nc": b"%08x" % self.count,
            "cnonce": b"29fc54aa1641c6fa0e151419361c8f23",
        }
        if changed.get("qop", b"") is None:
            del fields["qop"], fields["nc"], fields["cnonce"]
        fields["response"] = self.response(fields)
        kept = {name: value for name, value in {**fields, **changed}.items() if value is not None}
        return b", ".join(b'%b="%b"' % (name.encode(), value) for name, value in kept.items())

    def response(self, fields: dict[str, bytes]) -> bytes:
        algorithm, nonce, cnonce = fields["algorithm"], fields["nonce"], fields.get("cnonce", b"")
        ha1 = calcHA1(algorithm, fields["username"], fields["realm"], self.password, nonce, cnonce)
        ha2 = calcHA2(algorithm, b"GET", fields["uri"], fields.get("qop"), None)
        return calcResponse(ha1, ha2, algorithm, nonce, fields.get("nc"), cnonce, fields.get("qop"))

    def send(self, answer: bytes) -> DigestedCredentials:
        return self.factory.decode(answer, b"GET", HOST)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def factory(clock: Clock) -> DigestCredentialFactory:
    return DigestCredentialFactory(b"md5", b"test realm", seconds=clock.seconds)


@pytest.fixture
def browser(factory: DigestCredentialFactory) -> Browser:
    return Browser(factory)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_password(algorithm: bytes) -> None:
    """The right password is recognized by the answer, with each algorithm, and no other."""
    browser = Browser(DigestCredentialFactory(algorithm, b"realm"))
    credentials = browser.send(browser.answer())
    assert credentials.username == b"joe"
    assert credentials.fields["uri"] == b"/write/"
    assert not credentials.checkPassword(b"guess")
    assert credentials.checkPassword(b"secret")
    assert credentials.checkPassword("secret")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_hash(algorithm: bytes) -> None:
    """A checker may keep the hash of name, realm and password in place of the password."""
    browser = Browser(DigestCredentialFactory(algorithm, b"realm"))
    credentials = browser.send(browser.answer())
    plain = algorithm.lower().removesuffix(b"-sess")
    assert not credentials.checkHash(calcHA1(plain, b"joe", b"realm", b"guess", b"", b""))
    assert credentials.checkHash(calcHA1(plain, b"joe", b"realm", b"secret", b"", b""))
    assert IUsernameDigestHash.providedBy(credentials)
    assert IUsernameHashedPassword.providedBy(credentials)


def test_textForBytes() -> None:
    """Algorithm and realm may be text, as the documents have it; so may the peer's address (AUT-02)."""
    factory = DigestCredentialFactory("md5", "test realm")
    assert (factory.algorithm, factory.authenticationRealm) == (b"md5", b"test realm")
    browser = Browser(factory)
    assert factory.decode(browser.answer(), "GET", "10.0.0.1").checkPassword("secret")


def test_unknownAlgorithm() -> None:
    """A mistake of the program's is told at once."""
    with pytest.raises(ValueError, match="is not one of md5"):
        DigestCredentialFactory(b"rot13", b"realm")


def test_challenge(factory: DigestCredentialFactory) -> None:
    """A challenge has the parameters that RFC 7616 §3.3 asks for, and its own nonce."""
    challenge = factory.getChallenge(HOST)
    assert {**challenge, "nonce": b"", "opaque": b""} == {
        "nonce": b"", "opaque": b"", "qop": b"auth", "algorithm": b"md5", "realm": b"test realm",
    }  # fmt: skip
    assert len(challenge["nonce"]) == 24
    assert factory.getChallenge(HOST)["nonce"] != challenge["nonce"]
    assert factory.scheme == b"digest"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"username": None}, "no username"),
        ({"username": b""}, "no username"),
        ({"nonce": None, "opaque": None}, "no nonce, no opaque"),
        ({"uri": None}, "no uri"),
        ({"response": None}, "no response"),
        ({"cnonce": None}, "no cnonce"),
        ({"nc": None}, "eight hexadecimal digits"),
        ({"nc": b"1"}, "eight hexadecimal digits"),
        ({"nc": b"0x000001"}, "eight hexadecimal digits"),
        ({"nc": b"-0000001"}, "eight hexadecimal digits"),
        ({"qop": b"auth-int"}, "only auth was offered"),
        ({"algorithm": b"sha"}, "the challenge's b'md5'"),
        ({"algorithm": b"md5-sess"}, "the challenge's b'md5'"),
        ({"opaque": b"x"}, "opaque value is not one of ours"),
        ({"opaque": b"x-y"}, "opaque value is not one of ours"),
        ({"opaque": b"-" * 4000}, "opaque value is not one of ours"),
        ({"nonce": b"abc"}, "nonce is not that of its opaque value"),
        ({"extra": b"x" * 9000}, "over the limit"),
    ],
)
def test_malformed(browser: Browser, changed: dict[str, bytes | None], said: str) -> None:
    """An answer that lacks something, or was tampered with, is a failed login, with a sentence that says why."""
    with pytest.raises(MalformedCredentials, match=said) as refused:
        browser.send(browser.answer(**changed))
    assert len(str(refused.value)) < 300


def test_garbage(browser: Browser) -> None:
    """What is no answer at all is a failed login, too."""
    for garbage in (b"", b"garbage", b"\xff" * 100, b"=" * 100):
        with pytest.raises(LoginFailed):
            browser.send(garbage)


def test_qopLeftOut(browser: Browser) -> None:
    """Somebody on the way cannot take the count out of an answer by calling it an older one."""
    answer = browser.answer()
    with pytest.raises(MalformedCredentials, match="no qop"):
        browser.send(answer.replace(b'qop="auth", ', b""))
    shorn = answer.replace(b'qop="auth", ', b"").replace(b'nc="00000001", ', b"")
    assert not browser.send(shorn).checkPassword(b"secret")


def test_algorithmLeftOut() -> None:
    """A client that does not repeat the algorithm means the one it was challenged with."""
    browser = Browser(DigestCredentialFactory(b"sha-256", b"realm"))
    assert browser.send(browser.answer(algorithm=None)).checkPassword(b"secret")


def test_anotherMethod(browser: Browser) -> None:
    """The answer is good for what was asked for only."""
    assert not browser.factory.decode(browser.answer(), b"PUT", HOST).checkPassword(b"secret")


@pytest.mark.parametrize("host", [b"10.0.0.2", "10.0.0.2", None, b""])
def test_anotherAddress(browser: Browser, host: Any) -> None:
    """An answer comes from where the challenge went."""
    with pytest.raises(MalformedCredentials, match="another address"):
        browser.factory.decode(browser.answer(), b"GET", host)


def test_noAddress(factory: DigestCredentialFactory) -> None:
    """A peer without an address has none both times; an address may hold commas."""
    for host in (None, b"/run/a,b.sock"):
        browser = Browser(factory)
        browser.challenge = factory.getChallenge(host)
        assert factory.decode(browser.answer(), b"GET", host).checkPassword(b"secret")


def test_anotherFactory(browser: Browser) -> None:
    """Only the factory that made a challenge takes its answer (AUT-02)."""
    other = DigestCredentialFactory(b"md5", b"test realm")
    with pytest.raises(MalformedCredentials, match="not one of ours"):
        other.decode(browser.answer(), b"GET", HOST)


def test_lifetime(browser: Browser, clock: Clock) -> None:
    """A challenge may be answered for its lifetime; then the peer is to be challenged anew."""
    clock.advance(DigestCredentialFactory.CHALLENGE_LIFETIME_SECS)
    assert browser.send(browser.answer()).checkPassword(b"secret")
    clock.advance(1)
    with pytest.raises(StaleChallenge, match="too late"):
        browser.send(browser.answer())


def test_ownLifetime(browser: Browser, clock: Clock) -> None:
    """A program may shorten it."""
    browser.factory.CHALLENGE_LIFETIME_SECS = 5
    clock.advance(6)
    with pytest.raises(StaleChallenge):
        browser.send(browser.answer())


def test_replay(browser: Browser) -> None:
    """An answer that was read on the wire is of no use to who has it (RFC 7616 §3.4, §5.5)."""
    answer = browser.answer()
    assert browser.send(answer).checkPassword(b"secret")
    with pytest.raises(StaleChallenge, match="used already"):
        browser.send(answer)
    assert browser.send(browser.answer()).checkPassword(b"secret")


def test_replayAtTheSameTime(browser: Browser) -> None:
    """Of two that are checked at the same time, the first that proves right counts."""
    answer = browser.answer()
    first, second = browser.send(answer), browser.send(answer)
    assert second.checkPassword(b"secret")
    assert not first.checkPassword(b"secret")
    assert second.checkPassword(b"secret")


def test_wrongAnswersSpendNothing(browser: Browser) -> None:
    """Who doesn't know the password cannot use up the counts of who does."""
    answer = browser.answer()
    forged = answer.replace(b'response="', b'response="0')
    assert not browser.send(forged).checkPassword(b"secret")
    assert browser.send(answer).checkPassword(b"secret")


def test_overtaking(browser: Browser) -> None:
    """Requests on parallel connections arrive in any order."""
    answers = [browser.answer() for _ in range(20)]
    for answer in reversed(answers):
        assert browser.send(answer).checkPassword(b"secret")


def test_withoutQop(browser: Browser) -> None:
    """Clients of RFC 2069 are let in; the same answer counts once, too."""
    answer = browser.answer(qop=None)
    assert browser.send(answer).checkPassword(b"secret")
    with pytest.raises(StaleChallenge):
        browser.send(answer)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"response": b"x"},
        {"response": b"x", "uri": b"/", "algorithm": b"rot13"},
        {"response": b"x", "uri": b"/", "qop": b"auth-int", "nc": b"1", "cnonce": b"c"},
    ],
)
def test_credentialsOfWhatIsThere(fields: dict[str, bytes]) -> None:
    """Credentials that a program makes of too little are wrong ones; nothing is raised."""
    assert not DigestedCredentials(b"joe", b"GET", b"realm", fields).checkPassword(b"secret")


def test_credentialsMadeByHand(browser: Browser) -> None:
    """A program that does its own challenges uses the credentials without the factory, as often as it likes."""
    decoded = browser.send(browser.answer())
    credentials = DigestedCredentials(b"joe", b"GET", b"test realm", decoded.fields)
    assert credentials.checkPassword(b"secret")
    assert credentials.checkPassword(b"secret")
