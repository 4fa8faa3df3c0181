"""The guest books of examples/gui: each answers over TCP while its window lives (RG3, RG13-RG16)."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from support import toolkits
from support.examples import EXAMPLES, runnable
from support.programs import Caller, Program
from support.toolkits import display as display

FOLDER = EXAMPLES / "gui"

# The program, the package that it needs, and the title of its window.
BOOKS = [
    ("tkbook.py", "tkinter", "Guest book (Tk)"),
    ("gtkbook.py", "gi", "Guest book (GTK)"),
    ("gtkapplication.py", "gi", "Guest book (GtkApplication)"),
    ("qtbook.py", "PySide6", "Guest book (Qt)"),
    ("wxbook.py", "wx", "Guest book (wx)"),
]


@contextmanager
def book(name: str, package: str, **environment: str) -> Iterator[tuple[Program, Caller]]:
    """Run a guest book, and connect to it."""
    if not toolkits.has(package):
        pytest.skip(f"{name} needs {package}; support/toolkits.py says where it is looked for")
    command = toolkits.PYTHON + runnable(FOLDER, name)
    with Program(command, cwd=FOLDER, env=toolkits.environment(**environment)) as program:
        port = int(program.line("guest book on").rpartition(" ")[2])
        with Caller(port, program) as guest:
            yield program, guest


@pytest.mark.parametrize(("name", "package", "title"), BOOKS, ids=[name for name, _, _ in BOOKS])
def test_answersWhileItsWindowLives(display: str, name: str, package: str, title: str) -> None:
    """A window is there, what comes over TCP is written into it, and Ctrl-C ends both in order."""
    with book(name, package, DISPLAY=display) as (program, guest):
        guest.send(b"hello\n")
        assert guest.line() == b"1 in the book\n"
        guest.send(b"again\n")
        assert guest.line() == b"2 in the book\n"
        if shutil.which("xdotool") is not None:
            asking = ["xdotool", "search", "--sync", "--name", title.replace("(", r"\(").replace(")", r"\)")]
            found = subprocess.run(asking, env=toolkits.environment(DISPLAY=display), capture_output=True, timeout=20)
            assert found.stdout.split(), "no window of that title"
        assert program.interrupt() == 0
    assert not [line for line in program.errors if "Traceback" in line], program.errors


@pytest.mark.parametrize(
    ("name", "package", "word", "last"),
    [
        ("gtkapplication.py", "gi", b"close", ["the application shuts down", "the application is over"]),
        ("gtkapplication.py", "gi", b"quit", ["the application shuts down", "the application is over"]),
        ("wxbook.py", "wx", b"close", ["the last window is closed"]),
    ],
)
def test_endsWithItsLastWindow(display: str, name: str, package: str, word: bytes, last: list[str]) -> None:
    """RG14, RG15: when the application is over the reactor stops, and ``run`` returns."""
    with book(name, package, DISPLAY=display) as (program, guest):
        guest.send(word + b"\n")
        assert guest.line() == b"1 in the book\n"
        assert guest.line() == b""
        assert program.wait() == 0
    assert program.output[1:] == last
    assert not [line for line in program.errors if "Traceback" in line], program.errors


def test_aButtonStartsATask() -> None:
    """A toolkit's callbacks are called inside a running asyncio loop; Qt also without any display."""
    with book("qtbook.py", "PySide6", QT_QPA_PLATFORM="offscreen") as (program, guest):
        guest.send(b"count\n")
        assert guest.line() == b"1 in the book\n"  # the task begins in the next round
        said = 1
        answer = b""
        while answer != b"%d in the book\n" % (said + 3):
            guest.send(b"more\n")
            said += 1
            answer = guest.line()
        program.process.send_signal(signal.SIGTERM)
        assert program.wait() == 0
    assert not [line for line in program.errors if "Traceback" in line], program.errors


def test_carriedByAGame() -> None:
    """A main loop that knows nothing of reactors carries one along, by ``interleave``."""
    with Program([*toolkits.PYTHON, *runnable(FOLDER, "carried.py")], cwd=FOLDER) as program:
        assert program.wait() == 0
    assert program.output == [
        "looking up a name while the game goes on",
        "the answer is 499500",
        "drew some frames",
    ]
