"""Replies of FTP: every one that our server gives, and a reader of those that other servers give.

A reply is a line with a code of three digits, or several lines, of which the first has a hyphen behind the code and
the last has the same code and a space (RFC 959 §4.2). Programs name replies by keys: a code, and a number where
there are several with the same code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ropewalk._wire.events import NEED_DATA, NeedData, RemoteProtocolError, TooLong

from .ftpcommands import asText

__all__ = [
    "ANON_USER_DENIED",
    "AUTH_FAILURE",
    "BAD_CMD_SEQ",
    "CANT_OPEN_DATA_CNX",
    "CLOSING_DATA_CNX",
    "CMD_NOT_IMPLMNTD",
    "CMD_NOT_IMPLMNTD_FOR_PARAM",
    "CMD_NOT_IMPLMNTD_SUPERFLUOUS",
    "CMD_OK",
    "CNX_CLOSED_TXFR_ABORTED",
    "DATA_CNX_ALREADY_OPEN_START_XFR",
    "DATA_CNX_OPEN_NO_XFR_IN_PROGRESS",
    "DIR_STATUS",
    "ENTERING_EPSV_MODE",
    "ENTERING_PASV_MODE",
    "ENTERING_PORT_MODE",
    "EPSV_ALL_OK",
    "EXCEEDED_STORAGE_ALLOC",
    "FEAT_OK",
    "FILENAME_NOT_ALLOWED",
    "FILE_EXISTS",
    "FILE_NOT_FOUND",
    "FILE_STATUS",
    "FILE_STATUS_OK_OPEN_DATA_CNX",
    "GOODBYE_MSG",
    "GUEST_LOGGED_IN_PROCEED",
    "GUEST_NAME_OK_NEED_EMAIL",
    "HELP_MSG",
    "IDLE_TOO_LONG",
    "IS_A_DIR",
    "IS_NOT_A_DIR",
    "LINE_TOO_LONG",
    "LIST_REPLY",
    "MKD_REPLY",
    "NAME_SYS_TYPE",
    "NEED_ACCT_FOR_LOGIN",
    "NEED_ACCT_FOR_STOR",
    "NOT_LOGGED_IN",
    "OPTS_NOT_IMPLEMENTED",
    "PAGE_TYPE_UNK",
    "PASV_IPV6_NOT_IMPLEMENTED",
    "PBSZ_OK",
    "PERMISSION_DENIED",
    "PROT_DENIED",
    "PROT_NOT_SUPPORTED",
    "PWD_REPLY",
    "REPLY_LINES_LIMIT",
    "REPLY_LINE_LIMIT",
    "REQ_ACTN_ABRTD_FILE_UNAVAIL",
    "REQ_ACTN_ABRTD_INSUFF_STORAGE",
    "REQ_ACTN_ABRTD_LOCAL_ERR",
    "REQ_ACTN_NOT_TAKEN",
    "REQ_FILE_ACTN_COMPLETED_OK",
    "REQ_FILE_ACTN_PENDING_FURTHER_INFO",
    "RESPONSE",
    "RESTART_MARKER_REPLY",
    "REST_NOT_POSSIBLE",
    "SERVICE_READY_IN_N_MINUTES",
    "SVC_CLOSING_CTRL_CNX",
    "SVC_NOT_AVAIL_CLOSING_CTRL_CNX",
    "SVC_READY_FOR_NEW_USER",
    "SYNTAX_ERR",
    "SYNTAX_ERR_IN_ARGS",
    "SYS_STATUS",
    "SYS_STATUS_OR_HELP_REPLY",
    "TLS_BEGIN",
    "TLS_REQUIRED",
    "TOO_MANY_CONNECTIONS",
    "TOO_MANY_LOGINS",
    "TXFR_COMPLETE_OK",
    "TYPE_SET_OK",
    "UNSUPPORTED_NETWORK_PROTOCOL",
    "USR_LOGGED_IN_PROCEED",
    "USR_NAME_OK_NEED_PASS",
    "WELCOME_MSG",
    "Reply",
    "ReplyReader",
    "several",
    "text",
]

RESTART_MARKER_REPLY = "100"
SERVICE_READY_IN_N_MINUTES = "120"
DATA_CNX_ALREADY_OPEN_START_XFR = "125"
FILE_STATUS_OK_OPEN_DATA_CNX = "150"
CMD_OK = "200.1"
TYPE_SET_OK = "200.2"
ENTERING_PORT_MODE = "200.3"
EPSV_ALL_OK = "200.4"
PBSZ_OK = "200.5"
CMD_NOT_IMPLMNTD_SUPERFLUOUS = "202"
SYS_STATUS_OR_HELP_REPLY = "211.1"
FEAT_OK = "211.2"
SYS_STATUS = "211.3"
DIR_STATUS = "212"
FILE_STATUS = "213"
HELP_MSG = "214"
NAME_SYS_TYPE = "215"
SVC_READY_FOR_NEW_USER = "220.1"
WELCOME_MSG = "220.2"
SVC_CLOSING_CTRL_CNX = "221.1"
GOODBYE_MSG = "221.2"
DATA_CNX_OPEN_NO_XFR_IN_PROGRESS = "225"
CLOSING_DATA_CNX = "226.1"
TXFR_COMPLETE_OK = "226.2"
ENTERING_PASV_MODE = "227"
ENTERING_EPSV_MODE = "229"
USR_LOGGED_IN_PROCEED = "230.1"
GUEST_LOGGED_IN_PROCEED = "230.2"
TLS_BEGIN = "234"
REQ_FILE_ACTN_COMPLETED_OK = "250"
LIST_REPLY = "250.2"
PWD_REPLY = "257.1"
MKD_REPLY = "257.2"
USR_NAME_OK_NEED_PASS = "331.1"
GUEST_NAME_OK_NEED_EMAIL = "331.2"
NEED_ACCT_FOR_LOGIN = "332"
REQ_FILE_ACTN_PENDING_FURTHER_INFO = "350"
SVC_NOT_AVAIL_CLOSING_CTRL_CNX = "421.1"
TOO_MANY_CONNECTIONS = "421.2"
IDLE_TOO_LONG = "421.3"
TOO_MANY_LOGINS = "421.4"
CANT_OPEN_DATA_CNX = "425"
CNX_CLOSED_TXFR_ABORTED = "426"
REQ_ACTN_ABRTD_FILE_UNAVAIL = "450"
REQ_ACTN_ABRTD_LOCAL_ERR = "451"
REQ_ACTN_ABRTD_INSUFF_STORAGE = "452"
SYNTAX_ERR = "500"
LINE_TOO_LONG = "500.2"
SYNTAX_ERR_IN_ARGS = "501"
CMD_NOT_IMPLMNTD = "502.1"
OPTS_NOT_IMPLEMENTED = "502.2"
PASV_IPV6_NOT_IMPLEMENTED = "502.3"
BAD_CMD_SEQ = "503"
CMD_NOT_IMPLMNTD_FOR_PARAM = "504"
PROT_DENIED = "521"
UNSUPPORTED_NETWORK_PROTOCOL = "522"
NOT_LOGGED_IN = "530.1"
AUTH_FAILURE = "530.2"
TLS_REQUIRED = "530.3"
NEED_ACCT_FOR_STOR = "532"
PROT_NOT_SUPPORTED = "536"
FILE_NOT_FOUND = "550.1"
PERMISSION_DENIED = "550.2"
ANON_USER_DENIED = "550.3"
IS_NOT_A_DIR = "550.4"
REQ_ACTN_NOT_TAKEN = "550.5"
FILE_EXISTS = "550.6"
IS_A_DIR = "550.7"
PAGE_TYPE_UNK = "551"
EXCEEDED_STORAGE_ALLOC = "552"
FILENAME_NOT_ALLOWED = "553"
REST_NOT_POSSIBLE = "554"

#: What is said for each key: a line, with a place for each argument; or the first and the last of several lines.
RESPONSE: dict[str, str | list[str]] = {
    RESTART_MARKER_REPLY: "110 MARK yyyy = mmmm",
    SERVICE_READY_IN_N_MINUTES: "120 Come back in %s minutes",
    DATA_CNX_ALREADY_OPEN_START_XFR: "125 The data connection is open, here it comes",
    FILE_STATUS_OK_OPEN_DATA_CNX: "150 Waiting for the data connection",
    CMD_OK: "200 OK",
    TYPE_SET_OK: "200 The type is %s",
    ENTERING_PORT_MODE: "200 OK, that is where the next transfer goes",
    EPSV_ALL_OK: "200 OK, only EPSV from now on",
    PBSZ_OK: "200 PBSZ=0",
    CMD_NOT_IMPLMNTD_SUPERFLUOUS: "202 Not needed here",
    SYS_STATUS_OR_HELP_REPLY: "211 %s",
    FEAT_OK: ["211-Features:", "211 End"],
    SYS_STATUS: ["211-Status:", "211 End"],
    DIR_STATUS: "212 %s",
    FILE_STATUS: "213 %s",
    HELP_MSG: "214 %s",
    NAME_SYS_TYPE: "215 UNIX Type: L8",
    SVC_READY_FOR_NEW_USER: "220 Ready",
    WELCOME_MSG: "220 %s",
    SVC_CLOSING_CTRL_CNX: "221 Closing the connection",
    GOODBYE_MSG: "221 Good-bye",
    DATA_CNX_OPEN_NO_XFR_IN_PROGRESS: "225 The data connection is open, and idle",
    CLOSING_DATA_CNX: "226 Nothing is transferred any more",
    TXFR_COMPLETE_OK: "226 The transfer is complete",
    ENTERING_PASV_MODE: "227 Entering passive mode (%s)",
    ENTERING_EPSV_MODE: "229 Entering extended passive mode (|||%s|)",
    USR_LOGGED_IN_PROCEED: "230 Welcome",
    GUEST_LOGGED_IN_PROCEED: "230 Welcome, guest",
    TLS_BEGIN: "234 Begin with TLS",
    REQ_FILE_ACTN_COMPLETED_OK: "250 Done",
    LIST_REPLY: ["250-Facts:", "250 End"],
    PWD_REPLY: '257 "%s"',
    MKD_REPLY: '257 "%s" is there now',
    USR_NAME_OK_NEED_PASS: "331 The password of %s, please",
    GUEST_NAME_OK_NEED_EMAIL: "331 Your email address as the password, please",
    NEED_ACCT_FOR_LOGIN: "332 An account is needed to log in",
    REQ_FILE_ACTN_PENDING_FURTHER_INFO: "350 Go on",
    SVC_NOT_AVAIL_CLOSING_CTRL_CNX: "421 The service stops",
    TOO_MANY_CONNECTIONS: "421 There are too many connections, try again later",
    IDLE_TOO_LONG: "421 Nothing was said for %s seconds",
    TOO_MANY_LOGINS: "421 Too many logins have failed",
    CANT_OPEN_DATA_CNX: "425 There is no data connection",
    CNX_CLOSED_TXFR_ABORTED: "426 The data connection broke, the transfer is not complete",
    REQ_ACTN_ABRTD_FILE_UNAVAIL: "450 The file is not available now",
    REQ_ACTN_ABRTD_LOCAL_ERR: "451 The transfer stopped for an error of the server",
    REQ_ACTN_ABRTD_INSUFF_STORAGE: "452 There is no space left",
    SYNTAX_ERR: "500 Not understood: %s",
    LINE_TOO_LONG: "500 The line is longer than %s bytes",
    SYNTAX_ERR_IN_ARGS: "501 Not understood: %s",
    CMD_NOT_IMPLMNTD: "502 There is no command %s",
    OPTS_NOT_IMPLEMENTED: "502 There is no option %s",
    PASV_IPV6_NOT_IMPLEMENTED: "502 PASV is for IPv4, use EPSV",
    BAD_CMD_SEQ: "503 Out of order: %s",
    CMD_NOT_IMPLMNTD_FOR_PARAM: "504 Not available: %s",
    PROT_DENIED: "521 Data goes encrypted here, say PROT P first",
    UNSUPPORTED_NETWORK_PROTOCOL: "522 There is no such network here, use (%s)",
    NOT_LOGGED_IN: "530 Log in with USER and PASS first",
    AUTH_FAILURE: "530 The login failed",
    TLS_REQUIRED: "530 Logins go encrypted here, say AUTH TLS first",
    NEED_ACCT_FOR_STOR: "532 An account is needed to store files",
    PROT_NOT_SUPPORTED: "536 There is no protection %s",
    # The system's words: programs have shown them to their users for decades, and some look for them.
    FILE_NOT_FOUND: "550 %s: No such file or directory.",
    PERMISSION_DENIED: "550 %s: Permission denied.",
    ANON_USER_DENIED: "550 Guests may not change anything",
    IS_NOT_A_DIR: "550 %s: Not a directory",
    REQ_ACTN_NOT_TAKEN: "550 Not done: %s",
    FILE_EXISTS: "550 %s: File exists",
    IS_A_DIR: "550 %s: Is a directory",
    PAGE_TYPE_UNK: "551 There is no such type of page",
    EXCEEDED_STORAGE_ALLOC: "552 The file would be larger than it may be",
    FILENAME_NOT_ALLOWED: "553 A file can't have that name",
    REST_NOT_POSSIBLE: "554 The file ends before byte %s",
}


def text(key: str, *args: object) -> str:
    """Return what is said for a key: a line, or several with line ends between them."""
    said = RESPONSE[key]
    if isinstance(said, list):
        return several(said[0], args, said[1])
    return tame(said % args if args else said)


def several(first: str, middle: Iterable[object], last: str) -> str:
    """Return a reply of several lines; those in the middle get the space that tells them from the last."""
    return "\r\n".join([tame(first), *(f" {tame(str(line))}" for line in middle), tame(last)])


def tame(line: str) -> str:
    """Return a line that surely is one, whatever the name of a file in it."""
    return line.translate(_TAME)


_TAME = {ord("\r"): "?", ord("\n"): "?", 0: "?"}


# What other servers say.

#: The longest line of a reply, in bytes, and the most lines of one.
REPLY_LINE_LIMIT = 16384
REPLY_LINES_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said.

    Attributes:
        code: three digits.
        lines: all of its lines, codes included; a preliminary one (100 to 199) is followed by another.
    """

    code: str
    lines: list[str]

    @property
    def isPreliminary(self) -> bool:
        """Whether another follows for the same command."""
        return self.code[0] == "1"

    @property
    def isGood(self) -> bool:
        """Whether the command was carried out, or goes on."""
        return self.code[0] in "23"


