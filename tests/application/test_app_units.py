"""The unit files that run a command line."""

from __future__ import annotations

import os
import sys

import pytest

from ropewalk.application._running.mistakes import Refusal
from ropewalk.application._running.unitfile import units
from ropewalk.scripts.twistd import ServerOptions


def made(*words: str) -> dict[str, str]:
    options = ServerOptions()
    options.parseOptions(list(words))
    return units(options["systemd-unit"], options)


def setting(text: str, name: str) -> str | None:
    found = [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{name}=")]
    assert len(found) < 2
    return found[0] if found else None


@pytest.fixture(autouse=True)
def program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/bin/true"])
    monkeypatch.setattr(sys, "executable", "/bin/true")
    monkeypatch.setattr(sys, "prefix", "/usr")


def test_commandLine() -> None:
    """The rest of the line is run as it stands, in the foreground; this is what tap2deb was for (F195, TW11)."""
    text = made("--systemd-unit=it", "--log-level=warn", "-o", "--pidfile=x", "-y", "it.tac")["it.service"]
    start = f"/bin/true --nodaemon --pidfile= --log-level=warn --no_save --python={os.path.abspath('it.tac')}"
    assert setting(text, "ExecStart") == start
    assert setting(text, "Type") == "notify"
    assert setting(text, "WorkingDirectory") == os.getcwd()


def test_wordsAreQuoted() -> None:
    """Words reach the program as they were typed, whatever systemd would make of them."""
    line = setting(
        made("--systemd-unit=it", "procmon", "sh", "-c", 'echo "$HOME" 100%; \\n', "")["it.service"], "ExecStart"
    )
    assert line is not None
    assert line.endswith('procmon sh -c "echo \\"$$HOME\\" 100%%; \\\\n" ""')


def test_whatSystemdDoesItself() -> None:
    """User, group, umask, directories are the unit's, not the command's."""
    words = ["-u", "0", "-g", "0", "--umask=27", "-d", "/srv", "--chroot", "/jail", "--drain=30", "-y", "/srv/it.tac"]
    text = made("--systemd-unit=it.service", *words)["it.service"]
    assert setting(text, "ExecStart") == "/bin/true --nodaemon --pidfile= --drain=30 --python=/srv/it.tac"
    wanted = {"User": "root", "Group": "root", "UMask": "0027", "WorkingDirectory": "/srv", "RootDirectory": "/jail"}
    wanted |= {"TimeoutStopSec": "40", "ProtectHome": "yes"}
    assert setting(text, "DynamicUser") is None
    assert {name: setting(text, name) for name in wanted} == wanted
    assert setting(made("--systemd-unit=it", "-y", "/home/me/it.tac")["it.service"], "ProtectHome") == "read-only"


@pytest.mark.parametrize(("name", "path"), [("prefix", "/home/me/venv"), ("executable", "/root/python/bin/python3")])
def test_pythonAtHome(monkeypatch: pytest.MonkeyPatch, name: str, path: str) -> None:
    """A Python that is in somebody's home can be read there."""
    monkeypatch.setattr(sys, name, path)
    assert setting(made("--systemd-unit=it", "-y", "/srv/it.tac")["it.service"], "ProtectHome") == "read-only"


def test_sockets() -> None:
    """Each socket has a unit of its own, with the name by which the program finds it (SD2)."""
    texts = made("--systemd-unit=it", "--systemd-socket", "http=80", "--systemd-socket", "/run/it", "-y", "it.tac")
    assert list(texts) == ["it.service", "it-http.socket", "it.socket"]
    assert setting(texts["it.service"], "Requires") == "it-http.socket it.socket"
    http = texts["it-http.socket"]
    assert [setting(http, name) for name in ("ListenStream", "FileDescriptorName", "Service")] == [
        "80",
        "http",
        "it.service",
    ]
    assert [setting(texts["it.socket"], name) for name in ("ListenStream", "FileDescriptorName")] == ["/run/it", "it"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--systemd-unit=a b", "-y", "x"], "a unit's name is made of letters"),
        (["--systemd-unit=", "-y", "x"], "a unit's name is made of letters"),
        (["--systemd-unit=a", "--systemd-socket=a b=80", "-y", "x"], r"takes \[NAME=\]ADDRESS"),
        (["--systemd-unit=a", "--systemd-socket=http=", "-y", "x"], r"takes \[NAME=\]ADDRESS"),
        (["--systemd-unit=a", "--systemd-socket=http=80\nUser=root", "-y", "x"], r"takes \[NAME=\]ADDRESS"),
        (["--systemd-unit=a", "procmon", "systemd:domain=INET:index=0"], "say where they listen"),
    ],
)
def test_refused(words: list[str], sentence: str) -> None:
    """What systemd would misunderstand is refused."""
    with pytest.raises(Refusal, match=sentence):
        made(*words)
