"""Tell users of a function, class, property, parameter or module attribute that it will go away.

Every warning is a `DeprecationWarning` that points at the caller's line, and names the version since which.
"""

from __future__ import annotations

import functools
import sys
import types
import warnings
from collections.abc import Callable

from .reflect import fullyQualifiedName
from .versions import getVersionString

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ParamSpec, TypeVar

    from .versions import Version

    P = ParamSpec("P")
    R = TypeVar("R")
    F = TypeVar("F", bound=Callable[..., Any])
    # What is to be used instead: an object, or its name in text.
    Replacement = str | Callable[..., object] | None

__all__ = [
    "DEPRECATION_WARNING_FORMAT",
    "deprecated",
    "deprecatedKeywordParameter",
    "deprecatedModuleAttribute",
    "deprecatedProperty",
    "getDeprecationWarningString",
    "getWarningMethod",
    "setWarningMethod",
    "warnAboutFunction",
]

# What a warning says of the thing's full name and the version.
DEPRECATION_WARNING_FORMAT = "%(fqpn)s was deprecated in %(version)s"

# Called as `warnings.warn` is: with the text, the category and ``stacklevel``.
_warn: Callable[..., None] = warnings.warn


def getWarningMethod() -> Callable[..., None]:
    """Return what is called to give a warning; `warnings.warn` unless it was changed."""
    return _warn


def setWarningMethod(newMethod: Callable[..., None]) -> None:
    """Give warnings by calling this, with the arguments of `warnings.warn`."""
    global _warn
    _warn = newMethod


def getDeprecationWarningString(
    callableThing: Callable[..., object], version: Version, format: str | None = None, replacement: Replacement = None
) -> str:
    """Return the text that warns of something's use.

    Args:
        format: has ``%(fqpn)s`` and ``%(version)s`` in it; `DEPRECATION_WARNING_FORMAT` when not given.
        replacement: what to use instead.
    """
    return _text(fullyQualifiedName(callableThing), version, format, replacement)


def _text(name: str, version: Version, format: str | None, replacement: Replacement) -> str:
    text = (format or DEPRECATION_WARNING_FORMAT) % {"fqpn": name, "version": getVersionString(version)}
    return text + _instead(replacement)


def _instead(replacement: Replacement) -> str:
    if replacement is None:
        return ""
    name = replacement if isinstance(replacement, str) else fullyQualifiedName(replacement)
    return f"; please use {name} instead"


