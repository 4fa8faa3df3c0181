"""One reactor for the tests of FTP: what differs between reactors is tested with the reactors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from support.reactors import epoll, fresh


@pytest.fixture
def reactor() -> Iterator[Any]:
    """A fresh reactor."""
    with fresh(epoll) as one:
        yield one
