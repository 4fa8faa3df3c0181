"""The chat as people use it: ``ropewalk demo`` in a process, talked to over TCP and a UNIX socket."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.programs import PATIENCE, Caller, Program, freePort, python

HELLO = b"What's your name?"


@pytest.fixture
def place(tmp_path: Path) -> tuple[int, str, str]:
    """A port, a socket path and a history file for one test."""
    return freePort(), str(tmp_path / "chat.sock"), str(tmp_path / "deep" / "chat.sqlite")


def start(place: tuple[int, str, str]) -> Program:
    port, socket, history = place
    options = ["--port", str(port), "--socket", socket, "--history", history]
    return Program(python("-m", "ropewalk", "demo", *options))


@pytest.fixture
def chat(place: tuple[int, str, str]) -> Iterator[Program]:
    with start(place) as program:
        program.line("Ctrl-C closes the chat")
        yield program


def test_strangersTalkOverTcpAndUnix(chat: Program, place: tuple[int, str, str]) -> None:
    """Somebody on the UNIX socket and somebody on TCP hear each other."""
    with Caller(place[0]) as ada, Caller(place[1]) as bob:
        for caller, name in ((ada, b"ada"), (bob, b"bob")):
            assert HELLO in caller.line()
            caller.send(name + b"\r\n")
            caller.lineWith(b"Hello, " + name)
        bob.send(b"hi ada\n")
        assert ada.lineWith(b"hi") == b"<bob> hi ada\r\n"


def test_ctrlCTellsEverybody(chat: Program, place: tuple[int, str, str]) -> None:
    """Ctrl-C says goodbye to everyone, also to who has no name yet, and ends cleanly without its socket file."""
    with Caller(place[0]) as ada, Caller(place[1]) as nameless:
        ada.send(b"ada\n")
        ada.lineWith(b"Hello")
        nameless.line()
        assert chat.interrupt() == 0
        assert ada.rest().endswith(b"* goodbye: the server is shutting down\r\n")
        assert nameless.rest() == b"* goodbye: the server is shutting down\r\n"
    assert chat.output[-1] == "The chat is closed."
    assert not chat.errors
    assert not Path(place[1]).exists()


def test_historyOutlivesTheServer(place: tuple[int, str, str]) -> None:
    """What was said before a restart, even just before, is shown after it."""
    with start(place) as first:
        first.line("Ctrl-C")
        with Caller(place[0]) as ada:
            ada.send(b"ada\nremember me\n")
            ada.lineWith(b"<ada> remember me")
            first.interrupt()
    with start(place) as second:
        second.line("Ctrl-C")
        with Caller(place[0]) as bob:
            bob.send(b"bob\n")
            assert bob.lineWith(b"remember me").endswith(b" <ada> remember me\r\n")


def test_killedServerLeavesNothingInTheWay(place: tuple[int, str, str]) -> None:
    """After kill -9 the stale socket and lock do not stop the next start."""
    with start(place) as first:
        first.line("Ctrl-C")
        first.process.kill()
        first.process.wait(PATIENCE)
    with start(place) as second:
        second.line("Ctrl-C")
        with Caller(place[1]) as ada:
            assert HELLO in ada.line()


def test_portInUseIsASentence(chat: Program, place: tuple[int, str, str], tmp_path: Path) -> None:
    """A second server on the same port says so, and what to do, without a traceback."""
    with start((place[0], str(tmp_path / "other.sock"), ":memory:")) as second:
        assert second.wait() == 1
    (message,) = second.errors
    assert str(place[0]) in message
    assert "--port" in message


def test_socketInUseIsASentence(chat: Program, place: tuple[int, str, str]) -> None:
    with start((freePort(), place[1], ":memory:")) as second:
        assert second.wait() == 1
    (message,) = second.errors
    assert place[1] in message


def test_fileThatIsNoDatabaseIsASentence(place: tuple[int, str, str], tmp_path: Path) -> None:
    """A history file that is something else is named, and left alone."""
    novel = tmp_path / "novel.txt"
    novel.write_text("It was a dark and stormy night." * 100)
    with start((place[0], place[1], str(novel))) as program:
        assert program.wait() == 1
    (message,) = program.errors
    assert str(novel) in message
    assert "--history" in message
    assert novel.read_text().startswith("It was a dark")


@pytest.mark.skipif(shutil.which("nc") is None, reason="nc (netcat) is not installed")
def test_netcatUser(chat: Program, place: tuple[int, str, str]) -> None:
    """The very command that the server prints: nc, with bare LF line ends."""
    done = subprocess.run(
        ["nc", "127.0.0.1", str(place[0])],
        input=b"ada\nhello\n/who\n/quit\n",
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    lines = done.stdout.decode().splitlines()
    assert "<ada> hello" in lines
    assert "* in #lobby: ada" in lines
    assert lines[-1] == "* goodbye: see you"
