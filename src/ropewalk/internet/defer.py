"""Deferreds: results that come later, and what is to be done with them.

The parts are in `_defer`: the class and its loop in `deferred`, coroutines and generators in `strands`, asyncio in
`bridge`, waiting for several in `gather`, taking turns in `locks`, failures that nobody took in `unhandled`.
"""

from __future__ import annotations

from .._doors import publish
from ._defer.deferred import Deferred, getDebugging, passthru, setDebugging, succeed
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
from ._defer.filelock import DeferredFilesystemLock
from ._defer.gather import FAILURE, SUCCESS, DeferredList, gatherResults, race
from ._defer.locks import DeferredLock, DeferredQueue, DeferredSemaphore
from ._defer.results import execute, fail, logError, maybeDeferred, timeout
from ._defer.strands import ensureDeferred, inlineCallbacks, returnValue
from ._defer.unhandled import DebugInfo, onUnhandledError

__all__ = [
    "FAILURE",
    "SUCCESS",
    "AlreadyCalledError",
    "AlreadyTryingToLockError",
    "CancelledError",
    "DebugInfo",
    "Deferred",
    "DeferredFilesystemLock",
    "DeferredList",
    "DeferredLock",
    "DeferredQueue",
    "DeferredSemaphore",
    "FailureGroup",
    "FirstError",
    "NotACoroutineError",
    "QueueOverflow",
    "QueueUnderflow",
    "TimeoutError",
    "ensureDeferred",
    "execute",
    "fail",
    "gatherResults",
    "getDebugging",
    "inlineCallbacks",
    "logError",
    "maybeDeferred",
    "onUnhandledError",
    "passthru",
    "race",
    "returnValue",
    "setDebugging",
    "succeed",
    "timeout",
]

publish(__name__)
