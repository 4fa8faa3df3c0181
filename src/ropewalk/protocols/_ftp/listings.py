"""Protocols that read a listing as it comes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from ropewalk.protocols.basic import LineReceiver

from .._wire.ftpcommands import asText
from .._wire.ftplisting import BadListing, Entry, parseListLine, parseMLSDLine

__all__ = ["EntryListProtocol", "FTPFileListProtocol"]

#: The most entries of a directory that are kept.
ENTRY_LIMIT = 1_000_000


class FTPFileListProtocol(LineReceiver):
    """Reads what UNIX servers send for LIST: a line of ``ls -l`` for each file.

    Attributes:
        files: a dict for each line that is one: ``filetype`` (``-``, ``d``, ``l`` ...), ``perms``, ``nlinks``,
            ``owner``, ``group``, ``size``, ``date``, ``filename``, ``linktarget`` (`None` for what is no link);
            the numbers are numbers.
        fileLinePattern: what such a line looks like, with groups of those names.
    """

    delimiter = b"\n"
    fileLinePattern = re.compile(
        r"(?P<filetype>.)(?P<perms>.{9})[+.@]?\s+(?P<nlinks>\d*)\s*(?P<owner>\S+)\s+(?P<group>\S+)\s+"
        r"(?P<size>\d+)\s+(?P<date>[A-Z][a-z]{2}\s+\d+\s+[\d:]+)\s"
        r"(?P<filename>.+?)(?: -> (?P<linktarget>[^\r\n]*))?\r?$"
    )

    def __init__(self) -> None:
        self.files: list[dict[str, Any]] = []

    def lineReceived(self, line: bytes) -> None:
        """Take a line."""
        text = asText(line)
        info = self.parseDirectoryLine(text)
        if info is None:
            self.unknownLine(text)
        else:
            self.addFile(info)

    def parseDirectoryLine(self, line: str) -> dict[str, Any] | None:
        """Return what a line says; `None` for one that looks otherwise. Override for other servers."""
        match = self.fileLinePattern.match(line)
        if match is None:
            return None
        info: dict[str, Any] = match.groupdict()
        # A space may be written with a backslash: some servers do.
        info["filename"] = info["filename"].replace(r"\ ", " ")
        if info["linktarget"]:
            info["linktarget"] = info["linktarget"].replace(r"\ ", " ")
        info["size"] = int(info["size"])
        info["nlinks"] = int(info["nlinks"] or 1)
        return info

    def addFile(self, info: dict[str, Any]) -> None:
        """Keep what a line says; override to do something else."""
        if len(self.files) < ENTRY_LIMIT:
            self.files.append(info)

    def unknownLine(self, line: str) -> None:
        """Override to hear of the lines that look otherwise."""


class EntryListProtocol(LineReceiver):
    """Reads listings of LIST, of UNIX and DOS, or of MLSD.

    Args:
        forPrograms: whether it is MLSD.

    Attributes:
        entries: what was read.
        unknown: the lines that are in no known form.
    """

    delimiter = b"\n"

    def __init__(self, forPrograms: bool) -> None:
        self._forPrograms = forPrograms
        self.entries: list[Entry] = []
        self.unknown: list[str] = []

    def lineReceived(self, line: bytes) -> None:
        """Take a line."""
        text = asText(line).rstrip("\r")
        try:
            entry = parseMLSDLine(text) if self._forPrograms else parseListLine(text, datetime.now(UTC))
        except BadListing:
            if len(self.unknown) < ENTRY_LIMIT:
                self.unknown.append(text)
            return
        if entry is not None and entry.kind not in ("cdir", "pdir") and len(self.entries) < ENTRY_LIMIT:
            self.entries.append(entry)
