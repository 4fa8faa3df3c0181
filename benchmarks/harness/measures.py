"""The kinds of measurement: work served, memory, time to come up, time of one operation.

Each is a small record that opens a session with a peer, in which readings are taken. The server runs on one core, the
generator on the other.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Protocol, TypeAlias

from . import system
from .build import HERE, compiled
from .children import PATIENCE, Child, MeasureError
from .peers import TLS, Peer
from .samples import Reading

WARMING = 0.2
"""Seconds of work before the measured ones: caches, branch predictors, and the interpreter's own specialising."""

CORES = system.cores()
SERVER, GENERATOR = CORES if CORES else (None, None)


Session: TypeAlias = Callable[[float], Reading]
"""Measures one peer once, for about so many seconds; may be called again and again. Raises `MeasureError`."""


class Measure(Protocol):
    """One way to look at a peer."""

    @property
    def most(self) -> int:
        """More rounds than this are not worth their time."""

    def suits(self, peer: Peer) -> bool:
        """Whether it means something for this peer."""

    def session(self, peer: Peer) -> AbstractContextManager[Session]:
        """Prepare the peer: a server that is to be measured runs, and idles, as long as the session is open.

        Raises:
            MeasureError: it does not come up; says why.
        """


@dataclass(frozen=True, slots=True)
class Work:
    """Operations, or megabytes, that an echo server does in a second of its own CPU time.

    Attributes:
        server: what the server does: `echo`, `chatty`, `udp`, `tls-rsa`, `tls-p256`.
        load: what the generator does: `ping`, `churn`, `bulk`, `udp`; with TLS `handshake` in place of the last two.
        connections, size: how many at a time, and bytes in a message.
        megabytes: count those, not operations.
    """

    server: str
    load: str
    connections: int
    size: int
    megabytes: bool = False
    most: int = 1000

    def suits(self, peer: Peer) -> bool:
        return peer.serves(self.server)

    @contextmanager
    def session(self, peer: Peer) -> Iterator[Session]:
        with serving(peer, self.server) as (server, port):
            self._generate(port, WARMING)
            yield partial(self._take, server.pid, port)

    def _take(self, server: int, port: str, seconds: float) -> Reading:
        before = system.cpuSeconds(server)
        amount, wallSeconds = self._generate(port, seconds)
        spent = system.cpuSeconds(server) - before
        return Reading(amount / spent, amount / wallSeconds)

    def _generate(self, port: str, seconds: float) -> tuple[float, float]:
        arguments = [self.load, port, str(self.connections), str(self.size), str(seconds)]
        with Child([generatorFor(self.server), *arguments], GENERATOR) as generator:
            result = json.loads(generator.line(seconds + PATIENCE))
            generator.wait()
        if not result["operations"]:
            raise MeasureError(f"the server answered nothing in {seconds:g} s")
        amount = result["bytes"] / 1e6 if self.megabytes else result["operations"]
        return float(amount), float(result["seconds"])


@dataclass(frozen=True, slots=True)
class IdleServer:
    """Memory of an echo server that has served a little and waits, in MB."""

    most: int = 3

    def suits(self, peer: Peer) -> bool:
        return bool(peer.server)

    def session(self, peer: Peer) -> AbstractContextManager[Session]:
        return nullcontext(partial(self._take, peer))

    def _take(self, peer: Peer, seconds: float) -> Reading:
        with serving(peer, "echo") as (server, port):
            with idle(port, 1):
                pass
            return Reading(system.residentKiB(server.pid) * 1024 / 1e6)


