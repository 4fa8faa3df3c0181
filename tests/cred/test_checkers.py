"""Users in memory, users of PAM, and nobody in particular."""

from __future__ import annotations

import hmac
import sys
from pathlib import Path
from typing import Any

import pytest

from ropewalk.cred.checkers import (
    ANONYMOUS,
    AllowAnonymousAccess,
    ICredentialsChecker,
    InMemoryUsernamePasswordDatabaseDontUse,
    PluggableAuthenticationModulesChecker,
)
from ropewalk.cred.credentials import Anonymous, CramMD5Credentials, UsernamePassword
from ropewalk.cred.error import UnauthorizedLogin
from ropewalk.internet.defer import execute
from support.outcomes import outcome


def ask(checker: Any, name: Any, password: Any) -> Any:
    return outcome(checker.requestAvatarId(UsernamePassword(name, password)))


def test_anonymous() -> None:
    """CR9: whoever does not say who it is, is ANONYMOUS."""
    assert outcome(AllowAnonymousAccess().requestAvatarId(Anonymous())) is ANONYMOUS
    assert ICredentialsChecker.implementedBy(AllowAnonymousAccess)


def test_inMemory() -> None:
    """CR8: users come from keywords and from addUser, and either as text or as bytes; each name has one form."""
    checker = InMemoryUsernamePasswordDatabaseDontUse(user1="pass1")
    checker.addUser(b"user2", b"pass2")
    checker.addUser("guest", "password")
    for user, password, expected in [
        ("user1", "pass1", b"user1"),
        ("user2", "pass2", b"user2"),
        ("guest", "password", "guest"),
    ]:
        assert ask(checker, user, password) == expected
        assert ask(checker, user.encode(), password.encode()) == expected
    assert checker.users == {b"user1": "pass1", b"user2": b"pass2", "guest": "password"}


@pytest.mark.parametrize(
    ("name", "password"), [("joe", "guess"), ("joe", ""), ("zed", "secret"), (b"\xff", b"x"), (None, None)]
)
def test_inMemoryRefuses(name: Any, password: Any) -> None:
    """CR11: a wrong password, an unknown name, and what is no name at all are told alike."""
    with pytest.raises(UnauthorizedLogin, match="the name or the password is wrong"):
        ask(InMemoryUsernamePasswordDatabaseDontUse(joe="secret"), name, password)


def test_inMemoryAndChallenges() -> None:
    """Credentials that are computed from the password can be checked."""
    credentials = CramMD5Credentials(b"host")
    digest = hmac.new(b"secret", credentials.getChallenge(), "md5").hexdigest().encode()
    credentials.setResponse(b"joe " + digest)
    checker = InMemoryUsernamePasswordDatabaseDontUse(joe=b"secret")
    assert outcome(checker.requestAvatarId(credentials)) == b"joe"


class Modules:
    """Stands for PAM: knows one user, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, *question: str) -> bool:
        self.asked.append(question)
        return question[:2] == ("joe", "pä")


def test_pam() -> None:
    """PAM is asked with the name, the password and the service, as text."""
    modules = Modules()
    checker = PluggableAuthenticationModulesChecker("ftp", ask=modules, inThread=execute)
    assert ask(checker, b"joe", "pä".encode()) == b"joe"
    assert ask(checker, "joe", "pä") == b"joe"
    with pytest.raises(UnauthorizedLogin):
        ask(checker, "joe", "guess")
    assert modules.asked[0] == ("joe", "pä", "ftp")


@pytest.mark.parametrize(
    ("name", "password"), [(b"joe\0", "pä"), (b"joe", "pä\0x"), (b"\xff", b"x"), (b"joe", b"\xff")]
)
def test_pamIsNotAskedOfWhatItCannotRead(name: bytes, password: Any) -> None:
    """Nulls, which would end the text, and bytes that are no text are refused."""
    modules = Modules()
    with pytest.raises(UnauthorizedLogin):
        ask(PluggableAuthenticationModulesChecker(ask=modules, inThread=execute), name, password)
    assert not modules.asked


def test_pamIsNotThere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library, the error says how to get it."""
    monkeypatch.setitem(sys.modules, "pamela", None)
    with pytest.raises(RuntimeError, match=r"pip install 'ropewalk\[cred\]'"):
        PluggableAuthenticationModulesChecker()


def test_pamLibrary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's refusal is a wrong password, its success a right one."""
    library = (
        "class PAMError(Exception): pass\n"
        "def authenticate(username, password, service, resetcred):\n"
        "    if (username, password, service, resetcred) != ('joe', 'secret', 'login', 0): raise PAMError\n"
    )
    (tmp_path / "pamela.py").write_text(library)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "pamela", raising=False)
    try:
        checker = PluggableAuthenticationModulesChecker(inThread=execute)
        assert ask(checker, "joe", "secret") == b"joe"
        with pytest.raises(UnauthorizedLogin):
            ask(checker, "joe", "guess")
    finally:
        sys.modules.pop("pamela", None)
