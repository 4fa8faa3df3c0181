"""Replace attributes of objects for a while, and put them back."""

from __future__ import annotations

from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")

__all__ = ["MonkeyPatcher"]


class MonkeyPatcher:
    """A list of attributes to replace, all together: by `patch` and `restore`, or as a context manager."""

    def __init__(self, *patches: tuple[object, str, object]) -> None:
        """Note the patches: an object, the name of its attribute, and what to put there."""
        self._patches: list[tuple[object, str, Any]] = list(patches)
        self._originals: list[tuple[object, str, Any]] = []  # while patched; in the order of patching

    def addPatch(self, obj: object, name: str, value: object) -> None:
        """Note one more patch; it takes effect with the next `patch`."""
        self._patches.append((obj, name, value))

    def patch(self) -> None:
        """Replace the attributes. Those replaced already keep their originals.

        Raises:
            AttributeError: there is no attribute of a name; then none is replaced.
        """
        noted = {(id(obj), name) for obj, name, _ in self._originals}
        originals = [(obj, name, getattr(obj, name)) for obj, name, _ in self._patches if (id(obj), name) not in noted]
        self._originals += originals
        for obj, name, value in self._patches:
            setattr(obj, name, value)

    def restore(self) -> None:
        """Put the originals back, the last replaced first."""
        while self._originals:
            setattr(*self._originals.pop())

    def runWithPatches(self, f: Callable[P, R], *args: P.args, **kw: P.kwargs) -> R:
        """Call a function with the attributes replaced, and return its result."""
        with self:
            return f(*args, **kw)

    def __enter__(self) -> MonkeyPatcher:
        self.patch()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.restore()
