"""Objects that are referred to before they can be made: what readers of object graphs put in their place."""

from __future__ import annotations

from typing import Any

__all__ = ["NotKnown"]


class NotKnown:
    """Stands in containers for an object that isn't made yet; `resolveDependants` puts the object there.

    A tuple that contains itself, by way of a list say, can be made only when the list is there, which contains it.

    Attributes:
        resolvedObject: the object, once there is one.
        resolved: whether there is.
        dependants: where it stands: containers with the index or key.
    """

    resolvedObject: Any = None

    def __init__(self) -> None:
        self.resolved = False
        self.dependants: list[tuple[Any, Any]] = []

    def addDependant(self, mutableObject: Any, key: Any) -> None:
        """Say where this stands.

        Args:
            mutableObject: takes the object by ``mutableObject[key] = object``.
            key: an index, or a key.

        Raises:
            AssertionError: the object is there already: use `resolvedObject`.
        """
        if self.resolved:
            raise AssertionError(f"{self!r} is known: put its resolvedObject there")
        self.dependants.append((mutableObject, key))

    def resolveDependants(self, newObject: Any) -> None:
        """Put the object wherever this stands."""
        self.resolved = True
        self.resolvedObject = newObject
        for container, key in self.dependants:
            container[key] = newObject

    def __hash__(self) -> int:
        """Refuse: what depends on the hash would be wrong once the object is there.

        Raises:
            AssertionError: always.
        """
        raise AssertionError("an object that isn't there yet can't be a key, or a member of a set")
