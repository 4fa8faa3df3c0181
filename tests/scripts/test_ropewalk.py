"""The ``ropewalk`` command, as a user types it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Outcome = subprocess.CompletedProcess[str]
Command = Callable[..., Outcome]


@pytest.fixture
def ropewalk(tmp_path: Path) -> Command:
    """A function that runs ``python -m ropewalk`` in an empty directory."""
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "ROPEWALK_STAND_IN")}

    def run(*words: str) -> Outcome:
        command = [sys.executable, "-m", "ropewalk", *words]
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=50, check=False)

    return run


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


SHOW = "import sys, twisted\nprint(__name__, sys.argv, sys.path[0], twisted.__name__, __file__)\n"


@pytest.mark.parametrize("start", [["run"], []])
def test_aProgramRunsAsItself(start: list[str], ropewalk: Command, tmp_path: Path) -> None:
    """It is ``__main__``, gets every argument behind its name, imports from its own folder, and has ``twisted``."""
    path = write(tmp_path / "folder", "program.py", SHOW)
    done = ropewalk(*start, "folder/program.py", "run", "-m", "--help")
    arguments = ["folder/program.py", "run", "-m", "--help"]
    assert done.stdout == f"__main__ {arguments} {path.parent} ropewalk {path}\n", done.stderr


def test_aModuleRunsAsWithPythonM(ropewalk: Command, tmp_path: Path) -> None:
    """``-m`` runs a module, or a package's ``__main__``, found from the current directory, with relative imports."""
    module = write(tmp_path, "package/module.py", SHOW + "from . import beside\n")
    main = write(tmp_path, "package/__main__.py", SHOW + "from .beside import __package__ as p; print(p)\n")
    write(tmp_path, "package/__init__.py", "")
    write(tmp_path, "package/beside.py", "")
    done = ropewalk("run", "-m", "package.module", "-x")
    assert done.stdout == f"__main__ {[str(module), '-x']} {tmp_path} ropewalk {module}\n", done.stderr
    done = ropewalk("run", "-m", "package", "y")
    assert done.stdout == f"__main__ {[str(main), 'y']} {tmp_path} ropewalk {main}\npackage\n", done.stderr


def test_aDirectoryWithAMainRuns(ropewalk: Command, tmp_path: Path) -> None:
    """As with Python itself, its ``__main__.py`` is the program."""
    main = write(tmp_path, "folder/__main__.py", SHOW)
    done = ropewalk("run", "folder")
    assert done.stdout == f"__main__ ['folder'] {main.parent} ropewalk {main}\n", done.stderr


def test_theProgramIsTheMainModule(ropewalk: Command, tmp_path: Path) -> None:
    """What it defines is pickled and found under ``__main__``."""
    write(
        tmp_path,
        "program.py",
        "import pickle, sys\nclass Here: pass\n"
        "print(pickle.loads(pickle.dumps(Here)) is Here, sys.modules['__main__'].Here is Here)\n",
    )
    assert ropewalk("run", "program.py").stdout == "True True\n"


@pytest.mark.parametrize(
    ("text", "status", "errors"),
    [
        ("", 0, ""),
        ("import sys; sys.exit(7)", 7, ""),
        ("raise SystemExit('the end')", 1, "the end\n"),
        ("raise SystemExit", 0, ""),
    ],
)
def test_exitStatus(text: str, status: int, errors: str, ropewalk: Command, tmp_path: Path) -> None:
    """The command ends as the program does."""
    write(tmp_path, "program.py", text)
    done = ropewalk("run", "program.py")
    assert (done.returncode, done.stderr) == (status, errors)


