"""Warnings of what will go away, at the line that uses it."""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from ropewalk.python import deprecate
from ropewalk.python.versions import Version

VERSION = Version("Product", 1, 2, 3)

Warned = list[warnings.WarningMessage]


@pytest.fixture
def warned() -> Iterator[Warned]:
    """What is warned of during the test."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def texts(warned: Warned) -> list[str]:
    """The texts; each is a DeprecationWarning that points at this file."""
    assert {(each.category, each.filename) for each in warned} <= {(DeprecationWarning, __file__)}
    return [str(each.message) for each in warned]


@deprecate.deprecated(VERSION)
def old(a: int) -> int:
    """Return the argument."""
    return a


@deprecate.deprecated(VERSION, "product.fresh")
def older() -> None:
    """Do nothing.

    For a long time.
    """


@deprecate.deprecated(VERSION, old)
def oldest() -> None:
    pass


class Product:
    @deprecate.deprecated(VERSION)
    def method(self) -> str:
        return "method"

    @deprecate.deprecatedProperty(VERSION, "colour")
    def color(self) -> str:
        """The color."""
        return self.kept

    @color.setter
    def color(self, value: str) -> None:
        self.kept = value

    @deprecate.deprecatedKeywordParameter(VERSION, "size", "length")
    def make(self, name: str, size: int | None = None) -> tuple[str, int | None]:
        """Make it."""
        return name, size


def test_functionsAndMethods(warned: Warned) -> None:
    """Each call warns with the full name, the version and the replacement, and works."""
    assert old(5) == 5
    older()
    oldest()
    assert Product().method() == "method"
    here = __name__
    assert texts(warned) == [
        f"{here}.old was deprecated in Product 1.2.3",
        f"{here}.older was deprecated in Product 1.2.3; please use product.fresh instead",
        f"{here}.oldest was deprecated in Product 1.2.3; please use {here}.old instead",
        f"{here}.Product.method was deprecated in Product 1.2.3",
    ]


def test_docstringsSaySo() -> None:
    """A paragraph is added to the docstring, and the version to the function."""
    assert old.__doc__ == "Return the argument.\n\nDeprecated in Product 1.2.3.\n"
    assert older.__doc__ == (
        "Do nothing.\n\nFor a long time.\n\nDeprecated in Product 1.2.3; please use product.fresh instead.\n"
    )
    assert oldest.__doc__ == f"Deprecated in Product 1.2.3; please use {__name__}.old instead."
    function: Any = old
    assert function.deprecatedVersion is VERSION
    assert old.__name__ == "old"


def test_properties(warned: Warned) -> None:
    """Reading and setting warn."""
    product = Product()
    product.color = "red"
    assert product.color == "red"
    text = f"{__name__}.Product.color was deprecated in Product 1.2.3; please use colour instead"
    assert texts(warned) == [text, text]
    assert Product.color.__doc__ is not None
    assert "please use colour instead" in Product.color.__doc__


def test_parameters(warned: Warned) -> None:
    """Giving the parameter warns, by name and by place; leaving it out does not."""
    product = Product()
    assert product.make("a") == ("a", None)
    assert product.make("a", 1) == ("a", 1)
    assert product.make(name="a", size=2) == ("a", 2)
    text = f"The 'size' parameter to {__name__}.Product.make was deprecated in Product 1.2.3; please use length instead"
    assert texts(warned) == [text, text]
    assert Product.make.__doc__ is not None
    assert "'size' parameter was deprecated" in Product.make.__doc__


def test_moduleAttributes(warned: Warned, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking the attribute warns, however it is taken; others don't; the module stays the same object."""
    module: Any = types.ModuleType("productmodule")
    module.past, module.present = 1, 2
    monkeypatch.setitem(sys.modules, "productmodule", module)
    deprecate.deprecatedModuleAttribute(VERSION, "Use present.", "productmodule", "past")
    deprecate.deprecatedModuleAttribute(VERSION, "Never was.", "productmodule", "nothing")
    import productmodule
    from productmodule import past

    assert productmodule is module
    assert (past, productmodule.past, productmodule.present) == (1, 1, 2)
    text = "productmodule.past was deprecated in Product 1.2.3: Use present."
    assert texts(warned) == [text, text]
    with pytest.raises(AttributeError):
        assert module.nothing
    with pytest.raises(KeyError):
        deprecate.deprecatedModuleAttribute(VERSION, "", "nosuchmodule", "past")


def test_warnAboutAFunction(warned: Warned) -> None:
    """The warning points at the function itself, not at who calls it."""

    def offender() -> None:
        pass

    deprecate.warnAboutFunction(offender, "it offends")
    [warning] = warned
    assert str(warning.message) == "it offends"
    assert (warning.filename, warning.lineno) == (__file__, offender.__code__.co_firstlineno + 1)


def test_theTextAlone() -> None:
    """The sentence can be had without warning, in another form too."""
    assert deprecate.getDeprecationWarningString(sys, VERSION) == "sys was deprecated in Product 1.2.3"  # type: ignore[arg-type]  # modules have names as well
    assert deprecate.getDeprecationWarningString(len, VERSION, "%(fqpn)s, %(version)s") == "len, Product 1.2.3"


def test_theWarningMethodCanBeReplaced() -> None:
    """`setWarningMethod` takes what is called instead of `warnings.warn`."""
    calls: list[Any] = []
    before = deprecate.getWarningMethod()
    deprecate.setWarningMethod(lambda *args, **kw: calls.append((args, kw)))
    try:
        old(1)
    finally:
        deprecate.setWarningMethod(before)
    [((text, category), options)] = calls
    assert (category, options) == (DeprecationWarning, {"stacklevel": 2})
    assert text.endswith("was deprecated in Product 1.2.3")
