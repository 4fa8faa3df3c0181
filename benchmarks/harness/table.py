"""The tables, in Markdown: the summary with ratios and targets, and the figures behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .peers import REFERENCE
from .rows import Row, Target
from .samples import Figure, Sample, figure, ratio

Key = tuple[str, str]
"""Names of row and peer."""


def summary(rows: Sequence[Row], samples: Mapping[Key, Sequence[Sample]]) -> str:
    """One line a row, one column a peer: the figure and how many times better than the reference it is."""
    peers = list(dict.fromkeys(peer for _, peer in samples))
    lines = [["", "unit", *peers, "target"]]
    for row in rows:
        figures = _figures(row, peers, samples)
        if figures:
            reference = figures.get(REFERENCE)
            cells = [_cell(row, name, figures.get(name), reference) for name in peers]
            lines.append([row.title, row.unit, *cells, _verdicts(row, figures)])
    return markdown(lines)


def details(rows: Sequence[Row], samples: Mapping[Key, Sequence[Sample]]) -> str:
    """One line a row and peer: CPU and wall figures, the best sample, how many were used, how loud it was."""
    lines = [["", "peer", "median", "×", "wall", "×", "best", "used/taken", "foreign cores"]]
    for row in rows:
        peers = [peer for name, peer in samples if name == row.name]
        figures = _figures(row, peers, samples)
        reference = figures.get(REFERENCE)
        median, wall = (reference.value, reference.wall) if reference else (None, None)
        for name, it in figures.items():
            lines.append(
                [
                    row.name,
                    name,
                    f"{number(it.value)} {row.unit}",
                    _times(row, it.value, median),
                    "" if it.wall is None else number(it.wall),
                    _times(row, it.wall, wall),
                    number(it.best),
                    f"{it.used}/{it.taken}",
                    f"{it.foreign:.2f}",
                ]
            )
    return markdown(lines)


def verdict(row: Row, target: Target, value: Figure, reference: Figure | None) -> str:
    """Whether a target is met, in words: `≥ 2.7×: pass`; `≥ 2.7×: ?` when there is no reference to compare with."""
    if target.atMost is not None:
        return f"≤ {target.atMost:g} {row.unit}: {'pass' if value.value <= target.atMost else 'miss'}"
    assert target.times is not None
    if reference is None:
        return f"≥ {target.times:g}×: ?"
    reached = ratio(value.value, reference.value, more=row.more) >= target.times
    return f"≥ {target.times:g}×: {'pass' if reached else 'miss'}"


def number(value: float) -> str:
    """Three significant digits or all that stand before the point: `36,485`, `102`, `43.2`, `0.62`."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f}"


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table, first line the head, columns as wide as they need to be for reading it as text."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    head, *body = [_join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join([head, _join("-" * width for width in widths), *body])


def _join(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _figures(row: Row, peers: Sequence[str], samples: Mapping[Key, Sequence[Sample]]) -> dict[str, Figure]:
    return {peer: figure(samples[row.name, peer], more=row.more) for peer in peers if (row.name, peer) in samples}


def _cell(row: Row, name: str, value: Figure | None, reference: Figure | None) -> str:
    if value is None:
        return ""
    if name == REFERENCE or reference is None:
        return number(value.value)
    return f"{number(value.value)} ({_times(row, value.value, reference.value)})"


def _times(row: Row, value: float | None, reference: float | None) -> str:
    if value is None or reference is None:
        return ""
    return f"{ratio(value, reference, more=row.more):.2f}×"


def _verdicts(row: Row, figures: Mapping[str, Figure]) -> str:
    """All targets of a row; the peer is named where it is not the first."""
    words = []
    for position, (peer, target) in enumerate(row.targets.items()):
        if peer in figures:
            text = verdict(row, target, figures[peer], figures.get(REFERENCE))
            words.append(text if position == 0 else f"{peer} {text}")
    return ", ".join(words)
