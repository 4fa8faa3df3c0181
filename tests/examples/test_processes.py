"""The documents' programs about child processes, run as a user runs them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.examples import Starter
from support.programs import Caller, freePort

Stub = Callable[[str, str], None]


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stub:
    """Put a shell script on the path of what is started."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def write(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return write


def test_wordCount(start: Starter) -> None:
    """P74 (F138-F140, F144, F147): `wc` counts what it is given, and the program runs on."""
    with start("processes/wc.py") as program:
        assert program.line() == "Received counts from wc."
        assert [program.line() for _ in range(3)] == ["Lines: 1", "Words: 6", "Characters: 44"]
        assert program.isRunning()
        assert program.interrupt() == 0


def test_verses(start: Starter) -> None:
    """P75 (F139, F144-F147): every event, in an order that is allowed."""
    with start("processes/verses.py") as program:
        assert program.wait() == 0
    assert sorted(program.output) == sorted(
        [
            "connectionMade!",
            "inConnectionLost! stdin is closed! (we probably did it)",
            "errConnectionLost! The child closed their stderr.",
            "outReceived! with 24 bytes!",
            "outConnectionLost! The child closed their stdout!",
            "I saw 40 lines",
            "processExited, status 0",
            "processEnded, status 0",
            "quitting",
        ]
    )
    assert program.output[0] == "connectionMade!"
    assert program.output[-2:] == ["processEnded, status 0", "quitting"]


def test_quotes(start: Starter, stub: Stub) -> None:
    """P76 (F140, F149): a caller gets what the program writes; the environment that it runs in is empty."""
    stub("fortune", 'echo "a quote${HOME}"')
    port = freePort()
    with start("processes/quotes.py", port) as server:
        with Caller(port, server) as caller:
            assert caller.rest() == b"a quote\n"
        assert server.interrupt() == 0


@pytest.mark.skipif(shutil.which("fortune") is not None, reason="this system has a fortune program")
def test_noQuotes(start: Starter) -> None:
    """P76 (F149): when the program isn't there, a caller gets the end of the stream and the server lives."""
    port = freePort()
    with start("processes/quotes.py", port) as server:
        for _ in range(2):
            with Caller(port, server) as caller:
                assert caller.rest() == b""
            assert "fortune" in server.line("no quote:")
        assert server.interrupt() == 0


def test_trueAndFalse(start: Starter) -> None:
    """P77 (F150): exit codes."""
    with start("processes/trueandfalse.py") as program:
        assert program.wait() == 0
    assert program.output == ["/bin/true exits with rc=0", "/bin/false exits with rc=1"]


def test_passphrase(start: Starter, stub: Stub) -> None:
    """P78 (F139, F143, F146, F148): a passphrase goes in at 3, the status comes out at 4, the plaintext at 1."""
    stub("gpg", 'echo "$*" >&4; pass=$(cat <&3); echo "DECRYPTION_OKAY" >&4; echo "$pass opens $(cat)"')
    with start("processes/gpg.py", "sesame") as program:
        assert program.wait() == 0
    assert program.output == [
        "status: --decrypt --passphrase-fd 3 --status-fd 4 --batch",
        "DECRYPTION_OKAY",
        "plaintext: sesame opens nothing",
    ]


def test_wrongPassphrase(start: Starter, stub: Stub) -> None:
    """P78 (F146): another exit code than 0 is a failure."""
    stub("gpg", "cat >/dev/null; exit 2")
    with start("processes/gpg.py", "sesame") as program:
        assert program.wait() == 0
    assert program.output == ["gpg failed with exit code 2"]


def test_finger(start: Starter, stub: Stub) -> None:
    """P37 (F140, F149): the answer is what the system's program says; without one it is an internal error."""
    stub("finger", 'shift; echo "Login: $*"')
    port = freePort()
    with start("finger/finger09.py", port) as server:
        with Caller(port, server) as caller:
            caller.send(b"moshez\r\n")
            assert caller.rest() == b"Login: moshez\n\r\n"
        assert server.interrupt() == 0


@pytest.mark.skipif(shutil.which("finger") is not None, reason="this system has a finger program")
def test_fingerIsMissing(start: Starter) -> None:
    """P37 (F149): without the program, users are told of an internal error."""
    port = freePort()
    with start("finger/finger09.py", port) as server:
        with Caller(port, server) as caller:
            caller.send(b"moshez\r\n")
            assert caller.rest() == b"Internal error in server\r\n"
        assert server.interrupt() == 0


def test_running(start: Starter) -> None:
    """A coroutine runs programs, and gives up on one that takes too long."""
    with start("processes/running.py") as program:
        assert program.wait() == 0
    assert program.output == [
        "['one', 'three', 'two'] 0",
        "False 3 no such luck",
        "'sleep' was killed after 0.2 seconds",
    ]
