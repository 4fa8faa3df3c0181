"""The command: run as people run it, in a directory of its own, on the documents' calculator and on small suites."""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.examples import EXAMPLES
from support.programs import PATIENCE, Program

TRIAL = [sys.executable, "-m", "ropewalk.trial"]

SUITE = """\
import warnings
from twisted.trial import unittest
from twisted.internet import defer, reactor, protocol
from twisted.python import log

class Good(unittest.TestCase):
    def test_z(self):
        log.msg("written by z")
    def test_a(self):
        return defer.succeed(None)

class Many(unittest.TestCase):
    def test_b_fails(self):
        self.fail("no")
    def test_c_logs(self):
        log.err(ValueError("logged"))
    def test_d_skips(self):
        raise unittest.SkipTest("why")
    def test_e_todo(self):
        self.fail("yet")
    test_e_todo.todo = "later"
    def test_f_done(self):
        pass
    test_f_done.todo = "later"
    def test_g_warns(self):
        warnings.warn("careful")
    def test_h_dirty(self):
        self.port = reactor.listenTCP(0, protocol.Factory(), interface="127.0.0.1")

class Fixture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ValueError("no class")
    def test_it(self):
        pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with a package, its tests, and a module that names its tests."""
    package = tmp_path / "pack"
    (package / "test").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "test" / "__init__.py").touch()
    (package / "test" / "test_suite.py").write_text(SUITE)
    (package / "code.py").write_text("#!/usr/bin/python\n# -*- test-case-name: pack.test.test_suite.Good; x: 1 -*-\n")
    return tmp_path


