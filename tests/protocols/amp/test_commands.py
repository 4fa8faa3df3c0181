"""A command's class says what it is named, takes, returns, and how it fails."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.protocols import amp


class Refused(Exception):
    """An error that a command lists."""


class Broken(Exception):
    """One after which the connection is closed."""


class Sum(amp.Command):
    arguments = [(b"a", amp.Integer()), (b"b", amp.Integer(optional=True))]
    response = [(b"total", amp.Integer())]
    errors = {Refused: b"REFUSED"}
    fatalErrors = {Broken: b"BROKEN"}


def test_name() -> None:
    """A command is named by its class, unless it says otherwise."""

    class Named(Sum):
        commandName = b"other"

    class Derived(Named):
        pass

    assert (Sum.commandName, Named.commandName, Derived.commandName) == (b"Sum", b"other", b"Derived")


def test_textWillDo() -> None:
    """The documents write names and codes as text; on the wire they are bytes (AM2)."""

    class Register(amp.Command):
        arguments = [("username", amp.Unicode()), ("publickey", amp.String())]
        response = [("uid", amp.Integer())]
        errors = {Refused: "username-unavailable"}

    assert Register.arguments[0][0] == b"username"
    assert Register.response[0][0] == b"uid"
    assert Register.reverseErrors == {b"username-unavailable": Refused}


@pytest.mark.parametrize(
    "namespace", [{"commandName": "text"}, {"arguments": [(5, amp.Integer())]}, {"errors": {Refused: 5}}]
)
def test_badClass(namespace: dict[str, Any]) -> None:
    """A class that can't be a command is refused where it is written."""
    with pytest.raises(TypeError, match="bytes"):
        type(amp.Command)("Bad", (amp.Command,), namespace)


def test_errorsAddUp() -> None:
    """A derived command has the errors of its base, and its own."""

    class More(Sum):
        errors = {KeyError: b"KEY"}

    assert More.errors == {Refused: b"REFUSED", KeyError: b"KEY"}
    assert More.allErrors == {Refused: b"REFUSED", KeyError: b"KEY", Broken: b"BROKEN"}
    assert More.reverseErrors == {b"REFUSED": Refused, b"KEY": KeyError, b"BROKEN": Broken}
    assert Sum.errors == {Refused: b"REFUSED"}


def test_thereAndBack() -> None:
    """Keywords go into a box and come out; what the other side added is ignored."""
    assert Sum.makeArguments({"a": 1}, None) == {b"a": b"1"}
    assert Sum.parseArguments(amp.Box(a=b"1", q=b"2"), None) == {"a": 1, "b": None}
    assert Sum.makeResponse({"total": 1, "more": 2}, None) == {b"total": b"1"}
    assert Sum.parseResponse(amp.Box(total=b"1"), None) == {"total": 1}


def test_wrongArguments() -> None:
    """A missing argument, and one that the command doesn't have, are named."""
    with pytest.raises(amp.InvalidSignature, match="without 'a'"):
        Sum(b=1)
    with pytest.raises(amp.InvalidSignature, match=r"no argument 'c': it takes \['a', 'b'\]"):
        Sum.makeArguments({"a": 1, "c": 2}, None)
    with pytest.raises(amp.InvalidSignature, match="no 'total'"):
        Sum.makeResponse({}, None)
    with pytest.raises(amp.MalformedAmpBox, match="no b'a'"):
        Sum.parseArguments(amp.Box(b=b"1"), None)


def test_ownArgumentsUseEveryHook() -> None:
    """A type that overrides any of the steps is asked at that step."""

    class Counted(amp.Integer):
        def retrieve(self, d: dict[Any, Any], name: Any, proto: Any) -> Any:
            return d.pop(name, b"7" if isinstance(name, bytes) else 7)

    class Whole(amp.Argument):
        def fromBox(self, name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any) -> None:
            objects["all"] = sorted(strings)

        def toBox(self, name: bytes, strings: dict[bytes, bytes], objects: dict[str, Any], proto: Any) -> None:
            strings[b"x"] = strings[b"y"] = b"1"

    class Odd(amp.Command):
        arguments = [(b"count", Counted(optional=True)), (b"whole", Whole(optional=True))]

    assert Odd.makeArguments({}, None) == {b"count": b"7", b"x": b"1", b"y": b"1"}
    assert Odd.parseArguments(amp.Box(x=b"1", y=b"1"), None) == {"count": 7, "all": [b"x", b"y"]}
