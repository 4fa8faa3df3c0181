"""Made-up users, for tests of what asks the system."""

from __future__ import annotations

import pwd

import pytest

from ropewalk.python.fakepwd import ShadowDatabase, UserDatabase


def test_users() -> None:
    """A made-up user has what one of the system's has, in the same order; numbers are given out once."""
    database = UserDatabase()
    database.addUser("ann", "secret", 1000, 1001, "Ann", "/home/ann", "/bin/bash")
    database.addUser("joe")
    database.addUser("zed")
    ann = database.getpwnam("ann")
    assert tuple(ann) == ("ann", "secret", 1000, 1001, "Ann", "/home/ann", "/bin/bash")
    real = pwd.getpwuid(0)
    assert len(ann) == len(real)
    assert all(getattr(real, field) == real[place] for place, field in enumerate(ann._fields))
    assert database.getpwuid(1000) is ann
    assert [user.pw_name for user in database.getpwall()] == ["ann", "joe", "zed"]
    assert database.getpwnam("joe").pw_uid != database.getpwnam("zed").pw_uid


def test_nobody() -> None:
    """Who isn't there is a `KeyError` that says who; a name in bytes a `TypeError`, as with `pwd`."""
    for database in (UserDatabase().getpwnam, ShadowDatabase().getspnam):
        with pytest.raises(KeyError, match="'ann'"):
            database("ann")
        with pytest.raises(TypeError, match="b'ann'"):
            database(b"ann")  # type: ignore[arg-type]  # that is the point
    with pytest.raises(KeyError, match="7"):
        UserDatabase().getpwuid(7)


def test_shadows() -> None:
    """Passwords with their ages are found by name."""
    database = ShadowDatabase()
    database.addUser("ann", "hash", 1, 2, 3, 4, 5, 6, 7)
    assert database.getspall() == [database.getspnam("ann")] == [("ann", "hash", 1, 2, 3, 4, 5, 6, 7)]
    assert (database.getspnam("ann").sp_lstchg, database.getspnam("ann").sp_flag) == (1, 7)
