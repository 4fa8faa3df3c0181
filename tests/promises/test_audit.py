"""Every promise of the documents' finished chapters is named by a test.

The ids are those of the list of features that the project was given: two letters for a chapter and a number, or ``F``
and three digits; ``B``, ``P`` or ``T`` and a number for a program, ``F`` and one or two digits for a fragment of one. A
test of a promise names its id in its docstring, or that of its class.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

# The finished chapters, with the number of their promises.
CHAPTERS = {
    "PC": 5,  # producers and consumers
    "CO": 9,  # components
    "CR": 17,  # cred
    "PL": 8,  # plugins
    "AP": 10,  # application
    "TW": 11,  # twistd
    "SD": 5,  # systemd
    "LG": 25,  # logger
    "LL": 9,  # python.log
    "CN": 11,  # constants
    "DB": 5,  # adbapi
    "UO": 13,  # usage
    "DD": 2,  # dirdbm
    "TR": 22,  # trial
    "SM": 3,  # sendmsg
    "AM": 9,  # amp
    "RG": 18,  # reactors and toolkits
    "EP": 22,  # endpoints
}

# The features that have a number of three digits, up to the Web's.
FEATURES = [f"F{number:03}" for number in range(1, 200)]

# Programs: but for those of the Web, IRC, Perspective Broker and DNS.
PROGRAMS = [
    *(f"P{number:02}" for number in [*range(1, 5), 16, *range(18, 26), *range(27, 38), *range(39, 43), *range(60, 94)]),
    *(f"T{number:02}" for number in range(1, 12)),
    *(f"B{number:02}" for number in [*range(1, 4), 5, 6, 8, 9, *range(11, 41)]),
]
FRAGMENTS = ["F8", "F9", "F10", "F11", "F12", "F13", "F15", "F16", "F17", "F19"]

# Promises without a test of their own, and why.
EXCUSED = {
    "TW9": "the Web's, which is not finished",
    "CO8": "IPBRoot is Perspective Broker's, which is not finished",
    "LG24": "what twistd logs to is twistd's to test",
    "LG25": "advice to programs",
    "TR18": "the reference release's own tests' tool, which its list of public names does not have",
    "TR21": "a habit of the documents' project; ours are pytest's temporary directories",
}

# What the documents ask of whoever changes their project, and what becomes of it here.
POLICIES = {
    "ST1": "adopted: style.md, names",
    "ST2": "adopted: the reactor's interfaces are portable, those of a system have modules of their own",
    "ST3": "adopted: every server runs without twistd",
    "ST4": "adopted: every reader has limits with names; the tests of each _wire try both sides, fuzz/ the rest",
    "ST5": "adopted, but for 'filesystem': the house writes 'file system'",
    "ST6": "adopted in the tests; the tag for them is understood (TR14) but not used",
    "ST7": "replaced: ruff, 120 columns",
    "ST8": "replaced: a file tells one story",
    "ST9": "adopted, but relative imports within a package are welcome",
    "ST10": "adopted: the import contract, and test_groundFloor below",
    "ST11": "replaced: f-strings",
    "ST12": "replaced: Markdown, and types in annotations",
    "ST13": "replaced: no FIXME without a ticket, changes/ says since when",
    "ST14": "adopted: test_commands below",
    "ST15": "obsolete: Python 3 chooses its C modules by itself",
    "ST16": "adopted: style.md, names",
    "ST17": "adopted as far as it is about SQL and commits; there is no C",
    "ST18": "adopted",
    "ST19": "adopted: docs/",
    "ST20": "adopted: a test never waits",
    "ST21": "obsolete: Subversion, setup.py",
    "ST22": "adopted: trial -b (TR19)",
}

# Where the documents contradict themselves, or their programs cannot work as printed, and what holds here.
DEFECTS = {
    "Z1": "the reactor is imported from ropewalk.internet",
    "Z2": "HostnameEndpoint takes the reactor first",
    "Z3": "classes say @implementer; Python 3 has no other way",
    "Z4": "the name is AuthOptionMixin",
    "Z5": "examples/cred/MyApplication is the program as it was meant",
    "Z6": "twistd takes --nodaemon and --no-daemon",
    "Z7": "the text is that of the program: Object with value 7 doing a task.",
    "Z8": "examples/logs/replay.py imports Logger",
    "Z9": "parameters of statements are a sequence: examples/databases",
    "Z10": "the help shows the default that the program has",
    "Z11": "a responder returns what its command declares: AMP's",
    "Z12": "bytes are decoded before they are formatted: AMP's",
    "Z13": "Perspective Broker's",
    "Z14": "Perspective Broker's",
    "Z15": "Perspective Broker's",
    "Z16": "Perspective Broker's",
    "Z17": "Perspective Broker's",
    "Z18": "what is logged before logging begins is not printed",
    "Z19": "Perspective Broker's",
    "Z20": "trial runs the tests in a file; with --testmodule those that the file names",
    "Z21": "the name is ICredentialsChecker",
    "Z22": "lists that the text has lost promise nothing",
    "Z23": "factories are named in the log by their class, as the reference release does",
}


@cache
def named() -> frozenset[str]:
    """The ids that docstrings of tests and their classes name; a range such as B17-B20 names what is between, too."""
    found = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
                and node.name[:4].lower() == "test"
            ):
                found.update(ids(ast.get_docstring(node) or ""))
    return frozenset(found)


def ids(text: str) -> set[str]:
    found = set(re.findall(r"\b[A-Z]{1,2}\d+\b", text))
    for letters, first, last in re.findall(r"\b([A-Z]{1,2})(\d+)-\1?(\d+)\b", text):
        found.update(f"{letters}{number:0{len(first)}}" for number in range(int(first), int(last) + 1))
    return found


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_everyPromiseHasATest(chapter: str) -> None:
    """A promise is named by a test, or excused."""
    promises = {f"{chapter}{number}" for number in range(1, CHAPTERS[chapter] + 1)}
    assert promises - named() - EXCUSED.keys() == set()


def test_everyFeatureAndProgramHasATest() -> None:
    """So are the documents' features, programs, and fragments of programs."""
    assert {*FEATURES, *PROGRAMS, *FRAGMENTS} - named() == set()


