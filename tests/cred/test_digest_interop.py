"""Digest challenges are understood by clients of other makers: Python's urllib, and curl where it is installed."""

from __future__ import annotations

import http.server
import shutil
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from ropewalk.cred.credentials import DigestCredentialFactory
from ropewalk.cred.error import LoginFailed, StaleChallenge


class Server:
    """A web server of the standard library that lets joe in, and counts."""

    def __init__(self, algorithm: str, realm: str = 'a "realm", with commas') -> None:
        self.factory = DigestCredentialFactory(algorithm, realm)
        self.refused = self.stale = self.served = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/a%20page?with=query,and=comma"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        host, extra = request.client_address[0], ""
        scheme, _, parameters = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "digest":
            try:
                credentials = self.factory.decode(parameters.encode(), request.command, host)
                assert credentials.fields["uri"].decode() == request.path
                if credentials.username == b"joe" and credentials.checkPassword("secret"):
                    self.served += 1
                    self.send(request, 200)
                    return
            except StaleChallenge:
                self.stale += 1
                self.factory.CHALLENGE_LIFETIME_SECS = 60
                extra = ", stale=true"
            except LoginFailed:
                pass
        self.refused += 1
        challenge = {name: value.decode() for name, value in self.factory.getChallenge(host).items()}
        challenge["realm"] = challenge["realm"].replace('"', '\\"')
        algorithm = challenge.pop("algorithm")
        listed = ", ".join(f'{name}="{value}"' for name, value in challenge.items())
        self.send(request, 401, f"Digest {listed}, algorithm={algorithm}{extra}")

    def send(self, request: http.server.BaseHTTPRequestHandler, code: int, challenge: str = "") -> None:
        request.send_response(code)
        request.send_header("Content-Length", "3")
        if challenge:
            request.send_header("WWW-Authenticate", challenge)
        request.end_headers()
        request.wfile.write(b"ok\n" if code == 200 else b"no\n")

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(params=["MD5", "SHA-256"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    server = Server(request.param)
    yield server
    server.close()


def curl(*words: str) -> str:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    return subprocess.run(["curl", "-s", *words], capture_output=True, text=True, timeout=50, check=False).stdout


def test_urllib() -> None:
    """Python's client is let in with its password, and not with another."""
    server = Server("MD5", "a realm, with commas")  # It reads no escapes.
    try:
        for password, code in [("secret", 200), ("guess", 401)]:
            passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            passwords.add_password(None, server.url, "joe", password)
            opener = urllib.request.build_opener(urllib.request.HTTPDigestAuthHandler(passwords))
            try:
                found = opener.open(server.url, timeout=20).status
            except urllib.error.HTTPError as refused:
                found = refused.code
            assert found == code
    finally:
        server.close()


def test_curl(server: Server) -> None:
    """So is curl, with the old algorithm and the new."""
    assert curl("--digest", "-u", "joe:secret", server.url, server.url, server.url) == "ok\n" * 3
    assert (server.served, server.stale) == (3, 0)
    assert curl("--digest", "-u", "joe:guess", server.url) == "no\n"


def test_staleChallenge(server: Server) -> None:
    """RFC 7616 §3.3: a client whose answer came too late is told so, and answers the next challenge by itself."""
    server.factory.CHALLENGE_LIFETIME_SECS = -1
    assert curl("--digest", "-u", "joe:secret", server.url) == "ok\n"
    assert (server.served, server.stale) == (1, 1)
