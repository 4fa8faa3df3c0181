"""What is measured, and what it should come to (`design.md` section 6, issue 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .measures import IdleConnections, IdleServer, Import, Measure, Micro, StartUp, Work


@dataclass(frozen=True, slots=True)
class Target:
    """What a peer should reach: ``times`` the reference, or ``atMost`` so much in the row's unit."""

    times: float | None = None
    atMost: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: for `--only`.
        title: for readers.
        unit: of the value.
        measure: takes a sample of it.
        more: whether a greater value is the better one.
        targets: by name of the peer.
    """

    name: str
    title: str
    unit: str
    measure: Measure
    more: bool = False
    targets: Mapping[str, Target] = field(default_factory=dict)


def _times(ropewalk: float, **others: float) -> dict[str, Target]:
    return {"ropewalk": Target(times=ropewalk)} | {
        name.replace("_", "-"): Target(times=t) for name, t in others.items()
    }


def _work(name: str, title: str, measure: Work, targets: dict[str, Target]) -> Row:
    return Row(name, title, "MB/s" if measure.megabytes else "/s", measure, more=True, targets=targets)


def _atMost(limit: float) -> dict[str, Target]:
    return {"ropewalk": Target(atMost=limit)}


def _micro(name: str, title: str, targets: dict[str, Target] | None = None) -> Row:
    return Row(name, title, "ns", Micro(f"{name}.py"), targets=targets or {})


def _log(name: str, title: str, targets: dict[str, Target] | None = None) -> Row:
    return Row(name, title, "ns", Micro(f"{name}.py", ("twisted", "ropewalk", "logging")), targets=targets or {})


ROWS = {
    row.name: row
    for row in (
        _work("echo", "echo 64 B, 50 connections", Work("echo", "ping", 50, 64), _times(2.7, ropewalk_uvloop=2.4)),
        _work("chatty", "chatty: 8 writes an event", Work("chatty", "ping", 50, 64), _times(3)),
        _work("bulk", "bulk 64 KiB, 8 connections", Work("echo", "bulk", 8, 65536, megabytes=True), _times(2.2)),
        _work("churn", "connect, echo, close; 20 at a time", Work("echo", "churn", 20, 64), _times(2)),
        _work("udp", "UDP echo 64 B, 50 sockets", Work("udp", "udp", 50, 64), _times(2.1)),
        _work(
            "tls-ping",
            "TLS echo 64 B, 50 connections",
            Work("tls-rsa", "ping", 50, 64),
            _times(1.7, ropewalk_openssl=1.3),
        ),
        _work(
            "tls-bulk", "TLS bulk 64 KiB, 8 connections", Work("tls-rsa", "bulk", 8, 65536, megabytes=True), _times(1.6)
        ),
        _work(
            "tls-handshake-rsa", "TLS handshake, echo, close; RSA", Work("tls-rsa", "handshake", 20, 64), _times(1.15)
        ),
        _work(
            "tls-handshake-p256",
            "TLS handshake, echo, close; P-256",
            Work("tls-p256", "handshake", 20, 64),
            _times(1.3),
        ),
        Row("server", "memory of an idle echo server", "MB", IdleServer(), targets=_atMost(20)),
        Row(
            "connection",
            "memory of an idle connection, of 10,000",
            "KiB",
            IdleConnections(10_000),
            targets=_atMost(0.65),
        ),
        Row(
            "tls-connection",
            "memory of an idle TLS connection, of 1,000",
            "KiB",
            IdleConnections(1000, "tls-p256"),
        ),
        Row("import", "import of the reactor", "ms", Import(), targets=_atMost(60)),
        Row("startup", "start of an echo server", "ms", StartUp()),
        _micro("callbacks", "Deferred with 3 callbacks, fired", _times(1.8)),
        _micro("chain", "Deferred that waits for another"),
        _micro("errback", "exception to errback"),
        _micro("inline", "inlineCallbacks, 10 fired waits", _times(3.8)),
        _micro("coroutine", "coroutine, 10 fired waits", _times(1.6)),
        _micro("pending", "coroutine, 10 pending waits"),
        _micro("later", "callLater and cancel among 100,000", _times(3)),
        _micro("lines", "a line by LineReceiver"),
        _micro("fromthread", "callFromThread"),
        _micro("ampanswer", "AMP call answered", _times(3)),
        _micro("ampcall", "AMP call asked and answered", _times(3)),
        _log("logfield", "log event with 1 field, to a file", _times(6)),
        _log("logtext", "log event with 3 fields, to a file", _times(6)),
        _log("logjson", "log event with 3 fields, as JSON"),
        _log("logdebug", "debug event that nobody wants"),
    )
}
