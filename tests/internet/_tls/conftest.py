"""Every policy shakes hands with both engines."""

from __future__ import annotations

import pytest

from support.certificates import ENGINES, Shake


@pytest.fixture(params=sorted(ENGINES))
def shake(request: pytest.FixtureRequest) -> Shake:
    """A function that lets a server's and a client's policy shake hands in memory."""
    return ENGINES[request.param]
