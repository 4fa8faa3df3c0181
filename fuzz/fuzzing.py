"""Run a fuzz target: under atheris when that is installed, else with random bytes for a while.

    python fuzz/fuzz_lines.py                    as atheris likes it, its options included
    python fuzz/fuzz_lines.py --smoke 2000 7     2000 random inputs from seed 7, without atheris

A target is a function that takes bytes and raises when something is wrong.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable

# Bytes that mean something to one framing or another: random ones alone would hardly ever come by a delimiter.
SPICE = [b"\r\n", b"\r", b"\n", b":", b",", b"0", b"1", b"12", b"9", b"\0", b"\0\0\0\3", b"\0\2", b"\xff"]


def smoke(target: Callable[[bytes], None], runs: int, seed: int = 0) -> None:
    """Call a target with random inputs: the same ones for the same seed."""
    dice = random.Random(seed)
    for _ in range(runs):
        parts = [
            dice.choice(SPICE) if dice.random() < 0.6 else dice.randbytes(dice.randrange(12))
            for _ in range(dice.randrange(24))
        ]
        target(b"".join(parts))


def main(target: Callable[[bytes], None]) -> None:
    """Run a target as a program."""
    if sys.argv[1:2] == ["--smoke"]:
        runs, seed = [int(word) for word in sys.argv[2:4]]
        smoke(target, runs, seed)
        return
    try:
        import atheris  # type: ignore[import-not-found]  # installed where somebody fuzzes
    except ImportError:
        sys.exit("atheris is not installed: pip install atheris, or try --smoke RUNS SEED")
    atheris.instrument_all()
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


def pieces(data: bytes) -> list[bytes]:
    """Cut an input by itself: each piece is as long as its first byte says, 1 to 16."""
    found, at = [], 0
    while at < len(data):
        end = at + 1 + data[at] % 16
        found.append(data[at:end])
        at = end
    return found