class ReplyReader:
    """Joins lines to replies. It is fed lines, cut already."""

    __slots__ = ("_code", "_lines", "_ready")

    def __init__(self) -> None:
        self._lines: list[str] = []  # of the reply that is not complete yet
        self._code: str | None = None  # its code, when it is one of several lines
        self._ready: list[Reply] = []

    def feed(self, line: bytes) -> None:
        """Take a line, without its end.

        Raises:
            TooLong: it is too long, or there are too many.
        """
        if len(line) > REPLY_LINE_LIMIT:
            raise TooLong("line of a reply", len(line), REPLY_LINE_LIMIT)
        if len(self._lines) >= REPLY_LINES_LIMIT:
            raise TooLong("reply, in lines,", len(self._lines) + 1, REPLY_LINES_LIMIT)
        words = asText(line)
        self._lines.append(words)
        code, mark = words[:3], words[3:4]
        isCode = len(code) == 3 and code.isascii() and code.isdigit()
        if self._code is None and isCode and mark == "-":
            self._code = code
        elif isCode and mark in (" ", "") and self._code in (None, code):
            if code[0] not in "12345":
                raise RemoteProtocolError(f"replies begin with 1 to 5, not {words[:40]!r}")
            self._ready.append(Reply(code, self._lines))
            self._lines = []
            self._code = None
        # Anything else is a line in the middle; some servers have such lines without a first one.

    def next(self) -> Reply | NeedData:
        """Return the next reply, or `NEED_DATA` until one is complete."""
        return self._ready.pop(0) if self._ready else NEED_DATA
