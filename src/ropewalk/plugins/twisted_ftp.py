"""The command ``ftp``."""

from ropewalk.application.service import ServiceMaker

__all__ = ["TwistedFTP"]

TwistedFTP = ServiceMaker("Ropewalk FTP", "ropewalk.tap.ftp", "Serve directories by FTP.", "ftp")
