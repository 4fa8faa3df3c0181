"""``twist socks`` is a SOCKS 4 proxy."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.application.internet import TCPServer
from ropewalk.protocols.socks import SOCKSv4Factory
from ropewalk.python import usage
from ropewalk.tap.socks import Options, makeService
from support.recording import logLines


def configured(*words: str) -> Options:
    options = Options()
    options.parseOptions(words)
    return options


def test_options() -> None:
    """It listens on this machine only, unless it is told otherwise; a port that is none is refused."""
    assert dict(configured()) == {"interface": "127.0.0.1", "port": 1080, "log": None}
    assert dict(configured("-i", "::1", "-p", "1", "-l", "x.log")) == {"interface": "::1", "port": 1, "log": "x.log"}
    with pytest.raises(usage.UsageError, match="port"):
        configured("-p", "many")


def test_service() -> None:
    """The service listens where it was told, and its connections are noted where it was told."""
    service: Any = makeService(configured("-p", "0", "-l", "x.log"))
    assert isinstance(service, TCPServer)
    port, factory = service.args
    assert (port, service.kwargs["interface"]) == (0, "127.0.0.1")
    assert isinstance(factory, SOCKSv4Factory)
    assert factory.logging == "x.log"


def test_openToOthers() -> None:
    """A proxy that others can reach says so."""
    with logLines() as lines:
        makeService(configured("-i", ""))
    assert lines == ["SOCKS: whoever can reach this machine may use the proxy"]
