"""A directory of certificates, chosen by the name that a client asks for, read again when files change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from OpenSSL import SSL

from ropewalk.internet._tls.directory import CertificateDirectory
from ropewalk.internet._tls.servers import SNIConnectionCreator
from ropewalk.internet.endpoints import autoReloadingDirectoryOfPEMs
from ropewalk.internet.ssl import CertificateOptions, optionsForClientTLS, optionsForServerTLS
from ropewalk.logger import LogEvent, formatEvent, globalLogPublisher
from ropewalk.python.filepath import FilePath
from support.certificates import Shake, authority, days, issue, pemOf, trusted

CA = authority()


class Time:
    """A clock moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """What is logged, as lines."""
    lines: list[str] = []

    def observe(event: LogEvent) -> None:
        lines.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


def put(path: Path, *names: str, **options: Any) -> None:
    """Write a certificate with its key into one file, as if nothing had been there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, pemOf(CA.issue_cert(*names, **options)))


def replace(path: Path, content: bytes) -> None:
    """Write a file beside, and move it over: another inode, as tools that are careful do."""
    new = path.with_suffix(".new")
    new.write_bytes(content)
    os.replace(new, path)


def certbot(folder: Path, leaf: trustme.LeafCert) -> None:
    """Write a certificate as certbot does."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [each.bytes() for each in leaf.cert_chain_pems]
    replace(folder / "fullchain.pem", b"".join(parts))
    replace(folder / "cert.pem", parts[0])
    replace(folder / "chain.pem", b"".join(parts[1:]))
    replace(folder / "privkey.pem", leaf.private_key_pem.bytes())


def names(options: CertificateOptions | None) -> tuple[str, ...]:
    """The names in the certificate that options show."""
    return () if options is None or options._certificate is None else options._certificate._said.names


def made(path: Path, now: Time | None = None) -> CertificateDirectory:
    return CertificateDirectory(FilePath(str(path)), now or Time())


class TestFinding:
    def test_layouts(self, tmp_path: Path) -> None:
        """PEM files with both parts, and certbot's directories; chains are served whole."""
        put(tmp_path / "one.pem", "a.example", "b.example")
        child = CA.create_child_ca()
        certbot(tmp_path / "live" / "c.example", child.issue_cert("c.example"))
        (tmp_path / "README").write_text("hello")
        directory = made(tmp_path)
        assert names(directory._optionsFor(b"a.example")) == ("a.example", "b.example")
        assert names(directory._optionsFor(b"B.Example.")) == ("a.example", "b.example")
        found = directory._optionsFor(b"c.example")
        assert found is not None
        assert [each.dump() for each in found._chain] == [trusted(child).dump()]
        assert directory._optionsFor(b"d.example") is None

    def test_certbotsOlderParts(self, tmp_path: Path) -> None:
        """Without ``fullchain.pem`` its parts are taken."""
        certbot(tmp_path / "a.example", CA.create_child_ca().issue_cert("a.example"))
        (tmp_path / "a.example" / "fullchain.pem").unlink()
        found = made(tmp_path)._optionsFor(b"a.example")
        assert found is not None
        assert len(found._chain) == 1

    def test_wildcards(self, tmp_path: Path) -> None:
        """A wildcard is found for the names it stands for; a name of its own comes before it."""
        put(tmp_path / "wild.pem", "*.w.example")
        put(tmp_path / "special.pem", "special.w.example")
        directory = made(tmp_path)
        assert names(directory._optionsFor(b"x.w.example")) == ("*.w.example",)
        assert names(directory._optionsFor(b"special.w.example")) == ("special.w.example",)
        assert directory._optionsFor(b"w.example") is None
        assert directory._optionsFor(b"a.b.w.example") is None

    def test_longestValid(self, tmp_path: Path) -> None:
        """Of two for the same name the one that is valid longer is shown."""
        put(tmp_path / "a.pem", "a.example", "old.example", not_after=days(9))
        put(tmp_path / "b.pem", "a.example", "new.example", not_after=days(90))
        assert names(made(tmp_path)._optionsFor(b"a.example")) == ("a.example", "new.example")

    def test_default(self, tmp_path: Path) -> None:
        """Who asks for nobody gets ``default``, or the first by its path."""
        put(tmp_path / "b.pem", "b.example")
        put(tmp_path / "a.pem", "a.example")
        assert names(made(tmp_path)._optionsFor(None)) == ("a.example",)
        put(tmp_path / "default.pem", "d.example")
        assert names(made(tmp_path)._optionsFor(None)) == ("d.example",)

    def test_contexts(self, tmp_path: Path) -> None:
        """Called, it returns OpenSSL's contexts, as ``contextForServerName`` wants them."""
        put(tmp_path / "a.pem", "a.example")
        lookup = autoReloadingDirectoryOfPEMs(FilePath(str(tmp_path)))
        assert isinstance(lookup(b"a.example"), SSL.Context)
        assert lookup(b"a.example") is lookup(None)
        assert lookup(b"b.example") is None

    def test_nothingThere(self, tmp_path: Path) -> None:
        """A directory without certificates, or none at all, is refused in a sentence."""
        with pytest.raises(ValueError, match=r"holds no certificate with its private key.*fullchain\.pem"):
            made(tmp_path)
        with pytest.raises(OSError, match="nowhere"):
            made(tmp_path / "nowhere")


