"""The documents' AMP programs, run as a user runs them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.examples import EXAMPLES, Starter, asTwisted
from support.programs import Caller, Program, freePort, python


@pytest.fixture(params=["ropewalk", "twisted"])
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[int], Program]:
    """A function that starts basic_server.tac in the foreground, at a port."""
    theirs = request.param == "twisted"
    tac = tmp_path / "basic_server.tac"
    source = (EXAMPLES / "amp" / "basic_server.tac").read_text()
    tac.write_text(asTwisted(source) if theirs else source)
    script = "from ropewalk.scripts.twistd import run; run()"
    if theirs:
        script = "import ropewalk.as_twisted; from twisted.scripts.twistd import run; run()"

    def start(port: int) -> Program:
        command = python("-c", script, "-noy", str(tac), "--pidfile=")
        return Program(command, tmp_path, {**os.environ, "AMP_PORT": str(port)})

    return start


def test_basicServer(daemon: Callable[[int], Program], start: Starter) -> None:
    """B38, B39, B40 (AM8): a client connects and stops; a command that nobody knows can't be carried out."""
    port = freePort()
    with daemon(port) as server:
        Caller(port, server).__exit__(None, None, None)
        with start("amp/basic_client.py", port) as client:
            assert client.wait() == 0, client.report()
        assert not any("Connection failed" in line for line in client.output)
        with start("amp/command_client.py", port) as client:
            assert client.wait() == 0, client.report()
        assert any("Failed to register" in line for line in client.output)
        assert any("UnhandledCommand" in line for line in client.output)


def test_nobodyThere(start: Starter) -> None:
    """B39: without a server the log says that the connection failed, and why."""
    with start("amp/basic_client.py", freePort()) as client:
        assert client.wait() == 0, client.report()
    assert any("Connection failed" in line for line in client.output)
    assert any("ConnectionRefusedError" in line for line in client.output)


def test_registration(start: Starter, tmp_path: Path) -> None:
    """B40, F8: a user is registered once, into a file; the second time the name is taken."""
    port, users = freePort(), tmp_path / "users"
    users.mkdir()
    with start("amp/registration_server.py", port, users) as server:
        Caller(port, server).__exit__(None, None, None)
        with start("amp/command_client.py", port) as client:
            assert client.wait() == 0, client.report()
        assert any("Registration result: {'uid': 1}" in line for line in client.output)
        assert (users / "alice").read_bytes() == b"1 ssh-rsa AAAAB3NzaC1yc2 alice@actinium\n"
        with start("amp/command_client.py", port) as client:
            assert client.wait() == 0, client.report()
        assert any("UsernameUnavailable: alice is taken" in line for line in client.output)
    shutil.rmtree(users)


def test_reflector(start: Starter) -> None:
    """F8: every box comes back."""
    port = freePort()
    with start("amp/reflector.py", port) as server, Caller(port, server) as caller:
        box = b"\0\1a\0\5hello\0\0"
        caller.send(box * 2)
        got = b""
        while len(got) < len(box) * 2:
            got += caller.socket.recv(1000)
        assert got == box * 2
