"""Version numbers of packages, as `ropewalk.python.deprecate` names them in its warnings."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

__all__ = ["IncomparableVersions", "Version", "getVersionString"]


class IncomparableVersions(TypeError):
    """Two versions of different packages were compared."""


# Above every number: a version without this part comes after those that have one.
_LAST = float("inf")


class Version:
    """The version of a package: ``Version("Twisted", 16, 1, 2)``.

    Versions of one package compare in the order of their release: ``rc1.dev1``, ``rc1``, ``dev1``, the release itself,
    ``post1``. ``Version(package, "NEXT", 0, 0)`` is the release to come, after all others.
    """

    def __init__(
        self,
        package: str,
        major: int | Literal["NEXT"],
        minor: int,
        micro: int,
        release_candidate: int | None = None,
        prerelease: int | None = None,
        post: int | None = None,
        dev: int | None = None,
    ) -> None:
        """Name a version.

        Args:
            prerelease: the older name of ``release_candidate``.

        Raises:
            ValueError: both of those are given, or ``"NEXT"`` with other numbers than zeros.
        """
        if release_candidate is not None and prerelease is not None:
            raise ValueError("release_candidate and prerelease mean the same; give one of them")
        if major == "NEXT" and (minor or micro or release_candidate or prerelease or post or dev):
            raise ValueError('the numbers after "NEXT" are not known yet; give zeros')
        self.package = package
        self.major = major
        self.minor = minor
        self.micro = micro
        self.release_candidate = prerelease if release_candidate is None else release_candidate
        self.post = post
        self.dev = dev

    @property
    def prerelease(self) -> int | None:
        """The older name of ``release_candidate``."""
        return self.release_candidate

    def public(self) -> str:
        """Return the version as :pep:`440` writes it: ``"16.1.2rc3.post1.dev4"``."""
        if self.major == "NEXT":
            return "NEXT"
        text = f"{self.major}.{self.minor}.{self.micro}"
        if self.release_candidate is not None:
            text += f"rc{self.release_candidate}"
        if self.post is not None:
            text += f".post{self.post}"
        if self.dev is not None:
            text += f".dev{self.dev}"
        return text

    base = public
    short = public
    local = public

    def __repr__(self) -> str:
        text = f"Version({self.package!r}, {self.major!r}, {self.minor}, {self.micro}"
        for name in ("release_candidate", "post", "dev"):
            value = getattr(self, name)
            if value is not None:
                text += f", {name}={value}"
        return text + ")"

    def __str__(self) -> str:
        return f"[{self.package}, version {self.public()}]"

    def _key(self) -> tuple[float, ...]:
        """Numbers that compare as versions of one package do."""
        return (
            _LAST if self.major == "NEXT" else self.major,
            self.minor,
            self.micro,
            _LAST if self.release_candidate is None else self.release_candidate,
            -1 if self.post is None else self.post,
            _LAST if self.dev is None else self.dev,
        )

    def _keys(self, other: Version) -> tuple[tuple[float, ...], tuple[float, ...]]:
        if self.package.lower() != other.package.lower():
            raise IncomparableVersions(f"{self.package!r} and {other.package!r} are different packages")
        return self._key(), other._key()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Version):
            return NotImplemented
        mine, theirs = self._keys(other)
        return mine == theirs

    def __lt__(self, other: Version) -> bool:
        if not isinstance(other, Version):
            return NotImplemented
        mine, theirs = self._keys(other)
        return mine < theirs

    # Written out, not `functools.total_ordering`: with the stand-in in an environment every start of Python comes by
    # here.

    def __le__(self, other: Version) -> bool:
        return self == other or self < other

    def __gt__(self, other: Version) -> bool:
        return not self <= other

    def __ge__(self, other: Version) -> bool:
        return not self < other

    __hash__ = None  # type: ignore[assignment]  # equal versions of different packages cannot be told apart: they raise


def getVersionString(version: Version) -> str:
    """Return the package's name and its version: ``"Twisted 16.1.2"``."""
    return f"{version.package} {version.public()}"
