"""``ropewalk doctor``: what it says of this machine, and of machines that lack something."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from ropewalk.scripts import _doctor
from ropewalk.scripts._doctor import EXTRAS, Finding, Requirement, examine, installing


def doctor(*words: str, prelude: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command; ``prelude`` is done in its process before."""
    script = (
        f"{prelude}\nfrom ropewalk.scripts.ropewalk import main; import sys; sys.exit(main(['doctor', *sys.argv[1:]]))"
    )
    env = {name: value for name, value in os.environ.items() if name != "ROPEWALK_REACTOR"} | environment
    return subprocess.run(
        [sys.executable, "-c", script, *words], env=env, capture_output=True, text=True, timeout=60, check=False
    )


def found(done: subprocess.CompletedProcess[str], name: str) -> dict[str, Any]:
    """The finding of a name, from a report for programs."""
    assert not done.stderr
    (one,) = [finding for finding in json.loads(done.stdout)["findings"] if finding["name"] == name]
    return dict(one)


class TestReport:
    def test_saysThatAllIsWell(self) -> None:
        """Where everything works that programs need, the status is 0; each finding is a sentence."""
        done = doctor()
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.endswith("\nAll is well.\n")
        marked = [line for line in done.stdout.splitlines() if line.startswith(("  ok  ", "   -  "))]
        assert len(marked) > 20
        assert all(line.endswith(".") for line in marked)

    def test_isForProgramsToo(self) -> None:
        """--json prints the same findings, with fields."""
        done = doctor("--json")
        assert done.returncode == 0
        report = json.loads(done.stdout)
        assert report["healthy"] is True
        assert {finding["state"] for finding in report["findings"]} <= {"ok", "absent"}
        assert set(report["findings"][0]) == {"topic", "name", "state", "sentence", "remedy"}

    def test_findingsHaveNamesOfTheirOwn(self) -> None:
        names = [(finding.topic, finding.name) for finding in examine()]
        assert len(names) == len(set(names))

    @pytest.mark.parametrize("name", ["ropewalk", "python", "openssl", "chosen", "files", "stand-in", *EXTRAS])
    def test_looksAtWhatMatters(self, name: str) -> None:
        """Versions, the reactor, open files, the stand-in, and every extra of the package are looked at."""
        assert name in {finding.name for finding in examine()}


class TestTrouble:
    def test_reactorThatDoesNotExist(self) -> None:
        """A wrong ROPEWALK_REACTOR is trouble: the status is 1, and it is said what to do."""
        done = doctor(ROPEWALK_REACTOR="nuclear")
        assert done.returncode == 1
        lines = done.stdout.splitlines()
        (at,) = [number for number, line in enumerate(lines) if line.startswith("FAIL")]
        assert "ROPEWALK_REACTOR='nuclear' names no reactor" in lines[at]
        assert lines[at + 1].strip() == "unset ROPEWALK_REACTOR"
        assert lines[-1] == "Programs will fail for what is marked FAIL above: 1."

    def test_reactorThatIsAskedFor(self) -> None:
        """It is said which reactor programs get, and why."""
        sentence = found(doctor("--json", ROPEWALK_REACTOR="poll"), "chosen")["sentence"]
        assert sentence == "A program that chooses none gets PollReactor: ROPEWALK_REACTOR=poll asks for it."

    def test_requirementThatIsMissing(self) -> None:
        """What everything needs is trouble when it is missing or too old, with the command that gets it."""
        missing = Requirement("idna", "3.7", None).finding("Versions", "it is needed")
        assert (missing.state, missing.sentence) == ("trouble", "idna is not installed, and it is needed.")
        assert missing.remedy.endswith("install 'idna>=3.7'") or missing.remedy.endswith("'idna>=3.7'")
        old = Requirement("idna", "3.7", "3.6").finding("Versions", "it is needed")
        assert (old.state, old.sentence) == ("trouble", "idna 3.6 is older than 3.7, and it is needed.")


class TestFeatures:
    def test_missingExtra(self) -> None:
        """An extra that isn't there is no trouble: it is said what is different, and what to type."""
        prelude = (
            "from importlib import metadata\nreal = metadata.version\n"
            "def version(name):\n"
            "    if name == 'watchfiles': raise metadata.PackageNotFoundError(name)\n"
            "    return real(name)\n"
            "metadata.version = version"
        )
        done = doctor("--json", prelude=prelude)
        finding = found(done, "reload")
        assert done.returncode == 0
        assert finding["state"] == "absent"
        assert finding["sentence"] == "reload: --reload looks at the files twice a second; watchfiles is missing."
        assert "watchfiles>=" in finding["remedy"]
        assert sys.executable in finding["remedy"]

    @pytest.mark.parametrize(
        ("least", "installed", "isMet"),
        [
            ("1.0", None, False),
            ("1.0", "0.9", False),
            ("1.0", "1.0", True),
            ("1.9", "1.10", True),
            ("2", "2.0rc1", True),
        ],
    )
    def test_versionsAreCompared(self, least: str, installed: str | None, isMet: bool) -> None:
        assert Requirement("x", least, installed).isMet is isMet

    def test_commandsAreForThisEnvironment(self) -> None:
        """What is to be typed names this Python, and quotes what a shell would read otherwise."""
        command = installing([Requirement("a", "1", None), Requirement("b", "2", None)])
        assert sys.executable in command
        assert command.endswith("'a>=1' 'b>=2'")


class TestSystem:
    def test_fewOpenFiles(self) -> None:
        """A low limit of open files is told with the command that raises it, and is no trouble."""
        pytest.importorskip("resource")
        prelude = (
            "import resource\n"
            "soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)\n"
            "resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))"
        )
        finding = found(doctor("--json", prelude=prelude), "files")
        assert finding["state"] == "absent"
        assert finding["sentence"].startswith("A process may have 256 files and connections open")
        assert finding["remedy"].startswith(("ulimit -n ", "raise the limit"))

    def test_nothingToListenAt(self) -> None:
        """An address that nothing can listen at is told; without IPv4 it is trouble."""
        finding = _doctor._loopback("System", "IPv4", "192.0.2.1")
        assert finding == Finding(
            "System", "IPv4", "trouble", "Nothing can listen at 192.0.2.1: Cannot assign requested address."
        )
