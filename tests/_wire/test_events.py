"""What readers return and raise can be told apart, read, and sent to another process."""

from __future__ import annotations

import pickle

import pytest

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, NeedData, ProtocolError, RemoteProtocolError, TooLong


def test_needDataIsOneThing() -> None:
    """There is one `NEED_DATA`, in every process, and it says what it is."""
    assert pickle.loads(pickle.dumps(NEED_DATA)) is NEED_DATA
    assert list(NeedData) == [NEED_DATA]
    assert repr(NEED_DATA) == "NEED_DATA"


def test_whoseFault() -> None:
    """Our own mistakes and the peer's are never confused, and both are protocol errors."""
    for cls in (LocalProtocolError, RemoteProtocolError):
        assert issubclass(cls, ProtocolError)
    assert not issubclass(TooLong, LocalProtocolError)
    with pytest.raises(RemoteProtocolError):
        raise TooLong("line", 11, 10)


def test_tooLongTellsCodeAndPeople() -> None:
    """What was too long, how long it was and what is allowed can be read, after pickling, too."""
    problem = pickle.loads(pickle.dumps(TooLong("line", 11, 10)))
    assert (problem.what, problem.size, problem.limit) == ("line", 11, 10)
    assert str(problem) == "line of 11 bytes or more is over the limit of 10"
