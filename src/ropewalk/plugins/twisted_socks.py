"""The command ``socks``."""

from ropewalk.application.service import ServiceMaker

__all__ = ["TwistedSOCKS"]

TwistedSOCKS = ServiceMaker("Ropewalk SOCKS", "ropewalk.tap.socks", "A SOCKS proxy.", "socks")
