"""The order of a run: row after row, and within a row round after round, peer after peer.

Interleaved, so that whatever happens to the machine in the meantime happens to all peers alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .children import MeasureError
from .peers import Peer
from .rows import Row
from .samples import Sample
from .system import Watch


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
    """Every sample of a run, in order."""
    return [
        Step(row, number, peer)
        for row in rows
        for number in range(1, rounds + 1)
        for peer in peers
        if row.measure.suits(peer)
    ]


def carryOut(steps: Sequence[Step], seconds: float, results: Results) -> Iterator[Step]:
    """Take the samples into ``results``; yields each step before it begins.

    A peer that fails once in a row is left out of the rest of it.
    """
    for step in steps:
        key = step.row.name, step.peer.name
        if key in results.problems:
            continue
        yield step
        watch = Watch()
        try:
            reading = step.row.measure.take(step.peer, seconds)
        except MeasureError as problem:
            results.problems[key] = str(problem)
        else:
            sample = Sample(reading.value, reading.wall, watch.foreign())
            results.samples.setdefault(key, []).append(sample)


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
