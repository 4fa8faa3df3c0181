"""Trees of named things."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.python import roots


def test_staticEntities() -> None:
    """What is put into a collection is there under its name, until it is deleted."""
    tree = roots.Collection({"a": 1})
    tree.putEntity("b", 2)
    assert tree.getEntity("b", None) == tree.getStaticEntity("b") == 2
    assert tree.listNames(None) == tree.listStaticNames() == ["a", "b"]
    assert tree.listEntities(None) == tree.listStaticEntities() == [("a", 1), ("b", 2)]
    tree.delEntity("a")
    assert tree.getEntity("a", None) is None
    with pytest.raises(KeyError):
        tree.delEntity("a")


def test_dynamicEntities() -> None:
    """A subclass finds entities for a request; what is static comes first, also when it is nothing."""

    class Echoes(roots.Collection):
        def getDynamicEntity(self, name: str, request: Any) -> Any:
            return (name, request)

        def listDynamicNames(self) -> list[str]:
            return ["any"]

        def listDynamicEntities(self, request: Any) -> list[tuple[str, Any]]:
            return [("any", request)]

    tree = Echoes({"mine": None})
    assert tree.getEntity("x", 5) == ("x", 5)
    assert tree.getEntity("mine", 5) is None
    assert tree.listNames(5) == ["mine", "any"]
    assert tree.listEntities(5) == [("mine", None), ("any", 5)]


def test_whatPlainCollectionsRefuse() -> None:
    """Requests store and remove nothing unless a subclass lets them; what is to be overridden says so."""
    for change in (roots.Collection().storeEntity, roots.Collection().removeEntity):
        with pytest.raises(roots.NotSupportedError, match="Collection"):
            change("a", None)
    with pytest.raises(NotImplementedError, match="Request has no write"):
        roots.Request().write(b"")
    with pytest.raises(NotImplementedError, match="Request has no finish"):
        roots.Request().finish()
    with pytest.raises(NotImplementedError, match="Entity has no render"):
        roots.Entity().render(None)


def test_constraints() -> None:
    """A constrained collection takes only names and entities that it likes."""

    class Even(roots.Constrained):
        def nameConstraint(self, name: str) -> bool:
            return name.islower()

        def entityConstraint(self, entity: Any) -> bool:
            return bool(entity % 2 == 0)

    tree = Even()
    tree.putEntity("a", 2)
    with pytest.raises(roots.ConstraintViolation, match="Even does not take the name 'A'"):
        tree.putEntity("A", 2)
    with pytest.raises(roots.ConstraintViolation, match="Even does not take 3"):
        tree.putEntity("b", 3)
    tree.reallyPutEntity("B", 3)
    assert tree.entities == {"a": 2, "B": 3}


def test_locked() -> None:
    """A locked collection takes nothing more."""
    tree = roots.Locked()
    tree.putEntity("a", 1)
    tree.lock()
    with pytest.raises(roots.ConstraintViolation):
        tree.putEntity("b", 2)
    assert tree.listStaticNames() == ["a"]


def test_oneType() -> None:
    """A homogenous collection takes one class and says which."""

    class Numbers(roots.Homogenous):
        entityType = int

    tree = Numbers()
    tree.putEntity("a", 1)
    with pytest.raises(roots.ConstraintViolation, match="'x' is not of the type int"):
        tree.putEntity("b", "x")
    assert (tree.getNameType(), tree.getEntityType()) == ("Name", "int")
