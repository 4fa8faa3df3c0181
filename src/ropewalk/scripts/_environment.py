"""Put the stand-in into a whole environment, take it out again, and tell whether it is in.

Two things are written next to the installed packages: a ``.pth`` file, which Python reads at every start and which
puts the stand-in on, and the record of a distribution named Twisted, which satisfies pip and whoever asks for its
version.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from importlib.metadata import Distribution, distributions
from pathlib import Path

from ropewalk import _standin

STARTER = "ropewalk-stand-in.pth"
RECORD = f"twisted-{_standin.RELEASE}.dist-info"

# A line of a ``.pth`` that begins with `import` is run. It must do no harm once Ropewalk has been removed.
STARTER_LINE = (
    "import sys; exec('try:\\n from ropewalk import _standin\\nexcept ImportError:\\n pass\\n"
    "else:\\n _standin.install(children=False)')\n"
)

INSTALLER = "ropewalk"


class Refused(Exception):
    """The environment is not to be changed so; the message says why and what to do."""


def install(folder: Path | None = None, anyway: bool = False) -> str:
    """Put the stand-in into an environment, and say what was done.

    Args:
        folder: where its packages are; this environment when not given.
        anyway: even if it is no virtual environment, but the one of all this Python's users.

    Raises:
        Refused: it is no virtual environment, the real Twisted is in it, or it cannot be written to.
    """
    site = folder or _site()
    if folder is None and sys.prefix == sys.base_prefix and not anyway:
        raise Refused(
            f"{sys.prefix} is not a virtual environment: every program that uses this Python would get Ropewalk "
            "for Twisted. Make one (python -m venv), or add --system if that is what you want"
        )
    real = _real(site)
    if real is not None:
        raise Refused(f"Twisted {real.version} is installed in {site}; remove it first: pip uninstall Twisted")

    record = site / RECORD
    written = [
        (site / STARTER, STARTER_LINE),
        (record / "METADATA", _standin.metadata()),
        (record / "INSTALLER", f"{INSTALLER}\n"),
        # With this list, `pip uninstall Twisted` undoes all of it too.
        (record / "RECORD", "".join(f"{name},,\n" for name in _files())),
    ]
    try:
        record.mkdir(exist_ok=True)
        for path, content in written:
            path.write_text(content, encoding="utf-8")
    except OSError as problem:
        raise Refused(f"{problem.filename} cannot be written: {problem.strerror}") from problem
    return "\n".join(
        [
            f"Ropewalk {_standin.ownVersion()} now stands in for Twisted {_standin.RELEASE} in {site}:",
            f"  {STARTER} makes `import twisted` import Ropewalk in every program of this environment;",
            f"  {RECORD} tells pip that Twisted is there.",
            "`ropewalk stand-in --remove` takes both away again.",
        ]
    )


def remove(folder: Path | None = None) -> str:
    """Take the stand-in out of an environment, and say what was done.

    Raises:
        Refused: the files cannot be removed.
    """
    site = folder or _site()
    record = site / RECORD
    try:
        for name in _files() if _isOurs(site) else [STARTER]:
            (site / name).unlink(missing_ok=True)
        if record.is_dir() and not any(record.iterdir()):
            record.rmdir()
    except OSError as problem:
        raise Refused(f"{problem.filename} cannot be removed: {problem.strerror}") from problem
    return f"Ropewalk no longer stands in for Twisted in {site}."


def status(folder: Path | None = None) -> tuple[bool, str]:
    """Return whether the stand-in is in an environment, and a description of how things are."""
    site = folder or _site()
    real = _real(site)
    if not (site / STARTER).exists():
        there = f"Twisted {real.version} is installed there" if real is not None else "Twisted is not installed there"
        return False, f"Ropewalk does not stand in for Twisted in {site}; {there}."
    lines = [f"Ropewalk stands in for Twisted {_standin.RELEASE} in {site}."]
    if real is not None:
        lines.append(f"Twisted {real.version} is installed there as well; programs get Ropewalk nevertheless.")
    elif not _isOurs(site):
        lines.append(f"pip does not know: {RECORD} is missing. `ropewalk stand-in --install` writes it again.")
    return True, "\n".join(lines)


def _site() -> Path:
    """Where this environment's packages are."""
    return Path(sysconfig.get_path("purelib"))


def _files() -> list[str]:
    """What is written, relative to the packages; the record itself last."""
    return [STARTER, *(f"{RECORD}/{name}" for name in ("METADATA", "INSTALLER", "RECORD"))]


def _isOurs(site: Path) -> bool:
    """Whether the record of Twisted there is the one we write."""
    try:
        return (site / RECORD / "INSTALLER").read_text(encoding="utf-8").strip() == INSTALLER
    except OSError:
        return False


def _real(site: Path) -> Distribution | None:
    """The distribution of the real Twisted among the packages in a directory."""
    for found in distributions(name="Twisted", path=[os.fspath(site)]):
        # What is left of one that was removed may still be a directory of that name.
        described = found.read_text("METADATA") or found.read_text("PKG-INFO")
        if described and (found.read_text("INSTALLER") or "").strip() != INSTALLER:
            return found
    return None
