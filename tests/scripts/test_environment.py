"""``ropewalk stand-in``: Ropewalk in the place of Twisted, for a whole environment."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

import pytest

from ropewalk.scripts import _environment
from ropewalk.scripts._environment import Refused


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """An empty directory of installed packages."""
    return tmp_path


def pretend(site: Path, version: str) -> None:
    """Install a Twisted."""
    folder = site / f"Twisted-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: Twisted\nVersion: {version}\n")
    (folder / "INSTALLER").write_text("pip\n")


def found(site: Path) -> list[str]:
    return [each.version for each in distributions(name="twisted", path=[os.fspath(site)])]


def test_installedAndRemoved(site: Path) -> None:
    """Two things are written, named in what is said, and taken away again; nothing else is touched."""
    (site / "other.py").touch()
    assert _environment.status(site)[0] is False
    said = _environment.install(site)
    for name in (_environment.STARTER, _environment.RECORD, str(site), "--remove"):
        assert name in said
    assert found(site) == ["26.10.0"]
    assert _environment.status(site) == (True, f"Ropewalk stands in for Twisted 26.10.0 in {site}.")
    _environment.install(site)
    _environment.remove(site)
    assert os.listdir(site) == ["other.py"]
    assert _environment.status(site)[0] is False
    assert str(site) in _environment.remove(site)


def test_theRecordListsWhatIsThere(site: Path) -> None:
    """``pip uninstall Twisted`` finds every file that was written."""
    _environment.install(site)
    [distribution] = distributions(name="twisted", path=[os.fspath(site)])
    assert distribution.files is not None
    listed = {os.fspath(path) for path in distribution.files}
    written = {os.fspath(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    assert listed == written
    assert "tls" in distribution.metadata.get_all("Provides-Extra", [])


def test_aRealTwistedIsNotReplaced(site: Path) -> None:
    """With Twisted installed nothing is changed, and the way out is named."""
    pretend(site, "24.7.0")
    with pytest.raises(Refused, match=r"Twisted 24\.7\.0 is installed .*pip uninstall Twisted"):
        _environment.install(site)
    assert not (site / _environment.STARTER).exists()
    assert "Twisted 24.7.0 is installed there" in _environment.status(site)[1]


def test_aRealTwistedAddedLaterIsSeen(site: Path) -> None:
    """When Twisted came after us, the status says who wins; removing takes only what is ours."""
    _environment.install(site)
    pretend(site, "24.7.0")
    isIn, said = _environment.status(site)
    assert isIn
    assert "programs get Ropewalk nevertheless" in said
    _environment.remove(site)
    assert found(site) == ["24.7.0"]


def test_theRecordOfTheSameReleaseIsNotOurs(site: Path) -> None:
    """If pip put its own record of that release in our place, removing leaves it."""
    _environment.install(site)
    (site / _environment.RECORD / "INSTALLER").write_text("pip\n")
    _environment.remove(site)
    assert found(site) == ["26.10.0"]
    assert not (site / _environment.STARTER).exists()


def test_aMissingRecordIsMentioned(site: Path) -> None:
    """Half of it gone, the status says which half and how to mend it."""
    _environment.install(site)
    for name in os.listdir(site / _environment.RECORD):
        (site / _environment.RECORD / name).unlink()
    assert "--install` writes it again" in _environment.status(site)[1]


def test_whatCannotBeWrittenIsNamed(site: Path) -> None:
    """A place that takes no files is a sentence with its path."""
    (site / _environment.RECORD).write_text("in the way")
    with pytest.raises(Refused, match="cannot be written"):
        _environment.install(site)


def test_theWholeMachineIsNotChangedByAccident(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a virtual environment it asks to be told that this is meant."""
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    with pytest.raises(Refused, match="--system"):
        _environment.install()


def test_programsOfTheEnvironmentGetRopewalk(tmp_path: Path) -> None:
    """In a real environment every Python has ``twisted``, quickly, and no more once it was removed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True, timeout=50)
    python = str(tmp_path / "env" / "bin" / "python")
    [site] = (tmp_path / "env" / "lib").glob("python*/site-packages")
    # Ropewalk and what it needs come from this environment.
    places = [str(Path(_environment.__file__).parents[2]), sysconfig.get_path("purelib")]
    (site / "_here.pth").write_text("\n".join(places))
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "ROPEWALK_STAND_IN")}

    def execute(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([python, *words], env=env, capture_output=True, text=True, timeout=50, check=False)

    ask = ("-c", "from twisted.internet import defer; print(defer.__name__)")
    assert execute(*ask).returncode == 1
    assert execute("-m", "ropewalk", "stand-in", "--status").returncode == 1
    done = execute("-m", "ropewalk", "stand-in", "--install")
    assert "now stands in for Twisted" in done.stdout, done.stderr
    assert execute(*ask).stdout == "ropewalk.internet.defer\n"
    assert execute("-m", "twisted", "version").stdout.startswith("Ropewalk")
    assert execute("-m", "ropewalk", "stand-in", "--status").returncode == 0
    assert execute("-m", "ropewalk", "stand-in", "--remove").returncode == 0
    assert execute(*ask).returncode == 1
    # With Ropewalk gone, what it left behind must not disturb.
    execute("-m", "ropewalk", "stand-in", "--install")
    (site / "_here.pth").unlink()
    done = execute("-c", "print('undisturbed')")
    assert (done.stdout, done.stderr) == ("undisturbed\n", "")
