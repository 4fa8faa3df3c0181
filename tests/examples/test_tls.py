"""The documents' TLS programs, run as a user runs them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.certificates import authority, issue, pemOf, trusted
from support.examples import Starter
from support.programs import Caller, freePort


@pytest.fixture
def folder(start: Starter, tmp_path: Path) -> Path:
    """A directory with server.pem and public.pem, for example.com."""
    path = tmp_path / "pem"
    path.mkdir()
    with start("tls/certificates.py", path) as program:
        assert program.wait() == 0
        assert program.output[:2] == ["Certificate For Subject:", "               Common Name: example.com"]
    return path


def test_echo(start: Starter, folder: Path) -> None:
    """P60, P61 (F105-F108): the same protocol over TLS; a host that isn't the one expected gets nothing."""
    port = freePort()
    with start("tls/echoserver.py", port, folder) as server:
        server.line("listening")
        with start("tls/echoclient.py", port, folder) as client:
            assert client.wait() == 0
            assert client.output == ["hello over TLS"]
        with start("tls/echoclient.py", port, folder, "example.org") as client:
            assert client.wait() == 0
            assert client.output == []
        assert server.interrupt() == 0


def test_checkCertificate(start: Starter, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """P62, X17 (F110-F113): a good certificate is shown; an untrusted one, and one for another host, is told why."""
    port = freePort()
    with start("tls/echoserver.py", port, folder) as server:
        server.line("listening")
        with start("tls/checkcertificate.py", "localhost", port) as client:
            assert client.wait() == 0
            lost, bad = client.output
            assert lost == "Lost."
            assert bad.startswith("BAD: [('SSL routines', '', 'certificate verify failed')]")
            assert "self-signed" in bad
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / "public.pem"))
        with start("tls/checkcertificate.py", "localhost", port) as client:
            assert client.wait() == 0
            lost, bad = client.output
            assert bad.startswith("BAD: No service reference ID could be validated against certificate.")
            assert "'localhost' was asked for, and the certificate is for 'example.com'" in bad


def test_checkGoodCertificate(start: Starter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """P62, X17: a certificate that the system's authorities have signed is shown."""
    (tmp_path / "server.pem").write_bytes(pemOf(authority().issue_cert("localhost", common_name="localhost")))
    (tmp_path / "roots.pem").write_bytes(trusted().dumpPEM())
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "roots.pem"))
    port = freePort()
    with start("tls/echoserver.py", port, tmp_path) as server:
        server.line("listening")
        with start("tls/checkcertificate.py", "localhost", port) as client:
            assert client.wait() == 0
            assert client.output == ["OK: <Certificate Subject=b'localhost' Issuer=>", "Lost."]


def test_startTLS(start: Starter, folder: Path) -> None:
    """P63, P64 (F114, F115): READY in the clear, then TLS; what was written last arrives."""
    port = freePort()
    with start("tls/starttlsserver.py", port, folder) as server:
        server.line("listening")
        with start("tls/starttlsclient.py", port, folder) as client:
            assert client.wait() == 0
            assert client.output == ["received: READY"]
        for line in ("received: plain text", "received: STARTTLS", "-- Switching to TLS", "received: secure text"):
            assert server.line() == line
        with Caller(port) as caller:
            caller.send(b"STARTTLS\r\n")
            assert caller.line() == b"READY\r\n"
        assert server.interrupt() == 0


def test_clientCertificates(start: Starter, folder: Path) -> None:
    """P65, P66 (F116): who shows a certificate is answered, who shows none sees the connection closed."""
    port = freePort()
    with start("tls/clientauthserver.py", port, folder) as server:
        server.line("listening")
        with start("tls/clientauthclient.py", port, folder) as client:
            assert client.wait() == 0
            assert client.output == ["hello, it is me"]
        with start("tls/echoclient.py", port, folder) as client:
            assert client.wait() == 0
            assert client.output == []
        assert server.interrupt() == 0


def test_directory(start: Starter, tmp_path: Path) -> None:
    """A directory in certbot's layout serves each host its certificate; descriptions say all of it."""
    live, roots = tmp_path / "live", tmp_path / "roots"
    roots.mkdir()
    (roots / "acme.pem").write_bytes(trusted().dumpPEM())
    for host in ("a.example", "b.example"):
        os.makedirs(live / host)
        certificate = issue(host)
        (live / host / "fullchain.pem").write_bytes(certificate.dump(1))
        (live / host / "privkey.pem").write_bytes(certificate.privateKey.dump(1))
    with start("tls/directory.py", live, roots, "a.example", "b.example", "c.example") as program:
        assert program.wait() == 0
        assert program.output[:2] == ["a.example: good", "b.example: good"]
        assert "'c.example' was asked for, and the certificate is for 'a.example'" in program.output[2]
