"""Statistics: from noisy samples to the figure that is quoted.

The machine is shared. A sample therefore remembers how much CPU *others* used while it was taken; the median is that of
the quiet samples when there are two, else that of the quieter half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

QUIET = 0.2
"""Foreign load in cores below which a sample counts as undisturbed."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a measurement gave.

    Attributes:
        value: the figure, in the row's unit; for a rate, per CPU second of the server.
        wall: the same by the clock on the wall, where that means something.
    """

    value: float
    wall: float | None = None


@dataclass(frozen=True, slots=True)
class Sample(Reading):
    """A reading, and how disturbed it was.

    Attributes:
        foreign: CPU that processes other than ours used meanwhile, in cores.
    """

    foreign: float = 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """What several samples come to.

    Attributes:
        value, wall: medians over the samples that were used.
        best: the best value of all samples.
        foreign: median foreign load of the samples that were used, in cores.
        used, taken: how many samples the medians are over, and how many there are.
    """

    value: float
    wall: float | None
    best: float
    foreign: float
    used: int
    taken: int


def quiet(samples: Sequence[Sample]) -> list[Sample]:
    """Choose the samples to trust: the undisturbed ones if there are two, else the quieter half (rounded up)."""
    undisturbed = [sample for sample in samples if sample.foreign < QUIET]
    if len(undisturbed) >= 2:
        return undisturbed
    return sorted(samples, key=lambda sample: sample.foreign)[: (len(samples) + 1) // 2]


def figure(samples: Sequence[Sample], *, more: bool) -> Figure:
    """Sum up at least one sample; ``more`` says that a greater value is the better one."""
    used = quiet(samples)
    walls = [sample.wall for sample in used if sample.wall is not None]
    values = [sample.value for sample in samples]
    return Figure(
        value=median(sample.value for sample in used),
        wall=median(walls) if walls else None,
        best=max(values) if more else min(values),
        foreign=median(sample.foreign for sample in used),
        used=len(used),
        taken=len(samples),
    )


def comparison(samples: Sequence[Sample], reference: Sequence[Sample], *, more: bool) -> Figure:
    """Sum up how many times better than the reference the samples are, round by round.

    What disturbed a round disturbed both, so their ratio is steadier than that of their medians.
    """
    pairs = [
        Sample(
            ratio(one.value, other.value, more=more),
            None if one.wall is None or other.wall is None else ratio(one.wall, other.wall, more=more),
            max(one.foreign, other.foreign),
        )
        for one, other in zip(samples, reference, strict=False)  # an interrupted round has one more of the first peer
    ]
    return figure(pairs, more=True)


def ratio(value: float, reference: float, *, more: bool) -> float:
    """How many times better than the reference: above 1 is better, whichever direction the row counts in."""
    return value / reference if more else reference / value