class TestReloading:
    def test_renewed(self, tmp_path: Path, logged: list[str]) -> None:
        """A renewed certificate is shown from then on, without a restart; it is logged."""
        now = Time()
        put(tmp_path / "a.pem", "a.example")
        directory = made(tmp_path, now)
        before = directory._optionsFor(b"a.example")
        put(tmp_path / "a.pem", "a.example", "more.example")
        assert directory._optionsFor(b"a.example") is before  # not looked at within a second
        now.now = 1.0
        assert names(directory._optionsFor(b"a.example")) == ("a.example", "more.example")
        assert logged == [f"read {tmp_path}/a.pem again: a certificate for a.example, more.example"]

    def test_unchanged(self, tmp_path: Path) -> None:
        """Files that did not change are not read again."""
        now = Time()
        put(tmp_path / "a.pem", "a.example")
        directory = made(tmp_path, now)
        before = directory._optionsFor(None)
        now.now = 9.0
        assert directory._optionsFor(None) is before

    def test_addedAndRemoved(self, tmp_path: Path) -> None:
        """New files are found; those of removed ones are forgotten."""
        now = Time()
        put(tmp_path / "a.pem", "a.example")
        directory = made(tmp_path, now)
        put(tmp_path / "b" / "b.pem", "b.example")
        (tmp_path / "a.pem").unlink()
        now.now = 1.0
        assert names(directory._optionsFor(b"b.example")) == ("b.example",)
        assert directory._optionsFor(b"a.example") is None

    @pytest.mark.parametrize("broken", [b"", b"-----BEGIN CERTIFICATE-----\n", b"junk"])
    def test_broken(self, broken: bytes, tmp_path: Path, logged: list[str]) -> None:
        """A broken new file leaves the old certificate in place, and is logged in a sentence, once."""
        now = Time()
        put(tmp_path / "a.pem", "a.example")
        directory = made(tmp_path, now)
        (tmp_path / "a.pem").write_bytes(broken)
        for now.now in (1.0, 2.0, 3.0):
            assert names(directory._optionsFor(b"a.example")) == ("a.example",)
        (line,) = logged
        assert line.startswith(f"no certificate could be read from {tmp_path}/a.pem: there is no certificate")
        assert line.endswith("the one that was there is shown on")

    def test_halfRenewed(self, tmp_path: Path, logged: list[str]) -> None:
        """A key that is newer than its certificate is waited out."""
        now = Time()
        certbot(tmp_path / "a", CA.issue_cert("a.example"))
        directory = made(tmp_path, now)
        before = directory._optionsFor(None)
        renewed = CA.issue_cert("a.example")
        replace(tmp_path / "a" / "privkey.pem", renewed.private_key_pem.bytes())
        now.now = 1.0
        assert directory._optionsFor(None) is before
        assert "the certificate is for the key" in logged[0]
        certbot(tmp_path / "a", renewed)
        now.now = 2.0
        assert directory._optionsFor(None) is not before

    def test_allGone(self, tmp_path: Path, logged: list[str]) -> None:
        """When all files are gone the last certificates are shown on, and that is logged."""
        now = Time()
        put(tmp_path / "a.pem", "a.example")
        directory = made(tmp_path, now)
        (tmp_path / "a.pem").unlink()
        for now.now in (1.0, 2.0, 3.0):
            assert names(directory._optionsFor(b"a.example")) == ("a.example",)
        (line,) = logged
        assert line.endswith("the ones that were there are shown on")

    def test_directoryGone(self, tmp_path: Path, logged: list[str]) -> None:
        """The same goes for the whole directory."""
        now = Time()
        put(tmp_path / "live" / "a.pem", "a.example")
        directory = made(tmp_path / "live", now)
        (tmp_path / "live").rename(tmp_path / "elsewhere")
        for now.now in (1.0, 2.0, 3.0):
            assert names(directory._optionsFor(b"a.example")) == ("a.example",)
        assert len(logged) == 2
        assert "can't be read" in logged[0]
        (tmp_path / "elsewhere").rename(tmp_path / "live")
        put(tmp_path / "live" / "b.pem", "b.example")
        now.now = 4.0
        assert names(directory._optionsFor(b"b.example")) == ("b.example",)

    def test_brokenFromTheStart(self, tmp_path: Path, logged: list[str]) -> None:
        """A file that can't be used does not keep the others from being served."""
        (tmp_path / "a.pem").write_bytes(b"junk")
        put(tmp_path / "b.pem", "b.example")
        assert names(made(tmp_path)._optionsFor(None)) == ("b.example",)
        assert "a.pem" in logged[0]

    def test_otherCertificates(self, tmp_path: Path, logged: list[str]) -> None:
        """A certificate without a key is nothing to show, and nothing to complain of."""
        (tmp_path / "a.pem").write_bytes(trusted().dumpPEM())
        put(tmp_path / "b.pem", "b.example")
        assert names(made(tmp_path)._optionsFor(None)) == ("b.example",)
        assert logged == []

    def test_othersKey(self, tmp_path: Path, logged: list[str]) -> None:
        """A certificate with somebody else's key is never shown."""
        one, other = CA.issue_cert("a.example"), CA.issue_cert("a.example")
        (tmp_path / "a.pem").write_bytes(one.private_key_pem.bytes() + other.cert_chain_pems[0].bytes())
        put(tmp_path / "b.pem", "b.example")
        assert made(tmp_path)._optionsFor(b"a.example") is None


