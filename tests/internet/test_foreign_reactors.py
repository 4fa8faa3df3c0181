"""Reactors of systems and toolkits that are not here say so: what, why, and what to take instead (RG9-RG15)."""

from __future__ import annotations

import subprocess
import sys

import pytest

# What the program pretends not to have, the module, and what its refusal says.
ABSENT = [
    ("", "iocpreactor", "waits with I/O completion ports, a part of Windows, and this is linux; take the default"),
    ("", "win32eventreactor", "waits with WaitForMultipleObjects, a part of Windows, and this is linux"),
    ("", "cfreactor", "is for CoreFoundation, a part of macOS, and this is linux; take the default reactor"),
    ("wx", "wxreactor", "needs wxPython, which is not installed for this Python: pip install wxPython"),
    (
        "gi",
        "gireactor",
        "gireactor needs PyGObject, which is not installed for this Python: apt-get install python3-gi",
    ),
    ("gi", "gtk3reactor", "needs PyGObject"),
    ("gi", "gtk2reactor", "needs PyGObject"),
    ("gi", "glib2reactor", "needs PyGObject"),
    ("PySide6", "qtreactor", "qtreactor needs Qt for Python, which is not installed: pip install PySide6-Essentials"),
]

PROGRAM = """
import sys
for name in {missing!r}.split():
    sys.modules[name] = None
sys.modules["PyQt6"] = None
try:
    from ropewalk.internet import {module}
    {module}.install()
except ImportError as problem:
    print(problem)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what is elsewhere depends on where one is")
@pytest.mark.parametrize(("missing", "module", "says"), ABSENT, ids=[module for _, module, _ in ABSENT])
def test_absent(missing: str, module: str, says: str) -> None:
    """A reactor that cannot be had is an ImportError with a sentence, and no reactor is installed."""
    program = PROGRAM.format(missing=missing, module=module)
    program += "print('ropewalk.internet.reactor' in sys.modules)\n"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert done.stderr == ""
    sentence, isChosen = done.stdout.splitlines()
    assert says in sentence
    assert isChosen == "False"


def test_windows() -> None:
    """On Windows the sentence is another one."""
    program = (
        "import sys\n"
        "from ropewalk.internet._toolkits.windows import absent\n"
        "sys.platform = 'win32'\n"
        "print(absent('iocpreactor', 'I/O completion ports'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert done.stdout == (
        "iocpreactor: Ropewalk does not run on Windows yet; run the program under WSL, where the default reactor does\n"
    )