def test_noNeedlessExcuse() -> None:
    """What is excused has no test: an excuse that is no longer needed goes."""
    assert EXCUSED.keys() & named() == set()


def test_rangesAreRead() -> None:
    """The audit reads ids and ranges of them as people write them."""
    assert ids("B01, CO2-CO4 (F11)") == {"B01", "CO2", "CO3", "CO4", "F11"}
    assert ids("B08-B10") == {"B08", "B09", "B10"}


def test_policies() -> None:
    """Each policy of the documents is adopted, replaced or obsolete, and it says by what."""
    assert list(POLICIES) == [f"ST{number}" for number in range(1, 23)]
    assert {word.split(":")[0].split()[0].strip(",") for word in POLICIES.values()} == {
        "adopted",
        "replaced",
        "obsolete",
    }


def test_defects() -> None:
    """Each contradiction of the documents is decided."""
    assert list(DEFECTS) == [f"Z{number}" for number in range(1, 24)]


def test_commands() -> None:
    """ST14: every command is a function without arguments, which a module of scripts has."""
    project = tomllib.loads((TESTS.parent / "pyproject.toml").read_text())["project"]
    for command, entry in project["scripts"].items():
        module, _, function = entry.partition(":")
        assert module.startswith("ropewalk.scripts."), command
        if importlib.util.find_spec(module) is not None:
            run = getattr(importlib.import_module(module), function)
            assert inspect.signature(run).bind().arguments == {}, command


def test_groundFloor() -> None:
    """ST10: the modules of `ropewalk.python` need nothing above them; the logger is on the ground floor, too."""
    modules = [path.stem for path in (TESTS.parent / "src/ropewalk/python").glob("[a-z]*.py")]
    program = f"""
import importlib, sys
for name in {modules!r}:
    importlib.import_module("ropewalk.python." + name)
    print(*(loaded for loaded in sys.modules if loaded.startswith("ropewalk.")))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    rooms = {module.split(".")[1] for module in done.stdout.split()}
    assert rooms - {"python", "logger", "_doors", "_printing", "_wire"} == set()