def trial(folder: Path, *arguments: str, input: str = "", path: Path | None = None) -> tuple[int, list[str]]:
    """Run the command to its end; return its exit status, and its output as lines."""
    environment = {**os.environ, "PYTHONPATH": str(path)} if path else None
    done = subprocess.run(
        [*TRIAL, *arguments],
        cwd=folder,
        env=environment,
        input=input,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE * 2,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def right(text: str, result: str) -> str:
    """A line of the tree: its result ends in column 79."""
    return text + result.rjust(79 - len(text))


def test_failingTranscript(tmp_path: Path) -> None:
    """X02, T01, F165, F170: the tree, the tracebacks with the names to run again, and what failed in sum."""
    status, lines = trial(tmp_path, "calculus.test.test_base_1", path=EXAMPLES)

    assert status == 1
    assert lines[:8] == [
        "calculus.test.test_base_1",
        "  CalculationTestCase",
        right("    test_add ...", "[FAIL]"),
        right("    test_divide ...", "[FAIL]"),
        right("    test_multiply ...", "[FAIL]"),
        right("    test_subtract ...", "[FAIL]"),
        "",
        "=" * 79,
    ]
    assert lines[8:10] == ["[FAIL]", "Traceback (most recent call last):"]
    assert re.fullmatch(r'  File ".*calculus/test/test_base_1.py", line \d+, in test_add', lines[10])
    assert lines[12:18] == [
        "ropewalk.trial.unittest.FailTest: not equal:",
        "a = None",
        "b = 11",
        "",
        "",
        "calculus.test.test_base_1.CalculationTestCase.test_add",
    ]
    assert lines[-4] == "-" * 79
    assert re.fullmatch(r"Ran 4 tests in \d+\.\d\d\ds", lines[-3])
    assert lines[-2:] == ["", "FAILED (failures=4)"]


def test_passingTranscript(tmp_path: Path) -> None:
    """X03, T02."""
    status, lines = trial(tmp_path, "calculus.test.test_base_2", path=EXAMPLES)

    assert status == 0
    assert lines[:2] == ["calculus.test.test_base_2", "  CalculationTestCase"]
    assert lines[2] == right("    test_add ...", "[OK]")
    assert lines[-2:] == ["", "PASSED (successes=4)"]


def test_calculus(tmp_path: Path) -> None:
    """T01-T11: the whole tutorial: 54 tests, of which the first four fail as they have to."""
    status, lines = trial(tmp_path, "calculus", path=EXAMPLES)

    assert status == 1
    assert lines[-3].startswith("Ran 54 tests")
    assert lines[-1] == "FAILED (failures=4, successes=50)"


def test_loggedTranscript(tmp_path: Path) -> None:
    """X07: the error that a test has logged and not taken, with its traceback."""
    source = (EXAMPLES / "calculus" / "test" / "test_remote_3.py").read_text()
    kept = [line for line in source.splitlines() if "flushLoggedErrors" not in line]
    (tmp_path / "test_unflushed.py").write_text("\n".join(kept))

    name = "test_unflushed.RemoteCalculationTestCase.test_invalidParameters"
    status, lines = trial(tmp_path, name, path=EXAMPLES)

    assert status == 1
    assert lines[:3] == [
        "test_unflushed",
        "  RemoteCalculationTestCase",
        right("    test_invalidParameters ...", "[ERROR]"),
    ]
    assert any("remote_2.py" in line and line.endswith("in lineReceived") for line in lines)
    assert any(line.startswith("builtins.TypeError: cannot make integers of") for line in lines)
    assert lines[-1] == "FAILED (errors=1)"


def test_everyResult(folder: Path) -> None:
    """Every kind of result has its word, its paragraph and its count; a suite for Twisted runs as it is."""
    status, lines = trial(folder, "pack")

    assert status == 1
    tree = lines[: lines.index("")]
    assert tree == [
        "pack.test.test_suite",
        "  Fixture",
        right("    setUpClass ...", "[ERROR]"),
        "  Good",
        right("    test_a ...", "[OK]"),
        right("    test_z ...", "[OK]"),
        "  Many",
        right("    test_b_fails ...", "[FAIL]"),
        right("    test_c_logs ...", "[ERROR]"),
        right("    test_d_skips ...", "[SKIPPED]"),
        right("    test_e_todo ...", "[TODO]"),
        right("    test_f_done ...", "[SUCCESS!?!]"),
        right("    test_g_warns ...", "[OK]"),
        f"{folder}/pack/test/test_suite.py:26: UserWarning: careful",
        right("    test_h_dirty ...", "[ERROR]"),
    ]
    titles = [line for before, line in itertools.pairwise(lines) if before == "=" * 79]
    assert titles == ["[SKIPPED]", "[TODO]", "[FAIL]", "[ERROR]", "[ERROR]", "[ERROR]", "[SUCCESS!?!]"]
    at = lines.index("[SKIPPED]")
    assert lines[at + 1 : at + 4] == ["why", "", "pack.test.test_suite.Many.test_d_skips"]
    assert lines[-1] == (
        "FAILED (skips=1, expectedFailures=1, failures=1, errors=3, unexpectedSuccesses=1, successes=3)"
    )


@pytest.mark.parametrize(
    ("target", "count"),
    [
        (["pack"], 9),
        (["pack.test"], 9),
        (["pack.test.test_suite"], 9),
        (["pack.test.test_suite.Good"], 2),
        (["pack.test.test_suite.Good.test_a"], 1),
        (["pack/test"], 9),
        (["pack/test/test_suite.py"], 9),
        (["pack/code.py"], 2),
        (["--testmodule=pack/code.py"], 2),
        (["--no-recurse", "pack"], 0),
        (["pack.test.test_suite.Good", "pack.test.test_suite.Many.test_g_warns"], 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_targets(folder: Path, target: list[str], count: int) -> None:
    """X04, F161, F162, TR1, TR14: tests by package, module, class, method, directory, file, or the file they test."""
    _, lines = trial(folder, *target)
    assert lines[-3].startswith(f"Ran {count} tests")


def test_unloadable(folder: Path) -> None:
    """What cannot be loaded is an error of that name, and the rest is run; our own frames are not shown."""
    (folder / "pack" / "test" / "test_broken.py").write_text("import missing\n")
    status, lines = trial(folder, "pack.test.test_broken", "no.such.name", "pack.test.test_suite.Good")

    assert status == 1
    assert lines[-1] == "FAILED (errors=2, successes=2)"
    assert "builtins.ModuleNotFoundError: No module named 'missing'" in lines
    assert not any("/trial/" in line or "importlib" in line for line in lines)


def test_directoryAndLog(folder: Path) -> None:
    """F166, TR2: tests run in _trial_temp, made anew and locked meanwhile, in which test.log has the log."""
    for _ in range(2):
        status, _ = trial(folder, "pack.test.test_suite.Good")
        assert status == 0
    log = (folder / "_trial_temp" / "test.log").read_text()
    assert re.search(r"^[\d-]+ [\d:]+\+0000 \[-\] --> pack.test.test_suite.Good.test_a <--$", log, re.MULTILINE)
    assert "[-] written by z" in log
    assert not os.path.lexists(folder / "_trial_temp.lock")

    # While another process, which lives, has the lock, there is a second directory.
    os.symlink(str(os.getpid()), folder / "_trial_temp.lock")
    trial(folder, "pack.test.test_suite.Good")
    assert (folder / "_trial_temp-1" / "test.log").exists()


def test_foreignDirectory(folder: Path) -> None:
    """A directory that trial did not make is never removed."""
    (folder / "mine").mkdir()
    (folder / "mine" / "letter.txt").write_text("dear")
    status, lines = trial(folder, "--temp-directory=mine", "pack")
    assert status == 1
    assert "was not made by trial" in lines[-1]
    assert (folder / "mine" / "letter.txt").read_text() == "dear"


@pytest.mark.parametrize(
    ("reporter", "pattern"),
    [
        ("bwverbose", r"pack\.test\.test_suite\.Good\.test_a \.\.\. \[OK\]\n"),
        ("timing", r"test_a \.\.\. \[OK\]\n\(\d\.\d\d\d secs\)\n"),
        ("text", r"^\.\.FESTE?"),
        ("summary", r"\n[\d.]+ 9 9 2 1 1$"),
    ],
)
def test_reporters(folder: Path, reporter: str, pattern: str) -> None:
    """F163: other ways to show results."""
    _, lines = trial(folder, f"--reporter={reporter}", "pack.test.test_suite.Good", "pack.test.test_suite.Many")
    assert re.search(pattern, "\n".join(lines))


def test_helps(folder: Path) -> None:
    """X05, F163: what there is to choose from."""
    status, lines = trial(folder, "--help")
    assert status == 0
    assert lines[0].startswith("trial [options] [[file|package|module|TestCase|testmethod]...]")
    for option in ("--rterrors", "--until-failure", "--coverage", "--debugger=", "--temp-directory="):
        assert any(option in line for line in lines)
    for option, word in (("reporters", "bwverbose"), ("orders", "toptobottom"), ("reactors", "asyncio")):
        status, lines = trial(folder, f"--help-{option}")
        assert status == 0
        assert any(word in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--foo"], "trial: option --foo not recognized"),
        (["--reporter=none", "pack"], "trial: there is no reporter 'none'; --help-reporters lists those there are"),
        (["--order=none", "pack"], "trial: --order is one of alphabetical, toptobottom, not 'none'"),
        (["--random=x", "pack"], "trial: --random takes a whole number, not 'x'"),
        (["--testmodule=none.py"], "trial: --testmodule: there is no file 'none.py'"),
        (["--reactor=none", "pack"], "trial: --reactor: there is no reactor 'none'; --help-reactors lists"),
        (["--debug", "--debugger=os.path", "pack"], "trial: --debugger: 'os.path' has no `runcall`"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_mistakes(folder: Path, arguments: list[str], problem: str) -> None:
    """A mistake on the command line is a sentence."""
    status, lines = trial(folder, *arguments)
    assert status == 1
    assert len(lines) == 1
    assert lines[0].startswith(problem)


def test_order(folder: Path) -> None:
    """By name, in the order of the source, or by chance, which a number repeats."""

    def tests(*arguments: str) -> list[str]:
        _, lines = trial(folder, *arguments, "pack.test.test_suite.Good", "pack.test.test_suite.Many")
        return [line.split()[0] for line in lines if line.startswith("    test_")]

    byName, bySource = tests(), tests("--order=toptobottom")
    assert byName[:2] == ["test_a", "test_z"]
    assert bySource[:2] == ["test_z", "test_a"]
    shuffled = tests("--random=11")
    assert shuffled == tests("-z", "11") == tests("-z", "11", "-j1")
    assert sorted(shuffled) == sorted(byName)
    assert shuffled != byName


def test_exitFirst(folder: Path) -> None:
    """-x ends the run after the first test that does not pass."""
    _, lines = trial(folder, "-x", "pack.test.test_suite.Good", "pack.test.test_suite.Many")
    assert lines[-1] == "FAILED (failures=1, successes=2)"


def test_untilFailure(folder: Path) -> None:
    """-u runs the tests until one fails."""
    (folder / "test_third.py").write_text(
        "from ropewalk.trial import unittest\n"
        "class T(unittest.TestCase):\n"
        "    runs = []\n"
        "    def test_it(self):\n"
        "        self.runs.append(1)\n"
        "        self.assertTrue(len(self.runs) < 3)\n"
    )
    status, lines = trial(folder, "-u", "test_third")
    assert status == 1
    assert [line for line in lines if line.startswith("Test Pass")] == ["Test Pass 1", "Test Pass 2", "Test Pass 3"]


def test_realtimeErrors(folder: Path) -> None:
    """F164: with -e a traceback comes at once, and again at the end."""
    _, lines = trial(folder, "-e", "pack.test.test_suite.Many.test_b_fails")
    assert lines[2] == "    test_b_fails ... Traceback (most recent call last):"
    assert lines.count("ropewalk.trial.unittest.FailTest: no") == 2


def test_coverage(folder: Path) -> None:
    """X05, F168, TR13: a file for each module: how often each line ran, >>>>>> for those that did not."""
    status, _ = trial(folder, "--coverage", "pack.test.test_suite.Good")
    assert status == 0
    told = (folder / "_trial_temp" / "coverage" / "pack.test.test_suite.cover").read_text()
    assert re.search(r'^    1: +log\.msg\("written by z"\)$', told, re.MULTILINE)
    assert re.search(r'^>>>>>> +self\.fail\("no"\)$', told, re.MULTILINE)


def test_profile(folder: Path) -> None:
    """--profile leaves a profile in the working directory."""
    import pstats

    trial(folder, "--profile", "pack.test.test_suite.Good")
    assert pstats.Stats(str(folder / "_trial_temp" / "profile.data")).total_calls > 10  # type: ignore[attr-defined]  # not in the stubs


def test_debugger(folder: Path) -> None:
    """F167, TR19: the tests run in the debugger, pdb or any object like it."""
    _, lines = trial(folder, "-b", "pack.test.test_suite.Good", input="continue\n")
    assert any("(Pdb)" in line for line in lines)
    assert lines[-1] == "PASSED (successes=2)"

    (folder / "buggy.py").write_text("def runcall(f, *a):\n    print('in buggy')\n    return f(*a)\n")
    _, lines = trial(folder, "--debug", "--debugger", "buggy", "pack.test.test_suite.Good")
    assert lines[0] == "in buggy"
    assert lines[-1] == "PASSED (successes=2)"


def test_dryRun(folder: Path) -> None:
    """-n tells what would be run."""
    _, lines = trial(folder, "-n", "pack.test.test_suite.Many")
    assert lines[-1] == "PASSED (successes=7)"


@pytest.mark.parametrize("reactor", ["select", "poll", "asyncio", "uvloop"])
@pytest.mark.parametrize("jobs", [[], ["-j1"]], ids=["here", "worker"])
def test_reactor(folder: Path, reactor: str, jobs: list[str]) -> None:
    """--reactor chooses the reactor, in this process or in a worker."""
    (folder / "test_reactor.py").write_text(
        "from ropewalk.trial import unittest\n"
        "from ropewalk.internet import reactor, task\n"
        "class T(unittest.TestCase):\n"
        "    async def test_it(self):\n"
        "        await task.deferLater(reactor, 0)\n"
        f"        self.assertIn('{reactor}', type(reactor).__name__.lower())\n"
    )
    _, lines = trial(folder, f"--reactor={reactor}", *jobs, "test_reactor")
    assert lines[-1] == "PASSED (successes=1)"


def test_withoutModule(folder: Path) -> None:
    """--without-module makes an import fail."""
    (folder / "test_import.py").write_text(
        "from ropewalk.trial import unittest\n"
        "class T(unittest.TestCase):\n"
        "    def test_it(self):\n"
        "        with self.assertRaises(ImportError):\n"
        "            import wave\n"
    )
    _, lines = trial(folder, "--without-module=wave", "test_import")
    assert lines[-1] == "PASSED (successes=1)"


def test_uncleanWarnings(folder: Path) -> None:
    """--unclean-warnings: what is left in the reactor is told, and no error."""
    status, lines = trial(folder, "--unclean-warnings", "pack.test.test_suite.Many.test_h_dirty")
    assert status == 0
    assert any("Reactor was unclean" in line for line in lines)


def test_forceGarbageCollection(folder: Path) -> None:
    """--force-gc tells of an error in a Deferred that only a cycle holds."""
    (folder / "test_cycle.py").write_text(
        "from ropewalk.trial import unittest\n"
        "from ropewalk.internet import defer\n"
        "class T(unittest.TestCase):\n"
        "    def test_a(self):\n"
        "        failed = defer.fail(ZeroDivisionError())\n"
        "        failed.itself = failed\n"
        "    def test_b(self):\n"
        "        pass\n"
    )
    _, lines = trial(folder, "--force-gc", "test_cycle")
    assert right("    test_a ...", "[ERROR]") in lines
    assert lines[-1] == "FAILED (errors=1, successes=1)"


def test_interrupt(folder: Path) -> None:
    """Ctrl-C ends the test that waits, tells so, and shows what was found until then."""
    (folder / "test_wait.py").write_text(
        "from ropewalk.trial import unittest\n"
        "from ropewalk.internet import defer, reactor\n"
        "class T(unittest.TestCase):\n"
        "    def test_a(self):\n"
        "        reactor.callLater(0, print, 'waiting', flush=True)\n"
        "        return defer.Deferred()\n"
        "    def test_b(self):\n"
        "        raise ValueError('is not run')\n"
    )
    with Program([*TRIAL, "test_wait"], cwd=folder) as program:
        program.line("waiting")
        program.process.send_signal(signal.SIGINT)
        status = program.wait()
    assert status == 1
    assert program.output[-1] == "FAILED (errors=1)"
    assert any("KeyboardInterrupt" in line for line in program.output)


def test_interruptedJobs(folder: Path) -> None:
    """With several processes, Ctrl-C ends them, and the run has not passed."""
    (folder / "test_wait.py").write_text(
        "import sys\n"
        "from ropewalk.trial import unittest\n"
        "from ropewalk.internet import defer\n"
        "class T(unittest.TestCase):\n"
        "    def test_a(self):\n"
        "        pass\n"
        "    def test_b(self):\n"
        "        return defer.Deferred()\n"
    )
    with Program([*TRIAL, "-j1", "test_wait"], cwd=folder) as program:
        program.line("test_a")
        program.process.send_signal(signal.SIGINT)
        status = program.wait()
    assert status == 130
    assert "Interrupted." in program.output
    assert program.output[-1] == "FAILED (errors=1, successes=1)"


def test_pipeClosed(folder: Path) -> None:
    """A reader that goes away early ends the run without a traceback."""
    command = f"{' '.join(TRIAL)} pack | head -1"
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stdout == "pack.test.test_suite\n"
    assert "Traceback" not in done.stderr


CRASHES = """\
import os, signal
from ropewalk.trial import unittest

class A(unittest.TestCase):
    def test_a(self):
        pass
    def test_b(self):
        os.kill(os.getpid(), signal.SIGKILL)
    def test_c(self):
        pass

class B(unittest.TestCase):
    def test_exits(self):
        os._exit(3)
    def test_odd(self):
        class Odd(Exception):
            def __init__(self, a, b):
                super().__init__("odd")
        raise Odd(1, 2)
"""


def test_jobs(folder: Path) -> None:
    """TR10: several processes give the results that one gives."""
    _, alone = trial(folder, "pack/test/test_suite.py")
    status, together = trial(folder, "-j2", "pack/test/test_suite.py")
    assert status == 1
    assert together[-1] == alone[-1]
    assert sorted(line for line in together if line.startswith("    ")) == sorted(
        line for line in alone if line.startswith("    ")
    )
    assert f"{folder}/pack/test/test_suite.py:26: UserWarning: careful" in together
    assert "[-] written by z" in "".join(path.read_text() for path in folder.glob("_trial_temp/*/test.log"))


def test_jobsCrash(folder: Path) -> None:
    """A worker that dies is an error of the test that it ran; all other tests are run."""
    (folder / "test_crash.py").write_text(CRASHES)
    status, lines = trial(folder, "-j2", "test_crash")
    assert status == 1
    assert lines[-1] == "FAILED (errors=3, successes=2)"
    for name, result in (("test_a", "[OK]"), ("test_b", "[ERROR]"), ("test_c", "[OK]"), ("test_exits", "[ERROR]")):
        assert right(f"    {name} ...", result) in lines
    assert any("the worker was ended by signal 9 while it ran this test" in line for line in lines)
    assert any("the worker has exited with status 3" in line for line in lines)
    assert "builtins.Exception: (test_crash.B.test_odd.<locals>.Odd) odd" in lines


@pytest.mark.parametrize("place", ["/dev/null", "/dev/null/deep/down"])
def test_noDirectoryToRunIn(folder: Path, place: str) -> None:
    """A place where no directory can be made is named in a sentence."""
    status, lines = trial(folder, "--temp-directory", place, "pack")
    assert status == 1
    (line,) = lines
    assert line.startswith(f"trial: tests cannot run in '{place}': ")
    assert line.endswith("choose another --temp-directory")


def test_logOnAFullDisk(folder: Path) -> None:
    """A log that can't be written costs no test its verdict; that it is not whole is said."""
    status, lines = trial(folder, "-l", "/dev/full", "pack.test.test_suite.Good")
    assert lines[-3].startswith("PASSED"), lines
    assert lines[-1] == "the log '/dev/full' is not whole: [Errno 28] No space left on device"
    assert status == 0


def test_jobsThatIgnoreSignals(folder: Path) -> None:
    """When the run stops, with -x say, a test that ignores SIGTERM doesn't keep it."""
    (folder / "test_deaf.py").write_text(
        "import os, signal\n"
        "from ropewalk.trial import unittest\n"
        f"os.path.exists({str(folder / 'fifo')!r}) or os.mkfifo({str(folder / 'fifo')!r})\n"
        "class Deaf(unittest.TestCase):\n"
        "    def test_it(self):\n"
        "        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"        open({str(folder / 'fifo')!r}, 'w').close()\n"
        "        while True:\n"
        "            signal.pause()\n"
        "class Fails(unittest.TestCase):\n"
        "    def test_it(self):\n"
        f"        open({str(folder / 'fifo')!r}).close()\n"
        "        self.fail()\n"
    )
    status, lines = trial(folder, "-j2", "-x", "test_deaf")
    assert status == 1
    assert lines[-1] == "FAILED (failures=1)"


@pytest.mark.slow
def test_jobsCrashWithAHeir(folder: Path) -> None:
    """A worker that dies is missed though a process that it has forked, and that lives on, holds its pipe open."""
    (folder / "test_heir.py").write_text(
        "import os, signal\n"
        "from ropewalk.trial import unittest\n"
        "class T(unittest.TestCase):\n"
        "    def test_it(self):\n"
        "        heir = os.fork()\n"
        "        if not heir:\n"
        "            signal.pause()\n"
        f"        with open({str(folder / 'heir')!r}, 'w') as file:\n"
        "            file.write(str(heir))\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    status, lines = trial(folder, "-j1", "test_heir")
    os.kill(int((folder / "heir").read_text()), signal.SIGKILL)
    assert status == 1
    assert any("the worker was ended by signal 9 while it ran this test" in line for line in lines)


def test_jobsThatCannotStart(folder: Path) -> None:
    """If the workers do not come to their first test, the run has not passed."""
    (folder / "test_once.py").write_text(
        "import os\n"
        "from ropewalk.trial import unittest\n"
        "if not os.path.exists('once'):\n"
        "    os._exit(4)\n"
        "os.remove('once')\n"
        "class T(unittest.TestCase):\n"
        "    def test_it(self):\n"
        "        pass\n"
    )
    (folder / "once").touch()
    status, lines = trial(folder, "-j2", "test_once")
    assert status == 1
    assert any("no worker could start" in line for line in lines)


@pytest.mark.parametrize("other", ["--coverage", "--debug", "--profile", "--dry-run"])
def test_jobsExclude(folder: Path, other: str) -> None:
    """What needs all tests in one process cannot be had with several."""
    status, lines = trial(folder, "-j2", other, "pack")
    assert status == 1
    assert lines == [f"trial: --jobs and {other} exclude each other"]


def test_jobsExitFirst(folder: Path) -> None:
    """-x ends all workers."""
    status, lines = trial(folder, "-j1", "-x", "pack.test.test_suite.Good", "pack.test.test_suite.Many")
    assert status == 1
    assert lines[-1] == "FAILED (failures=1, successes=2)"


def test_jobsMistake(folder: Path) -> None:
    """A number of processes is above zero."""
    _, lines = trial(folder, "-j", "0", "pack")
    assert "--jobs takes a number above zero, or 'auto', not '0'" in lines[0]
