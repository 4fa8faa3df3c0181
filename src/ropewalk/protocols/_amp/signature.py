"""What a command takes or returns: the base of all types, and the way from keywords to a box and back.

A list of names and types is read once, into *steps*: for each its key, its keyword, and the plain function that does
the work when the type has nothing but ``fromString`` and ``toString``. That saves three calls for each argument of each
command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from keyword import kwlist
from typing import Any

from zope.interface import implementer

from .box import AmpBox
from .errors import InvalidSignature, MalformedAmpBox
from .interfaces import IArgumentType

__all__ = ["PYTHON_KEYWORDS", "Argument", "Step", "pythonName", "read", "steps", "wireName", "write"]

# Which keys are written with a capital: the words that no parameter could have as its name when this rule was made.
# Later ones (``async`` say) are not among them, and ``print`` and ``exec`` are: a change would rename the parameters of
# programs. Name the key something else, or take ``**kw``.
PYTHON_KEYWORDS = sorted(
    {*kwlist, "exec", "print"} - {"False", "None", "True", "as", "async", "await", "nonlocal", "with"}
)


@implementer(IArgumentType)
class Argument:
    """The base of all types.

    Args:
        optional: whether it may be left out. A responder is then given `None`, and a caller may pass that.
    """

    optional: bool = False

    def __init__(self, optional: bool = False) -> None:
        self.optional = optional

    def retrieve(self, d: dict[Any, Any], name: Any, proto: Any) -> Any:
        """Take what has this name out of a box, or out of what a program gave.

        Returns:
            What it is; `None` if it isn't there and may be left out.

        Raises:
            KeyError: it isn't there, and is needed.
        """
        return d.pop(name, None) if self.optional else d.pop(name)

    def fromBox(self, name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any) -> None:
        """Take the argument out of a box; see `IArgumentType`."""
        string = self.retrieve(strings, name, proto)
        objects[pythonName(name)] = None if string is None else self.fromStringProto(string, proto)

    def toBox(self, name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any) -> None:
        """Put the argument into a box; see `IArgumentType`."""
        value = self.retrieve(objects, pythonName(name), proto)
        if value is not None or not self.optional:
            strings[name] = self.toStringProto(value, proto)

    def fromStringProto(self, inString: bytes, proto: Any) -> Any:
        """Return what a string means, to a protocol that has received it."""
        return self.fromString(inString)

    def toStringProto(self, inObject: Any, proto: Any) -> bytes:
        """Return the string for a value that a protocol is to send."""
        return self.toString(inObject)

    def fromString(self, inString: bytes) -> Any:
        """Override to return what a string means."""
        raise NotImplementedError(f"{type(self).__name__} has to override fromString, fromStringProto or fromBox")

    def toString(self, inObject: Any) -> bytes:
        """Override to return the string for a value."""
        raise NotImplementedError(f"{type(self).__name__} has to override toString, toStringProto or toBox")


# Key, keyword, whether it may be left out, `fromString`, `toString`, the argument. Where there is no function, the
# argument's own `fromBox` or `toBox` has to do it.
Step = tuple[bytes, str, bool, Callable[[bytes], Any] | None, Callable[[Any], bytes] | None, Any]


def steps(signature: Iterable[tuple[bytes | str, Any]]) -> list[Step]:
    """Read a list of names and types."""
    return [_step(wireName(name), argument) for name, argument in signature]


def _step(key: bytes, argument: Any) -> Step:
    """Return how one argument is read and written."""
    kind = type(argument)
    # Only where every method on the way is the plain one is the way known.
    isPlain = isinstance(argument, Argument) and kind.retrieve is Argument.retrieve
    reads = isPlain and kind.fromBox is Argument.fromBox and kind.fromStringProto is Argument.fromStringProto
    writes = isPlain and kind.toBox is Argument.toBox and kind.toStringProto is Argument.toStringProto
    return (
        key,
        pythonName(key),
        getattr(argument, "optional", True),
        argument.fromString if reads else None,
        argument.toString if writes else None,
        argument,
    )


def read(steps: Iterable[Step], box: AmpBox, proto: Any) -> dict[str, Any]:
    """Return what is in a box, as keywords."""
    objects: dict[str, Any] = {}
    strings: AmpBox | None = None
    for key, name, optional, fromString, _, argument in steps:
        if fromString is not None:
            string = box.get(key)
            if string is not None:
                objects[name] = fromString(string)
                continue
            if optional:
                objects[name] = None
                continue
        elif optional or key in box:
            strings = box.copy() if strings is None else strings
            argument.fromBox(key, strings, objects, proto)
            continue
        raise MalformedAmpBox(f"the box has no {key!r}")
    return objects


def write(steps: Iterable[Step], objects: dict[str, Any], box: AmpBox, proto: Any) -> AmpBox:
    """Put keywords into a box, and return it."""
    left: dict[str, Any] | None = None
    for key, name, optional, _, toString, argument in steps:
        if toString is not None:
            value = objects.get(name)
            if value is not None:
                box[key] = toString(value)
                continue
            if optional:
                continue
            if name in objects:
                box[key] = toString(value)
                continue
        elif optional or name in objects:
            left = dict(objects) if left is None else left
            argument.toBox(key, box, left, proto)
            continue
        raise InvalidSignature(f"there is no {name!r} among {list(objects)}")
    return box


def pythonName(key: bytes) -> str:
    """Return the name of the parameter that has a key's value."""
    name = key.decode("ascii").replace("-", "_")
    return name.title() if name in PYTHON_KEYWORDS else name


def wireName(name: object) -> bytes:
    """Return a key, or a code, as bytes. Text will do, as the documents have it, when it is ASCII."""
    if isinstance(name, str):
        return name.encode("ascii")
    if isinstance(name, bytes):
        return name
    raise TypeError(f"names are bytes, or text in ASCII, not {name!r}")
