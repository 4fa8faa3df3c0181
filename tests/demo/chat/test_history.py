"""What was said, in a file: its limits, and what happens when it can't be written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ropewalk.demo.chat.history import History
from ropewalk.internet import epollreactor
from support.reactors import run
from support.recording import logged

LIMIT = 200_000


def test_fullFileForgetsTheOldest(tmp_path: Path) -> None:
    """A history as large as it may be drops its oldest lines for new ones, and the file grows no more."""
    path = tmp_path / "new" / "chat.sqlite"
    reactor = epollreactor.EPollReactor()
    history = History(reactor, str(path), sizeBytes=LIMIT)

    async def main() -> list[str]:
        history.open()
        for number in range(1000):
            history.record("lobby", f"{number} {'x' * 400}")
        kept = [said.line.split()[0] for said in await history.recent("Lobby", 10_000)]
        await history.close()
        return kept

    kept = run(reactor, main, timeout=30.0)
    assert kept[-1] == "999"
    assert kept == [str(number) for number in range(1000 - len(kept), 1000)]
    assert 100 < len(kept) < 1000
    assert path.stat().st_size <= LIMIT


def test_lineThatCannotBeKeptIsLogged(tmp_path: Path) -> None:
    """Its table is gone from under it: the line is lost, the log says so, and after a restart lines are kept again."""
    path = tmp_path / "chat.sqlite"
    reactor = epollreactor.EPollReactor()
    history = History(reactor, str(path))

    async def main() -> list[str]:
        history.open()
        history.record("lobby", "before")
        await history.recent("lobby", 1)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("DROP TABLE said")
        history.record("lobby", "lost")
        await history.close()
        history.open()
        history.record("lobby", "after")
        kept = [said.line for said in await history.recent("lobby", 9)]
        await history.close()
        other.close()
        return kept

    with logged(sqlite3.OperationalError):
        assert run(reactor, main, timeout=30.0) == ["after"]


def test_historyThatIsNotOpenSaysSo() -> None:
    """Asking before it is open is a mistake with a sentence; closing then is none."""
    reactor = epollreactor.EPollReactor()
    history = History(reactor, ":memory:")

    async def main() -> None:
        await history.close()
        history.open()
        await history.close()
        await history.close()

    run(reactor, main)
    with pytest.raises(sqlite3.ProgrammingError, match="not open"):
        history._opened()
