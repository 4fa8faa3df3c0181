"""Odds and ends."""

from __future__ import annotations

import io
import os
import sys
import warnings
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from ropewalk.python import util


class Point(util.FancyEqMixin, util.FancyStrMixin):
    compareAttributes = ("x", "y")
    showAttributes = ("x", ("y", "height", "%03d"), ("label", str.upper))

    def __init__(self, x: Any, y: int, label: str = "p") -> None:
        self.x = x
        self.y = y
        self.label = label


class Other(util.FancyEqMixin):
    pass


def test_equalityByAttributes() -> None:
    """Objects of one class compare by the attributes named; without any only with themselves."""
    assert Point(1, 2, "a") == Point(1, 2, "b")
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != (1, 2)
    other = Other()
    assert other == other
    assert other != Other()


def test_textByAttributes() -> None:
    """An object shows what it lists, formatted as it says."""
    assert str(Point("one", 2)) == repr(Point("one", 2)) == "<Point x='one' height=002 label=P>"


class TestInsensitiveDict:
    """Keys without case."""

    def test_keysAreTheSameInAnyCase(self) -> None:
        """Text and bytes are found however they are written; other keys as they are."""
        found = util.InsensitiveDict({"Content-Type": "text", b"Raw": 1, 5: "number"})
        assert found["content-TYPE"] == "text"
        assert found[b"rAW"] == 1
        assert found[5] == "number"
        assert "CONTENT-TYPE" in found
        assert found.has_key("content-type")
        with pytest.raises(KeyError, match="Nosuch"):
            found["Nosuch"]

    def test_theLastSpellingIsKept(self) -> None:
        """A key is given back as it was last set, or in lower case."""
        found = util.InsensitiveDict({"Foo": 1})
        found["FOO"] = 2
        assert found.items() == [("FOO", 2)]
        assert util.InsensitiveDict({"Foo": 1}, preserve=0).keys() == ["foo"]

    def test_itIsADictionary(self) -> None:
        """What dictionaries do."""
        found = util.InsensitiveDict({"A": 1})
        assert found == {"a": 1} == found.copy()
        assert found != {"a": 2}
        assert found.setdefault("a", 5) == 1
        assert found.setdefault("B", 5) == 5
        found.update({"b": 6})
        assert (found.values(), list(found.iterkeys())) == ([1, 6], ["A", "b"])
        assert list(found.iteritems()) == found.items()
        assert found.pop("a") == 1
        del found["B"]
        assert (len(found), found.get("x", 3)) == (0, 3)
        assert repr(util.InsensitiveDict({"A": 1})) == "InsensitiveDict({'A': 1})"


def test_lastLines() -> None:
    """A line log keeps the last lines, and forgets them when told to."""
    log = util.LineLog(2)
    assert log.str() == b""
    for line in (b"a", b"b", b"c"):
        log.append(line)
    assert (log.str(), log[0], log[-1], log[:]) == (b"b\nc", b"b", b"c", [b"b", b"c"])
    log.clear()
    assert log[:] == []


def test_intervals() -> None:
    """Waits from one interval's turn to the next one's, of several intervals at once."""
    waits: Any = iter(util.IntervalDifferential([1, 3]))
    assert list(islice(waits, 8)) == [(1, 0), (1, 0), (1, 0), (0, 1)] * 2
    waits.addInterval(2)
    assert list(islice(waits, 3)) == [(1, 0), (1, 0), (0, 2)]
    waits.removeInterval(3)
    assert waits.intervals == [1, 2]
    assert list(islice(waits, 3)) == [(1, 0), (1, 0), (0, 1)]
    with pytest.raises(ValueError, match="99"):
        waits.removeInterval(99)
    assert list(islice(iter(util.IntervalDifferential([], default=7)), 2)) == [(7, None)] * 2


def test_sequences() -> None:
    """Duplicates go, and short ones are filled up."""
    assert util.uniquify([3, 1, 3, 2, 1]) == [3, 1, 2]
    assert util.padTo(3, [1], 0) == [1, 0, 0]
    with pytest.raises(ValueError, match="2 elements"):
        util.padTo(1, [1, 2])


