"""The book's netcat and the server it talks to, run as a user runs them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from support.examples import EXAMPLES, Starter, asTwisted
from support.programs import PATIENCE, Caller, Program, freePort, python


@pytest.fixture(params=["ropewalk", "twisted"])
def netcat(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """The command that runs netcat: as it stands, and rewritten to import ``twisted``."""
    program = EXAMPLES / "netcat" / "dataforward.py"
    if request.param == "ropewalk":
        return python(str(program))
    copy = tmp_path / "dataforward.py"
    copy.write_text(asTwisted(program.read_text()))
    return python("-m", "ropewalk", "run", str(copy))


def talk(command: list[str], *arguments: object, typed: bytes = b"") -> tuple[int, list[bytes]]:
    """Run netcat with something typed into it; return its exit status and what it prints.

    Its standard input stays open until it ends, as a terminal's does.
    """
    with subprocess.Popen(
        [*command, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(typed)
        program.stdin.flush()
        lines = program.stdout.read().splitlines()
        return program.wait(PATIENCE), lines


def test_conversation(netcat: list[str]) -> None:
    """BK-P1, BK-P2: typed lines arrive with CRLF, answers are printed, and the end of the server's is the end."""
    port = freePort()
    with serving(port):
        status, lines = talk(netcat, "127.0.0.1", port, typed=b"hello\nquit\n")
    assert status == 0
    assert lines == [b"Connected to server.  Press ctrl-C to close connection.", b"You said: hello", b"Goodbye."]


def test_nobodyThere(netcat: list[str]) -> None:
    """BK-P1: a server that can't be reached is told of, with the reason."""
    status, (line,) = talk(netcat, "127.0.0.1", freePort())
    assert status == 0
    assert b"refused" in line


def test_usage(netcat: list[str]) -> None:
    """BK-P1: without a host and a port it says what it wants."""
    assert talk(netcat)[0] != 0


def test_echoServer(start: Starter) -> None:
    """BK-P2: lines are repeated; who says quit is told goodbye."""
    port = freePort()
    with start("netcat/echoserver.py", port) as server:
        assert server.line() == "Server running, press ctrl-C to stop."
        with Caller(port, server) as caller:
            assert server.line() == "Connection from 127.0.0.1"
            caller.send(b"hello\r\n")
            assert caller.line() == b"You said: hello\r\n"
            caller.send(b"quit\r\n")
            assert caller.rest() == b"Goodbye.\r\n"
        assert server.interrupt() == 0


def serving(port: int) -> Program:
    """The echo server, when it listens."""
    server = Program(python(str(EXAMPLES / "netcat" / "echoserver.py"), str(port)))
    server.line("Server running")
    return server
