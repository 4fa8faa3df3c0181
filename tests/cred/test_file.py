"""Users in a file: hashed or not, whatever the lines are like; and nobody learns who they are."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk.cred.checkers import FilePasswordDB, ICredentialsChecker, OnDiskUsernamePasswordDatabase
from ropewalk.cred.credentials import (
    CramMD5Credentials,
    IUsernameHashedPassword,
    IUsernamePassword,
    UsernamePassword,
)
from ropewalk.cred.error import UnauthorizedLogin
from ropewalk.cred.passwords import hashPassword, verifyPassword
from ropewalk.internet.defer import Deferred, execute, succeed
from ropewalk.logger import LogLevel, capturedLogs, formatEvent
from support.outcomes import outcome

Make = Callable[..., FilePasswordDB]

HASHED = hashPassword("secret", ln=4, r=8, p=1)


class Threads:
    """Runs work where it stands, and keeps what it was."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __call__(self, function: Any, *args: Any) -> Deferred[Any]:
        self.calls.append((function, *args))
        return execute(function, *args)


@pytest.fixture
def threads() -> Threads:
    return Threads()


@pytest.fixture
def make(tmp_path: Path, threads: Threads) -> Make:
    """A function that writes a file, and makes a checker that reads it."""

    def makeChecker(content: str | bytes, **options: Any) -> FilePasswordDB:
        path = tmp_path / "users"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return FilePasswordDB(path, **{"inThread": threads, **options})

    return makeChecker


def ask(checker: FilePasswordDB, name: Any, password: Any) -> Any:
    return outcome(checker.requestAvatarId(UsernamePassword(name, password)))


def refuses(checker: FilePasswordDB, name: Any, password: Any) -> bool:
    try:
        ask(checker, name, password)
    except UnauthorizedLogin as refused:
        return str(refused) == "the name or the password is wrong"
    return False


def challenge(name: bytes, password: bytes) -> CramMD5Credentials:
    credentials = CramMD5Credentials(b"host")
    digest = hmac.new(password, credentials.getChallenge(), "md5").hexdigest().encode()
    credentials.setResponse(name + b" " + digest)
    return credentials


def test_plain(make: Make) -> None:
    """AUT-03: lines of user and password let those users in, by password or by challenge; as text or as bytes."""
    checker = make("joe:secret\nann:pä:more\n")
    assert ask(checker, b"joe", b"secret") == b"joe"
    assert ask(checker, "ann", "pä") == b"ann"
    assert outcome(checker.requestAvatarId(challenge(b"joe", b"secret"))) == b"joe"
    assert refuses(checker, b"joe", b"guess")
    assert refuses(checker, b"zed", b"secret")
    assert refuses(checker, b"", b"")
    assert refuses(checker, b"joe", b"")


def test_kinds(make: Make) -> None:
    """What can be checked depends on whether the file's passwords are known."""
    assert make("").credentialInterfaces == (IUsernamePassword, IUsernameHashedPassword)
    assert make("", hash=lambda *words: None).credentialInterfaces == (IUsernamePassword,)
    assert ICredentialsChecker.implementedBy(FilePasswordDB)
    assert OnDiskUsernamePasswordDatabase is FilePasswordDB


def test_getUser(make: Make) -> None:
    """A user's line can be looked up; who is not there is a KeyError."""
    checker = make(b"joe:secret\r\n a b : c \n")
    assert checker.getUser(b"joe") == (b"joe", b"secret")
    assert checker.getUser(" a b ") == (b" a b ", b" c ")
    with pytest.raises(KeyError, match="zed"):
        checker.getUser(b"zed")


def test_fields(make: Make) -> None:
    """Fields and what is between them can be elsewhere."""
    checker = make("1|secret|joe\n", delim="|", usernameField=2, passwordField=1)
    assert (checker.delim, checker.ufield, checker.pfield) == (b"|", 2, 1)
    assert ask(checker, b"joe", b"secret") == b"joe"


def test_case(make: Make) -> None:
    """Without case, a name is in lower case wherever it comes from; passwords keep theirs."""
    checker = make("Joe:Secret\n", caseSensitive=False)
    assert ask(checker, b"JOE", b"Secret") == b"joe"
    assert checker.getUser(b"jOE") == (b"joe", b"Secret")
    assert refuses(checker, b"joe", b"secret")
    assert refuses(make("Joe:Secret\n"), b"joe", b"Secret")


@pytest.mark.parametrize("cache", [False, True])
def test_firstLineCounts(make: Make, cache: bool) -> None:
    """Of two lines for a name, the first."""
    assert make("joe:one\njoe:two\n", cache=cache).getUser(b"joe") == (b"joe", b"one")


@pytest.mark.parametrize("cache", [False, True])
def test_changesCount(make: Make, tmp_path: Path, cache: bool) -> None:
    """A line that was added or changed counts at the next login."""
    checker = make("joe:secret\n", cache=cache)
    assert ask(checker, b"joe", b"secret") == b"joe"
    path = tmp_path / "users"
    path.write_text("joe:other\nann:secret\n")
    os.utime(path, (1, 1))
    assert refuses(checker, b"joe", b"secret")
    assert ask(checker, b"ann", b"secret") == b"ann"


def test_brokenLines(make: Make) -> None:
    """Lines that are none are left out, and told of once, by number, without what stands there."""
    checker = make("# users\n\njoe:secret\nin pieces\nann:$scrypt$ln=99\nzoe:secret\n")
    with capturedLogs() as events:
        assert ask(checker, b"joe", b"secret") == b"joe"
        assert ask(checker, b"zoe", b"secret") == b"zoe"
        assert refuses(checker, b"in pieces", b"")
        assert refuses(checker, b"ann", b"$scrypt$ln=99")
    texts = [formatEvent(event) for event in events]
    assert len(texts) == 2, texts
    assert "users, line 4: too few fields" in texts[0]
    assert "users, line 5: a hash looks like" in texts[1]
    assert "in pieces" not in texts[0]


