"""The documents' programs and sessions about adapters, plugins, logs, constants, command lines, storage and sockets."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from support.examples import EXAMPLES, Starter, asTwisted
from support.programs import Program, python

SESSIONS = Path(__file__).parent / "sessions"


def output(start: Starter, name: str, *arguments: object, status: int = 0) -> list[str]:
    """What a program prints, which ends by itself."""
    with start(name, *arguments) as program:
        assert program.wait() == status, program.report()
    return program.output


@pytest.mark.parametrize("package", ["ropewalk", "twisted"])
@pytest.mark.parametrize("session", sorted(path.name for path in SESSIONS.iterdir()))
def test_sessions(session: str, package: str, tmp_path: Path) -> None:
    """CO1-CO7, CN1-CN11, DD1, DD2, B01-B03, B21-B24, B34, B35: the documents' sessions give what they show."""
    text = (SESSIONS / session).read_text()
    if package == "twisted":
        text = text.replace(">>> from ropewalk", ">>> from twisted")
    (tmp_path / session).write_text(text)
    command = python("-m", "ropewalk", "run", "-m") if package == "twisted" else python("-m")
    with Program([*command, "doctest", "-o", "ELLIPSIS", str(tmp_path / session)], EXAMPLES) as program:
        assert program.wait() == 0, "\n".join(program.output)
    assert program.output == program.errors == []


def test_hairDryer(start: Starter) -> None:
    """B01, B02 (CO2-CO5): in the wrong socket, with an adapter, and with one that is found."""
    lines = output(start, "components/hairdryer.py")
    assert lines[1:4] == [
        "I was plugged in improperly and",
        "now you have no hair dryer any more.",
        "I was plugged in properly and am operating.",
    ]
    assert lines[4:7] == ["True False", "True False", "AdaptToAmericanSocket True"]
    assert lines[7:] == ["I was plugged in properly and am operating."] * 2


STEEL = ["A material with yield stress 103421359500000.0 at 500 K", "Also a dielectric constant of (2.7+0.2j)."]
BRASS = ["A material with yield stress 51710679500000.0 at 500 K", "Also a dielectric constant of (1.4+0.5j)."]


@pytest.mark.parametrize("package", ["ropewalk", "twisted"])
def test_materials(package: str, tmp_path: Path) -> None:
    """B05, B06 (PL1-PL3, PL6, PL7): plugins beside a program are found, and not when their directory is a package."""
    folder = tmp_path / "plugins"
    shutil.copytree(EXAMPLES / "plugins", folder, ignore=shutil.ignore_patterns("__pycache__", "dropin.cache"))
    command = python("-m")
    if package == "twisted":
        command = python("-m", "ropewalk", "run", "-m")
        for path in folder.rglob("*.py"):
            path.write_text(asTwisted(path.read_text()))
        (folder / "ropewalk").rename(folder / "twisted")
    places = folder / package / "plugins"

    def printed(module: str) -> list[str]:
        with Program([*command, module], folder, {"PYTHONDONTWRITEBYTECODE": "1"}) as program:
            assert program.wait() == 0, program.report()
        return program.output

    assert sorted(printed("matsim.display")) == sorted(STEEL + BRASS)
    (places / "dropin.cache").unlink()
    before = int(printed("regenerate")[0].split()[0])
    assert (places / "dropin.cache").exists()
    (places / "__init__.py").touch()
    assert printed("matsim.display") == []
    assert int(printed("regenerate")[0].split()[0]) == before - 2


def test_logSource(start: Starter) -> None:
    """B12 (LG3): the event is about the instance whose logger it was, and is formatted with its attribute."""
    (line,) = output(start, "logs/logsource.py")
    assert line.endswith("Object with value 7 doing a task.")


def test_hardMath(start: Starter) -> None:
    """B13 (LG4, LG6): an exception is logged as critical, with its traceback below the text."""
    lines = output(start, "logs/hardmath.py")
    assert lines[0].endswith("[math#critical] Math is hard!")
    assert lines[1] == "\tTraceback (most recent call last):"
    assert "\tbuiltins.ZeroDivisionError: division by zero" in lines


def test_savedEvents(start: Starter, tmp_path: Path) -> None:
    """B14-B16 (LG7, LG11, LG12): events come back from a file; they format alike, and their numbers are numbers."""
    saved = tmp_path / "log.json"
    assert output(start, "logs/saver.py", saved) == []
    lines = output(start, "logs/loader.py", saved)
    assert [re.sub("^.*? (?=Some)", "", line) for line in lines] == [
        "Some values: [1234, 5678]",
        "Some values: [9876, 5432]",
    ]
    assert all("[saver#info]" in line for line in lines)
    assert output(start, "logs/loadermath.py", saved) == ["6912", "15308"]


def test_analysis(start: Starter, tmp_path: Path) -> None:
    """B17-B20 (LG13): an attribute that the format names is found in the live event and in the saved one."""
    saved = tmp_path / "log.json"
    assert output(start, "logs/online_analyze.py") == ["A + B = 7"]
    for _ in range(2):
        assert output(start, "logs/ad_hoc_save.py", saved) == []
    assert output(start, "logs/offline_analyze.py", saved) == ["A + B = 7"] * 2


