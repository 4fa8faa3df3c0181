"""TLS against the programs of others: openssl, curl, gnutls-cli, nginx; and testssl.sh, which looks for weaknesses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import SSL4ClientEndpoint, clientFromString, connectProtocol, quoteStringArgument
from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.ssl import CertificateOptions, PrivateCertificate, optionsForClientTLS, optionsForServerTLS
from ropewalk.internet.threads import deferToThreadPool
from support.certificates import authority, days, issue, pemOf, private, trusted
from support.programs import freePort
from support.reactors import epoll, fresh, run

# Seconds that a program of others may take.
PATIENCE = 20


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip a test where one of these programs is not installed."""
    missing = [program for program in programs if shutil.which(program) is None and not Path(program).exists()]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the authority's certificate in ``ca.pem``, and a client's in ``me.pem``."""
    path = tmp_path_factory.mktemp("tls")
    (path / "ca.pem").write_bytes(trusted().dumpPEM())
    (path / "me.pem").write_bytes(pemOf(authority().issue_cert("me.example")))
    return path


# Our server, their clients.


class Web(Protocol):
    """Answers a request with two bytes, and remembers how connections end."""

    def dataReceived(self, data: bytes) -> None:
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        self.transport.loseConnection()

    def connectionLost(self, reason: Any) -> None:
        self.factory.ends.append(reason.value)


@dataclass
class Done:
    """What a program has said, and how our side's connections have ended."""

    code: int
    said: str
    ends: list[BaseException]


def serve(options: Any, *command: str | Path, says: bytes = b"") -> Done:
    """Run a program against a server of ours; ``PORT`` in its arguments stands for the port."""

    async def main(reactor: Any) -> Done:
        factory: Any = Factory.forProtocol(Web)
        factory.ends = []
        port = reactor.listenSSL(0, factory, options, interface="127.0.0.1")
        words = [str(word).replace("PORT", str(port.getHost().port)) for word in command]

        def call() -> Any:
            return subprocess.run(
                words, input=says, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False
            )

        try:
            done = await deferToThreadPool(reactor, reactor.getThreadPool(), call)
        finally:
            await port.stopListening()
        return Done(done.returncode, done.stdout.decode("utf-8", "replace"), factory.ends)

    with fresh(epoll) as reactor:
        done: Done = run(reactor, main, reactor, timeout=150)
    return done


@pytest.fixture(params=["stdlib", "pyOpenSSL"])
def through(request: pytest.FixtureRequest) -> Callable[[CertificateOptions], CertificateOptions]:
    """A function that makes a policy be carried out by one engine, then by the other."""

    def choose(options: CertificateOptions) -> CertificateOptions:
        if request.param == "pyOpenSSL":
            options.getContext()  # who has the context may change it, so it is what connections are made from
        assert (options._stdlibSession(False) is None) == (request.param == "pyOpenSSL")
        return options

    return choose


Through = Callable[[CertificateOptions], CertificateOptions]


