"""Questions about the platform."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from ropewalk.python import runtime
from ropewalk.python.runtime import Platform


@pytest.mark.parametrize(
    ("name", "system", "kind", "mac", "windows", "linux"),
    [
        ("posix", "linux", "posix", False, False, True),
        ("posix", "darwin", "posix", True, False, False),
        ("nt", "win32", "win32", False, True, False),
        ("nonesuch", "nonesuch", None, False, False, False),
    ],
)
def test_kindsOfPlatforms(name: str, system: str, kind: str | None, mac: bool, windows: bool, linux: bool) -> None:
    """Each ``os.name`` and ``sys.platform`` has its answers."""
    platform = Platform(name, system)
    assert (platform.getType(), platform.type, platform.isKnown()) == (kind, kind, kind is not None)
    assert (platform.isMacOSX(), platform.isLinux(), platform.supportsINotify()) == (mac, linux, linux)
    assert (platform.isWindows(), platform.isWinNT(), platform.isVista()) == (windows, windows, False)


def test_thisPlatform() -> None:
    """The module's own describes where we run."""
    assert runtime.platform.getType() == runtime.platformType == "posix"
    assert runtime.platform.supportsThreads()
    assert runtime.shortPythonVersion() == sys.version.split()[0].rstrip("+")
    assert abs(runtime.seconds() - time.time()) < 60


def test_dockerIsSeenInTheControlGroup(tmp_path: Path) -> None:
    """A process whose control group is Docker's runs in a container; without such a file it doesn't."""
    groups = tmp_path / "cgroup"
    groups.write_text("1:name=systemd:/docker/0123456789abcdef\n")
    assert Platform("posix", "linux").isDocker(str(groups))
    assert not Platform("posix", "darwin").isDocker(str(groups))
    groups.write_text("1:name=systemd:/user.slice\n")
    assert not Platform("posix", "linux").isDocker(str(groups))
    assert not Platform("posix", "linux").isDocker(str(tmp_path / "nosuch"))
