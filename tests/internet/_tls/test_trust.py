"""Whom a policy trusts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trustme
from OpenSSL import SSL

from ropewalk.internet._sslverify import IOpenSSLTrustRoot
from ropewalk.internet.ssl import (
    OpenSSLDefaultPaths,
    optionsForClientTLS,
    platformTrust,
    trustRootFromCertificates,
    trustRootFromDirectory,
)
from ropewalk.python.components import registerAdapter
from ropewalk.python.filepath import FilePath
from support.certificates import Shake, authority, issue, revoked, trusted


def read(path: Path) -> Any:
    return trustRootFromDirectory(FilePath(str(path)))


class TestDirectory:
    def test_files(self, tmp_path: Path, shake: Shake) -> None:
        """Every certificate of every PEM file in it is trusted; other files are passed over."""
        (tmp_path / "two.pem").write_bytes(trusted(authority("One")).dumpPEM() + trusted(authority("Two")).dumpPEM())
        (tmp_path / "three.CRT").write_bytes(trusted().dumpPEM())
        (tmp_path / "README").write_bytes(trusted(authority("Evil")).dumpPEM())
        roots = read(tmp_path)
        for ca in (authority("One"), authority("Two"), authority()):
            server = issue("a.example", ca=ca).options()
            assert shake(server, optionsForClientTLS("a.example", roots))[1].refusal is None
        evil = issue("a.example", ca=authority("Evil")).options()
        assert shake(evil, optionsForClientTLS("a.example", roots))[1].refusal is not None

    def test_revocations(self, tmp_path: Path, shake: Shake) -> None:
        """Lists of revoked certificates in it are honoured."""
        ca = trustme.CA()
        bad, good = issue("a.example", ca=ca), issue("a.example", ca=ca)
        (tmp_path / "ca.pem").write_bytes(trusted(ca).dumpPEM())
        (tmp_path / "ca.crl").write_bytes(revoked(ca, bad))
        roots = read(tmp_path)
        assert shake(good.options(), optionsForClientTLS("a.example", roots))[1].refusal is None
        assert "was revoked" in shake(bad.options(), optionsForClientTLS("a.example", roots))[1].sentence

    def test_missingList(self, tmp_path: Path, shake: Shake) -> None:
        """Where there are lists, an authority without one can't be believed."""
        (tmp_path / "ca.pem").write_bytes(trusted().dumpPEM())
        (tmp_path / "other.crl").write_bytes(revoked(trustme.CA()))
        met = shake(issue("a.example").options(), optionsForClientTLS("a.example", read(tmp_path)))[1]
        assert "no list of its issuer (CRL)" in met.sentence

    def test_nothingThere(self, tmp_path: Path) -> None:
        """A directory without a certificate trusts nobody, which can't be meant."""
        with pytest.raises(ValueError, match="there is no certificate"):
            read(tmp_path)
        with pytest.raises(OSError, match="nowhere"):
            read(tmp_path / "nowhere")


class TestSystem:
    def test_oneKind(self) -> None:
        """The system's authorities are an object that tells OpenSSL's contexts."""
        root = platformTrust()
        assert isinstance(root, OpenSSLDefaultPaths)
        assert IOpenSSLTrustRoot.providedBy(root)
        root._addCACertsToContext(SSL.Context(SSL.TLS_METHOD))

    def test_directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shake: Shake) -> None:
        """``SSL_CERT_DIR`` names a directory of hashed names, as ``openssl rehash`` makes it."""
        name = f"{trusted().original.subject_name_hash():08x}.0"
        (tmp_path / name).write_bytes(trusted().dumpPEM())
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
        assert shake(issue("a.example").options(), optionsForClientTLS("a.example"))[1].refusal is None


class TestObjects:
    def test_provides(self) -> None:
        """Certificates make a trust root."""
        assert IOpenSSLTrustRoot.providedBy(trustRootFromCertificates([trusted()]))

    def test_adapted(self) -> None:
        """What can be adapted to `IOpenSSLTrustRoot` can be trusted."""

        class Fingerprint:
            """A program's own idea of a trust root."""

        registerAdapter(lambda _: trustRootFromCertificates([trusted()]), Fingerprint, IOpenSSLTrustRoot)
        assert optionsForClientTLS("a.example", Fingerprint())._stdlibSession(True) is not None