@dataclass(frozen=True, slots=True)
class IdleConnections:
    """Memory that one idle connection costs the server's process, in KiB (the kernel's part is not counted)."""

    connections: int
    server: str = "echo"
    most: int = 3

    def suits(self, peer: Peer) -> bool:
        return peer.serves(self.server)

    def session(self, peer: Peer) -> AbstractContextManager[Session]:
        return nullcontext(partial(self._take, peer))

    def _take(self, peer: Peer, seconds: float) -> Reading:
        room = system.raiseDescriptorLimit() - 100
        if room < self.connections:
            raise MeasureError(f"{self.connections} connections need a higher `ulimit -Hn` than {room + 100}")
        with serving(peer, self.server) as (server, port):
            with idle(port, 50, self.server):
                pass
            before = system.residentKiB(server.pid)
            with idle(port, self.connections, self.server):
                held = system.residentKiB(server.pid) - before
            return Reading(held / self.connections)


@dataclass(frozen=True, slots=True)
class Import:
    """CPU time of importing the reactor (or the loop) over a bare start of the interpreter, in milliseconds."""

    most: int = 5

    def suits(self, peer: Peer) -> bool:
        return bool(peer.statement)

    def session(self, peer: Peer) -> AbstractContextManager[Session]:
        return nullcontext(partial(self._take, peer))

    def _take(self, peer: Peer, seconds: float) -> Reading:
        pairs = [(_run(peer, "pass"), _run(peer, peer.statement)) for _ in range(3)]
        cpu, wall = (median(full[clock] - bare[clock] for bare, full in pairs) for clock in (0, 1))
        return Reading(cpu * 1000, wall * 1000)


def _run(peer: Peer, statement: str) -> tuple[float, float]:
    """CPU and wall seconds of an interpreter that runs one statement."""
    cpuBefore, wallBefore = system.reapedSeconds(), time.monotonic()
    with Child([peer.python, "-c", statement], SERVER) as interpreter:
        interpreter.wait()
    return system.reapedSeconds() - cpuBefore, time.monotonic() - wallBefore


@dataclass(frozen=True, slots=True)
class StartUp:
    """CPU time from the start of an echo server's process until it listens, in milliseconds."""

    most: int = 5

    def suits(self, peer: Peer) -> bool:
        return bool(peer.server)

    def session(self, peer: Peer) -> AbstractContextManager[Session]:
        return nullcontext(partial(self._take, peer))

    def _take(self, peer: Peer, seconds: float) -> Reading:
        with serving(peer, "echo") as (server, _):
            wall = time.monotonic() - server.started
            cpu = system.cpuSeconds(server.pid)
            return Reading(cpu * 1000, wall * 1000)


@dataclass(frozen=True, slots=True)
class Micro:
    """Nanoseconds of CPU for one operation, as a program in `micro` measures it.

    Attributes:
        packages: whom it can measure.
    """

    program: str
    packages: tuple[str, ...] = ("twisted", "ropewalk")
    most: int = 5

    def suits(self, peer: Peer) -> bool:
        return peer.package in self.packages

    def session(self, peer: Peer) -> AbstractContextManager[Session]:
        return nullcontext(partial(self._take, peer))

    def _take(self, peer: Peer, seconds: float) -> Reading:
        command = [peer.python, str(HERE / "micro" / self.program), peer.package, str(seconds / 2)]
        with Child(command, SERVER) as program:
            value = float(program.line(seconds + 2 * PATIENCE))
            program.wait()
        return Reading(value)


@contextmanager
def serving(peer: Peer, work: str) -> Iterator[tuple[Child, str]]:
    """Run the peer's server; gives its process and its port."""
    with Child(peer.command(work), SERVER) as server:
        yield server, server.line()


def generatorFor(work: str) -> str:
    """Path of the load generator."""
    return compiled(HERE / ("loadtls.c" if work in TLS else "load.c"))


@contextmanager
def idle(port: str, connections: int, work: str = "echo") -> Iterator[None]:
    """Hold so many connections open, each of which has echoed one message."""
    with Child([generatorFor(work), "idle", port, str(connections), "64"], GENERATOR) as generator:
        if generator.line(connections / 500 + PATIENCE) != "ready":
            raise MeasureError("the load generator is not of this version: delete benchmarks/_build")
        yield
        generator.wait()


if CORES is None:
    print("bench: only one core, so the generator takes from the server; trust no figure", file=sys.stderr)
