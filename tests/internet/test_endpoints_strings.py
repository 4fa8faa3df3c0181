"""Texts that describe endpoints: how they are taken apart, and what is made of the parts."""

from __future__ import annotations

import importlib
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.internet._endpoints.strings import number, parse, permissions, seconds, truth
from ropewalk.internet.endpoints import clientFromString, quoteStringArgument, serverFromString
from ropewalk.internet.protocol import ClientFactory, Factory, Protocol
from ropewalk.internet.tcp import makeBinding
from ropewalk.internet.testing import MemoryReactor

# Text as anybody might type it: the special characters often, everything else sometimes.
TEXT = st.text(st.one_of(st.sampled_from("\\:=tcpunix80"), st.characters()), max_size=30)

PARSED = [
    ("tcp:80", ("tcp", ("80",), {})),
    ("tcp", ("tcp", (), {})),
    ("", ("", (), {})),
    ("tcp:", ("tcp", ("",), {})),
    ("tcp:host=h:port=80", ("tcp", (), {"host": "h", "port": "80"})),
    ("tcp:80:interface=\\:\\:1", ("tcp", ("80",), {"interface": "::1"})),
    ("unix:/a\\:b\\\\c", ("unix", ("/a:b\\c",), {})),
    ("unix:a\\=b", ("unix", ("a=b",), {})),
    ("x:key=a=b", ("x", (), {"key": "a=b"})),
    ("x:ke\\y=v", ("x", (), {"key": "v"})),
    ("x:=v", ("x", (), {"": "v"})),
    ("x:key=", ("x", (), {"key": ""})),
    ("a=b:c", ("a=b", ("c",), {})),
]


class TestParse:
    @pytest.mark.parametrize(("text", "parts"), PARSED)
    def test_cutsAtColonsAndEqualsSigns(self, text: str, parts: tuple[object, ...]) -> None:
        """Colons end arguments, the first equals sign ends a key, a backslash makes either harmless."""
        assert parse(text) == parts

    def test_unfinishedEscapeIsRefused(self) -> None:
        """A backslash at the end has nothing to escape."""
        with pytest.raises(ValueError, match="backslash"):
            parse("tcp:80\\")

    def test_sameKeyTwiceIsRefused(self) -> None:
        """Two values for one key are a mistake that is named."""
        with pytest.raises(ValueError, match="'backlog' is given twice"):
            parse("tcp:80:backlog=1:backlog=2")

    def test_bytesAreRefused(self) -> None:
        """A description is text."""
        with pytest.raises(TypeError, match="text, not bytes"):
            parse(b"tcp:80")  # type: ignore[arg-type]  # the mistake

    @given(TEXT)
    def test_garbageGivesValueErrorOnly(self, text: str) -> None:
        """Whatever the text, it is taken apart or refused with ValueError."""
        try:
            parse(text)
        except ValueError:
            pass

    @given(st.lists(TEXT, max_size=5), st.dictionaries(TEXT, TEXT, max_size=5))
    def test_whatIsQuotedComesBack(self, arguments: list[str], options: dict[str, str]) -> None:
        """Quoted arguments, keys and values come out as they went in, wherever they stand."""
        fields = ["kind", *map(quoteStringArgument, arguments)]
        fields += [f"{quoteStringArgument(key)}={quoteStringArgument(value)}" for key, value in options.items()]
        assert parse(":".join(fields)) == ("kind", tuple(arguments), options)


class TestQuote:
    def test_escapesWhatIsSpecial(self) -> None:
        """Colon, backslash and equals sign get a backslash; everything else stays."""
        assert quoteStringArgument("a:b\\c=d é") == "a\\:b\\\\c\\=d é"

    def test_textOnly(self) -> None:
        """Bytes are refused."""
        with pytest.raises(TypeError, match="text, not bytes"):
            quoteStringArgument(b"a")  # type: ignore[arg-type]  # the mistake


class TestValues:
    def test_numbersHaveBounds(self) -> None:
        """Whole numbers within their bounds are read, and nothing else."""
        assert [number("n", text, 99) for text in ("0", "99", " 7 ", "007")] == [0, 99, 7, 7]
        for text in ("100", "-1", "", "x", "1.5", "٣", "1_0", "9" * 5000):
            with pytest.raises(ValueError, match="from 0 to 99"):
                number("n", text, 99)

    def test_secondsMayHaveAFraction(self) -> None:
        """Seconds are whole or decimal, and never negative, endless or no number."""
        assert [seconds("s", text) for text in ("5", "0.25")] == [5, 0.25]
        for text in ("-1", "", "nan", "inf", "1e3", ".", "5.", ".5", "1.2.3"):
            with pytest.raises(ValueError, match="seconds"):
                seconds("s", text)

    def test_permissionsAreOctal(self) -> None:
        """File modes are octal digits."""
        assert [permissions("m", text) for text in ("600", "0666", "7777")] == [0o600, 0o666, 0o7777]
        for text in ("", "8", "rw", "0o600", "77777", "-1"):
            with pytest.raises(ValueError, match="octal"):
                permissions("m", text)

    def test_truthHasItsWords(self) -> None:
        """Yes and no have a few spellings."""
        assert [truth("t", text) for text in ("1", "yes", "True", "0", "NO", "off")] == [True] * 3 + [False] * 3
        with pytest.raises(ValueError, match="yes or no"):
            truth("t", "maybe")


