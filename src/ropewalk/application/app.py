"""What ``twistd`` and its kin are made of: options, the application from a file, log, profiler, start and stop.

Behind it, a story a file: `_running.loading` gets the application, `_running.logs` says where it logs,
`_running.stopping` how it ends, `_running.mistakes` what may keep it from running.
"""

from __future__ import annotations

from .._doors import publish
from ._running.choice import ReactorSelectionMixin
from ._running.debugging import fixPdb
from ._running.loading import convertStyle
from ._running.logs import AppLogger
from ._running.options import ServerOptions
from ._running.profiling import AppProfiler, CProfileRunner, ProfileRunner
from ._running.running import (
    ApplicationRunner,
    getApplication,
    getPassphrase,
    getSavePassphrase,
    run,
    runReactorWithLogging,
    startApplication,
)
from .reactors import NoSuchReactor, installReactor

__all__ = [
    "AppLogger",
    "AppProfiler",
    "ApplicationRunner",
    "CProfileRunner",
    "NoSuchReactor",
    "ProfileRunner",
    "ReactorSelectionMixin",
    "ServerOptions",
    "convertStyle",
    "fixPdb",
    "getApplication",
    "getPassphrase",
    "getSavePassphrase",
    "installReactor",
    "run",
    "runReactorWithLogging",
    "startApplication",
]

publish(__name__)
