"""Users of the system: hashes of crypt(3) from passwd, shadow, and files like them."""

from __future__ import annotations

import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ropewalk.cred._crypt import getspnam, isCrypted, verifyCrypted
from ropewalk.cred.checkers import FilePasswordDB, ICredentialsChecker
from ropewalk.cred.credentials import UsernamePassword
from ropewalk.cred.error import UnauthorizedLogin
from ropewalk.internet.defer import execute
from ropewalk.plugins.cred_passwd import Confirmed
from ropewalk.plugins.cred_unix import UNIXChecker, theUnixCheckerFactory, verifyCryptedPassword
from support.outcomes import outcome

# The specification's own examples: of SHA-512 and SHA-256 (Drepper, "Unix crypt using SHA-256 and SHA-512", 2008).
SHA512 = "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
SHA256 = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"
OLD = "7DBgvv56JU3c."
PASSWORD = "Hello world!"

NO_HASHES = ["", "x", "*", "!", "!!", "!" + SHA512, "*LK*", "!234567890123"]


@pytest.mark.parametrize("hashed", [SHA512, SHA256])
def test_verify(hashed: str) -> None:
    """A hash is of its password and of no other."""
    assert isCrypted(hashed)
    assert verifyCryptedPassword(hashed, PASSWORD)
    assert verifyCryptedPassword(hashed, PASSWORD.encode())
    assert not verifyCryptedPassword(hashed, "Hello World!")
    assert not verifyCryptedPassword(hashed, PASSWORD + "\0")
    assert not verifyCryptedPassword(hashed, "")


@pytest.mark.parametrize("stored", NO_HASHES)
def test_noHash(stored: str) -> None:
    """What is no hash lets nobody in: not with an empty password, nor with itself."""
    assert not isCrypted(stored)
    for password in ("", stored, PASSWORD):
        assert not verifyCrypted(stored, password)


@pytest.mark.parametrize("stored", ["$", "$6$", "$99$salt$hash", "$6$sält$x"])
def test_hashOfUnknownKind(stored: str) -> None:
    """A kind that the system does not know lets nobody in."""
    assert not verifyCrypted(stored, PASSWORD)
    assert not verifyCrypted(stored, stored)


def test_oldHashes() -> None:
    """Hashes without a dollar sign are as long as they were in 1979."""
    assert isCrypted(OLD)
    assert not isCrypted(OLD + "x")
    assert not verifyCrypted(OLD, PASSWORD)


