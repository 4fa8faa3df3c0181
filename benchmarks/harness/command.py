"""The command line: what to measure, how long, and where the results go."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from . import table
from .build import HERE
from .peers import PEERS, REFERENCE
from .rounds import Results, Step, carryOut, plan, ready
from .rows import ROWS, Row

T = TypeVar("T")
N = TypeVar("N", int, float)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks; the table goes to stdout, progress and problems to stderr. Returns the exit status."""
    options = _parser().parse_args(arguments)
    if options.list:
        print(_listing())
        return 0
    if not Path("/proc/self/schedstat").exists():
        print("bench: this needs Linux, where CPU times and memory of a process stand in /proc", file=sys.stderr)
        return 1
    rounds, seconds = (4, 0.2) if options.quick else (options.rounds, options.seconds)
    rows: list[Row] = list(options.only.values())
    peers, absent = ready(options.peers)
    for problem in absent:
        print(f"bench: without {problem}", file=sys.stderr)
    results = Results()
    steps = plan(rows, peers, rounds)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does: children first
    status = 0
    try:
        with closing(carryOut(steps, seconds, results)) as run:
            for position, step in enumerate(run):
                _progress(position, steps, step)
    except KeyboardInterrupt:
        print("\nbench: interrupted; this is what there is so far", file=sys.stderr)
        status = 130
    _progress(len(steps), steps, None)
    print(_report(rows, results, f"{rounds} × {seconds:g} s"))
    for complaint in complaints(results):
        print(complaint, file=sys.stderr)
    if options.json:
        _save(options.json, rows, results)
    return status or (1 if results.problems and not results.samples else 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description="Measure Ropewalk beside its peers.")
    parser.add_argument("--only", type=_choice(ROWS), default=ROWS, metavar="ROW,...", help="these rows (see --list)")
    parser.add_argument("--peers", type=_choice(PEERS), default=PEERS, metavar="PEER,...", help="these peers")
    parser.add_argument("--rounds", type=_positive(int), default=12, help="samples of each row and peer (%(default)s)")
    parser.add_argument("--seconds", type=_positive(float), default=0.5, help="length of a sample (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="four rounds of a fifth of a second: a first impression")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample there, too")
    parser.add_argument("--list", action="store_true", help="say which rows and peers there are, and stop")
    return parser


def _choice(entries: Mapping[str, T]) -> Callable[[str], dict[str, T]]:
    """Make what turns `echo,bulk` into those entries of a table, in the table's order."""

    def chosen(text: str) -> dict[str, T]:
        names = text.split(",")
        for name in names:
            if name not in entries:
                raise argparse.ArgumentTypeError(f"there is no {name!r}; there are {', '.join(entries)}")
        return {name: entry for name, entry in entries.items() if name in names}

    return chosen


def _positive(kind: Callable[[str], N]) -> Callable[[str], N]:
    def positive(text: str) -> N:
        value = kind(text)
        if value <= 0:
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value

    return positive


def _listing() -> str:
    rows = [f"  {row.name:<12} {row.title}, {row.unit}" for row in ROWS.values()]
    return "\n".join(["rows:", *rows, "peers:", *(f"  {name}" for name in PEERS)])


def _progress(position: int, steps: Sequence[Step], step: Step | None) -> None:
    """Rewrite one line on a terminal; `None` wipes it. Nothing is shown where nobody looks."""
    if sys.stderr.isatty():
        text = f"[{position + 1}/{len(steps)}] {step.row.name}, round {step.round}, {step.peer.name}" if step else ""
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _report(rows: Sequence[Row], results: Results, effort: str) -> str:
    return "\n\n".join(
        [
            f"{_machine()}; {effort}; rates are per CPU second of the server; (n×) is times better than {REFERENCE}.",
            table.summary(rows, results.samples),
            table.details(rows, results.samples),
        ]
    )


def _machine() -> str:
    """What one must know to compare two tables."""
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), ": CPU")
    return (
        f"{time.strftime('%Y-%m-%d %H:%M')}, commit {_commit()}, "
        f"{os.cpu_count()} × {model.split(':')[1].strip()}, Linux {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def _commit() -> str:
    try:
        done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=HERE)
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def complaints(results: Results) -> list[str]:
    """What went wrong, each cause once."""
    places: dict[str, list[str]] = {}
    for (row, peer), problem in results.problems.items():
        places.setdefault(f"without {peer}: {problem}", []).append(row)
    return [f"bench: {', '.join(rows)} {text}" for text, rows in places.items()]


def _save(path: Path, rows: Sequence[Row], results: Results) -> None:
    """Write every sample, for tools."""
    samples = [
        {"row": row.name, "unit": row.unit, "peer": peer, "samples": [asdict(sample) for sample in taken]}
        for row in rows
        for (name, peer), taken in results.samples.items()
        if name == row.name
    ]
    problems = [{"row": row, "peer": peer, "problem": text} for (row, peer), text in results.problems.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": _machine(), "rows": samples, "problems": problems}, indent=2) + "\n")
