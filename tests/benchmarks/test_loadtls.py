"""The load generator for TLS is a judge, too."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from harness.build import HERE, compiled
from harness.certificates import pem

pytestmark = [
    pytest.mark.skipif(shutil.which("cc") is None, reason="the load generator is compiled with cc"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="the certificates are made by openssl"),
    pytest.mark.skipif(not Path("/usr/include/openssl/ssl.h").exists(), reason="it needs OpenSSL's headers"),
]


def against(answer: Callable[[ssl.SSLSocket], object], mode: str, kind: str) -> subprocess.CompletedProcess[str]:
    """Run the generator against a server that treats its connections so, until it has ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem(kind))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                    with context.wrap_socket(connection, server_side=True) as secure:
                        answer(secure)
                except ssl.SSLError:
                    pass  # the generator leaves when it has seen enough
                except OSError:
                    return

        server = Thread(target=serve)
        server.start()
        command = [compiled(HERE / "loadtls.c"), mode, str(listener.getsockname()[1]), "1", "64", "0.2"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        listener.shutdown(socket.SHUT_RDWR)
        server.join()
    return done


def echo(connection: ssl.SSLSocket) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


@pytest.mark.parametrize("kind", ["rsa", "p256"])
@pytest.mark.parametrize("mode", ["ping", "bulk", "handshake"])
def test_anEchoIsCounted(mode: str, kind: str) -> None:
    """A server that does it right gets a figure."""
    done = against(echo, mode, kind)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["operations"] > 0


def test_wrongBytesAreNoticed() -> None:
    """An echo that differs ends the run with a sentence."""
    done = against(lambda connection: connection.sendall(connection.recv(64)[::-1]), "ping", "p256")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "loadtls: the echo differs from what was sent\n"


def test_hangUpIsNoticed() -> None:
    """A server that closes instead of answering is reported, with how far it came."""

    def answerOnce(connection: ssl.SSLSocket) -> None:
        connection.sendall(connection.recv(64))
        connection.recv(64)

    done = against(answerOnce, "ping", "p256")
    assert done.returncode == 1
    assert done.stderr.startswith("loadtls: ")
    assert "after 1 operations" in done.stderr
