"""`benchmarks/run.py` as its users start it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from harness.command import complaints
from harness.measures import IdleServer, StartUp
from harness.peers import Peer
from harness.rounds import Results, Step, plan
from harness.rows import Row

RUN = Path(__file__).parents[2] / "benchmarks" / "run.py"

needsCompiler = pytest.mark.skipif(shutil.which("cc") is None, reason="the load generator is compiled with cc")


def runs(pid: str) -> bool:
    """Whether a process still runs; one that only waits for init to collect it does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, RUN, *arguments], capture_output=True, text=True, timeout=50)


@needsCompiler
def test_shortRunPrintsATableAndSavesItsSamples(tmp_path: Path) -> None:
    """A run of a fraction of a second against asyncio's echo server measures, prints and saves."""
    saved = tmp_path / "samples.json"
    done = run(
        "--only",
        "echo,bulk,churn,udp",
        "--peers",
        "asyncio",
        "--rounds",
        "1",
        "--seconds",
        "0.05",
        "--json",
        str(saved),
    )
    assert done.returncode == 0, done.stderr
    assert "| echo 64 B, 50 connections" in done.stdout
    rows = json.loads(saved.read_text())["rows"]
    assert [row["row"] for row in rows] == ["echo", "bulk", "churn", "udp"]
    assert all(row["samples"][0]["value"] > 0 for row in rows)


def test_listNamesRowsAndPeers() -> None:
    """`--list` says what `--only` and `--peers` take."""
    done = run("--list")
    assert {"echo", "later", "ropewalk", "twisted"} <= {line.split()[0] for line in done.stdout.splitlines()}


def test_unknownRowIsRefusedWithTheChoice() -> None:
    """A name that does not exist is refused by a sentence that lists those that do."""
    done = run("--only", "echo,eccho")
    assert done.returncode == 2
    assert "there is no 'eccho'; there are echo, chatty" in done.stderr


@needsCompiler
def test_interruptedRunShowsWhatItHas() -> None:
    """Ctrl-C ends a run at once, with the table so far and no child left behind."""
    command = [sys.executable, str(RUN), "--only", "echo", "--peers", "asyncio", "--rounds", "1", "--seconds", "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while len(found := children.read_text().split()) < 2:  # the server and the generator
            assert process.poll() is None, process.stderr and process.stderr.read()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "interrupted" in errors
    while any(map(runs, found)):
        pass  # bounded by the test's own time limit


def test_peersAreInterleaved() -> None:
    """Every round visits every peer before the next begins, so that all share the machine's good and bad minutes."""
    row = Row("startup", "start", "ms", StartUp())
    one, two = Peer("one", ("x.py",)), Peer("two", ("x.py",))
    assert plan([row], [one, two], 2) == [Step(row, 1, one), Step(row, 1, two), Step(row, 2, one), Step(row, 2, two)]


def test_rowsComeOneAfterTheOther() -> None:
    """A row is complete before the next begins: an interrupted run has whole lines."""
    first, second = Row("a", "a", "ms", StartUp()), Row("b", "b", "MB", IdleServer())
    peer = Peer("one", ("x.py",))
    assert [step.row.name for step in plan([first, second], [peer], 2)] == ["a", "a", "b", "b"]


def test_causeIsToldOnce() -> None:
    """A peer that fails in many rows for one reason is one sentence."""
    results = Results(problems={("echo", "c"): "no cc", ("bulk", "c"): "no cc", ("bulk", "uvloop"): "gone"})
    assert complaints(results) == ["bench: echo, bulk without c: no cc", "bench: bulk without uvloop: gone"]
