"""Deferreds: results that come later, and what to do with them."""

from __future__ import annotations

from .._doors import publish
from ._defer.deferred import Deferred, getDebugging, passthru, setDebugging
from ._defer.errors import (
    AlreadyCalledError,
    AlreadyTryingToLockError,
    CancelledError,
    FailureGroup,
    FirstError,
    NotACoroutineError,
    QueueOverflow,
    QueueUnderflow,
    TimeoutError,
)
from ._defer.results import fail, maybeDeferred, succeed
from ._defer.strands import inlineCallbacks
from ._defer.unhandled import DebugInfo, onUnhandledError

__all__ = [
    "AlreadyCalledError",
    "AlreadyTryingToLockError",
    "CancelledError",
    "DebugInfo",
    "Deferred",
    "FailureGroup",
    "FirstError",
    "NotACoroutineError",
    "QueueOverflow",
    "QueueUnderflow",
    "TimeoutError",
    "fail",
    "getDebugging",
    "inlineCallbacks",
    "maybeDeferred",
    "onUnhandledError",
    "passthru",
    "setDebugging",
    "succeed",
]

publish(__name__)
