"""The command ``portforward``."""

from ropewalk.application.service import ServiceMaker

__all__ = ["TwistedPortForward"]

TwistedPortForward = ServiceMaker(
    "Ropewalk Port-Forwarding",
    "ropewalk.tap.portforward",
    "Pass connections to a port on to another one.",
    "portforward",
)
