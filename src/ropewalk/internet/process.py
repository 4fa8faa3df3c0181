"""Child processes: what `IReactorProcess.spawnProcess` returns, and how their ends are noticed."""

from __future__ import annotations

from ropewalk._doors import publish

from ._transports.child import BaseProcess, Process
from ._transports.childreap import (
    reapAllProcesses,
    reapProcessHandlers,
    registerReapProcessHandler,
    unregisterReapProcessHandler,
)
from ._transports.pipe import ProcessReader, ProcessWriter
from ._transports.pty import PTYProcess

__all__ = [
    "BaseProcess",
    "PTYProcess",
    "Process",
    "ProcessReader",
    "ProcessWriter",
    "reapAllProcesses",
    "reapProcessHandlers",
    "registerReapProcessHandler",
    "unregisterReapProcessHandler",
]

publish(__name__)
