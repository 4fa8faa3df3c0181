"""asyncio."""

from __future__ import annotations

from .deferred import Deferred


def future(deferred):
    return None


def wait(strand, awaited):
    return False
