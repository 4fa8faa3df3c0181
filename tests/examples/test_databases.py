"""The documents' programs about databases, run as a user runs them."""

from __future__ import annotations

import pytest

from support.examples import Starter
from support.postgres import Postgres


@pytest.mark.parametrize("name", ["query", "interaction"])
def test_getAge(start: Starter, name: str) -> None:
    """F9 (DB1, DB2, DB4): who is in the table has an age, and others are no users."""
    with start(f"databases/{name}.py", "joe", "eve") as program:
        assert program.wait() == 0
    assert program.output == ["42 years old", "No such user"]
    assert not program.errors


def transferred(name: str) -> list[str]:
    return [
        "ann has 3 left",
        "no: ann has not that much",
        "ann 3",
        "bob 7",
        f"too slow: the database of the pool '{name}' did not answer within 0.1 seconds",
        "calls that were answered: 5",
    ]


def test_transfer(start: Starter) -> None:
    """A transfer that fails leaves no trace; a statement that takes too long is stopped (wish 28)."""
    with start("databases/transfer.py") as program:
        assert program.wait() == 0
    assert program.output == transferred("sqlite3")
    assert not program.errors


def test_transferInPostgres(start: Starter) -> None:
    """The same program with another driver."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    server = Postgres()
    try:
        with start("databases/transfer.py", "psycopg", server.conninfo) as program:
            assert program.wait() == 0
    finally:
        server.stop()
    assert program.output == transferred("psycopg")
    assert not program.errors