def listened(description: str) -> MemoryReactor:
    """A reactor that was asked to listen at what a text describes."""
    reactor = MemoryReactor()
    serverFromString(reactor, description).listen(Factory.forProtocol(Protocol))
    return reactor


def connected(description: str) -> MemoryReactor:
    """A reactor that was asked to connect to what a text describes."""
    reactor = MemoryReactor()
    clientFromString(reactor, description).connect(ClientFactory.forProtocol(Protocol))
    return reactor


class TestServers:
    @pytest.mark.parametrize(
        ("description", "port", "backlog", "interface"),
        [
            ("tcp:80", 80, 50, ""),
            ("tcp:port=80:backlog=5", 80, 5, ""),
            ("tcp:0:interface=127.0.0.1", 0, 50, "127.0.0.1"),
            ("tcp:80:interface=\\:\\:1", 80, 50, "::1"),
            ("tcp:80:127.0.0.1:9", 80, 9, "127.0.0.1"),
            ("TCP:80", 80, 50, ""),
            ("tcp6:80", 80, 50, "::"),
            ("tcp6:80:interface=\\:\\:1", 80, 50, "::1"),
        ],
    )
    def test_tcp(self, description: str, port: int, backlog: int, interface: str) -> None:
        """TCP ports are described with interface and backlog (F053)."""
        ((gotPort, _, gotBacklog, gotInterface),) = listened(description).tcpServers
        assert (gotPort, gotBacklog, gotInterface) == (port, backlog, interface)

    def test_sharedPort(self) -> None:
        """``reusePort`` lets several processes listen at one port."""
        for description, interface in (("tcp:80:reusePort=yes", ""), ("tcp6:80:reusePort=1", "::")):
            ((port, _, _, where),) = listened(description).tcpServers
            assert (port, where) == (80, makeBinding(interface, 80, reusePort=True))

    @pytest.mark.parametrize(
        ("description", "expected"),
        [
            ("unix:/run/x", ("/run/x", 50, 0o666, True)),
            ("unix:/run/x:mode=600:lockfile=0", ("/run/x", 50, 0o600, False)),
            ("unix:address=/run/a\\:b:backlog=9", ("/run/a:b", 9, 0o666, True)),
        ],
    )
    def test_unix(self, description: str, expected: tuple[object, ...]) -> None:
        """UNIX sockets are described with mode, backlog and lock file (F053)."""
        ((address, _, *rest),) = listened(description).unixServers
        assert (address, *rest) == expected

    def test_inheritedDescriptor(self) -> None:
        """A socket inherited as a descriptor is adopted; its family is asked of the system (F053)."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            copy = os.dup(server.fileno())
            ((descriptor, family, _),) = listened(f"fd:{copy}").adoptedPorts
            assert (descriptor, family) == (copy, socket.AF_INET)
            copy = os.dup(server.fileno())
            ((descriptor, family, _),) = listened(f"fd:{copy}:domain=INET6").adoptedPorts
            assert (descriptor, family) == (copy, socket.AF_INET6)


class TestClients:
    @pytest.mark.parametrize(
        ("description", "expected"),
        [
            ("tcp:example.com:80", ("example.com", 80, 30, None)),
            ("tcp:host=example.com:port=80:timeout=5", ("example.com", 80, 5, None)),
            ("tcp:\\:\\:1:80", ("::1", 80, 30, None)),
            ("tcp:h:80:timeout=0.5:bindAddress=192.0.2.1", ("h", 80, 0.5, ("192.0.2.1", 0))),
        ],
    )
    def test_tcp(self, description: str, expected: tuple[object, ...]) -> None:
        """TCP clients are described with host, port, timeout and local address (F054)."""
        ((host, port, _, *rest),) = connected(description).tcpClients
        assert (host, port, *rest) == expected

    @pytest.mark.parametrize(
        ("description", "expected"),
        [
            ("unix:/run/x", ("/run/x", 30, False)),
            ("unix:path=/run/x:timeout=3:lockfile=1", ("/run/x", 3, True)),
        ],
    )
    def test_unix(self, description: str, expected: tuple[object, ...]) -> None:
        """UNIX clients are described with path, timeout and lock file (F054)."""
        ((path, _, *rest),) = connected(description).unixClients
        assert (path, *rest) == expected


REFUSED = [
    ("tcp", "needs port"),
    ("tcp:http", "from 0 to 65535, not 'http'"),
    ("tcp:65536", "65535"),
    ("tcp:-1", "65535"),
    ("tcp:80:foo=1", "'foo'"),
    ("tcp:80:port=5", "'port'"),
    ("tcp:80:interface=::1", "a colon inside an argument"),
    ("tcp:80:backlog=x", "backlog"),
    ("tcp:80:reactor=x", "reactor"),
    ("tcp:80:reusePort=maybe", "reusePort"),
    ("unix", "needs address"),
    ("unix:", "path"),
    ("unix:/x:mode=rw", "octal"),
    ("fd:x", "file descriptor"),
    ("fd:3:domain=IPX", "INET, INET6, UNIX"),
    ("80", "Write 'tcp:80'"),
    ("bogus:1", "fd, haproxy, ssl, stdio, systemd, tcp, tcp6, tls, unix"),
    ("", "unknown endpoint type ''"),
    ("ssl:443", "server.pem"),
    ("tls:443", "path is a directory"),
    ("systemd:domain=INET:index=0", "started by systemd"),
    ("systemd:domain=INET", "by its index or by its name"),
    ("systemd:domain=INET:index=0:name=web", "by its index or by its name"),
    ("systemd:domain=INET:name=web", "no socket named 'web'"),
    ("systemd:domain=IPX:index=0", "INET, INET6, UNIX"),
    ("stdio:x", "no argument"),
]


class TestRefusals:
    @pytest.mark.parametrize(("description", "says"), REFUSED)
    def test_servers(self, description: str, says: str) -> None:
        """A server description that can't be honoured is refused with what to do instead."""
        with pytest.raises(ValueError) as refused:
            serverFromString(MemoryReactor(), description)
        assert says in str(refused.value)

    @pytest.mark.parametrize(
        ("description", "says"),
        [
            ("tcp:80", "needs host, port"),
            ("tcp::80", "host is missing"),
            ("tcp:h:80:1", "too many"),
            ("tcp:h:80:timeout=x", "seconds"),
            ("unix", "needs path"),
            ("bogus:x", "ssl, tcp, tls, unix"),
            ("tls::443", "host is missing"),
        ],
    )
    def test_clients(self, description: str, says: str) -> None:
        """A client description that can't be honoured is refused with what to do instead."""
        with pytest.raises(ValueError) as refused:
            clientFromString(MemoryReactor(), description)
        assert says in str(refused.value)

    def test_closedDescriptor(self) -> None:
        """A descriptor that is no socket is named."""
        with pytest.raises(ValueError, match="descriptor 2000000000 is no socket"):
            serverFromString(MemoryReactor(), "fd:2000000000")

    def test_errorsQuoteALimitedPart(self) -> None:
        """An error doesn't repeat megabytes of garbage."""
        for description in (
            "x" * 10**6,
            "tcp:" + "9" * 10**6,
            "tcp:80:" + "k" * 10**6 + "=1",
            "tcp:80:mode=\\" * 10**5,
        ):
            with pytest.raises(ValueError) as refused:
                serverFromString(MemoryReactor(), description)
            assert len(str(refused.value)) < 2000

    @given(TEXT)
    def test_garbageGivesValueErrorOnly(self, text: str) -> None:
        """Whatever the text, there is an endpoint or a ValueError."""
        for make in (serverFromString, clientFromString):
            try:
                make(MemoryReactor(), text)
            except ValueError:
                pass


