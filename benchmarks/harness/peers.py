"""Who is measured: each peer with its interpreter and its echo server."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec

from .build import HERE, compiled
from .children import MeasureError

TWISTED = HERE.parent / ".peers" / "twisted"
TWISTED_REQUIREMENT = "Twisted==26.10.0"
REFERENCE = "twisted"
"""The peer that ratios are against."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody to measure.

    Attributes:
        name: as the command line and the table say it.
        server: the echo server's file in `servers`, and its arguments up to the work; empty when it has none.
        package: whose API the micro benchmarks can use; empty when there is none.
        statement: what a program imports to get the loop or the reactor; empty when nothing is to be measured.
    """

    name: str
    server: tuple[str, ...]
    package: str = ""
    statement: str = ""

    @property
    def python(self) -> str:
        return str(TWISTED / "bin" / "python") if self.name == "twisted" else sys.executable

    def command(self, work: str) -> list[str]:
        """The command line of its echo server for ``work``: `echo`, `chatty` or `udp`."""
        program = HERE / "servers" / self.server[0]
        if program.suffix == ".c":
            return [compiled(program), work]
        return [self.python, str(program), *self.server[1:], work]

    def prepare(self) -> None:
        """Make sure that it can run.

        Raises:
            MeasureError: something is missing; says what, and how to get it.
        """
        if self.name == "twisted":
            _installTwisted()
        for module in {"ropewalk", "uvloop"}.intersection(self.server):
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
        Peer("twisted", ("reactor.py", "twisted", "default"), "twisted", _reactor("twisted")),
        Peer("ropewalk", ("reactor.py", "ropewalk", "default"), "ropewalk", _reactor("ropewalk")),
        Peer("ropewalk-uvloop", ("reactor.py", "ropewalk", "uvloop")),
        Peer("asyncio", ("loop.py", "asyncio"), statement="import asyncio"),
        Peer("uvloop", ("loop.py", "uvloop"), statement="import uvloop"),
        Peer("bare", ("bare.py",)),
        Peer("c", ("echo.c",)),
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
