"""Symbolic constants, as the documents' sessions show them."""

from __future__ import annotations

import pytest

from ropewalk.python.constants import FlagConstant, Flags, NamedConstant, Names, ValueConstant, Values


class METHOD(Names):  # type: ignore[misc]  # constantly has no types
    """Requests may have these methods."""

    GET = NamedConstant()
    PUT = NamedConstant()

    @classmethod
    def isIdempotent(cls, method: object) -> bool:
        return method is cls.GET


class STATUS(Values):  # type: ignore[misc]  # constantly has no types
    OK = ValueConstant("200")
    FOUND = ValueConstant("302")
    MOVED = ValueConstant("302")


class Permission(Flags):  # type: ignore[misc]  # constantly has no types
    USER_WRITE = FlagConstant()
    USER_READ = FlagConstant()
    GROUP_READ = FlagConstant(64)


def test_namesHaveAnOrderAndARepr() -> None:
    """CN1-CN5: constants are compared, iterated over, and found by name."""
    assert repr(METHOD.GET) == "<METHOD=GET>"
    assert METHOD.lookupByName("PUT") is METHOD.PUT
    assert list(METHOD.iterconstants()) == [METHOD.GET, METHOD.PUT]
    assert METHOD.GET < METHOD.PUT
    assert METHOD.isIdempotent(METHOD.GET)
    with pytest.raises(ValueError, match="__doc__"):
        METHOD.lookupByName("__doc__")


def test_valuesAreFound() -> None:
    """CN6: the first of those that share a value."""
    assert STATUS.OK.value == "200"
    assert STATUS.lookupByValue("302") is STATUS.FOUND
    with pytest.raises(ValueError, match="500"):
        STATUS.lookupByValue("500")


def test_flagsCombine() -> None:
    """CN7-CN10: powers of two, operators, iteration by name, an empty set that is false."""
    both = Permission.USER_READ | Permission.USER_WRITE
    assert (Permission.USER_WRITE.value, Permission.USER_READ.value) == (1, 2)
    assert repr(both) == "<Permission={USER_READ,USER_WRITE}>"
    assert list(both) == [Permission.USER_READ, Permission.USER_WRITE]
    assert [flag.name for flag in both | Permission.GROUP_READ] == ["GROUP_READ", "USER_READ", "USER_WRITE"]
    assert [flag.name for flag in ~Permission.GROUP_READ] == ["USER_READ", "USER_WRITE"]
    assert repr(both & Permission.USER_WRITE) == "<Permission=USER_WRITE>"
    assert repr(both ^ both) == "<Permission={}>"
    assert not both ^ both
    assert Permission.USER_READ in both
    assert (~Permission.USER_WRITE).value == 66
