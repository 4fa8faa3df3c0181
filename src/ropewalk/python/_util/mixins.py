"""What an object is equal to and looks like, said by names of its attributes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar


class FancyEqMixin:
    """Objects of one class are equal when certain attributes are.

    Attributes:
        compareAttributes: their names. Without any, an object equals only itself.
    """

    compareAttributes: ClassVar[Sequence[str]] = ()

    def __eq__(self, other: object) -> bool:
        if not self.compareAttributes:
            return self is other
        if not isinstance(self, type(other)):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.compareAttributes)


class FancyStrMixin:
    """Shows an object as ``<Class attribute=value ...>``.

    Attributes:
        showAttributes: what is shown: names of attributes; pairs of a name and a function that makes text of the
            value; or triples of a name, what it is called, and a ``%`` format of the value.
    """

    showAttributes: Sequence[str | tuple[str, str, str] | tuple[str, Callable[[Any], str]]] = ()

    def __str__(self) -> str:
        words = [getattr(self, "fancybasename", type(self).__name__)]
        for shown in self.showAttributes:
            if isinstance(shown, str):
                words.append(f"{shown}={getattr(self, shown)!r}")
            elif len(shown) == 2:
                name, show = shown
                words.append(f"{name}={show(getattr(self, name))}")
            else:
                name, label, template = shown
                words.append(f"{label}={template % (getattr(self, name),)}")
        return f"<{' '.join(words)}>"

    __repr__ = __str__
