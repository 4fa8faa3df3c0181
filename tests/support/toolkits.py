"""Graphical toolkits for tests: where they are found, and a display without a screen.

None of them is a dependency. GTK and wx are the system's (``apt-get install python3-gi gir1.2-gtk-3.0
python3-wxgtk4.0``), compiled for the system's Python, and usable in this one if it is of the same version. Qt is looked
for in ``.peers/gui`` (``pip install --target .peers/gui 'PySide6-Essentials<6.12'``).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SYSTEM = Path("/usr/lib/python3/dist-packages")
PEERS = ROOT / ".peers" / "gui"

# Import name -> a compiled part of it, whose name says for which Python it is.
SYSTEMS_OWN = {"gi": "_gi{}", "wx": "_core{}"}


def _borrow() -> str | None:
    """Return a directory with what of the system's packages this Python can use, and nothing else of the system's."""
    found = [
        name
        for name, part in SYSTEMS_OWN.items()
        if find_spec(name) is None and (SYSTEM / name / part.format(sysconfig.get_config_var("EXT_SUFFIX"))).exists()
    ]
    if not found:
        return None
    home = Path(tempfile.gettempdir()) / f"ropewalk-toolkits-{os.getuid()}-{sys.version_info[0]}{sys.version_info[1]}"
    home.mkdir(mode=0o700, exist_ok=True)
    for name in found:
        link = home / name
        if not link.is_symlink():
            link.symlink_to(SYSTEM / name)
    return str(home)


def paths() -> list[str]:
    """Return the directories that must be on ``sys.path`` for toolkits to be found."""
    borrowed = _borrow()
    return [*([borrowed] if borrowed else []), *([str(PEERS)] if (PEERS / "PySide6").exists() else [])]


PATHS = paths()

# How this Python is started.
PYTHON = [sys.executable]


def reach() -> None:
    """Let this process find them, after everything else."""
    sys.path.extend(path for path in PATHS if path not in sys.path)


def has(name: str) -> bool:
    """Return whether a toolkit's package is there, without importing it."""
    reach()
    return find_spec(name) is not None


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a child process that finds what this one finds."""
    found = [path for path in (os.environ.get("PYTHONPATH"), *PATHS) if path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(found), **more}


def startDisplay() -> tuple[subprocess.Popen[bytes], str]:
    """Start an X server without a screen; return it and its name. It finds a free number by itself."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "640x480x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        number = answer.readline().strip()
    if not number:
        raise AssertionError("Xvfb ended before it had a display")
    return server, f":{number}"


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of a display for windows that nobody sees."""
    if shutil.which("Xvfb") is None:
        pytest.skip("windows in tests need Xvfb (apt-get install xvfb)")
    server, name = startDisplay()
    try:
        yield name
    finally:
        server.terminate()
        server.wait(10)
