"""The programs in C: compiled on first use, and when their source is newer."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .children import MeasureError

HERE = Path(__file__).parent.parent
BUILD = HERE / "_build"

OPENSSL = ("-lssl", "-lcrypto")
LIBRARIES = {"loadtls": OPENSSL, "tlsecho": OPENSSL}
"""What a program is linked with, by its name."""


def compiled(source: Path) -> str:
    """Path of the program made from a C file.

    Raises:
        MeasureError: there is no C compiler, or it refuses.
    """
    program = BUILD / source.stem
    if program.exists() and program.stat().st_mtime >= source.stat().st_mtime:
        return str(program)
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise MeasureError(f"{source.name} needs a C compiler and there is no cc (Debian, Ubuntu: apt-get install gcc)")
    BUILD.mkdir(exist_ok=True)
    fresh = BUILD / f"{source.stem}.{os.getpid()}"
    libraries = LIBRARIES.get(source.stem, ())
    command = [compiler, "-O2", "-Wall", "-Wextra", "-o", fresh, source, *libraries]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        hint = " (are OpenSSL's headers there? Debian, Ubuntu: apt-get install libssl-dev)" if libraries else ""
        raise MeasureError(f"{compiler} refused {source.name}{hint}: {done.stderr.strip()}")
    fresh.replace(program)  # at once, for somebody else may be doing the same
    return str(program)
