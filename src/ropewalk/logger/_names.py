"""Named constants that cost nothing to import.

`LogLevel` and `PredicateResult` are documented as containers of the ``constantly`` library. That library is three
quarters of the import time of a small server (it loads ``json`` and ``re`` to find its own version), so the part of
its behaviour that log levels need stands here: constants with a name, ordered as they are written, one of a kind.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Constant", "Names"]


class Constant:
    """One named value. Two of the same container compare in the order in which they were written."""

    __slots__ = ("__weakref__", "_container", "_rank", "name")

    # Both are set by `NamesType` as soon as the container's body has run, and never again.
    name: str
    _container: type

    def __init__(self) -> None:
        self._rank = 0

    def __repr__(self) -> str:
        return f"<{self._container.__name__}={self.name}>"

    def __reduce__(self) -> tuple[object, ...]:
        # Copies and pickles of a constant are the constant: others compare with ``is``.
        return (getattr, (self._container, self.name))

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Constant) or other._container is not self._container:
            return NotImplemented
        return self._rank < other._rank

    def __le__(self, other: object) -> bool:
        return self is other or self.__lt__(other)

    def __gt__(self, other: object) -> bool:
        if not isinstance(other, Constant) or other._container is not self._container:
            return NotImplemented
        return self._rank > other._rank

    def __ge__(self, other: object) -> bool:
        return self is other or self.__gt__(other)


class NamesType(type):
    """Gives each constant of a container its name and rank, and keeps containers from being instantiated."""

    _constants: tuple[Constant, ...]

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, object]) -> None:
        super().__init__(name, bases, namespace)
        found: list[Constant] = []
        for key, value in namespace.items():
            if isinstance(value, Constant):
                value.name, value._container, value._rank = key, cls, len(found)
                found.append(value)
        cls._constants = tuple(found)

    def __call__(cls, *args: object, **kwargs: object) -> Constant:
        raise TypeError(f"{cls.__name__} may not be instantiated: use its constants, such as {cls._constants[:1]!r}")


class Names(metaclass=NamesType):
    """A container of constants: subclass it and write ``name = Constant()`` for each."""

    @classmethod
    def iterconstants(cls) -> Iterator[Constant]:
        """Iterate over the constants in the order in which they are written."""
        return iter(cls._constants)

    @classmethod
    def lookupByName(cls, name: str) -> Constant:
        """Return the constant of that name.

        Raises:
            ValueError: there is none.
        """
        for constant in cls._constants:
            if constant.name == name:
                return constant
        raise ValueError(name)
