"""The documents' programs about logging in, run as a user runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropewalk.cred.passwords import hashPassword
from support.examples import EXAMPLES, Starter, asTwisted
from support.programs import Caller, Program, freePort, python


def tryLists(caller: Caller) -> None:
    """A wrong name and a wrong password are refused alike, the right one is let in."""
    caller.send(b"write a letter\r\n")
    assert caller.line() == b"log in first: USER name, then PASS password\r\n"
    refusals = []
    for name, password in [(b"zed", b"secret"), (b"joe", b"guess")]:
        caller.send(b"USER %b\r\nPASS %b\r\n" % (name, password))
        assert caller.line() == b"and the password?\r\n"
        refusals.append(caller.line())
    assert refusals[0] == refusals[1]
    caller.send(b"USER joe\r\nPASS secret\r\n")
    caller.line()
    assert caller.line() == b"welcome, joe\r\n"
    caller.send(b"write a letter\r\n")
    assert caller.line() == b"1 things to do\r\n"


def test_inMemory(start: Starter) -> None:
    """cred.py (CR1, CR2, CR6, CR8, CR11): users of the program's own; logout is called when the connection goes."""
    port = freePort()
    with start("cred/cred.py", port) as server:
        with Caller(port, server) as caller:
            tryLists(caller)
            assert server.line() == "joe logged in"
        assert server.line() == "joe logged out"
        with Caller(port) as again:
            again.send(b"USER joe\r\nPASS secret\r\nsleep\r\n")
            assert again.lineWith(b"to do") == b"2 things to do\r\n"


def test_database(start: Starter, tmp_path: Path) -> None:
    """dbcred.py (CR4, CR16): a checker of one's own, which asks a database in a thread."""
    port = freePort()
    with start("cred/dbcred.py", tmp_path / "users.db", port) as server:
        with Caller(port, server) as caller:
            tryLists(caller)
        assert server.line() == "joe logged in"
        assert server.line() == "joe logged out"


@pytest.mark.parametrize("kind", ["memory", "file", "hashed"])
def test_mail(start: Starter, tmp_path: Path, kind: str) -> None:
    """pop3_server.py (CR12, CR14): the protocol does not know who may log in; the command line does."""
    users = tmp_path / "users"
    users.write_text(f"joe:{hashPassword('secret')}\n" if kind == "hashed" else "joe:secret\n")
    auth = "memory:joe:secret" if kind == "memory" else f"file:{users}"
    port = freePort()
    with start("cred/pop3_server.py", "--port", port, "--auth", auth) as server:
        with Caller(port, server) as caller:
            assert caller.line() == b"+OK ready\r\n"
            caller.send(b"DELE 1\r\nPASS secret\r\nUSER joe\r\nPASS guess\r\n")
            assert caller.line() == b"-ERR log in first\r\n"
            assert caller.line() == b"-ERR USER required before PASS\r\n"
            assert caller.line() == b"+OK USER accepted, send PASS\r\n"
            assert caller.line() == b"-ERR Authentication failed\r\n"
            caller.send(b"USER joe\r\nPASS secret\r\n")
            caller.line()
            assert caller.line() == b"+OK Authentication succeeded\r\n"
            caller.send(b"DELE 2\r\nDELE 2\r\nQUIT\r\n")
            assert caller.rest() == b"+OK deleted\r\n-ERR no such message\r\n+OK goodbye\r\n"
        server.line("Authenticated login for joe")
        server.line("joe is gone")


def test_mailWithoutUsers(start: Starter) -> None:
    """CR15: without ``--auth``, or with a wrong one, a sentence says what to do; ``--help-auth`` lists the types."""
    for words, said in [([], "--help-auth shows how"), (["--auth", "nope"], "not recognized: nope. There are: file")]:
        with start("cred/pop3_server.py", *words) as program:
            assert program.wait() == 1
        assert said in program.errors[-1]
    with start("cred/pop3_server.py", "--help-auth") as program:
        assert program.wait() == 0
    assert any(line.startswith("  passwd") for line in program.output)


@pytest.fixture(params=["ropewalk", "twisted"])
def application(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[list[str], Path]:
    """How to run modules of MyApplication, with its plugin in the directory named for the package."""
    folder = tmp_path / "MyApplication"
    theirs = request.param == "twisted"
    for path in (EXAMPLES / "cred" / "MyApplication").rglob("*.py"):
        name = str(path.relative_to(EXAMPLES / "cred" / "MyApplication"))
        copy = folder / (name.replace("ropewalk/", "twisted/") if theirs else name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(asTwisted(path.read_text()) if theirs else path.read_text())
    return python("-m", "ropewalk", "run", "-m") if theirs else python("-m"), folder


def test_ownType(application: tuple[list[str], Path]) -> None:
    """MyApplication (CR13, CR14): ``--auth special:joe=secret`` finds the application's own plugin."""
    command, folder = application
    auth = ["myapp.server", "--auth", "special:joe=secret:ann=other"]
    with Program([*command, *auth, "joe", "secret"], folder) as program:
        assert program.wait() == 0, program.report()
    assert program.output == ["['SpecialChecker']", "the avatar of joe"]
    with Program([*command, *auth, "joe", "guess"], folder) as program:
        assert program.wait() == 1
    assert any("special users have special passwords" in line for line in program.errors)
