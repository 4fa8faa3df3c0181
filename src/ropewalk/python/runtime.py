"""What this process runs on: the kind of platform, and what it can do."""

from __future__ import annotations

import os
import sys
import time

__all__ = ["Platform", "knownPlatforms", "platform", "platformType", "seconds", "shortPythonVersion"]

seconds = time.time

# The kind of platform for each ``os.name``.
knownPlatforms = {
    "nt": "win32",
    "ce": "win32",
    "posix": "posix",
    "java": "java",
    "org.python.modules.os": "java",
}


def shortPythonVersion() -> str:
    """Return the interpreter's version as ``"3.11.7"``."""
    return ".".join(str(number) for number in sys.version_info[:3])


class Platform:
    """A platform, and questions about it; without arguments, the one this process runs on.

    Attributes:
        type: ``"posix"``, ``"win32"`` or ``"java"``; `None` for one that is not known.
    """

    type: str | None = knownPlatforms.get(os.name)
    seconds = staticmethod(time.time)
    _platform = sys.platform

    def __init__(self, name: str | None = None, platform: str | None = None) -> None:
        """Describe another platform than this one.

        Args:
            name: its ``os.name``.
            platform: its ``sys.platform``.
        """
        if name is not None:
            self.type = knownPlatforms.get(name)
        if platform is not None:
            self._platform = platform

    def isKnown(self) -> bool:
        return self.type is not None

    def getType(self) -> str | None:
        """Return `type`."""
        return self.type

    def isMacOSX(self) -> bool:
        return self._platform == "darwin"

    def isLinux(self) -> bool:
        return self._platform.startswith("linux")

    def isWinNT(self) -> bool:
        """The same as `isWindows`: no other Windows is left."""
        return self.isWindows()

    def isWindows(self) -> bool:
        return self.type == "win32"

    def isVista(self) -> bool:
        """Whether this is Windows Vista or newer."""
        version = getattr(sys, "getwindowsversion", None)
        return self.isWindows() and version is not None and version().major >= 6

    def isDocker(self, _initCGroupLocation: str = "/proc/1/cgroup") -> bool:
        """Whether this Linux process runs in a Docker container."""
        if not self.isLinux():
            return False
        # The control group names Docker where the host's hierarchy shows (version 1); the marker file is there always.
        try:
            with open(_initCGroupLocation, "rb") as groups:
                if any(line.strip().split(b":")[-1].startswith(b"/docker/") for line in groups):
                    return True
        except OSError:
            return False
        return _initCGroupLocation == "/proc/1/cgroup" and os.path.exists("/.dockerenv")

    def supportsThreads(self) -> bool:
        try:
            import _thread  # noqa: F401  only whether it is there
        except ImportError:
            return False
        return True

    def supportsINotify(self) -> bool:
        """Whether files can be watched through inotify, as `ropewalk.internet.inotify` does."""
        return self.isLinux()

    def supportsSymlinks(self) -> bool:
        """Whether this process could make symbolic links if the file system lets it."""
        return self.type == "posix"


platform = Platform()
platformType = platform.getType()
