"""`ropewalk.runner.inetdconf`: what the two files say."""

from __future__ import annotations

import io
from typing import Any

import pytest

from ropewalk.runner.inetdconf import (
    InetdConf,
    InvalidInetdConfError,
    InvalidServicesConfError,
    ServicesConf,
    SimpleConfFile,
    UnknownService,
)

SERVICES = """
# well known
echo     7/tcp
echo     7/udp
finger   79/tcp   fingerd who   # and other names
"""


def services() -> ServicesConf:
    conf = ServicesConf()
    conf.parseFile(io.StringIO(SERVICES))
    return conf


def line(text: str) -> dict[str, Any]:
    """What a line of inetd.conf says."""
    conf = InetdConf(services())
    conf.parseFile(io.StringIO(text))
    (service,) = conf.services
    return vars(service)


class TestServices:
    def test_portsByNameAndProtocol(self) -> None:
        """Names, their other names too, have a port for each protocol; comments and empty lines say nothing."""
        assert services().services == {
            ("echo", "tcp"): 7,
            ("echo", "udp"): 7,
            ("finger", "tcp"): 79,
            ("fingerd", "tcp"): 79,
            ("who", "tcp"): 79,
        }

    @pytest.mark.parametrize("place", ["b/tcp", "7", "7/tcp/x", "7/", "65536/tcp"])
    def test_badPorts(self, place: str) -> None:
        with pytest.raises(InvalidServicesConfError, match=f"line 1: Invalid port/protocol: '{place}'"):
            ServicesConf().parseFile(io.StringIO(f"a {place}\n"))

    def test_aNameAlone(self) -> None:
        with pytest.raises(InvalidServicesConfError, match="line 2: 'a' is not all that is needed: name, port/protoc"):
            ServicesConf().parseFile(io.StringIO("\na\n"))

    def test_noFileOfItsOwn(self) -> None:
        with pytest.raises(TypeError, match="SimpleConfFile has no file of its own"):
            SimpleConfFile().parseFile()


class TestInetd:
    def test_everyField(self) -> None:
        """A line says what, where, how and who."""
        assert line("finger stream tcp nowait nobody.nogroup /usr/bin/fingerd fingerd -s") == {
            "name": "finger",
            "port": 79,
            "socketType": "stream",
            "protocol": "tcp",
            "wait": "nowait",
            "user": "nobody",
            "group": "nogroup",
            "program": "/usr/bin/fingerd",
            "programArgs": ("fingerd", "-s"),
            "interface": "",
            "most": 256,
        }

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("79 stream tcp nowait root /bin/cat", {"name": "finger", "port": 79, "programArgs": ("/bin/cat",)}),
            ("8000 stream tcp nowait root /bin/cat", {"name": "unknown", "port": 8000}),
            ("127.0.0.1:echo stream tcp nowait root internal", {"interface": "127.0.0.1", "port": 7}),
            ("*:echo stream tcp nowait root internal", {"interface": ""}),
            ("[::1]:8000 stream tcp6 nowait root internal", {"interface": "::1", "port": 8000}),
            ("echo dgram udp6 wait root internal", {"interface": "::", "socketType": "dgram"}),
            ("echo stream tcp nowait.12 root:daemon internal", {"wait": "nowait", "most": 12, "group": "daemon"}),
            ("echo stream tcp nowait root internal # x", {"programArgs": ()}),
        ],
    )
    def test_manners(self, text: str, said: dict[str, Any]) -> None:
        """Numbers, addresses, groups and limits may be written as inetd(8) has them."""
        found = line(text)
        assert {name: found[name] for name in said} == said

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("echo stream tcp nowait root", "'echo stream tcp nowait root' is not all that is needed: service, socket"),
            ("echo raw tcp nowait root /bin/cat", "the socket type is 'stream' or 'dgram', not 'raw'"),
            ("echo stream udp nowait root /bin/cat", "'udp' has no sockets of the type 'stream'"),
            ("echo stream tcp perhaps root /bin/cat", "it is 'wait' or 'nowait', .*, not 'perhaps'"),
            ("echo stream tcp nowait.0 root /bin/cat", "it is 'wait' or 'nowait', .*, not 'nowait.0'"),
            ("echo dgram udp nowait root /bin/cat", "a program that gets datagrams has the socket"),
            ("70000 stream tcp nowait root /bin/cat", "a port is 65535 at most, not 70000"),
        ],
    )
    def test_mistakesAreSentences(self, text: str, sentence: str) -> None:
        with pytest.raises(InvalidInetdConfError, match=f"line 1: {sentence}"):
            line(text)

    @pytest.mark.parametrize(
        "text", ["nosuch stream tcp nowait root internal", "echo stream sctp nowait root internal"]
    )
    def test_unknownServices(self, text: str) -> None:
        with pytest.raises(UnknownService, match=r"line 1: Unknown service: (nosuch \(tcp\)|echo \(sctp\))"):
            line(text)
