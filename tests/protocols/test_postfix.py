"""Postfix's TCP tables: requests, replies, and lookups that take their time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import RemoteProtocolError
from ropewalk.internet.defer import Deferred
from ropewalk.internet.task import Clock
from ropewalk.internet.testing import StringTransport
from ropewalk.logger import capturedLogs
from ropewalk.protocols._wire.postfix import readRequest
from ropewalk.protocols.postfix import (
    PostfixTCPMapDeferringDictServerFactory,
    PostfixTCPMapDictServerFactory,
    quote,
    unquote,
)


def connect(factory: Any) -> tuple[Any, StringTransport, Clock]:
    clock, transport = Clock(), StringTransport()
    server = factory.buildProtocol(None)
    server.callLater = clock.callLater
    server.makeConnection(transport)
    return server, transport, clock


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (b"get foo", b"200 b%20a%0Ar"),
        (b"get  foo", b"200 b%20a%0Ar"),
        (b"get a%20b", b"200 sp"),
        (b"get nope", b"500 "),
        (b"get f\xff", b"500 "),
        (b"get", b"400 get%20takes%201%20parameters,%20not%200"),
        (b"get foo bar", b"400 get%20takes%201%20parameters,%20not%202"),
        (b"put foo bar", b"500 put%20is%20not%20implemented%20yet."),
        (b"put x", b"400 put%20takes%202%20parameters,%20not%201"),
        (b"GET foo", b"400 unknown%20command"),
        (b"", b"400 unknown%20command"),
    ],
)
def test_request(request_: bytes, answer: bytes) -> None:
    """Each request has its reply, quoted as tcp_table(5) wants it, and the connection goes on."""
    factory = PostfixTCPMapDictServerFactory({b"foo": b"b a\nr", b"a b": b"sp"})
    server, transport, _ = connect(factory)
    server.dataReceived(request_ + b"\n")
    assert transport.value() == answer + b"\n"
    assert not transport.disconnecting


def test_deferred() -> None:
    """A factory may answer by a Deferred; as it is it asks its dict."""
    server, transport, _ = connect(PostfixTCPMapDeferringDictServerFactory({b"k": b"v"}))
    server.dataReceived(b"get k\nget x\n")
    assert transport.value() == b"200 v\n500 \n"


class Slow(PostfixTCPMapDeferringDictServerFactory):
    """Answers when the test says so."""

    def get(self, key: bytes) -> Deferred[bytes | None]:
        self.data[key] = b""
        self.waiting: Deferred[bytes | None] = Deferred()
        return self.waiting


def test_inOrder() -> None:
    """Requests that come at once are answered in their order; the peer is not read while it waits."""
    factory = Slow()
    server, transport, _ = connect(factory)
    server.dataReceived(b"get a\nbogus\nget b\nget c\n")
    assert list(factory.data) == [b"a"]
    assert transport.producerState == "paused"
    for value in (b"1", b"2", b"3"):
        factory.waiting.callback(value)
    assert transport.value() == b"200 1\n400 unknown%20command\n200 2\n200 3\n"
    assert transport.producerState == "producing"


def test_failed() -> None:
    """What goes wrong in a lookup is logged; Postfix is told to come again, and no more."""
    factory = Slow()
    server, transport, _ = connect(factory)
    server.dataReceived(b"get a\n")
    with capturedLogs() as logged:
        factory.waiting.errback(ValueError("secret"))
    assert transport.value() == b"400 the%20lookup%20failed\n"
    assert [event for event in logged if event["isError"]]


def test_tooLongAReply() -> None:
    """A value that Postfix would not take is our mistake: it is logged, and Postfix is to ask again."""
    server, transport, _ = connect(PostfixTCPMapDictServerFactory({b"k": b"v" * 4092, b"long": b"v" * 4093}))
    server.dataReceived(b"get k\n")
    assert transport.value() == b"200 " + b"v" * 4092 + b"\n"
    transport.clear()
    with capturedLogs() as events:
        server.dataReceived(b"get long\n")
    assert transport.value() == b"400 the%20lookup%20failed\n"
    assert "4097" in str(events[0]["failure"].value)


def test_timeout() -> None:
    """A peer silent for ten minutes is closed, and not before."""
    server, transport, clock = connect(PostfixTCPMapDictServerFactory())
    clock.advance(300)
    server.dataReceived(b"get a\n")
    clock.advance(599)
    assert not transport.disconnecting
    clock.advance(1)
    assert transport.disconnecting


def test_tooLong() -> None:
    """A line over 4096 bytes is closed on."""
    server, transport, _ = connect(PostfixTCPMapDictServerFactory())
    server.dataReceived(b"get " + b"x" * 4092 + b"\n")
    assert transport.value() == b"500 \n"
    server.dataReceived(b"get " + b"x" * 4093 + b"\n")
    assert transport.disconnecting


@given(st.binary())
def test_quote(text: bytes) -> None:
    """Any bytes come back, and travel as visible ASCII."""
    quoted = quote(text)
    assert unquote(quoted) == text
    assert all(32 < byte < 127 for byte in quoted)


@given(st.binary() | st.lists(st.sampled_from([b"get", b"put", b" ", b"%", b"%2", b"%41", b"x"])).map(b"".join))
def test_anyRequest(line: bytes) -> None:
    """Any line is a request or refused."""
    try:
        request = readRequest(line)
    except RemoteProtocolError:
        return
    assert request.command in (b"get", b"put")


def test_percent() -> None:
    """A percent sign without two digits stands for itself."""
    assert unquote(b"a+b%20c%zz%4") == b"a+b c%zz%4"
