"""The documents' finger servers as applications, run by hand and asked over sockets; also under Twisted's name."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.examples import EXAMPLES, asTwisted
from support.programs import PATIENCE, Caller, Program, freePort, python

Starter = Callable[..., Program]


@pytest.fixture(params=["ropewalk", "twisted"])
def serve(request: pytest.FixtureRequest, tmp_path: Path) -> Starter:
    """A function that runs a .tac file of examples/finger with an environment."""
    folder = EXAMPLES / "finger"
    command = ["serve.py"]
    if request.param == "twisted":
        folder = Path(shutil.copytree(folder, tmp_path / "finger", ignore=shutil.ignore_patterns("__pycache__")))
        for path in [folder / "serve.py", *folder.glob("*.tac")]:
            path.write_text(asTwisted(path.read_text()))
        command = ["-m", "ropewalk", "run", "serve.py"]
    return lambda name, **env: Program(python(*command, name), folder, {key: str(env[key]) for key in env})


def ask(program: Program, port: int, user: bytes) -> bytes:
    """What the server says of a user, all of it."""
    with Caller(port, program) as caller:
        caller.send(user + b"\r\n")
        return caller.rest()


def tell(program: Program, port: int, *lines: bytes) -> None:
    """Send lines to the setter; done when the server has closed its side, too."""
    with Caller(port, program) as caller:
        caller.send(b"".join(line + b"\r\n" for line in lines))


def askUntil(program: Program, port: int, user: bytes, answer: bytes) -> None:
    """Ask until the server knows: nothing tells when it has read the file, or heard of the setter's end."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if ask(program, port, user) == answer:
            return
    raise AssertionError(f"{user!r} never was {answer!r}; {program.report()}")


def test_finger11(serve: Starter) -> None:
    """A service tree from a .tac answers as the program before it did (P39, AP8)."""
    port = freePort()
    with serve("finger11.tac", FINGER_PORT=port) as program:
        assert ask(program, port, b"moshez") == b"Happy and well\r\n"
        assert ask(program, port, b"nobody") == b"No such user\r\n"
        program.process.send_signal(signal.SIGTERM)
        program.wait()
        assert any("closed" in line.lower() for line in program.output)


@pytest.mark.parametrize("name", ["finger12.tac", "finger13.tac"])
def test_finger12And13(serve: Starter, name: str) -> None:
    """What the second port is told, the first one says; whoever tells too little doesn't harm the server (P40, P41)."""
    port, setter = freePort(), freePort()
    with serve(name, FINGER_PORT=port, SETTER_PORT=setter) as program:
        assert ask(program, port, b"moshez") == b"Happy and well\r\n"
        tell(program, setter, b"moshez")
        program.line("IndexError")
        tell(program, setter, b"moshez", b"Giving a tutorial now, sorry!")
        askUntil(program, port, b"moshez", b"Giving a tutorial now, sorry!\r\n")
        program.interrupt()


def test_finger14(serve: Starter, tmp_path: Path) -> None:
    """Users come from a file, which is read again (P42)."""
    port, users = freePort(), tmp_path / "users"
    users.write_text("moshez: Happy and well\nshawn: alive\n")
    with serve("finger14.tac", FINGER_PORT=port, FINGER_USERS=users, FINGER_INTERVAL=0.05) as program:
        assert ask(program, port, b"shawn") == b"alive\r\n"
        edited = tmp_path / "edited"
        edited.write_text("shawn: asleep\n")
        edited.replace(users)
        askUntil(program, port, b"shawn", b"asleep\r\n")
        program.interrupt()


def test_finger14WithoutItsFile(serve: Starter, tmp_path: Path) -> None:
    """A file that isn't there ends the start with an error that names it (P42)."""
    with serve("finger14.tac", FINGER_PORT=freePort(), FINGER_USERS=tmp_path / "none") as program:
        assert program.wait() == 1
        assert any(str(tmp_path / "none") in line for line in program.output)
