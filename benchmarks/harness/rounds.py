"""The order of a run: row after row, and within a row round after round, peer after peer.

Interleaved, and in many short rounds rather than few long ones, so that whatever happens to the machine in the meantime
happens to all peers alike. The servers of a row all run until it is complete; those that are not asked use no CPU.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import groupby

from .children import MeasureError
from .foreign import Watch
from .measures import Session
from .peers import Peer
from .rows import Row
from .samples import Sample


@dataclass(slots=True)
class Results:
    """What a run has measured so far.

    Attributes:
        samples: by names of row and peer.
        problems: why a peer is missing from a row, by the same names.
    """

    samples: dict[tuple[str, str], list[Sample]] = field(default_factory=dict)
    problems: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One sample to take."""

    row: Row
    round: int
    peer: Peer


def plan(rows: Sequence[Row], peers: Sequence[Peer], rounds: int) -> list[Step]:
    """Every sample of a run, in order: so many rounds of each row, fewer where more tell nothing new."""
    return [
        Step(row, number, peer)
        for row in rows
        for number in range(1, min(rounds, row.measure.most) + 1)
        for peer in peers
        if row.measure.suits(peer)
    ]


def carryOut(steps: Sequence[Step], seconds: float, results: Results) -> Generator[Step, None, None]:
    """Take the samples into ``results``; yields each step before it begins. Close it if you don't exhaust it.

    A peer that fails once in a row is left out of the rest of it.
    """
    for row, stepsOfRow in groupby(steps, lambda step: step.row):
        with ExitStack() as open:
            sessions: dict[str, Session] = {}
            for step in stepsOfRow:
                name = step.peer.name
                if (row.name, name) in results.problems:
                    continue
                yield step
                try:
                    if name not in sessions:
                        sessions[name] = open.enter_context(row.measure.session(step.peer))
                    watch = Watch()
                    reading = sessions[name](seconds)
                except MeasureError as problem:
                    results.problems[row.name, name] = str(problem)
                else:
                    sample = Sample(reading.value, reading.wall, watch.foreign())
                    results.samples.setdefault((row.name, name), []).append(sample)


def ready(peers: Mapping[str, Peer]) -> tuple[list[Peer], list[str]]:
    """Prepare the peers: those that can run, and a sentence for each that cannot."""
    able: list[Peer] = []
    absent: list[str] = []
    for name, peer in peers.items():
        try:
            peer.prepare()
        except MeasureError as problem:
            absent.append(f"{name}: {problem}")
        else:
            able.append(peer)
    return able, absent
