"""The chat as operators run it: twist, twistd and a .tac file, with log-in, logs and orderly ends."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

import pytest

from ropewalk.logger import eventsFromJSONLogFile
from support.programs import Caller, Program, freePort, python

TAC = Path(__file__).parents[3] / "examples" / "chat" / "chat.tac"


def options(port: int, *more: str) -> list[str]:
    return ["--port", str(port), "--socket", "", "--history", ":memory:", *more]


def enter(caller: Caller, *lines: bytes) -> None:
    """Say who it is, and hear the welcome."""
    caller.send(b"".join(line + b"\n" for line in lines))
    caller.lineWith(b"Hello, " + lines[0])


def stop(program: Program) -> int:
    program.process.send_signal(signal.SIGTERM)
    return program.wait()


@pytest.mark.parametrize("command", [["ropewalk.application.twist"], ["ropewalk.scripts.twistd", "-n", "--pidfile="]])
def test_chatUnderTwistAndTwistd(command: list[str], tmp_path: Path) -> None:
    """``twist chat`` and ``twistd -n chat`` serve it, and SIGTERM says goodbye to everybody."""
    port = freePort()
    with Program(python("-m", *command, "chat", *options(port)), cwd=tmp_path) as program:
        program.line("the chat is open")
        with Caller(port, program) as ada:
            enter(ada, b"ada")
            status = stop(program)
            assert ada.rest().endswith(b"* goodbye: the server is shutting down\r\n")
    assert status == 0
    assert any("the chat is closed" in line for line in program.output)


def test_tacAsksForPasswordsAndLogsEvents(tmp_path: Path) -> None:
    """The .tac file: users come from a checker, and who came, went or was refused is in the log, as fields."""
    port = freePort()
    chat = f"--port {port} --socket '' --history :memory: --auth memory:ada:secret"
    command = python("-m", "ropewalk.scripts.twistd", "-n", "--pidfile=", "-y", str(TAC))
    with Program(command, cwd=tmp_path, env={"CHAT": chat}) as program:
        with Caller(_listening(port, program), program) as eve:
            eve.send(b"ada\nguess\n")
            eve.lineWith(b"do not belong together")
            enter(eve, b"ada", b"secret")
            assert stop(program) == 0
    with open(tmp_path / "chat.log") as log:
        events = list(eventsFromJSONLogFile(log))
    told = {event["log_format"]: event for event in events if event["log_namespace"].startswith("ropewalk.demo.chat")}
    assert told["{peer} may not come in as {name}"]["name"] == "ada"
    assert told["{name} has come from {peer}"]["peer"].startswith("127.0.0.1 port ")
    assert {"the chat is open", "{name} has gone", "the chat is closed"} <= set(told)


def _listening(port: int, program: Program) -> int:
    """Wait until it serves; its log is in a file, so that is found out by trying."""
    while program.isRunning():
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return port
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError(program.report())


def test_mistakesHaveSentences(tmp_path: Path) -> None:
    """An endpoint that makes no sense, and a history that is no database, are told in a sentence each."""
    (tmp_path / "novel.txt").write_text("It was a dark and stormy night." * 100)
    for words, expected in (
        (["--listen", "tcp"], "cannot listen there"),
        ([*options(freePort())[:-1], "novel.txt"], "novel.txt"),
    ):
        command = python("-m", "ropewalk.scripts.twistd", "-n", "--pidfile=", "chat", *words)
        with Program(command, cwd=tmp_path) as program:
            assert program.wait() not in (0, None)
        assert any(expected in line for line in program.errors), program.errors
        assert not any("Traceback" in line for line in program.errors)