def deprecated(version: Version, replacement: Replacement = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a function, method or class so that each call of it warns. A class becomes a function that makes it.

    The docstring says so too, and the attribute ``deprecatedVersion`` holds the version.

    Args:
        version: the release from which on it is deprecated.
        replacement: what to use instead.
    """

    def decorate(thing: Callable[P, R]) -> Callable[P, R]:
        text = getDeprecationWarningString(thing, version, None, replacement)

        @functools.wraps(thing)
        def warning(*args: P.args, **kw: P.kwargs) -> R:
            _warn(text, DeprecationWarning, stacklevel=2)
            return thing(*args, **kw)

        _document(warning, f"Deprecated in {getVersionString(version)}{_instead(replacement)}.")
        warning.deprecatedVersion = version  # type: ignore[attr-defined]  # documented to be there
        return warning

    return decorate


def deprecatedProperty(version: Version, replacement: Replacement = None) -> Callable[[Callable[..., Any]], Any]:
    """Decorate a method so that it becomes a property that warns when it is read, set or deleted."""

    def decorate(getter: Callable[..., Any]) -> _WarningProperty:
        found = _WarningProperty(getter)
        found.text = getDeprecationWarningString(getter, version, None, replacement)
        _document(found, f"Deprecated in {getVersionString(version)}{_instead(replacement)}.")
        return found

    return decorate


class _WarningProperty(property):
    """A property that warns of its use."""

    text = ""

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is not None:
            _warn(self.text, DeprecationWarning, stacklevel=2)
        return super().__get__(instance, owner)

    def __set__(self, instance: Any, value: Any) -> None:
        _warn(self.text, DeprecationWarning, stacklevel=2)
        super().__set__(instance, value)

    def __delete__(self, instance: Any) -> None:
        _warn(self.text, DeprecationWarning, stacklevel=2)
        super().__delete__(instance)

    # `property` makes a new one for each accessor; what ours says must go with it.

    def setter(self, fset: Callable[[Any, Any], None]) -> _WarningProperty:
        return self._with(super().setter(fset))

    def deleter(self, fdel: Callable[[Any], None]) -> _WarningProperty:
        return self._with(super().deleter(fdel))

    def _with(self, other: property) -> _WarningProperty:
        assert isinstance(other, _WarningProperty)
        other.text = self.text
        other.__doc__ = self.__doc__
        return other


def deprecatedKeywordParameter(version: Version, name: str, replacement: str | None = None) -> Callable[[F], F]:
    """Decorate a function so that a call that gives one of its parameters, by keyword or by position, warns.

    Args:
        name: the parameter.
        replacement: the parameter to use instead.
    """

    def decorate(function: F) -> F:
        since = f"deprecated in {getVersionString(version)}{_instead(replacement)}"
        text = f"The {name!r} parameter to {fullyQualifiedName(function)} was {since}"
        code = function.__code__
        positional = code.co_varnames[: code.co_argcount]
        position = positional.index(name) if name in positional else sys.maxsize

        @functools.wraps(function)
        def warning(*args: Any, **kw: Any) -> Any:
            if name in kw or len(args) > position:
                _warn(text, DeprecationWarning, stacklevel=2)
            return function(*args, **kw)

        _document(warning, f"The {name!r} parameter was {since}.")
        return warning  # type: ignore[return-value]  # called as the function is

    return decorate


def _document(thing: Any, sentence: str) -> None:
    """Add a sentence to a docstring, as a paragraph of its own."""
    doc = thing.__doc__
    if not doc:
        thing.__doc__ = sentence
        return
    # The first line has no indentation to take off, the others share theirs.
    first, _, rest = doc.expandtabs().rstrip().partition("\n")
    lines = rest.split("\n") if rest else []
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    dedented = [first.strip(), *(line[indent:].rstrip() for line in lines)]
    thing.__doc__ = "\n".join(dedented) + f"\n\n{sentence}\n"


def deprecatedModuleAttribute(version: Version, message: str, moduleName: str, name: str) -> None:
    """Warn whoever takes an attribute from a module, by ``module.name`` or by ``from module import name``.

    The module's own code uses its globals without a warning.

    Args:
        message: what to do instead; a sentence.
        moduleName: a module that is imported already, such as the caller's ``__name__``.

    Raises:
        KeyError: it is not.
    """
    module = sys.modules[moduleName]
    if not isinstance(module, _WarningModule):
        kind = type(module)
        # The module stays the same object; only how its attributes are read changes.
        module.__class__ = (
            _WarningModule if kind is types.ModuleType else type(kind.__name__, (_WarningModule, kind), {})
        )
    warnings = module.__dict__.setdefault(_WARNINGS, {})
    warnings[name] = f"{moduleName}.{name} was deprecated in {getVersionString(version)}: {message}"


# Where a module keeps its warnings, by attribute.
_WARNINGS = "__deprecatedAttributes__"


class _WarningModule(types.ModuleType):
    """A module that warns when certain attributes are taken from it."""

    def __getattribute__(self, name: str) -> Any:
        text = super().__getattribute__("__dict__").get(_WARNINGS, {}).get(name)
        if text is not None:
            _warn(text, DeprecationWarning, stacklevel=2)
        return super().__getattribute__(name)


def warnAboutFunction(offender: Callable[..., object], warningString: str) -> None:
    """Give a `DeprecationWarning` that points at the last line of a function, not at its caller.

    For functions that are at fault themselves, such as one that was handed in and behaves in a way that is deprecated.
    """
    function: Any = offender  # a function or method: an object with code
    code = function.__code__
    module = sys.modules[function.__module__]
    warnings.warn_explicit(
        warningString,
        category=DeprecationWarning,
        filename=getattr(module, "__file__", None) or code.co_filename,
        lineno=max(line for _, _, line in code.co_lines() if line is not None),
        module=module.__name__,
        registry=function.__globals__.setdefault("__warningregistry__", {}),
        module_globals=None,
    )
