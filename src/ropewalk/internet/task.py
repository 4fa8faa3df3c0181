"""Work spread over time: repeated, put off, sliced, or run as a whole program; and a clock moved by hand for tests."""

from __future__ import annotations

from .._doors import publish
from ._task.clock import Clock
from ._task.cooperation import (
    CooperativeTask,
    Cooperator,
    NotPaused,
    SchedulerError,
    SchedulerStopped,
    TaskDone,
    TaskFailed,
    TaskFinished,
    TaskStopped,
    coiterate,
    cooperate,
)
from ._task.looping import LoopingCall
from ._task.postponed import deferLater
from ._task.react import react

__all__ = [
    "Clock",
    "CooperativeTask",
    "Cooperator",
    "LoopingCall",
    "NotPaused",
    "SchedulerError",
    "SchedulerStopped",
    "TaskDone",
    "TaskFailed",
    "TaskFinished",
    "TaskStopped",
    "coiterate",
    "cooperate",
    "deferLater",
    "react",
]

publish(__name__)
