"""Work spread over time: repeated, put off, sliced, or run as a whole program; and a clock moved by hand for tests."""

from __future__ import annotations

from .._doors import publish
from ._task.clock import Clock

__all__ = ["Clock"]

publish(__name__)
