"""The tables, in Markdown: the summary with ratios and targets, and the figures behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from .peers import REFERENCE
from .rows import Row, Target
from .samples import Figure, Sample, comparison, figure

Key = tuple[str, str]
"""Names of row and peer."""

Entry = tuple[Figure, Figure | None]
"""A peer's figure in a row, and the same as a multiple of the reference's."""


def summary(rows: Sequence[Row], samples: Mapping[Key, Sequence[Sample]]) -> str:
    """One line a row, one column a peer: the figure and how many times better than the reference it is."""
    peers = list(dict.fromkeys(peer for _, peer in samples))
    lines = [["", "unit", *peers, "target"]]
    for row in rows:
        entries = _entries(row, samples)
        if entries:
            lines.append(
                [row.title, row.unit, *(_cell(entries.get(peer), peer) for peer in peers), _verdicts(row, entries)]
            )
    return markdown(lines)


def details(rows: Sequence[Row], samples: Mapping[Key, Sequence[Sample]]) -> str:
    """One line a row and peer: CPU and wall figures, the best sample, how many were used, how loud it was."""
    lines = [["", "peer", "median", "×", "wall", "×", "best", "used/taken", "foreign cores"]]
    for row in rows:
        for peer, (value, times) in _entries(row, samples).items():
            lines.append(
                [
                    row.name,
                    peer,
                    f"{number(value.value)} {row.unit}",
                    "" if times is None else f"{times.value:.2f}×",
                    "" if value.wall is None else number(value.wall),
                    "" if times is None or times.wall is None else f"{times.wall:.2f}×",
                    number(value.best),
                    f"{value.used}/{value.taken}",
                    f"{value.foreign:.2f}",
                ]
            )
    return markdown(lines)


def verdict(row: Row, target: Target, value: float, times: float | None) -> str:
    """Whether a target is met, in words: `≥ 2.7×: pass`; `≥ 2.7×: ?` when there is no reference to compare with."""
    if target.atMost is not None:
        return f"≤ {target.atMost:g} {row.unit}: {'pass' if value <= target.atMost else 'miss'}"
    assert target.times is not None
    if times is None:
        return f"≥ {target.times:g}×: ?"
    return f"≥ {target.times:g}×: {'pass' if times >= target.times else 'miss'}"


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


def _entries(row: Row, samples: Mapping[Key, Sequence[Sample]]) -> dict[str, Entry]:
    """What a row has for each peer: its figure, and how it compares with the reference's."""
    reference = samples.get((row.name, REFERENCE))
    return {
        peer: (figure(taken, more=row.more), comparison(taken, reference, more=row.more) if reference else None)
        for (name, peer), taken in samples.items()
        if name == row.name
    }


def _cell(entry: Entry | None, peer: str) -> str:
    if entry is None:
        return ""
    value, times = entry
    return number(value.value) + ("" if times is None or peer == REFERENCE else f" ({times.value:.2f}×)")


def _verdicts(row: Row, entries: Mapping[str, Entry]) -> str:
    """All targets of a row; the peer is named where it is not the first."""
    words = []
    for position, (peer, target) in enumerate(row.targets.items()):
        if peer in entries:
            value, times = entries[peer]
            text = verdict(row, target, value.value, None if times is None else times.value)
            words.append(text if position == 0 else f"{peer} {text}")
    return ", ".join(words)
