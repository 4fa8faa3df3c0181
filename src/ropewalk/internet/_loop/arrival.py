"""Notice that somebody imports asyncio.

A reactor that nobody asked for asyncio does without (it is 45 ms and 8 MB). From the moment on at which a program
imports it, even in the middle of a turn, ``asyncio.get_running_loop()`` must work: `watch` puts a finder in front of
the others, which lets them find the package and adds one step after its execution.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

__all__ = ["AsyncioFinder", "isHere"]


def isHere() -> bool:
    """Return whether asyncio is imported, from its first line to its last."""
    module = sys.modules.get("asyncio")
    return module is not None and hasattr(module, "SelectorEventLoop")


class AsyncioFinder:
    """A ``sys.meta_path`` entry that calls ``arrived`` after asyncio was imported, in the thread that imported it."""

    def __init__(self, arrived: Callable[[], object]) -> None:
        self._arrived = arrived

    def watch(self) -> None:
        """Start to look."""
        sys.meta_path.insert(0, self)

    def leave(self) -> None:
        """Stop; harmless when not looking."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find asyncio as the other finders do, with our step after its execution. All else is theirs."""
        if name != "asyncio":
            return None
        for finder in sys.meta_path:
            if finder is not self:
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    if spec.loader is not None:
                        spec.loader = _Loader(spec.loader, self._arrived)  # type: ignore[assignment]  # a look-alike
                    return spec
        return None


class _Loader:
    """Execute a module as its own loader does, put that back in its place, and say so."""

    def __init__(self, real: object, arrived: Callable[[], object]) -> None:
        self._real = real
        self._arrived = arrived

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    def exec_module(self, module: ModuleType) -> None:
        real = self._real
        if module.__spec__ is not None:
            module.__spec__.loader = real  # type: ignore[assignment]  # the loader that was there
        module.__loader__ = real  # type: ignore[assignment]  # likewise
        real.exec_module(module)  # type: ignore[attr-defined]  # a loader has it
        self._arrived()
