"""What drivers can do that DB-API 2.0 does not speak of: autocommit, and being interrupted.

Every driver has its own names for it. We go by what a connection offers, not by who made it, so that a driver that we
have never heard of works as far as it resembles one that we have.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from ropewalk.logger import Logger

_log = Logger("ropewalk.enterprise.adbapi")


def switchToAutocommit(connection: Any) -> Callable[[], object] | None:
    """Let each statement be a transaction of its own, from now on.

    Args:
        connection: a driver's, not within a transaction.

    Returns:
        What switches back; `None` if the driver has no such mode.
    """
    switch = getattr(connection, "autocommit", None)
    if callable(switch):  # mysqlclient, PyMySQL
        before = connection.get_autocommit() if hasattr(connection, "get_autocommit") else False
        switch(True)
        return partial(switch, before)
    if isinstance(switch, bool):  # psycopg, psycopg2, oracledb, pyodbc, sqlite3 as of 3.12 when told so
        connection.autocommit = True
        return partial(setattr, connection, "autocommit", switch)
    if hasattr(connection, "in_transaction") and hasattr(connection, "isolation_level"):  # sqlite3
        level = connection.isolation_level
        connection.isolation_level = None
        return partial(setattr, connection, "isolation_level", level)
    return None


def isEmbedded(connection: Any) -> bool:
    """Whether the database is in this process: it cannot hang like a server, and may be in this connection only."""
    return hasattr(connection, "interrupt") and not hasattr(connection, "cancel")


def interrupt(connection: Any, cursor: Any, seconds: float) -> None:
    """Stop the statement that another thread runs on a connection, if the driver can. Harmless when none runs.

    Args:
        cursor: the one that it probably runs by, if there is one.
        seconds: how long asking a server for it may take, where the driver lets us choose.
    """
    try:
        if hasattr(connection, "cancel_safe"):  # psycopg 3: waits for the server's answer
            connection.cancel_safe(timeout=seconds)
        elif hasattr(cursor, "cancel"):  # pyodbc
            cursor.cancel()
        elif hasattr(connection, "cancel"):  # psycopg2, oracledb
            connection.cancel()
        elif hasattr(cursor, "interrupt"):  # duckdb
            cursor.interrupt()
        elif hasattr(connection, "interrupt"):  # sqlite3
            connection.interrupt()
    except Exception as problem:
        # The server is gone, or too busy to listen: harsher means come next.
        _log.info("the database did not take the order to stop a statement: {problem!r}", problem=problem)


def shut(connection: Any) -> None:
    """Cut the connection to a server under a driver that waits for it: its system call returns with end of file."""
    try:
        copy = socket.socket(fileno=os.dup(connection.fileno()))
    except Exception:
        return  # It has no descriptor, or has closed it.
    try:
        copy.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # It is cut already.
    finally:
        copy.close()