def test_places(tmp_path: Path) -> None:
    """A file beside another, and a directory further up that has what is looked for."""
    assert util.sibpath("/a/b", "c") == "/a/c"
    deep = tmp_path / "x" / "y"
    deep.mkdir(parents=True)
    (tmp_path / "marker").touch()
    (tmp_path / "folder").mkdir()
    assert util.searchupwards(str(deep), ["marker"], ["folder"]) == str(tmp_path) + "/"
    assert util.searchupwards(str(deep), ["nosuchmarkeranywhere"]) is None


def test_usersAndGroups() -> None:
    """By number or name; the present user may stay who it is."""
    assert (util.uidFromString("5"), util.gidFromString("6")) == (5, 6)
    assert (util.uidFromString("root"), util.gidFromString("root")) == (0, 0)
    with pytest.raises(KeyError):
        util.uidFromString("nosuchuseranywhere")
    here = os.geteuid(), os.getegid()
    assert util.runAsEffectiveUser(*here, lambda a: a, 5) == 5
    with pytest.warns(UserWarning, match="already"):
        util.switchUID(os.getuid(), os.getgid())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_anotherUserForAMoment() -> None:
    """The function runs as the other user; afterwards we are who we were, whatever it did."""
    assert util.runAsEffectiveUser(65534, 65534, lambda: (os.geteuid(), os.getegid())) == (65534, 65534)
    with pytest.raises(ZeroDivisionError):
        util.runAsEffectiveUser(65534, 65534, lambda: 1 // 0)
    assert (os.geteuid(), os.getegid()) == (0, 0)


def test_aPasswordFromAPipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal it is a line of standard input, asked for once."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret\nother\n"))
    assert util.getPassword(confirm=True) == "secret"


def test_theBarGrows() -> None:
    """Its length stays, and an unchanged one is not drawn again."""
    bar = util.makeStatBar(20, 100)
    assert bar(0) == "[>-----------------]"
    assert bar(50) == "[=========>--------]"
    assert bar(51) == ""
    assert bar(51, force=True) == "[=========>--------]"
    assert bar(100) == "[=================>]"


@pytest.mark.parametrize(
    ("name", "label"),
    [("fooBar", "Foo Bar"), ("foo", "Foo"), ("FooBar", "Foo Bar"), ("parseXMLHead", "Parse XML Head"), ("", "")],
)
def test_labels(name: str, label: str) -> None:
    """A name in camel case becomes words."""
    assert util.nameToLabel(name) == label


def test_functions() -> None:
    """Calls that are watched, repeated, renamed, or not warned of."""
    assert util.raises(ValueError, int, "x")
    assert not util.raises(ValueError, int, "5")
    with pytest.raises(ValueError, match="invalid"):
        util.raises(KeyError, int, "x")

    interrupted = iter([True, True, False])

    def work() -> str:
        if next(interrupted):
            raise InterruptedError
        return "done"

    assert util.untilConcludes(work) == "done"

    def renamed() -> None: ...

    assert util.mergeFunctionMetadata(test_labels, renamed) is renamed
    assert (renamed.__name__, renamed.__doc__) == ("test_labels", test_labels.__doc__)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        util.runWithWarningsSuppressed([(("ignore", "hush"), {})], warnings.warn, "hush", stacklevel=1)
    assert util.str_xor("ab", 1) == "`c"


def test_theSpewerNamesWhatIsCalled(capsys: pytest.CaptureFixture[str]) -> None:
    """A method by its class, a function by its file."""

    class Spewed:
        def method(self) -> None:
            util.spewer(sys._getframe(), "call", None)

    Spewed().method()
    util.spewer(sys._getframe(), "call", None)
    util.spewer(sys._getframe(), "line", None)
    method, function = capsys.readouterr().out.splitlines()
    assert method.startswith("method method of")
    assert "Spewed" in method
    assert function.startswith("function test_theSpewerNamesWhatIsCalled in")


def test_println(capsys: pytest.CaptureFixture[str]) -> None:
    """The values with spaces between."""
    util.println(1, "two")
    assert capsys.readouterr().out == "1 two\n"


def test_pluginDirectories(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are put on the path."""
    monkeypatch.setattr(sys, "path", [])
    util.addPluginDir()
    assert sys.path == util.getPluginDirs()
