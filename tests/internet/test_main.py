"""The two reasons for which descriptors end; installing is in test_reactor."""

from __future__ import annotations

from ropewalk.internet import main
from ropewalk.internet.error import ConnectionDone, ConnectionLost


def test_reasons() -> None:
    """`doRead` and `doWrite` return these when a connection is over."""
    assert isinstance(main.CONNECTION_DONE, ConnectionDone)
    assert isinstance(main.CONNECTION_LOST, ConnectionLost)