PLUGIN = """
from zope.interface import implementer
from ropewalk.internet.interfaces import (
    IStreamClientEndpointStringParserWithReactor, IStreamServerEndpointStringParser)
from ropewalk.plugin import IPlugin


@implementer(IPlugin, IStreamServerEndpointStringParser, IStreamClientEndpointStringParserWithReactor)
class Parser:
    prefix = "carrierpigeon"

    def parseStreamServer(self, *args, **kwargs):
        return "server", args, kwargs

    def parseStreamClient(self, *args, **kwargs):
        return "client", args, kwargs


pigeons = Parser()
"""


def test_fuzzTargetFindsNothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand random descriptions find nothing."""
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "fuzz"))
    fuzzing = importlib.import_module("fuzzing")
    fuzzing.smoke(importlib.import_module("fuzz_endpoint_strings").target, 1000, seed=26)


class TestPlugins:
    @pytest.fixture
    def pigeons(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """A plugin directory that teaches endpoints about carrier pigeons."""
        folder = tmp_path / "ropewalk" / "plugins"
        folder.mkdir(parents=True)
        (folder / "pigeon_endpoints.py").write_text(PLUGIN)
        monkeypatch.syspath_prepend(str(tmp_path))
        plugins: ModuleType = sys.modules.get("ropewalk.plugins") or __import__("ropewalk.plugins").plugins
        monkeypatch.setattr(plugins, "__path__", [*plugins.__path__, str(folder)])
        yield
        sys.modules.pop("ropewalk.plugins.pigeon_endpoints", None)

    def test_pluginsAddKinds(self, pigeons: None) -> None:
        """A plugin's parser gets the reactor, then the arguments as texts."""
        reactor: Any = MemoryReactor()
        server: Any = serverFromString(reactor, "carrierpigeon:loft:height=3")
        assert server == ("server", (reactor, "loft"), {"height": "3"})
        client: Any = clientFromString(reactor, "carrierpigeon:loft:height=3")
        assert client == ("client", (reactor, "loft"), {"height": "3"})

    def test_pluginsAreListed(self, pigeons: None) -> None:
        """Who asks for an unknown kind is told of those that plugins add."""
        with pytest.raises(ValueError, match="carrierpigeon"):
            serverFromString(MemoryReactor(), "bogus:1")
