"""Commands about directories, and about files that stay where they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ropewalk.internet.defer import Deferred, maybeDeferred

from .._wire import ftpreplies as replies
from .._wire.ftplisting import FACTS, factLine, timeValue
from .._wire.ftppaths import quoted
from .data import LIST_KEYS, modeOf
from .errors import ActionNotTakenError, IsADirectoryError
from .session import Session
from .verbs import AUTHED, RENAMING

__all__ = ["Tree", "factsOf"]


class Tree(Session):
    """CWD, CDUP, PWD, MKD, RMD, DELE, RNFR, RNTO, SIZE, MDTM and MLST."""

    #: The facts that MLSD and MLST tell; a client chooses by OPTS.
    facts: Sequence[str] = FACTS
    _fromName: Sequence[str] = ()

    def ftp_CWD(self, path: str) -> Deferred[Any]:
        """Go to a directory."""
        segments = self.segments(path)

        def there(_: object) -> str:
            self.workingDirectory = segments
            return replies.REQ_FILE_ACTN_COMPLETED_OK

        return maybeDeferred(self.shell.access, segments).addCallback(there)

    def ftp_CDUP(self) -> Deferred[Any]:
        """Go up."""
        return self.ftp_CWD("..")

    def ftp_PWD(self) -> tuple[str, str]:
        """Tell where the user is."""
        return replies.PWD_REPLY, quoted("/" + "/".join(self.workingDirectory))

    def ftp_MKD(self, path: str) -> Deferred[Any]:
        """Make a directory."""
        segments = self.segments(path)
        made = maybeDeferred(self.shell.makeDirectory, segments)
        return made.addCallback(lambda _: (replies.MKD_REPLY, quoted("/" + "/".join(segments))))

    def ftp_RMD(self, path: str) -> Deferred[Any]:
        """Remove a directory."""
        return maybeDeferred(self.shell.removeDirectory, self.segments(path)).addCallback(_done)

    def ftp_DELE(self, path: str) -> Deferred[Any]:
        """Remove a file."""
        return maybeDeferred(self.shell.removeFile, self.segments(path)).addCallback(_done)

    def ftp_RNFR(self, fromName: str) -> str:
        """Remember what is to be renamed."""
        self._fromName = self.segments(fromName)
        self.state = RENAMING
        return replies.REQ_FILE_ACTN_PENDING_FURTHER_INFO

    def ftp_RNTO(self, toName: str) -> Deferred[Any]:
        """Rename it."""
        self.state = AUTHED
        return maybeDeferred(self.shell.rename, self._fromName, self.segments(toName)).addCallback(_done)

    def ftp_SIZE(self, path: str) -> Deferred[Any]:
        """Tell how many bytes would be sent. As text that is not known before (RFC 3659 §4)."""
        if not self.binary:
            raise ActionNotTakenError("the size as text is not known, say TYPE I first")
        segments = self.segments(path)

        def told(found: list[Any]) -> tuple[str, str]:
            size, isDirectory = found
            if isDirectory:
                raise IsADirectoryError(segments)
            return replies.FILE_STATUS, str(size)

        return maybeDeferred(self.shell.stat, segments, ("size", "directory")).addCallback(told)

    def ftp_MDTM(self, path: str) -> Deferred[Any]:
        """Tell when a file was changed."""
        found = maybeDeferred(self.shell.stat, self.segments(path), ("modified",))
        return found.addCallback(lambda told: (replies.FILE_STATUS, timeValue(told[0])))

    def ftp_MLST(self, path: str = "") -> Deferred[Any]:
        """Tell about a file, or a directory, by this connection."""
        segments = self.segments(path)

        def told(found: list[Any]) -> None:
            line = factLine("/" + "/".join(segments), factsOf(found), self.facts)
            self.reply(replies.LIST_REPLY, line)

        return maybeDeferred(self.shell.stat, segments, LIST_KEYS).addCallback(told)


def factsOf(told: Sequence[Any]) -> dict[str, object]:
    """Turn what a shell tells for `LIST_KEYS` into facts."""
    size, directory, permissions, _hardlinks, modified, owner, group = told
    facts: dict[str, object] = {
        "type": "dir" if directory else "file",
        "modify": timeValue(modified),
        "UNIX.mode": f"{modeOf(permissions):04o}",
        "UNIX.owner": owner,
        "UNIX.group": group,
    }
    if not directory:
        facts["size"] = size
    return facts


def _done(_result: object) -> str:
    return replies.REQ_FILE_ACTN_COMPLETED_OK