def test_replay(start: Starter) -> None:
    """F11 (LG14, LG17): what was logged before logging began is shown when it does; printed text becomes events."""
    assert output(start, "logs/replay.py") == ["info: Hello", "info: printed", "warn: careful, you"]


def test_constants(start: Starter) -> None:
    """B21, B23, B24 (CN2, CN5, CN11): what somebody types is looked up safely."""
    lines = output(start, "constants/methods.py", "GET", "POST", "__doc__")
    assert lines[:2] == ["<METHOD=GET> True", "<METHOD=POST> False"]
    assert lines[2].startswith("no method is called __doc__; ")
    assert lines[3] == "[<STATUS=NO_CONTENT>, <STATUS=NOT_MODIFIED>]"
    assert output(start, "constants/permissions.py")[1:] == ["rw-r--r--", "r-xrwxrwx"]


def test_wishes(start: Starter) -> None:
    """B25, B26, B31 (UO2, UO3, UO5, UO6, UO10): flags and a parameter; mistakes are two lines and a status."""
    assert output(start, "usage/wishes.py", "-g", "--fast") == ["So, you want it:", "fast good"]
    assert output(start, "usage/wishes.py", "-u", "joe", "-f") == ["Hello joe", "So, you want it:", "fast"]
    lines = output(start, "usage/wishes.py", "-f", "-g", "-c", status=1)
    assert lines[0].endswith("wishes.py: can't have it all, brother")
    assert lines[1].endswith("wishes.py: Try --help for usage details.")
    assert "nope" in output(start, "usage/wishes.py", "--nope", status=1)[0]


def test_inheritedOptions(start: Starter) -> None:
    """UO4: a subclass's flags come on top of its base's."""
    assert output(start, "usage/inherited.py", "-q", "--fast") == ["cheap=0 fast=1 good=0 quiet=1"]


def test_subcommands(start: Starter) -> None:
    """B27 (UO7): what follows the command is for its own options."""
    words = ("-z", "9", "import", "-m", "M", "-r", "R")
    assert output(start, "usage/cvs.py", *words) == ["compression 9", "importing release R of M"]
    assert output(start, "usage/cvs.py", "checkout", "-m", "M", "-r", "T") == ["compression 0", "checking out T of M"]


def test_methods(start: Starter) -> None:
    """B28, B29 (UO8): a method is called each time its option is seen."""
    assert output(start, "usage/counting.py", *["-v"] * 4) == ["4 []"]
    assert output(start, "usage/counting.py", *["-q"] * 3) == ["-3 []"]
    assert output(start, "usage/counting.py", "-DFOO", "-DBAR", "x") == ["0 ['FOO', 'BAR'] x"]


def test_arguments(start: Starter) -> None:
    """B30 (UO9): as many arguments as `parseArgs` takes."""
    assert output(start, "usage/compare.py", "a", "b") == ["a b 1"]
    with start("usage/compare.py", "a") as program:
        assert program.wait() == 1
    assert program.errors == ["compare: Wrong number of arguments."]


def test_coercion(start: Starter) -> None:
    """B32, B33 (UO11, UO12): parameters have types; the help says what may be."""
    assert output(start, "usage/typed.py", "-s", "3") == ["3 3.14159 1"]
    for word, value in [("-s", "x"), ("-o", "5"), ("-d", "")]:
        with start("usage/typed.py", word, value) as program:
            assert program.wait() == 1
        assert program.errors[0].startswith("typed: Parameter type enforcement failed: --")
    lines = output(start, "usage/typed.py", "--help")
    assert lines[:2] == ["Usage: typed [options]", "Options:"]
    assert "  -o, --one_choice=     [default: 1]. Must be 1, 2 or 3." in lines


def test_storage(start: Starter, tmp_path: Path) -> None:
    """B34, B35 (DD1, DD2): a file for each key; what is read from a shelf is a copy."""
    assert output(start, "storage/librarian.py", tmp_path / "d") == [
        "b'ook'",
        "[b'librarian']",
        "1 in the directory",
        "[]",
    ]
    assert output(start, "storage/shelf.py", tmp_path / "s") == ["[1, 2]", "[1, 2]", "[1, 2, 3]"]
    assert len(list((tmp_path / "s").iterdir())) == 1


def test_sendmsg(start: Starter) -> None:
    """B36 (SM1, SM2): data goes through `sendmsg` and `recvmsg` as through ``send`` and ``recv``."""
    assert output(start, "sockets/sending.py") == [
        "Sent 12 bytes",
        "Received b'Hello, world'",
        "Extra stuff, boring in this case 0 []",
    ]


def test_copiedDescriptor(start: Starter) -> None:
    """B37 (SM3): a descriptor that is sent arrives as another number for the same pipe."""
    original, duplicate = output(start, "sockets/copydescriptor.py")
    first = re.fullmatch(r"Read from original \((\d+)\): b'Hello,'", original)
    second = re.fullmatch(r"Read from duplicate \((\d+)\): b' world'", duplicate)
    assert first is not None
    assert second is not None
    assert first[1] != second[1]
