"""`ropewalk.runner.procmontap`: the command line of ``procmon``."""

from __future__ import annotations

import pytest

from ropewalk.python.usage import UsageError
from ropewalk.runner.procmontap import Options, makeService


def parsed(*words: str) -> Options:
    options = Options()
    options.parseOptions(words)
    return options


def test_makesAMonitorOfTheCommand() -> None:
    """Options before the command are ours, those behind it the command's."""
    monitor = makeService(parsed("-t", "3", "--killtime=4", "-m", "2", "-M", "7", "ls", "-l", "-t"))
    assert monitor.processes == {"ls -l -t": (("ls", "-l", "-t"), None, None, {})}
    assert (monitor.threshold, monitor.killTime) == (3, 4)
    assert (monitor.minRestartDelay, monitor.maxRestartDelay) == (2, 7)
    assert monitor.delay == {"ls -l -t": 2}


def test_hasTheMonitorsDefaults() -> None:
    monitor = makeService(parsed("ls"))
    assert (monitor.threshold, monitor.killTime) == (1, 5)
    assert (monitor.minRestartDelay, monitor.maxRestartDelay) == (1, 3600)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Please specify a process commandline"),
        (["-t", "soon", "ls"], "could not convert string to float: 'soon'"),
        (["-k", "-1", "ls"], "--killtime is a number of seconds, zero or more, not -1"),
        (["-m", "8", "-M", "7", "ls"], r"--minrestartdelay \(8\) is above --maxrestartdelay \(7\)"),
    ],
)
def test_mistakesAreSentences(words: list[str], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parsed(*words)
