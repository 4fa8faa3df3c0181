"""Commands about the server itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ropewalk.internet.defer import Deferred, maybeDeferred

from .._wire import ftpreplies as replies
from .._wire.ftplisting import FACTS
from .data import LIST_KEYS, formatLine
from .session import Session
from .verbs import OTHER_NAMES, VERBS

__all__ = ["About"]


class About(Session):
    """FEAT, OPTS, HELP, STAT, SYST and NOOP."""

    facts: Sequence[str]

    def ftp_FEAT(self) -> None:
        """Tell what is supported (RFC 2389)."""
        features = list(self.FEATURES)
        if self.contextFactory is not None:
            features += ["AUTH TLS", "PBSZ", "PROT"]
        self.reply(replies.FEAT_OK, *sorted(features))

    def ftp_OPTS(self, option: str) -> Any:
        """Choose UTF-8, which is what is spoken anyway, or the facts that MLSD and MLST tell."""
        name, _, value = option.partition(" ")
        if name.upper() == "UTF8" and value.upper() in ("", "ON", "NLST"):
            return replies.CMD_OK
        if name.upper() == "MLST":
            wanted = [fact.lower() for fact in value.split(";")]
            self.facts = [fact for fact in FACTS if fact.lower() in wanted]
            return replies.CMD_OK
        return replies.OPTS_NOT_IMPLEMENTED, option

    def ftp_HELP(self, command: str = "") -> Any:
        """Tell which commands there are, or what one is for."""
        name = command.strip().upper()
        name = OTHER_NAMES.get(name, name)
        if name in VERBS:
            verb = VERBS[name]
            return replies.HELP_MSG, f"{name} {verb.argument.value}: {verb.purpose}"
        if name:
            return replies.CMD_NOT_IMPLMNTD, name
        names = list(VERBS)
        rows = [" ".join(f"{each:<4}" for each in names[at : at + 10]) for at in range(0, len(names), 10)]
        self.sendLine(replies.several("214-These commands are understood:", rows, "214 HELP COMMAND tells more"))
        return None

    def ftp_STAT(self, path: str | None = None) -> Any:
        """Tell how things are; or what is in a directory, by this connection."""
        if path is not None:
            return self._tellOf(path)
        self.reply(replies.SYS_STATUS, *self._status())
        return None

    def _status(self) -> list[str]:
        lines = [
            f"Logged in as {self._user}" if self.shell is not None else "Not logged in",
            f"The type is {'I' if self.binary else 'A'}",
            f"The control connection is {'' if self.isSecure else 'not '}encrypted",
        ]
        if self.dtpInstance is not None and self.dtpInstance.isConnected:
            lines.append(f"The data connection has moved {self.dtpInstance.moved} bytes")
        return lines

    def _tellOf(self, path: str) -> Deferred[Any]:
        def told(found: Any) -> None:
            lines = [formatLine(name, each, self.now()) for name, each in found]
            self.sendLine(replies.several("213-Status:", lines, "213 End"))

        return maybeDeferred(self.shell.list, self.segments(path), LIST_KEYS).addCallback(told)

    def ftp_SYST(self) -> str:
        """Tell what listings look like."""
        return replies.NAME_SYS_TYPE

    def ftp_NOOP(self) -> str:
        """Do nothing."""
        return replies.CMD_OK
