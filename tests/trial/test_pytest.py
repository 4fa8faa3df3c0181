"""Under pytest: the same verdicts, and functions that wait (wish 25)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CASES = '''\
from ropewalk.internet import defer, reactor
from ropewalk.python import log
from ropewalk.trial import unittest

class Base(unittest.TestCase):
    """Has no tests of its own."""

class Cases(Base):
    def test_dirty(self):
        reactor.callLater(1000, print)
    def test_error(self):
        raise ValueError("no")
    def test_failed(self):
        return defer.fail(KeyError("no traceback"))
    def test_failure(self):
        self.assertEqual(1, 2)
    def test_logged(self):
        log.err(ValueError("logged"))
    def test_pass(self):
        deferred = defer.Deferred()
        reactor.callLater(0, deferred.callback, None)
        return deferred
    def test_skip(self):
        raise unittest.SkipTest("why")
    def test_temporary(self):
        open(self.mktemp(), "w").close()
    def test_todo(self):
        self.fail("yet")
    test_todo.todo = "later"
    def test_unexpected(self):
        pass
    test_unexpected.todo = "later"
    async def test_waits(self):
        pass
'''

# What each program calls a result -> what it is.
TRIAL = {"OK": "pass", "FAILURE": "fail", "ERROR": "fail", "SKIPPED": "skip", "TODO": "todo", "SUCCESS!?!": "done"}
PYTEST = {"PASSED": "pass", "FAILED": "fail", "SKIPPED": "skip", "XFAIL": "todo", "XPASS": "done"}


def run(folder: Path, *command: str) -> str:
    """Run a module; return its output."""
    # Only our plugin, under the name by which it is given here: whether it is installed is not what is tested.
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout


def underPytest(folder: Path, *more: str) -> str:
    return run(folder, "pytest", "-p", "ropewalk.trial._pytest", "-p", "no:cacheprovider", "-v", "-rA", *more)


@pytest.mark.parametrize("name", ["ropewalk", "twisted"])
def test_sameVerdicts(tmp_path: Path, name: str) -> None:
    """Every test gets under pytest what it gets under trial, whichever name it imports."""
    (tmp_path / "test_cases.py").write_text(CASES.replace("ropewalk", name))
    standIn = ["-p", "ropewalk.as_twisted"] if name == "twisted" else []

    byTrial = run(tmp_path, "ropewalk.trial", "--reporter=bwverbose", "test_cases")
    byPytest = underPytest(tmp_path, *standIn, "test_cases.py")

    ours = {m[1]: TRIAL[m[2]] for m in re.finditer(r"Cases\.(test_\w+) \.\.\. \[(.*?)\]", byTrial)}
    theirs = {m[1]: PYTEST[m[2]] for m in re.finditer(r"::Cases::(test_\w+) ([A-Z]+)", byPytest)}
    assert len(ours) == 11
    assert ours == theirs
    assert "runTest" not in byPytest
    assert "Reactor was unclean" in byPytest
    assert list(tmp_path.glob("test_cases")) == []  # temporary paths are not here


FUNCTIONS = """\
import asyncio
import pytest
from ropewalk.internet import defer, reactor, task
from ropewalk.python import log

pytestmark = pytest.mark.ropewalk

@pytest.fixture
async def three():
    await task.deferLater(reactor, 0)
    return 3

order = []

@pytest.fixture
async def resource(three):
    order.append("open")
    yield three + 1
    await asyncio.sleep(0)
    order.append("closed")

async def test_coroutine(three, resource):
    await asyncio.sleep(0)
    await task.deferLater(reactor, 0)
    assert (three, resource, order) == (3, 4, ["open"])

def test_deferred():
    return task.deferLater(reactor, 0, lambda: order).addCallback(lambda got: 1 / (got == ["open", "closed"]))

def test_plain():
    pass

class TestInClass:
    @pytest.fixture
    async def own(self):
        return self
    async def test_method(self, own):
        assert own is self

async def test_fails():
    await task.deferLater(reactor, 0)
    assert 1 == 2

async def test_logs():
    log.err(ValueError("logged"))

async def test_dirty():
    reactor.callLater(1000, print)

@pytest.mark.ropewalk(timeout=0.01)
async def test_late():
    await defer.Deferred()
"""


def test_functions(tmp_path: Path) -> None:
    """Test functions and fixtures under the marker may be coroutines or return Deferreds."""
    (tmp_path / "test_functions.py").write_text(FUNCTIONS)
    output = underPytest(tmp_path, "--strict-markers", "test_functions.py")
    results = dict(re.findall(r"::(test_\w+) ([A-Z]+)", output))
    assert results == {
        "test_coroutine": "PASSED",
        "test_deferred": "PASSED",
        "test_plain": "PASSED",
        "test_method": "PASSED",
        "test_fails": "FAILED",
        "test_logs": "FAILED",
        "test_dirty": "FAILED",
        "test_late": "FAILED",
    }
    assert "test_late still running at 0.01 secs" in output
    assert "_cases" not in output  # our own frames are not shown


BESIDE = """\
import pytest
from ropewalk.internet import reactor, task
from ropewalk.trial import unittest

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_first():
    assert await task.deferLater(reactor, 0, lambda: 7) == 7

class Cases(unittest.TestCase):
    def test_between(self):
        return task.deferLater(reactor, 0)

@pytest.mark.anyio
async def test_last():
    assert await task.deferLater(reactor, 0, lambda: 8) == 8
"""


@pytest.mark.parametrize(
    ("reactor", "order"),
    [("", ["test_first", "Cases", "test_last"]), ("asyncio", ["Cases", "test_first", "test_last"])],
)
def test_besideOtherPlugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reactor: str, order: list[str]) -> None:
    """Tests that another plugin runs on loops of its own share the reactor with test cases.

    It must be the one that is hosted on asyncio loops: chosen by the first such test, or by name.
    """
    pytest.importorskip("anyio")
    monkeypatch.setenv("ROPEWALK_REACTOR", reactor)
    (tmp_path / "test_beside.py").write_text(BESIDE)
    output = underPytest(tmp_path, "-p", "anyio.pytest_plugin", *(f"test_beside.py::{name}" for name in order))
    assert re.findall(r"::(test_\w+) ([A-Z]+)", output) == [
        (name.replace("Cases", "test_between"), "PASSED") for name in order
    ]
