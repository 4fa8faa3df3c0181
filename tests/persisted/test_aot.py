"""`ropewalk.persisted.aot` and `crefutil`: objects as source, and back."""

from __future__ import annotations

import datetime
import enum
import io
import math
import os
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.persisted import aot
from ropewalk.persisted.crefutil import NotKnown


def named(thing: object) -> str:
    """A test's name: the same in every process."""
    return re.sub(" at 0x[0-9a-f]+", "", repr(thing))


class Plain:
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)

    def method(self) -> str:
        return "called"


class WithState:
    state: Any = None

    def __getstate__(self) -> Any:
        return self.state

    def __setstate__(self, state: Any) -> None:
        self.state = state


class Slotted:
    __slots__ = ("a",)


class Row(tuple[int, ...]):
    pass


class Rows(list[int]):
    pass


class Colour(enum.Enum):
    RED = 1


def function() -> None: ...


def there(thing: Any) -> Any:
    """The same thing, by way of source."""
    source = aot.jellyToSource(thing)
    assert source is not None
    return aot.unjellyFromSource(source)


class TestSource:
    def test_isForPeople(self) -> None:
        """An object is its class's name and its attributes, a line each."""
        assert aot.jellyToSource(Plain(port=79, users=["moshez"])) == (
            f"app=Instance('{__name__}.Plain',\n  port=79,\n  users=[\n    'moshez',\n    ],)"
        )

    def test_bracketsInTextsAreNotIndented(self) -> None:
        """Only the brackets of the source count, not those in strings."""
        assert aot.jellyToSource(["([{", "'\"(", b"(", 1]) == ("app=[\n  '([{',\n  '\\'\"(',\n  b'(',\n  1,\n  ]")

    def test_attributesThatAreNoNames(self) -> None:
        """Attributes that can't be keyword arguments are written as a dictionary, and come back."""
        one = Plain(**{"a b": 1, "class": 2})
        assert "'a b':1" in str(aot.jellyToSource(one))
        assert there(one).__dict__ == {"a b": 1, "class": 2}
        # Names that Instance has itself; letters that Python's source takes for others.
        for name in ("self", "className", "__stateObj__", "\ufb01le"):
            one = Plain()
            one.__dict__[name] = 1
            assert there(one).__dict__ == {name: 1}
        with pytest.raises(aot.NonFormattableDict, match="'class'"):
            aot.dictToKW({"class": 1})
        with pytest.raises(aot.NonFormattableDict):
            aot.dictToKW({1: 1})

    def test_files(self) -> None:
        """Source is written to a file as bytes, and read from one of either kind."""
        file = io.BytesIO()
        assert aot.jellyToSource(["ü"], file) is None
        assert file.getvalue() == "app=[\n  'ü',\n  ]".encode()
        file.seek(0)
        assert aot.unjellyFromSource(file) == ["ü"]
        assert aot.unjellyFromSource(io.StringIO("app=[1]")) == [1]

    def test_withoutApp(self) -> None:
        """Source that doesn't say what ``app`` is, is refused."""
        with pytest.raises(ValueError, match="app="):
            aot.unjellyFromSource("ap=[1]")


