"""The load generator is a judge: it must notice a server that gets it wrong."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Callable
from threading import Thread

import pytest
from harness.build import HERE, compiled

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="the load generator is compiled with cc")


def load(mode: str, listener: socket.socket, seconds: str) -> subprocess.CompletedProcess[str]:
    port = str(listener.getsockname()[1])
    command = [compiled(HERE / "load.c"), mode, port, "1", "64", seconds]
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


def against(answer: Callable[[socket.socket], object], mode: str = "ping") -> subprocess.CompletedProcess[str]:
    """Run the generator against a server that treats its one connection so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                answer(connection)

        server = Thread(target=serve)
        server.start()
        done = load(mode, listener, "10")
        server.join()
    return done


def test_wrongBytesAreNoticed() -> None:
    """An echo that differs ends the run with a sentence, not with a figure."""
    done = against(lambda connection: connection.sendall(connection.recv(64)[::-1]))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "load: the echo differs from what was sent\n"


def test_hangUpIsNoticed() -> None:
    """A server that closes instead of answering is reported, with how far it came."""

    def answerOnce(connection: socket.socket) -> None:
        connection.sendall(connection.recv(64))
        connection.recv(64)

    done = against(answerOnce)
    assert done.returncode == 1
    assert done.stderr == "load: the server hung up after 1 operations\n"


def test_streamIsCheckedWhereverItIsCut() -> None:
    """Bulk messages follow each other without a gap; a byte that is missing shifts all others and is noticed."""

    def swallowOne(connection: socket.socket) -> None:
        data = connection.recv(8 * 64, socket.MSG_WAITALL)  # all that is sent ahead: closing would reset otherwise
        connection.sendall(data[:50] + data[51:])

    assert "differs" in against(swallowOne, "bulk").stderr


def test_lostDatagramIsSentAgain() -> None:
    """A datagram without an answer does not stop its socket: it is counted, and sent again."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)

        def answerTheSecond() -> None:
            server.recv(64)
            server.sendto(*server.recvfrom(64))

        thread = Thread(target=answerTheSecond)
        thread.start()
        result = json.loads(load("udp", server, "0.3").stdout)
        thread.join()
    assert result["operations"] == 1
    assert result["lost"] >= 1