def test_agreesWithPython() -> None:
    """Where Python still has the function, it says the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        crypt: Any = pytest.importorskip("crypt")
    for method in crypt.methods:
        if method is not crypt.METHOD_BLOWFISH:
            assert verifyCrypted(crypt.crypt("pä", method), "pä"), method


def test_shadow(tmp_path: Path) -> None:
    """A user's line of the shadow file is found; broken ones are nobody's."""
    path = tmp_path / "shadow"
    path.write_text(f"root:*:1:0:99999:7:::\nbroken\njoe:{SHA512}:1:0:99999:7:::\n")
    assert getspnam("joe", str(path)).sp_pwdp == SHA512
    for name in ("zed", "broken", ""):
        with pytest.raises(KeyError, match="is not in"):
            getspnam(name, str(path))


class System:
    """Stands for the modules pwd and spwd: hashes by names."""

    def __init__(self, **hashes: str) -> None:
        self.hashes = hashes

    def getpwnam(self, name: str) -> Any:
        return SimpleNamespace(pw_passwd=self.hashes[name])

    def getspnam(self, name: str) -> Any:
        return SimpleNamespace(sp_pwdp=self.hashes[name])


class Unreadable:
    def getspnam(self, name: str) -> Any:
        raise PermissionError(13, "only root may")


class Verifier:
    """Compares, and keeps the hashes that it was about."""

    def __init__(self) -> None:
        self.hashes: list[str] = []

    def __call__(self, crypted: str, password: bytes | str) -> bool:
        self.hashes.append(crypted)
        return verifyCryptedPassword(crypted, password)


def make(pwd: System, spwd: Any) -> tuple[UNIXChecker, Verifier]:
    verifier = Verifier()
    return UNIXChecker(pwd, spwd, verify=verifier, inThread=execute), verifier


def ask(checker: Any, name: Any, password: Any) -> Any:
    return outcome(checker.requestAvatarId(UsernamePassword(name, password)))


@pytest.mark.parametrize("pwd", [System(joe=SHA512), System(joe="x")])
def test_users(pwd: System) -> None:
    """CR16: a hash is found in passwd or in shadow; the name comes back as it came."""
    checker, _ = make(pwd, System(joe=SHA512))
    assert ask(checker, b"joe", PASSWORD.encode()) == b"joe"
    assert ask(checker, "joe", PASSWORD) == "joe"
    assert ICredentialsChecker.providedBy(checker)


@pytest.mark.parametrize("name", [b"joe", b"zed", b"\xff", b"jo\0e", b""])
def test_refused(name: bytes) -> None:
    """A wrong password and names that nobody has are told alike."""
    checker, _ = make(System(joe="x"), System(joe=SHA512))
    with pytest.raises(UnauthorizedLogin, match="the name or the password is wrong"):
        ask(checker, name, b"guess")


def test_systemItself() -> None:
    """The real files are asked in the same way, whether or not they may be read."""
    checker = UNIXChecker(inThread=execute)
    for name in (b"root", b"nobody-has-this-name", b"jo\0e"):
        with pytest.raises(UnauthorizedLogin):
            ask(checker, name, b"surely not the password")
    assert isinstance(theUnixCheckerFactory.generateChecker(""), UNIXChecker)


def test_unreadableShadow() -> None:
    """Without the right to read the hashes nobody gets in."""
    checker, _ = make(System(joe="x"), Unreadable())
    with pytest.raises(UnauthorizedLogin):
        ask(checker, b"joe", PASSWORD)


def test_unknownUserTakesAsLong() -> None:
    """For who is not there a hash is computed, too: of the kind that was seen last. It lets nobody in."""
    checker, verifier = make(System(joe="x"), System(joe=SHA256))
    for name in (b"zed", b"joe", b"zed"):
        with pytest.raises(UnauthorizedLogin):
            ask(checker, name, b"guess")
    first, *rest = verifier.hashes
    assert first.startswith("$6$")
    assert rest == [SHA256, SHA256]
    with pytest.raises(UnauthorizedLogin):
        ask(checker, b"zed", PASSWORD)


def test_checkPwd() -> None:
    """One source can be asked by itself: right, wrong, and not there are three answers, as in the peer."""
    checker = UNIXChecker()
    for check in (checker.checkPwd, checker.checkSpwd):
        right = check(System(joe=SHA512), "joe", PASSWORD)
        assert right is not None
        assert outcome(right) == "joe"
        assert check(System(joe=SHA512), "joe", "guess") is None
        assert check(System(joe="x"), "joe", "x") is None
        missing = check(System(), "joe", PASSWORD)
        assert missing is not None
        with pytest.raises(UnauthorizedLogin):
            outcome(missing)


def test_passwdFile(tmp_path: Path) -> None:
    """CR15: ``--auth passwd:FILE`` knows a file such as passwd(5); fields that are no hashes let nobody in."""
    path = tmp_path / "passwd"
    path.write_text(
        f"root:x:0:0:root:/root:/bin/sh\nopen::1:1:::\nlocked:*:2:2:::\njoe:{SHA512}:3:3:Joe:/home/joe:/bin/sh\n"
    )
    checker = FilePasswordDB(path, hash=Confirmed(execute))
    assert ask(checker, b"joe", PASSWORD) == b"joe"
    for name, password in [(b"joe", "guess"), (b"root", "x"), (b"open", ""), (b"locked", "*"), (b"zed", PASSWORD)]:
        with pytest.raises(UnauthorizedLogin):
            ask(checker, name, password)
