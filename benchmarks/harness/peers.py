"""Who is measured: each peer with its interpreter and its echo server."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec

from .build import HERE, compiled
from .certificates import pem
from .children import MeasureError

TWISTED = HERE.parent / ".peers" / "twisted"
TWISTED_REQUIREMENT = "Twisted==26.10.0"
REFERENCE = "twisted"
"""The peer that ratios are against."""

TLS = {"tls-rsa": "rsa", "tls-p256": "p256"}
"""Work that is done over TLS, and the kind of the server's key."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody to measure.

    Attributes:
        name: as the command line and the table say it.
        server: the echo server's file in `servers`, and its arguments up to the work; empty when it has none.
        package: whose API the micro benchmarks can use; empty when there is none.
        statement: what a program imports to get the loop or the reactor; empty when nothing is to be measured.
        secure: likewise its server that speaks TLS.
    """

    name: str
    server: tuple[str, ...]
    package: str = ""
    statement: str = ""
    secure: tuple[str, ...] = ()

    @property
    def python(self) -> str:
        return str(TWISTED / "bin" / "python") if self.name == "twisted" else sys.executable

    def serves(self, work: str) -> bool:
        """Whether there is a server for it."""
        return bool(self.secure if work in TLS else self.server)

    def command(self, work: str) -> list[str]:
        """The command line of its echo server for ``work``: `echo`, `chatty`, `udp`, or TLS with a kind of key."""
        server, argument = (self.secure, pem(TLS[work])) if work in TLS else (self.server, work)
        program = HERE / "servers" / server[0]
        if program.suffix == ".c":
            return [compiled(program), argument]
        return [self.python, str(program), *server[1:], argument]

    def prepare(self) -> None:
        """Make sure that it can run.

        Raises:
            MeasureError: something is missing; says what, and how to get it.
        """
        if self.name == "twisted":
            _installTwisted()
        for module in {"ropewalk", "uvloop"}.intersection(self.server + self.secure):
            if find_spec(module) is None:
                raise MeasureError(
                    f"{module} is not installed for {sys.executable} (`make run` makes .venv, run it from there)"
                )


def _reactor(package: str) -> str:
    # The attribute makes Ropewalk choose its reactor, which Twisted does when it is imported.
    return f"from {package}.internet import reactor, protocol, defer; reactor.callLater"


PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "twisted",
            ("reactor.py", "twisted", "default"),
            "twisted",
            _reactor("twisted"),
            secure=("tls.py", "twisted", "default"),
        ),
        Peer(
            "ropewalk",
            ("reactor.py", "ropewalk", "default"),
            "ropewalk",
            _reactor("ropewalk"),
            secure=("tls.py", "ropewalk", "default"),
        ),
        Peer("ropewalk-openssl", (), secure=("tls.py", "ropewalk", "openssl")),
        Peer("ropewalk-uvloop", ("reactor.py", "ropewalk", "uvloop")),
        Peer("asyncio", ("loop.py", "asyncio"), statement="import asyncio", secure=("tlsloop.py", "asyncio")),
        Peer("uvloop", ("loop.py", "uvloop"), statement="import uvloop", secure=("tlsloop.py", "uvloop")),
        Peer("bare", ("bare.py",)),
        Peer("c", ("echo.c",), secure=("tlsecho.c",)),
        Peer("logging", (), "logging"),
    )
}


def _installTwisted() -> None:
    """Put Twisted into a virtual environment of its own, outside ours: a peer, never a dependency."""
    if (TWISTED / "bin" / "twist").exists():
        return
    print(f"bench: installing {TWISTED_REQUIREMENT} into {TWISTED} (once)", file=sys.stderr)
    for command in (
        [sys.executable, "-m", "venv", str(TWISTED)],
        [str(TWISTED / "bin" / "python"), "-m", "pip", "install", "--quiet", TWISTED_REQUIREMENT],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise MeasureError(f"`{' '.join(command)}` failed: {(done.stderr or done.stdout).strip()}")
