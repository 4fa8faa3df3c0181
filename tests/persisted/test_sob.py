"""`ropewalk.persisted.sob`: one object in a file, and values out of programs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ropewalk.persisted import sob, styles


class Thing(styles.Versioned):
    persistenceVersion = 1

    def __init__(self, value: object) -> None:
        self.value = value

    def upgradeToVersion1(self) -> None:
        self.value = "upgraded"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class TestPersistent:
    @pytest.mark.parametrize(("style", "extension"), [("pickle", "tap"), ("source", "tas")])
    def test_savesAndLoads(self, style: str, extension: str) -> None:
        """The file is named for the object, the tag and the style (F196)."""
        persistent = sob.Persistent(Thing([1, "two"]), "thing")
        persistent.setStyle(style)
        persistent.save()
        persistent.save(tag="shutdown")
        persistent.save(filename="other")
        assert sorted(os.listdir()) == sorted([f"thing.{extension}", f"thing-shutdown.{extension}", "other"])
        for name in os.listdir():
            loaded = sob.load(name, style)
            assert isinstance(loaded, Thing)
            assert loaded.value == [1, "two"]

    def test_whatIsLoadedIsUpToDate(self, here: Path) -> None:
        """Versioned objects are brought up to date before load returns."""
        here.joinpath("old.tas").write_text(f"app=Instance('{Thing.__module__}.Thing',{{'value':'old'}})")
        assert sob.load("old.tas", "source").value == "upgraded"

    def test_aFailedSaveKeepsTheFile(self) -> None:
        """What can't be saved leaves the file of the last time as it was."""
        sob.Persistent({"kept": 1}, "thing").save()
        with pytest.raises((AttributeError, TypeError)):
            sob.Persistent(lambda: None, "thing").save()
        assert os.listdir() == ["thing.tap"]
        assert sob.load("thing.tap", "pickle") == {"kept": 1}

    def test_refusesWhatItCannotDo(self) -> None:
        """There is no encryption and no other style; errors say so."""
        persistent = sob.Persistent(1, "thing")
        with pytest.raises(TypeError, match="encrypted"):
            persistent.save(passphrase="secret")  # type: ignore[arg-type]  # that is the point
        with pytest.raises(ValueError, match="xml"):
            persistent.setStyle("xml")
        with pytest.raises(ValueError, match="xml"):
            sob.load("thing.tax", "xml")
        assert sob.Persistant is sob.Persistent


class TestPrograms:
    def test_givesAVariable(self, here: Path) -> None:
        """loadValueFromFile runs the file and gives what the variable is then."""
        here.joinpath("p.py").write_text("import os\nresult = os.path.basename(__file__), __name__\n")
        assert sob.loadValueFromFile("p.py", "result") == ("p.py", "builtins")

    def test_saysWhatIsMissing(self, here: Path) -> None:
        """The error has the file and the name as attributes, too."""
        here.joinpath("p.py").write_text("")
        with pytest.raises(sob.NotDefined, match=r"p\.py defines no 'result'") as caught:
            sob.loadValueFromFile("p.py", "result")
        assert (caught.value.filename, caught.value.variable) == ("p.py", "result")

    def test_raisesWhatTheProgramRaises(self, here: Path) -> None:
        """With the program's line in the traceback."""
        here.joinpath("p.py").write_text("\n1 / 0\n")
        with pytest.raises(ZeroDivisionError) as caught:
            sob.loadValueFromFile("p.py", "result")
        assert (str(caught.traceback[-1].path), caught.traceback[-1].lineno) == (str(here / "p.py"), 1)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.tac", "python"), ("a.py", "python"), ("a.tap", "pickle"), ("a.tas", "source")]
)
def test_guessesByTheName(name: str, kind: str) -> None:
    """A file's extension says how to load it; others are a KeyError."""
    assert sob.guessType(name) == kind
    with pytest.raises(KeyError):
        sob.guessType("a.txt")
