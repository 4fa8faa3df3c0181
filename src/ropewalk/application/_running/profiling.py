"""Run the reactor under a profiler, and write what it found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .mistakes import Status, refused


class _Profiler:
    """What the profilers share.

    Args:
        profileOutput: the file to write to.
        saveStats: whether to write what `pstats` reads, and not text.
    """

    def __init__(self, profileOutput: str, saveStats: object) -> None:
        self.profileOutput = profileOutput
        self.saveStats = saveStats

    def _write(self, profiler: Any) -> None:
        import pstats

        try:
            if self.saveStats:
                profiler.dump_stats(self.profileOutput)
                return
            with open(self.profileOutput, "w", encoding="utf-8") as file:
                pstats.Stats(profiler, stream=file).sort_stats("cumulative").print_stats()
        except OSError as problem:
            raise refused(f"write the profile to {self.profileOutput!r}", problem, Status.CANTCREAT) from None


class ProfileRunner(_Profiler):
    """The standard library's ``profile``."""

    def run(self, reactor: Any) -> None:
        """Run a reactor to its end, and write what it did.

        Raises:
            Refusal: the file cannot be written.
        """
        import profile

        profiler = profile.Profile()
        try:
            profiler.runcall(reactor.run)
        finally:
            self._write(profiler)


class CProfileRunner(_Profiler):
    """The standard library's ``cProfile``, which slows a program down far less."""

    def run(self, reactor: Any) -> None:
        """Run a reactor to its end, and write what it did.

        Raises:
            Refusal: the file cannot be written.
        """
        import cProfile

        profiler = cProfile.Profile()
        try:
            profiler.runcall(reactor.run)
        finally:
            self._write(profiler)


class AppProfiler:
    """Chooses a profiler.

    Args:
        options: what a command line said: ``profile`` (the file), ``profiler``, ``savestats``.

    Raises:
        SystemExit: there is no such profiler.

    Attributes:
        profilers: those there are, by name.
        profiler: the name of the chosen one.
        run: its method of that name.
    """

    profilers: ClassVar[dict[str, type[ProfileRunner | CProfileRunner]]] = {
        "profile": ProfileRunner,
        "cprofile": CProfileRunner,
    }

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.profiler: str = options.get("profiler") or "cprofile"
        if self.profiler not in self.profilers:
            raise SystemExit(f"there is no profiler {self.profiler!r}; there are {', '.join(self.profilers)}")
        chosen = self.profilers[self.profiler](options.get("profile") or "", options.get("savestats"))
        self.run = chosen.run
