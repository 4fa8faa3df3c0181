"""The command ``procmon``."""

from ropewalk.application.service import ServiceMaker

__all__ = ["TwistedProcmon"]

TwistedProcmon = ServiceMaker(
    "Ropewalk Process Monitor",
    "ropewalk.runner.procmontap",
    "Keep a program running: start it, log what it says, start it again.",
    "procmon",
)