FAULTS = {
    "an error": "def f():\n    1 // 0\n\nf()\n",
    "a chain of errors": "try:\n    1 // 0\nexcept Exception as e:\n    raise KeyError(1) from e\n",
    "a group": "raise ExceptionGroup('several', [ValueError(1), KeyError(2)])\n",
    "a missing module": "import nosuchmodule\n",
    "wrong syntax": "x = (\n",
    "wrong indentation": "if 1:\nx = 1\n",
    "an error in an imported module": "import other\n",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_errorsLookAsIfPythonHadRunIt(fault: str, ropewalk: Command, tmp_path: Path) -> None:
    """A traceback begins in the program's own file, a syntax error has none, exactly as under ``python``."""
    path = write(tmp_path, "program.py", FAULTS[fault])
    write(tmp_path, "other.py", "1 // 0\n")
    # By its full path, because Python shows an error in the syntax with the path it was given.
    plain = subprocess.run([sys.executable, path], cwd=tmp_path, capture_output=True, text=True, check=False)
    done = ropewalk("run", str(path))
    assert done.stderr == plain.stderr
    assert done.returncode == plain.returncode == 1


def test_theDeclaredEncodingIsHeeded(ropewalk: Command, tmp_path: Path) -> None:
    """A source in another encoding than UTF-8 is read as it says."""
    (tmp_path / "program.py").write_bytes(b"# coding: latin-1\nprint(ascii('\xe9'))\n")
    assert ropewalk("run", "program.py").stdout == "'\\xe9'\n"


def test_theProgramsOwnHookIsCalled(ropewalk: Command, tmp_path: Path) -> None:
    """A program that sets ``sys.excepthook`` shows its errors itself."""
    write(tmp_path, "program.py", "import sys\nsys.excepthook = lambda *a: print('mine', a[0].__name__)\n1 // 0\n")
    done = ropewalk("run", "program.py")
    assert (done.stdout, done.stderr, done.returncode) == ("mine ZeroDivisionError\n", "", 1)


def test_ctrlCEndsIt(tmp_path: Path) -> None:
    """An interrupted program dies of the signal, as shells expect, and shows where it was."""
    write(tmp_path, "program.py", "import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "ropewalk", "run", "program.py"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    # At the first line of the traceback, which the signal may reach a line early.
    assert errors.splitlines()[1].strip().startswith(f'File "{tmp_path / "program.py"}", line ')
    assert errors.splitlines()[-1] == "KeyboardInterrupt"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "nosuch.py"], "there is no file 'nosuch.py' in"),
        (["run", "here"], "did you mean 'here.py'?"),
        (["run", "nosuch"], "ropewalk run -m nosuch"),
        (["run", "empty"], "'empty' is a directory without a __main__.py"),
        (["run", "-m", "nosuch"], "there is no module 'nosuch'"),
        (["run", "-m", "nosuch.deeper"], "there is no module 'nosuch.deeper'"),
        (["run", "-m", "json"], "no __main__.py"),
        (["run", "-m", "sys"], "not Python code"),
        (["run", "-m"], "say which program"),
        (["run"], "say which program"),
        (["run", "--fast", "here.py"], "unknown option '--fast'"),
        (["fly"], "invalid choice: 'fly'"),
        (["stand-in"], "one of the arguments --install --remove --status is required"),
    ],
)
def test_mistakesAreExplained(words: list[str], says: str, ropewalk: Command, tmp_path: Path) -> None:
    """A wrong command line is answered in a sentence, without a traceback, and with exit status 2."""
    write(tmp_path, "here.py", "")
    (tmp_path / "empty").mkdir()
    done = ropewalk(*words)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 2


def test_helpAndVersion(ropewalk: Command) -> None:
    """What there is, how to run a program, and which version this is."""
    assert "stand-in" in ropewalk("--help").stdout
    assert "ropewalk run -m MODULE" in ropewalk("run", "--help").stdout
    for words in (["version"], ["--version"]):
        done = ropewalk(*words)
        assert done.stdout.startswith("Ropewalk 0.1.0, with the API of Twisted 26.10.0\n")
        assert done.returncode == 0
    done = ropewalk()
    assert (done.stdout.startswith("usage: ropewalk"), done.returncode) == (True, 2)


def test_runningAProgramLoadsNoArgparse(ropewalk: Command, tmp_path: Path) -> None:
    """A program is started without what only the command line needs."""
    write(
        tmp_path,
        "program.py",
        "import sys\nprint([n for n in ('argparse', 're', 'typing', 'runpy', 'asyncio') if n in sys.modules])\n",
    )
    command = [sys.executable, "-c", "import sys; from ropewalk.scripts.ropewalk import main; sys.exit(main())"]
    done = subprocess.run(
        [*command, "run", "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=50, check=True
    )
    assert done.stdout == "[]\n"