class TestServing:
    def test_byName(self, tmp_path: Path, shake: Shake) -> None:
        """A client is shown the certificate of the host it asks for; who asks for none, the default one."""
        put(tmp_path / "a.pem", "a.example")
        put(tmp_path / "b.pem", "b.example", "*.w.example")
        now = Time()
        creator = SNIConnectionCreator(made(tmp_path, now))
        for host in ("a.example", "b.example", "x.w.example"):
            assert shake(creator, optionsForClientTLS(host, trusted()))[1].refusal is None
        unknown = shake(creator, optionsForClientTLS("c.example", trusted()))[1]
        assert "the certificate is for 'a.example'" in unknown.sentence
        put(tmp_path / "c.pem", "c.example")
        now.now = 1.0
        assert shake(creator, optionsForClientTLS("c.example", trusted()))[1].refusal is None

    def test_protocols(self, tmp_path: Path) -> None:
        """Application protocols are negotiated with whichever certificate."""
        from support.certificates import shakeOpenSSL

        put(tmp_path / "a.pem", "a.example")
        server = optionsForServerTLS(FilePath(str(tmp_path)), acceptableProtocols=[b"h2"])
        met, _ = shakeOpenSSL(server, optionsForClientTLS("a.example", trusted(), None, [b"http/1.1", b"h2"]))
        assert met.protocol == b"h2"

    def test_programsLookup(self) -> None:
        """A function of a program's own returns OpenSSL's contexts, or none (``contextForServerName``)."""
        from support.certificates import shakeOpenSSL

        contexts = {
            None: issue("a.example").options().getContext(),
            b"b.example": issue("b.example").options().getContext(),
        }
        creator = SNIConnectionCreator(contexts.get)
        assert creator.defaultContext is contexts[None]
        assert creator == SNIConnectionCreator(contexts.get)
        assert creator != 3
        assert creator._stdlibSession(False) is None
        for host in ("a.example", "b.example"):
            assert shakeOpenSSL(creator, optionsForClientTLS(host, trusted()))[1].refusal is None


class TestOptionsForServerTLS:
    def test_one(self, shake: Shake) -> None:
        """One certificate with its key, and its chain."""
        server = optionsForServerTLS(issue("a.example"))
        assert shake(server, optionsForClientTLS("a.example", trusted()))[1].refusal is None

    def test_several(self, shake: Shake) -> None:
        """Several, chosen by name."""
        server = optionsForServerTLS([issue("a.example"), issue("b.example")])
        for host in ("a.example", "b.example"):
            assert shake(server, optionsForClientTLS(host, trusted()))[1].refusal is None
        with pytest.raises(ValueError, match="no certificate to show"):
            optionsForServerTLS([])

    def test_clients(self, shake: Shake) -> None:
        """Clients have to prove who they are, if authorities are given (F116)."""
        server = optionsForServerTLS([issue("a.example")], [trusted()])
        assert "shown no certificate" in shake(server, optionsForClientTLS("a.example", trusted()))[0].sentence
        welcome = optionsForClientTLS("a.example", trusted(), issue("me.example"))
        assert shake(server, welcome)[0].refusal is None