class TestTheirClients:
    @needs("curl")
    def test_curl(self, folder: Path, through: Through) -> None:
        """curl takes our certificate, and gets its answer to the last byte."""
        server = through(issue("localhost").options())
        done = serve(server, "curl", "-sS", "--noproxy", "*", "--cacert", folder / "ca.pem", "https://localhost:PORT/")
        assert (done.code, done.said) == (0, "hi")

    @needs("curl")
    def test_curlRefuses(self, through: Through) -> None:
        """curl, which does not know our authority, refuses, and we say what that means."""
        server = through(issue("localhost").options())
        done = serve(server, "curl", "-sS", "--noproxy", "*", "https://localhost:PORT/")
        assert done.code == 60
        assert "does not trust who signed our certificate" in str(done.ends[0])

    @needs("curl")
    def test_plainHTTP(self, through: Through) -> None:
        """A client that speaks plain HTTP is told apart."""
        done = serve(through(issue("localhost").options()), "curl", "-sS", "--noproxy", "*", "http://localhost:PORT/")
        assert done.code != 0
        assert "plain HTTP request" in str(done.ends[0])

    @needs("openssl")
    @pytest.mark.parametrize(("version", "name"), [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
    def test_openssl(self, folder: Path, through: Through, version: str, name: str) -> None:
        """``openssl s_client`` verifies us, negotiates a protocol, and hears our farewell."""
        server = through(optionsForServerTLS(issue("a.example"), acceptableProtocols=[b"h2", b"http/1.1"]))
        done = serve(
            server, *sClient(folder, version, "-ign_eof", "-alpn", "http/1.1,h2"), says=b"GET / HTTP/1.0\r\n\r\n"
        )
        assert "Verification: OK" in done.said
        assert "ALPN protocol: h2" in done.said
        assert f"New, {name}" in done.said
        assert "\r\n\r\nhi" in done.said
        assert done.said.endswith("closed\n")

    @needs("openssl")
    @pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
    def test_oldVersions(self, folder: Path, through: Through, version: str) -> None:
        """Versions below 1.2 are refused."""
        done = serve(through(issue("a.example").options()), *sClient(folder, version, "-cipher", "ALL:@SECLEVEL=0"))
        assert "alert protocol version" in done.said
        assert "its newest is too low" in str(done.ends[0])

    @needs("openssl")
    def test_noProtocolInCommon(self, folder: Path, through: Through) -> None:
        """A client whose protocols we don't speak is refused with the alert for that (F124)."""
        server = through(optionsForServerTLS(issue("a.example"), acceptableProtocols=[b"h2"]))
        done = serve(server, *sClient(folder, "-alpn", "spdy/3"))
        assert "alert no application protocol" in done.said
        assert "no shared protocol" in str(done.ends[0])

    @needs("openssl")
    def test_renegotiation(self, folder: Path, through: Through) -> None:
        """A client that wants to renegotiate is not obeyed."""
        done = serve(through(issue("a.example").options()), *sClient(folder, "-tls1_2"), says=b"R\n")
        assert "no renegotiation" in done.said

    @needs("openssl")
    def test_resumption(self, folder: Path, through: Through, tmp_path: Path) -> None:
        """A session of TLS 1.3 can't be resumed, unless that was wished for."""
        kept = str(tmp_path / "session.pem")
        for options, begins in (({}, "New, TLSv1.3"), ({"enableSessionTickets": True}, "Reused, TLSv1.3")):
            server = through(optionsForServerTLS(issue("a.example"), extraCertificateOptions=options))
            ask = b"GET / HTTP/1.0\r\n\r\n"
            Path(kept).unlink(missing_ok=True)
            serve(server, *sClient(folder, "-tls1_3", "-ign_eof", "-sess_out", kept), says=ask)
            if Path(kept).exists():
                again = serve(server, *sClient(folder, "-tls1_3", "-ign_eof", "-sess_in", kept), says=ask)
                assert begins in again.said
            else:
                assert not options  # no ticket was sent at all

    @needs("openssl")
    def test_clientCertificate(self, folder: Path, through: Through) -> None:
        """Who shows a certificate comes in, who shows none does not (F116)."""
        server = through(issue("a.example").options(trusted()))
        welcome = serve(server, *sClient(folder, "-cert", folder / "me.pem", "-ign_eof"), says=b"GET /\r\n")
        assert "HTTP/1.1 200 OK" in welcome.said
        refused = serve(server, *sClient(folder, "-ign_eof"), says=b"GET /\r\n")
        assert "HTTP/1.1 200 OK" not in refused.said
        assert "has shown no certificate" in str(refused.ends[0])

    @needs("gnutls-cli")
    def test_gnutls(self, folder: Path, through: Through) -> None:
        """GnuTLS verifies us, too."""
        done = serve(
            through(issue("a.example").options()),
            *("gnutls-cli", f"--x509cafile={folder}/ca.pem", "--verify-hostname=a.example", "--sni-hostname=a.example"),
            *("-p", "PORT", "127.0.0.1"),
            says=b"GET / HTTP/1.0\r\n\r\n",
        )
        assert "The certificate is trusted" in done.said
        assert "HTTP/1.1 200 OK" in done.said

    @needs("testssl")
    def test_noWeakness(self, through: Through, tmp_path: Path) -> None:
        """testssl.sh finds nothing of medium severity or worse in what is spoken by default.

        What it says of the certificate is about our private authority, and not looked at.
        """
        report = tmp_path / "report.json"
        serve(
            through(private(authority().issue_cert("127.0.0.1", "localhost")).options()),
            *("testssl", "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none", "--ip", "127.0.0.1"),
            *("--jsonfile", report, "-p", "-s", "-U", "127.0.0.1:PORT"),
        )
        findings = json.loads(report.read_text())
        weak = [each for each in findings if each["severity"] in ("MEDIUM", "HIGH", "CRITICAL")]
        assert [each for each in weak if not each["id"].startswith("cert_")] == []
        offered = {each["id"]: each["finding"] for each in findings}
        assert offered["TLS1_3"].startswith("offered")
        assert offered["TLS1_1"] == offered["TLS1"] == "not offered"


def sClient(folder: Path, *more: str | Path) -> list[str | Path]:
    """``openssl s_client``, told whom to expect and whom to trust."""
    return [
        *("openssl", "s_client", "-connect", "127.0.0.1:PORT", "-servername", "a.example"),
        *("-verify_hostname", "a.example", "-CAfile", folder / "ca.pem", *more),
    ]


# Their servers, our client.


class Browser(Protocol):
    """Sends a request, and collects the answer."""

    def __init__(self) -> None:
        self.done: Deferred[tuple[bytes, BaseException]] = Deferred()
        self.answer = b""

    def connectionMade(self) -> None:
        self.transport.write(b"GET / HTTP/1.0\r\nHost: a.example\r\n\r\n")

    def dataReceived(self, data: bytes) -> None:
        self.answer += data

    def connectionLost(self, reason: Any) -> None:
        self.done.callback((self.answer, reason.value))


def browse(endpoint: Callable[[Any], Any]) -> tuple[bytes, BaseException]:
    """Connect to an endpoint, ask, and return the answer, and how the connection ended."""

    async def main(reactor: Any) -> Any:
        browser: Any = await connectProtocol(endpoint(reactor), Browser())
        return await browser.done

    with fresh(epoll) as reactor:
        ended: tuple[bytes, BaseException] = run(reactor, main, reactor)
    return ended


def awaitPort(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a program listens."""
    import socket

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert process.poll() is None, "the server has ended"
            assert time.monotonic() < deadline, "the server does not listen"
            time.sleep(0.02)  # somebody else's program: there is nothing to wait on


@pytest.fixture
def openssl(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """A function that starts ``openssl s_server`` with a certificate and returns its port."""
    started: list[subprocess.Popen[bytes]] = []

    def start(certificate: PrivateCertificate, *more: str) -> int:
        path = tmp_path / "server.pem"
        path.write_bytes(certificate.dumpPEM() + b"".join(each.dumpPEM() for each in certificate._chain))
        port = freePort()
        command = ["openssl", "s_server", "-quiet", "-www", "-accept", f"127.0.0.1:{port}", "-cert", str(path), *more]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        awaitPort(port, started[-1])
        return port

    yield start
    for process in started:
        process.kill()
        process.wait()


CHILD = authority().create_child_ca()
REFUSED = [
    ("expired", lambda: issue("a.example", not_before=days(-9), not_after=days(-1)), "has expired: it was valid until"),
    ("not yet valid", lambda: issue("a.example", not_before=days(1), not_after=days(9)), "is not yet valid"),
    ("wrong host", lambda: issue("b.example"), "'a.example' was asked for, and the certificate is for 'b.example'"),
    ("untrusted", lambda: issue("a.example", ca=authority("Evil")), "is signed by"),
    ("incomplete", lambda: private(CHILD.issue_cert("a.example")), "the chain is incomplete"),
]


@needs("openssl")
class TestTheirServers:
    @pytest.fixture(params=["stdlib", "pyOpenSSL"])
    def client(self, request: pytest.FixtureRequest) -> Callable[[], Any]:
        """A client's policy, carried out by one engine, then by the other."""

        def make() -> Any:
            extra = {} if request.param == "stdlib" else {"verifyDepth": 8}  # which only pyOpenSSL can say
            options = optionsForClientTLS("a.example", trusted(), extraCertificateOptions=extra)
            assert (options._stdlibSession(True) is None) == (request.param == "pyOpenSSL")
            return options

        return make

    def test_answered(self, openssl: Callable[..., int], client: Callable[[], Any]) -> None:
        """A server that proves who it is answers."""
        port = openssl(issue("a.example"))
        answer, _ = browse(lambda reactor: SSL4ClientEndpoint(reactor, "127.0.0.1", port, client()))
        assert answer.startswith(b"HTTP/1.0 200")

    @pytest.mark.parametrize(("certificate", "says"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
    def test_refused(self, openssl: Callable[..., int], client: Callable[[], Any], certificate: Any, says: str) -> None:
        """One that doesn't is refused, with the reason, before it hears a word."""
        port = openssl(certificate())
        answer, end = browse(lambda reactor: SSL4ClientEndpoint(reactor, "127.0.0.1", port, client()))
        assert answer == b""
        assert says in str(end)

    def test_tooOld(self, openssl: Callable[..., int], client: Callable[[], Any]) -> None:
        """A server that can do no better than TLS 1.1 is refused."""
        port = openssl(issue("a.example"), "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
        answer, end = browse(lambda reactor: SSL4ClientEndpoint(reactor, "127.0.0.1", port, client()))
        assert answer == b""
        assert "version" in str(end)


NGINX = """
daemon off;
error_log stderr;
pid {folder}/nginx.pid;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/chain.pem;
    ssl_certificate_key {folder}/chain.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_client_certificate {folder}/ca/ca.pem;
    ssl_verify_client optional;
    location / {{ return 200 "hello $ssl_client_s_dn from nginx by $ssl_protocol"; }}
  }}
}}
"""


@needs("/usr/sbin/nginx")
class TestNginx:
    @pytest.fixture
    def nginx(self, tmp_path: Path) -> Iterator[tuple[int, Path]]:
        """nginx with a certificate for a.example, signed by way of another authority; its port and its directory."""
        (tmp_path / "ca").mkdir()
        (tmp_path / "ca" / "ca.pem").write_bytes(trusted().dumpPEM())
        (tmp_path / "chain.pem").write_bytes(pemOf(CHILD.issue_cert("a.example")))
        (tmp_path / "me.pem").write_bytes(pemOf(authority().issue_cert("me.example", common_name="me")))
        port = freePort()
        (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path, port=port))
        process = subprocess.Popen(
            ["/usr/sbin/nginx", "-c", str(tmp_path / "nginx.conf"), "-p", str(tmp_path)],
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LANG": "C"},
        )
        try:
            awaitPort(port, process)
            yield port, tmp_path
        finally:
            process.terminate()
            process.wait()

    def test_chain(self, nginx: tuple[int, Path]) -> None:
        """A description connects by one way and verifies another name; the chain is followed."""
        port, folder = nginx
        where = quoteStringArgument(f"tcp:127.0.0.1:{port}")
        text = f"tls:a.example:443:trustRoots={folder}/ca:endpoint={where}"
        answer, _ = browse(lambda reactor: clientFromString(reactor, text))
        assert answer.endswith(b"hello  from nginx by TLSv1.3")

    def test_clientCertificate(self, nginx: tuple[int, Path]) -> None:
        """A client's certificate arrives."""
        port, folder = nginx
        where = quoteStringArgument(f"tcp:127.0.0.1:{port}")
        text = f"tls:a.example:443:trustRoots={folder}/ca:certificate={folder}/me.pem:endpoint={where}"
        answer, _ = browse(lambda reactor: clientFromString(reactor, text))
        assert b"hello CN=me" in answer

    def test_otherHost(self, nginx: tuple[int, Path]) -> None:
        """The same server is not somebody else."""
        port, folder = nginx
        where = quoteStringArgument(f"tcp:127.0.0.1:{port}")
        text = f"tls:b.example:443:trustRoots={folder}/ca:endpoint={where}"
        answer, end = browse(lambda reactor: clientFromString(reactor, text))
        assert answer == b""
        assert "'b.example' was asked for, and the certificate is for 'a.example'" in str(end)
