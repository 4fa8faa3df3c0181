"""The loggers of the benchmarks that log: set up alike for `ropewalk`, `twisted` and the standard library's `logging`.

All write to a file of their own, a line for each event, with a time stamp, the logger's name and the level, and hand
each line to the system before the next: nobody loses what was logged before a crash.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
from collections.abc import Callable
from typing import IO, Any

from stopwatch import load

__all__ = ["STANDARD", "deafLogger", "jsonLogger", "textLogger"]

STANDARD = sys.argv[1] == "logging"
"""Whether the standard library's is under test."""


def textLogger() -> Any:
    """A logger whose events become lines of text."""
    if STANDARD:
        return _standardLogger(logging.Formatter("%(asctime)s [%(name)s#%(levelname)s] %(message)s"))
    return _begin(load("logger").textFileLogObserver(_file()))


def jsonLogger() -> Any:
    """A logger whose events become lines of JSON, with the fields that they carry."""
    if STANDARD:
        return _standardLogger(_JSONFormatter())
    return _begin(load("logger").jsonFileLogObserver(_file()))


def deafLogger() -> Any:
    """A logger of whose events only those of level info and above become lines of text."""
    if STANDARD:
        return textLogger()
    logger = load("logger")
    levels = logger.LogLevelFilterPredicate(defaultLogLevel=logger.LogLevel.info)
    return _begin(logger.FilteringLogObserver(logger.textFileLogObserver(_file()), [levels]))


def _begin(observer: Callable[[dict[str, Any]], object]) -> Any:
    logger = load("logger")
    logger.globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False)
    return logger.Logger(namespace="bench")


def _standardLogger(formatter: logging.Formatter) -> logging.Logger:
    logger = logging.getLogger("bench")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    handler = logging.StreamHandler(_file())
    handler.setFormatter(formatter)
    logger.addHandler(handler)
    return logger


class _JSONFormatter(logging.Formatter):
    """What people write who want JSON of the standard library: the record's own keys, and the fields given to it."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(
            {
                "time": record.created,
                "level": record.levelname,
                "name": record.name,
                "message": record.getMessage(),
                "fields": record.args,
            }
        )


def _file() -> IO[str]:
    return tempfile.TemporaryFile("w", encoding="utf-8")