class TestRoundTrips:
    @pytest.mark.parametrize(
        "thing",
        [
            None,
            True,
            -3,
            1.5,
            1j,
            math.inf,
            "a'b\"\n",
            b"\xff",
            ...,
            [],
            [1, [2]],
            (1, (2,)),
            (),
            {"a": 1, (1, 2): [3]},
            {1, 2},
            frozenset([1]),
            bytearray(b"x"),
            range(1, 9, 2),
            datetime.date(2020, 1, 2),
            Row((1, 2)),
            Colour.RED,
            os.path,
            Plain,
            len,
            function,
        ],
        ids=named,
    )
    def test_values(self, thing: Any) -> None:
        """Values, collections, and what has a name come back the same."""
        back = there(thing)
        assert back == thing
        assert type(back) is type(thing)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
        )
    )
    def test_anything(self, thing: Any) -> None:
        """Whatever is made of plain values comes back."""
        assert there(thing) == thing

    def test_states(self) -> None:
        """Objects that say what their state is are given it back, none included."""
        for state in ([1, 2], {"a b": 1}, "text", None):
            one = WithState()
            one.state = state
            assert there(one).state == state

    def test_whatIsSharedStaysShared(self) -> None:
        """One object in two places is one object again, and equal ones stay two."""
        shared: list[int] = []
        first, second, third = there([shared, shared, []])
        assert first is second
        assert first is not third

    def test_circles(self) -> None:
        """Objects that contain themselves come back that way: by lists, dictionaries, tuples, attributes, methods."""
        loop: list[Any] = []
        loop.append(loop)
        back = there(loop)
        assert back[0] is back

        pair: tuple[Any, ...] = ([], {})
        pair[0].append((pair, 1))
        pair[1]["list"] = pair[0]
        back = there(pair)
        assert back[0][0][0] is back
        assert back[1]["list"] is back[0]

        one = Plain()
        one.__dict__.update(me=one, method=one.method, pair=(one.method, (one,)))
        back = there(one)
        assert back.me is back
        assert back.method.__self__ is back
        assert back.pair[0].__self__ is back
        assert back.pair[1] == (back,)

    @pytest.mark.parametrize(
        "thing", [lambda: None, Rows([1]), Slotted(), type("Local", (), {})()], ids=lambda thing: type(thing).__name__
    )
    def test_whatCannotBeWrittenIsRefused(self, thing: Any) -> None:
        """Nothing is written that couldn't be read."""
        if isinstance(thing, Slotted):
            thing.a = 1  # type: ignore[attr-defined]  # its slots say it
        with pytest.raises(TypeError, match="can't be written"):
            aot.jellyToSource([thing])


class TestUnjellying:
    def test_referencesThatLeadNowhere(self) -> None:
        """They are an error that names them."""
        with pytest.raises(ValueError, match=r"\[3\]"):
            aot.unjellyFromSource("app=[Deref(3)]")

    def test_referencesForward(self) -> None:
        """A reference may stand before what it refers to."""
        first, second, pair = aot.unjellyFromSource("app=[Deref(1), Ref(1, []), (Deref(2), Ref(2, {}))]")
        assert first is second
        assert pair[0] is pair[1]

    def test_whatIsNoNode(self) -> None:
        """Things that aren't nodes are refused both ways."""
        with pytest.raises(TypeError, match="no node"):
            aot.unjellyFromAOT(object())
        with pytest.raises(TypeError, match="no node"):
            aot.prettify(object())

    def test_later(self) -> None:
        """unjellyLater and callAfter tell when an object is there."""
        unjellier = aot.AOTUnjellier()
        seen: list[Any] = []
        unjellier.unjellyLater(aot.Deref(1)).addCallback(seen.append)
        unjellier.callAfter(seen.append, "after")
        assert seen == []
        made = unjellier.unjelly(aot.Ref(1, []))
        assert seen[0] is made
        assert seen[1] == "after"

    def test_references(self) -> None:
        """A Ref gets one number and one object."""
        ref = aot.Ref()
        with pytest.raises(RuntimeError):
            ref.getSource()
        ref.setObj([])
        ref.setRef(1)
        assert ref.getSource() == "Ref(1,\n\0[])"
        with pytest.raises(ValueError, match="already"):
            ref.setRef(2)
        with pytest.raises(ValueError, match="already"):
            ref.setObj({})


class TestNotKnown:
    def test_isReplacedWhereItStands(self) -> None:
        """Every container gets the object."""
        unknown = NotKnown()
        items: list[Any] = [unknown]
        mapping: dict[str, Any] = {"k": unknown}
        unknown.addDependant(items, 0)
        unknown.addDependant(mapping, "k")
        unknown.resolveDependants("here")
        assert (items, mapping, unknown.resolvedObject) == (["here"], {"k": "here"}, "here")
        with pytest.raises(AssertionError):
            unknown.addDependant(items, 0)

    def test_isNoKey(self) -> None:
        """It has no hash: what depends on that would be wrong later."""
        with pytest.raises(AssertionError):
            hash(NotKnown())
