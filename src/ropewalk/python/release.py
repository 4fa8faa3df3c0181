"""Shell commands of a release script, which stop it when they fail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["CommandFailed", "DirectoryDoesntExist", "DirectoryExists", "runChdirSafe", "sh"]

P = ParamSpec("P")
R = TypeVar("R")


class DirectoryExists(OSError):
    """Something is there already that was to be made."""


class DirectoryDoesntExist(OSError):
    """Something is not there that was to be used."""


class CommandFailed(OSError):
    """A command's exit status is not 0."""


def sh(command: str, null: bool = True, prompt: bool = False) -> None:
    """Show a command and run it in a shell.

    Args:
        command: a trusted line for ``/bin/sh``.
        null: throw away what it writes to standard output.
        prompt: ask first; without a yes, nothing is run.

    Raises:
        CommandFailed: its exit status is not 0.
    """
    print(f"--$ {command}", flush=True)
    if prompt and not input("run it? (y/n) ").strip().lower().startswith("y"):
        return
    done = subprocess.run(command, shell=True, stdout=subprocess.DEVNULL if null else None, check=False)
    if done.returncode != 0:
        raise CommandFailed(f"{command!r} ended with exit status {done.returncode}")


def runChdirSafe(f: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
    """Call a function that may change the current directory, and change it back, whatever happens."""
    before = os.path.abspath(".")
    try:
        return f(*args, **kw)
    finally:
        os.chdir(before)
