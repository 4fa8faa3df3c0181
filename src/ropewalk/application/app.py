"""What ``twistd`` and its kin are made of: options, the application from a file, log, profiler, start and stop."""

from __future__ import annotations

from .._doors import publish
from ._running.choice import ReactorSelectionMixin

__all__ = ["ReactorSelectionMixin"]

publish(__name__)
