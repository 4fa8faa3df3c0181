"""The reactor's core under its public name."""

from __future__ import annotations

from ._loop.core import ReactorBase
from ._loop.timers import DelayedCall

__all__ = ["DelayedCall", "ReactorBase"]
