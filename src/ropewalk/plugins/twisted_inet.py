"""The command ``inetd``."""

from ropewalk.application.service import ServiceMaker

__all__ = ["TwistedINETD"]

TwistedINETD = ServiceMaker(
    "Ropewalk INETD",
    "ropewalk.runner.inetdtap",
    "Start a program for each connection, as an inetd.conf says.",
    "inetd",
)
