"""The figures that are quoted, and the samples that they are taken from."""

from __future__ import annotations

from harness.samples import QUIET, Figure, Sample, comparison, figure, quiet, ratio


def sample(value: float, foreign: float, wall: float | None = None) -> Sample:
    return Sample(value, wall, foreign)


def test_undisturbedSamplesAreChosen() -> None:
    """When two samples were taken in quiet, only the quiet ones count."""
    samples = [sample(1, 0.0), sample(2, 0.9), sample(3, QUIET - 0.01), sample(4, QUIET)]
    assert [chosen.value for chosen in quiet(samples)] == [1, 3]


def test_quieterHalfIsChosenOnALoudMachine() -> None:
    """With fewer than two undisturbed samples, the quieter half counts, rounded up."""
    samples = [sample(1, 0.9), sample(2, 0.5), sample(3, 0.1), sample(4, 0.6), sample(5, 0.7)]
    assert [chosen.value for chosen in quiet(samples)] == [3, 2, 4]


def test_oneSampleIsAFigure() -> None:
    """A single sample is what it is, however loud it was."""
    assert figure([sample(7, 2.0)], more=True) == Figure(7, None, 7, 2.0, 1, 1)


def test_medianIsOverTheChosenSamples() -> None:
    """Median, wall and foreign load are of the quiet samples; the best is of all."""
    samples = [sample(10, 0.0, 5), sample(20, 0.1, 7), sample(90, 1.0, 99)]
    assert figure(samples, more=True) == Figure(value=15, wall=6, best=90, foreign=0.05, used=2, taken=3)


def test_bestIsTheLeastWhereLessIsBetter() -> None:
    """For a cost the best sample is the smallest one."""
    assert figure([sample(10, 0.0), sample(8, 0.0)], more=False).best == 8


def test_ratioAboveOneIsAlwaysBetter() -> None:
    """Twice the rate and half the cost are both 2 times better."""
    assert ratio(200, 100, more=True) == 2
    assert ratio(50, 100, more=False) == 2


def test_peersAreComparedWithinARound() -> None:
    """A round in which the machine was half as fast for both says as much about their ratio as any other."""
    ours = [sample(300, 0.0, 30), sample(150, 0.0, 15), sample(310, 0.0, 31)]
    theirs = [sample(100, 0.0, 10), sample(50, 0.0, 5), sample(100, 0.0, 10)]
    assert comparison(ours, theirs, more=True) == Figure(value=3, wall=3, best=3.1, foreign=0, used=3, taken=3)


def test_roundIsAsLoudAsItsLouderHalf() -> None:
    """A ratio is trusted when both of its samples were quiet."""
    ours = [sample(300, 0.0), sample(100, 0.0), sample(300, 0.0)]
    theirs = [sample(100, 0.0), sample(100, 0.9), sample(100, 0.0)]
    assert comparison(ours, theirs, more=True).used == 2


def test_interruptedRoundIsNotCompared() -> None:
    """When the reference has a sample more than the other, that one has no partner."""
    assert comparison([sample(50, 0.0)], [sample(100, 0.0), sample(1, 0.0)], more=False).value == 2
