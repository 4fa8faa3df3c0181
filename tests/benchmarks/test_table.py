"""The tables that people paste into commits."""

from __future__ import annotations

import pytest
from harness.measures import StartUp
from harness.rows import Row, Target
from harness.samples import Sample
from harness.table import details, markdown, number, summary, verdict

RATE = Row("echo", "echo", "/s", StartUp(), more=True, targets={"ropewalk": Target(times=2.7)})
COST = Row("memory", "memory", "MB", StartUp(), targets={"ropewalk": Target(atMost=20)})


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.617, "0.62"), (9.994, "9.99"), (10.04, "10.0"), (99.94, "99.9"), (101.5, "102"), (36485.4, "36,485")],
)
def test_numbersHaveThreeDigits(value: float, text: str) -> None:
    """A number shows what can be trusted of it, and thousands are set apart."""
    assert number(value) == text


def test_columnsAreAligned() -> None:
    """A table reads well as plain text, too."""
    assert markdown([["a", "bcd"], ["efg", "h"]]) == "| a   | bcd |\n| --- | --- |\n| efg | h   |"


def test_targetIsMetAtItsEdge() -> None:
    """Exactly the promised ratio passes; a little less misses."""
    assert verdict(RATE, Target(times=2.7), 270, 2.7) == "≥ 2.7×: pass"
    assert verdict(RATE, Target(times=2.7), 269, 2.69) == "≥ 2.7×: miss"


def test_limitIsMetAtItsEdge() -> None:
    """Exactly the allowed amount passes; a little more misses, and nobody else is needed to say so."""
    assert verdict(COST, Target(atMost=20), 20, None) == "≤ 20 MB: pass"
    assert verdict(COST, Target(atMost=20), 20.1, None) == "≤ 20 MB: miss"


def test_targetIsOpenWithoutTheReference() -> None:
    """A ratio to a peer that was not measured is neither met nor missed."""
    assert verdict(RATE, Target(times=2.7), 270, None) == "≥ 2.7×: ?"


def test_summaryShowsRatiosToTheReference() -> None:
    """Each figure stands with how many times better than the reference it is, and with the target's verdict."""
    samples = {("echo", "twisted"): [Sample(100)], ("echo", "ropewalk"): [Sample(300)]}
    assert summary([RATE], samples).splitlines()[-1] == "| echo | /s   | 100     | 300 (3.00×) | ≥ 2.7×: pass |"


def test_peerWithoutSamplesLeavesItsCellEmpty() -> None:
    """A peer that was not measured in one row keeps its column."""
    samples = {
        ("echo", "twisted"): [Sample(100)],
        ("echo", "c"): [Sample(400)],
        ("memory", "twisted"): [Sample(40)],
    }
    assert summary([RATE, COST], samples).splitlines()[-1] == "| memory | MB   | 40.0    |             |        |"


def test_rowWithoutSamplesIsLeftOut() -> None:
    """An interrupted run shows what was measured."""
    assert "memory" not in summary([RATE, COST], {("echo", "twisted"): [Sample(100)]})


def test_detailsShowTheWallBesideTheCPU() -> None:
    """Behind each figure: wall clock, the best sample, how many were used, how loud it was."""
    samples = {
        ("echo", "twisted"): [Sample(100, 50, 0.0)],
        ("echo", "ropewalk"): [Sample(300, 200, 0.1), Sample(280, 180, 0.5)],
    }
    assert details([RATE], samples).splitlines()[-1] == (
        "| echo | ropewalk | 300 /s | 3.00× | 200  | 4.00× | 300  | 1/2        | 0.10          |"
    )
