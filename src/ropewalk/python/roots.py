"""Trees of named things that a request walks along, some of which are made only when they are asked for.

A `Collection` holds entities by name, and its subclasses may find more of them for a request. A `Constrained`
collection is particular about what is put into it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

__all__ = [
    "Collection",
    "Constrained",
    "ConstraintViolation",
    "Entity",
    "Homogenous",
    "Locked",
    "NotSupportedError",
    "Request",
]


class NotSupportedError(NotImplementedError):
    """A collection cannot do this for requests."""


class ConstraintViolation(Exception):
    """A collection does not take this name, or this entity."""


class Request:
    """What walks along a tree: to be derived from for each protocol.

    Attributes:
        wireProtocol: the protocol's name.
    """

    wireProtocol: str | None = None

    def write(self, data: Any) -> None:
        """Send something to who asked."""
        _missing(self, "write")

    def finish(self) -> None:
        """Say that everything was sent."""
        _missing(self, "finish")


class Entity:
    """Something that a request can arrive at: to be derived from."""

    def render(self, request: Any) -> object:
        """Answer a request."""
        _missing(self, "render")


def _missing(subject: object, method: str) -> NoReturn:
    raise NotImplementedError(f"{type(subject).__name__} has no {method}")


class Collection:
    """Holds entities by name: static ones, which were put into it, and dynamic ones, which a subclass finds.

    Attributes:
        entities: the static ones.
    """

    def __init__(self, entities: dict[str, Any] | None = None) -> None:
        self.entities: dict[str, Any] = {} if entities is None else entities

    # -- Static entities ------------------------------------------------------------------------------------------

    def getStaticEntity(self, name: str) -> Any:
        """Return the entity that was put here under a name, or `None`."""
        return self.entities.get(name)

    def listStaticNames(self) -> list[str]:
        """Return the names of what was put here."""
        return list(self.entities)

    def listStaticEntities(self) -> list[tuple[str, Any]]:
        """Return pairs of name and entity of what was put here."""
        return list(self.entities.items())

    def putEntity(self, name: str, entity: Any) -> None:
        """Put an entity here under a name."""
        self.entities[name] = entity

    def delEntity(self, name: str) -> None:
        """Forget the entity that was put here under a name. Raises `KeyError` if there is none."""
        del self.entities[name]

    # -- Dynamic entities: for subclasses ---------------------------------------------------------------------------

    def getDynamicEntity(self, name: str, request: Any) -> Any:
        """Find an entity for a request; `None` if there is none. Called when nothing static has the name."""
        return None

    def listDynamicNames(self) -> list[str]:
        """Return the names that may lead to entities which are not static."""
        return []

    def listDynamicEntities(self, request: Any) -> list[tuple[str, Any]]:
        """Return pairs of name and entity of what is there for a request besides what is static."""
        return []

    def storeEntity(self, name: str, request: Any) -> None:
        """Store what a request brings under a name. Raises `NotSupportedError` unless a subclass can."""
        raise NotSupportedError(f"{type(self).__name__} stores nothing that requests bring")

    def removeEntity(self, name: str, request: Any) -> None:
        """Remove what has a name, for a request. Raises `NotSupportedError` unless a subclass can."""
        raise NotSupportedError(f"{type(self).__name__} removes nothing for requests")

    # -- Both -------------------------------------------------------------------------------------------------------

    def getEntity(self, name: str, request: Any) -> Any:
        """Return the entity with a name, static before dynamic, or `None`."""
        if name in self.entities:
            return self.entities[name]
        return self.getDynamicEntity(name, request)

    def listNames(self, request: Any) -> list[str]:
        """Return all names."""
        return self.listStaticNames() + self.listDynamicNames()

    def listEntities(self, request: Any) -> list[tuple[str, Any]]:
        """Return pairs of name and entity of everything that is there for a request."""
        return self.listStaticEntities() + self.listDynamicEntities(request)


class Constrained(Collection):
    """A collection that looks at what is put into it: override `nameConstraint` or `entityConstraint`."""

    def nameConstraint(self, name: str) -> bool | int:
        """Whether the name is acceptable. May raise `ConstraintViolation` to say why not."""
        return True

    def entityConstraint(self, entity: Any) -> bool | int:
        """Whether the entity is acceptable. May raise `ConstraintViolation` to say why not."""
        return True

    def reallyPutEntity(self, name: str, entity: Any) -> None:
        """Put an entity here without looking at it."""
        super().putEntity(name, entity)

    def putEntity(self, name: str, entity: Any) -> None:
        """Put an entity here under a name.

        Raises:
            ConstraintViolation: the name or the entity is not acceptable.
        """
        if not self.nameConstraint(name):
            raise ConstraintViolation(f"{type(self).__name__} does not take the name {name!r}")
        if not self.entityConstraint(entity):
            raise ConstraintViolation(f"{type(self).__name__} does not take {entity!r} (for the name {name!r})")
        self.reallyPutEntity(name, entity)


class Locked(Constrained):
    """A collection that takes nothing any more once it is locked.

    Attributes:
        locked: whether it is.
    """

    locked: bool | int = False

    def lock(self) -> None:
        """Take nothing from now on."""
        self.locked = True

    def entityConstraint(self, entity: Any) -> bool:
        """Whether it isn't locked."""
        return not self.locked


class Homogenous(Constrained):
    """A collection of entities of one class.

    Attributes:
        entityType: the class; of a subclass.
    """

    entityType: type = object

    def entityConstraint(self, entity: Any) -> bool:
        """Whether the entity is of the class. Raises `ConstraintViolation` if not."""
        if not isinstance(entity, self.entityType):
            raise ConstraintViolation(f"{entity!r} is not of the type {self.entityType.__qualname__}")
        return True

    def getNameType(self) -> str:
        """Return what its names are called, for people."""
        return "Name"

    def getEntityType(self) -> str:
        """Return what its entities are called, for people: the class's name."""
        return self.entityType.__name__
