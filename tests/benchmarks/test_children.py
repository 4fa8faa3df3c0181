"""Child processes of the bench: bounded, and never left behind."""

from __future__ import annotations

import os
import sys

import pytest
from harness.children import Child, MeasureError


def python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def test_childIsKilledAtTheEndOfItsBlock() -> None:
    """However long a server would run, leaving the block ends it."""
    with Child(python("print(1, flush=True); input()"), None) as child:
        assert child.line() == "1"
    assert not os.path.exists(f"/proc/{child.pid}")


def test_childThatDoesNotComeUpIsReported() -> None:
    """A server that says nothing in time is an error with its name, not a run that hangs."""
    with Child(python("input()"), None) as child, pytest.raises(MeasureError, match=r"said nothing for 0\.05 s"):
        child.line(0.05)


def test_childThatFailsIsQuoted() -> None:
    """When a program ends instead of starting, the error has its status and its last words."""
    with Child(python("raise SystemExit('no such reactor')"), None) as child:
        with pytest.raises(MeasureError, match="ended with status 1: no such reactor"):
            child.line()


def test_childThatDoesNotEndIsReported() -> None:
    """A generator that runs past its time is an error, and is killed all the same."""
    with (
        Child(python("import signal; signal.pause()"), None) as child,
        pytest.raises(MeasureError, match="did not end"),
    ):
        child.wait(0.05)