def test_anyBytes(make: Make) -> None:
    """A file that is no text hurts nobody."""
    checker = make(bytes(range(256)) + b"\njoe:secret\n" + b":" * 1000 + b"\nlast:line")
    assert ask(checker, b"joe", b"secret") == b"joe"
    assert ask(checker, b"last", b"line") == b"last"


def test_noFile(tmp_path: Path) -> None:
    """If the file cannot be read, nobody gets in; why, is in the log and not in the answer."""
    checker = FilePasswordDB(str(tmp_path / "nowhere"))
    with capturedLogs() as events:
        assert refuses(checker, b"joe", b"secret")
        with pytest.raises(UnauthorizedLogin):
            checker.getUser(b"joe")
    assert [event["log_level"] for event in events] == [LogLevel.error] * 2
    assert "nowhere: No such file or directory; nobody can log in by it" in formatEvent(events[0])


def test_directory(tmp_path: Path) -> None:
    """Neither if it is no file."""
    with capturedLogs() as events:
        assert refuses(FilePasswordDB(tmp_path), b"joe", b"secret")
    assert "Is a directory" in formatEvent(events[0])


def test_hashed(make: Make, threads: Threads) -> None:
    """A hash in place of the password is recognized, and checked in a thread."""
    checker = make(f"joe:{HASHED}\n")
    assert ask(checker, b"joe", b"secret") == b"joe"
    assert ask(checker, "joe", "secret") == b"joe"
    assert refuses(checker, b"joe", b"guess")
    assert refuses(checker, b"joe", HASHED.encode())
    assert {call[0] for call in threads.calls} == {verifyPassword}


def test_unknownUserTakesAsLong(make: Make, threads: Threads) -> None:
    """Where there are hashes, each login computes one: for users who are not there or have none, too."""
    checker = make(f"ann:plain\njoe:{HASHED}\n")
    for name, password in [(b"joe", b"guess"), (b"zed", b"secret"), (b"ann", b"guess")]:
        threads.calls.clear()
        assert refuses(checker, name, password)
        assert threads.calls == [(verifyPassword, password, HASHED.encode())]
    assert ask(checker, b"ann", b"plain") == b"ann"


def test_unknownUserIsNotLetInByTheDecoy(make: Make) -> None:
    """The work that is done for nobody lets nobody in, even with the password that it is about."""
    checker = make(f"ann:plain\njoe:{HASHED}\n")
    assert refuses(checker, b"zed", b"secret")
    assert refuses(checker, b"ann", b"secret")


def test_hashesAndChallenges(make: Make) -> None:
    """Answers to challenges cannot be checked with a hash: that is logged, once; users with passwords get in."""
    checker = make(f"ann:plain\njoe:{HASHED}\n")
    with capturedLogs() as events:
        for _ in range(2):
            with pytest.raises(UnauthorizedLogin):
                outcome(checker.requestAvatarId(challenge(b"joe", b"secret")))
    assert ["plain log-ins only" in formatEvent(event) for event in events] == [True]
    assert outcome(checker.requestAvatarId(challenge(b"ann", b"plain"))) == b"ann"


def test_fewHashesAtATime(make: Make) -> None:
    """Whoever tries many passwords at a time gets a few threads; the rest wait their turn."""
    begun: list[Deferred[bool]] = []

    def begin(*work: Any) -> Deferred[bool]:
        begun.append(Deferred())
        return begun[-1]

    checker = make(f"joe:{HASHED}\n", inThread=begin)
    logins = [checker.requestAvatarId(UsernamePassword(b"joe", b"secret")) for _ in range(10)]
    assert len(begun) == 4
    for number in range(10):
        begun[number].callback(True)
    assert [outcome(login) for login in logins] == [b"joe"] * 10


def test_ownHash(make: Make) -> None:
    """A function of the program's own may compute what the file has; it is told name, password and entry."""
    asked = []

    def backwards(name: bytes, password: bytes, stored: bytes) -> bytes:
        asked.append((name, password, stored))
        return password[::-1]

    checker = make("joe:terces\n", hash=backwards)
    assert ask(checker, b"joe", b"secret") == b"joe"
    assert asked == [(b"joe", b"secret", b"terces")]
    assert refuses(checker, b"joe", b"terces")
    # For nobody, somebody's entry is taken, so that it takes as long.
    assert refuses(checker, b"zed", b"secret")
    assert asked[-1] == (b"zed", b"secret", b"terces")


@pytest.mark.parametrize("answer", [lambda *words: succeed(words[2]), lambda *words: words[2].decode()])
def test_ownHashLater(make: Make, answer: Any) -> None:
    """It may return a Deferred, or text."""
    assert ask(make("joe:x\n", hash=answer), b"joe", b"secret") == b"joe"


@pytest.mark.parametrize("content", ["joe:\n", "joe:x\n", ""])
def test_ownHashRefuses(make: Make, content: str) -> None:
    """None is nobody's hash; challenges cannot be checked; an empty file has no users."""
    checker = make(content, hash=lambda *words: None)
    assert refuses(checker, b"joe", b"")
    with pytest.raises(UnauthorizedLogin):
        outcome(checker.requestAvatarId(challenge(b"joe", b"x")))


def test_ownHashOfItsOwnForm(make: Make) -> None:
    """What looks like one of our hashes is the program's, if it says that it hashes."""
    assert ask(make("joe:$scrypt$mine\n", hash=lambda *words: words[2]), b"joe", b"x") == b"joe"
