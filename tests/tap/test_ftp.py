"""``twist ftp`` serves directories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ropewalk.application.internet import StreamServerEndpointService, TCPServer
from ropewalk.cred.checkers import AllowAnonymousAccess
from ropewalk.cred.credentials import IAnonymous, IUsernamePassword
from ropewalk.protocols.ftp import FTPFactory
from ropewalk.python import usage
from ropewalk.tap.ftp import Options, makeService
from support.certificates import authority, pemOf


def configured(*words: str) -> Options:
    options = Options()
    options.parseOptions(words)
    return options


def test_defaults() -> None:
    """Guests are served at port 2121."""
    options = configured()
    assert (options["port"], options["root"], options["userAnonymous"]) == ("2121", "/usr/local/ftp", "anonymous")
    assert [type(each) for each in options["credCheckers"]] == [AllowAnonymousAccess]
    service: Any = makeService(options)
    assert isinstance(service, TCPServer)
    port, factory = service.args
    assert port == 2121
    assert isinstance(factory, FTPFactory)
    assert factory.portal.realm.anonymousRoot.path == "/usr/local/ftp"
    assert factory.contextFactory is None


def test_users(tmp_path: Path) -> None:
    """Users come from a file, or by ``--auth``; both beside the guests."""
    (tmp_path / "users").write_text("fred:secret\n")
    for words in (["--password-file", str(tmp_path / "users")], ["--auth", "memory:fred:secret"]):
        options = configured("--userAnonymous", "guest", "-p", "tcp:0", *words)
        assert set(options["credInterfaces"]) >= {IAnonymous, IUsernamePassword}
        service: Any = makeService(options)
        assert isinstance(service, StreamServerEndpointService)
        assert service.factory.userAnonymous == "guest"
        assert IUsernamePassword in service.factory.portal.checkers


def test_encryption(tmp_path: Path) -> None:
    """With a certificate clients may encrypt; they have to when that is said."""
    pem = tmp_path / "server.pem"
    pem.write_bytes(pemOf(authority().issue_cert("localhost")))
    factory = makeService(configured("--certificate", str(pem))).args[1]  # type: ignore[attr-defined]  # a TCPServer
    assert factory.contextFactory is not None
    assert not factory.tlsForLogins
    options = configured("--certificate", str(pem), "--require-tls", "--passive-ports", "50000-50001")
    factory = makeService(options).args[1]  # type: ignore[attr-defined]  # likewise
    assert factory.tlsForLogins
    assert factory.tlsForData
    assert factory.passivePortRange == range(50000, 50002)


@pytest.mark.parametrize("words", [["--require-tls"], ["--passive-ports", "5"], ["--passive-ports", "9-5"]])
def test_mistakes(words: list[str]) -> None:
    """What makes no sense is refused."""
    with pytest.raises(usage.UsageError):
        configured(*words)
