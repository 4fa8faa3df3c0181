"""What goes wrong: with a command of a client of ours, or with the server that we are the client of."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

from ropewalk.internet.defer import Deferred, fail
from ropewalk.python import log

from .._wire import ftpreplies as replies
from .._wire.ftppaths import InvalidPath

__all__ = [
    "ActionNotTakenError",
    "AnonUserDeniedError",
    "AuthorizationError",
    "BadCmdSequenceError",
    "BadResponse",
    "CmdArgSyntaxError",
    "CmdNotImplementedError",
    "CmdNotImplementedForArgError",
    "CmdSyntaxError",
    "CommandFailed",
    "ConnectionLost",
    "FTPCmdError",
    "FTPError",
    "FileExistsError",
    "FileNotFoundError",
    "InvalidPath",
    "IsADirectoryError",
    "IsNotADirectoryError",
    "PASVIPv6NotImplementedError",
    "PermissionDeniedError",
    "PortConnectionError",
    "TransferError",
    "UnexpectedData",
    "UnexpectedResponse",
    "UnsupportedNetworkProtocolError",
    "debugDeferred",
    "errnoToFailure",
    "fromSystem",
    "shown",
]

# The server's side.


class FTPCmdError(Exception):
    """A command can't be carried out. The client is told so, and the session goes on.

    Args:
        msg: what the sentence of the reply has places for; the name of a file, mostly.

    Attributes:
        errorCode: the key of the reply, in `RESPONSE`. Each child has its own.
        errorMessage: the arguments.
    """

    errorCode: str

    def __init__(self, *msg: object) -> None:
        super().__init__(*msg)
        self.errorMessage = msg

    def response(self) -> str:
        """Return the reply."""
        return replies.text(self.errorCode, *(shown(part) for part in self.errorMessage))


def shown(part: object) -> object:
    """Return what a client is shown for an argument of an error: a path, where shells put segments."""
    return "/".join(map(str, part)) or "/" if isinstance(part, list | tuple) else part


class FileNotFoundError(FTPCmdError):
    """There is no such file or directory."""

    errorCode = replies.FILE_NOT_FOUND


class AnonUserDeniedError(FTPCmdError):
    """Who did not say who he is may not do that."""

    errorCode = replies.ANON_USER_DENIED


class PermissionDeniedError(FTPCmdError):
    """The user may not do that."""

    errorCode = replies.PERMISSION_DENIED


class IsNotADirectoryError(FTPCmdError):
    """It would have to be a directory."""

    errorCode = replies.IS_NOT_A_DIR


class FileExistsError(FTPCmdError):
    """It is there already."""

    errorCode = replies.FILE_EXISTS


class IsADirectoryError(FTPCmdError):
    """It would have to be a file."""

    errorCode = replies.IS_A_DIR


class CmdSyntaxError(FTPCmdError):
    """The command is not understood."""

    errorCode = replies.SYNTAX_ERR


class CmdArgSyntaxError(FTPCmdError):
    """The argument is not understood."""

    errorCode = replies.SYNTAX_ERR_IN_ARGS


class CmdNotImplementedError(FTPCmdError):
    """There is no such command."""

    errorCode = replies.CMD_NOT_IMPLMNTD


class CmdNotImplementedForArgError(FTPCmdError):
    """The command is there, but not for this argument."""

    errorCode = replies.CMD_NOT_IMPLMNTD_FOR_PARAM


class PASVIPv6NotImplementedError(FTPCmdError):
    """PASV was said over IPv6, whose addresses it cannot tell."""

    errorCode = replies.PASV_IPV6_NOT_IMPLEMENTED


class UnsupportedNetworkProtocolError(FTPCmdError):
    """Neither IPv4 nor IPv6."""

    errorCode = replies.UNSUPPORTED_NETWORK_PROTOCOL


class BadCmdSequenceError(FTPCmdError):
    """Another command has to come first."""

    errorCode = replies.BAD_CMD_SEQ


class AuthorizationError(FTPCmdError):
    """Who it is could not be proved."""

    errorCode = replies.AUTH_FAILURE


class TransferError(FTPCmdError):
    """A transfer began, or should have, and did not come to its end.

    Args:
        key: of the reply.
        cause: the exception behind it.
        msg: what the reply has places for.
    """

    def __init__(self, key: str, cause: BaseException | None = None, *msg: object) -> None:
        super().__init__(*msg)
        self.errorCode = key
        self.__cause__ = cause


class PortConnectionError(Exception):
    """The data connection was not made."""


_BY_ERRNO: dict[int, type[FTPCmdError]] = {
    errno.ENOENT: FileNotFoundError,
    errno.ENAMETOOLONG: FileNotFoundError,
    errno.ELOOP: FileNotFoundError,
    errno.EPERM: PermissionDeniedError,
    errno.EACCES: PermissionDeniedError,
    errno.EROFS: PermissionDeniedError,
    errno.ENOTDIR: IsNotADirectoryError,
    errno.EEXIST: FileExistsError,
    errno.EISDIR: IsADirectoryError,
}


class ActionNotTakenError(FTPCmdError):
    """What the system said, where FTP has no words of its own."""

    errorCode = replies.REQ_ACTN_NOT_TAKEN


# What a full disk says, and what a limit on the size of files or on a user's space does.
_SPACE = {
    errno.ENOSPC: replies.REQ_ACTN_ABRTD_INSUFF_STORAGE,
    errno.EDQUOT: replies.EXCEEDED_STORAGE_ALLOC,
    errno.EFBIG: replies.EXCEEDED_STORAGE_ALLOC,
}


def fromSystem(problem: OSError, path: Sequence[str]) -> FTPCmdError:
    """Turn an error of the system into one that the client is told of.

    Args:
        path: the segments of what it is about.
    """
    number = problem.errno or 0
    if number in _SPACE:
        return TransferError(_SPACE[number], problem)
    kind = _BY_ERRNO.get(number)
    told = ActionNotTakenError(problem.strerror or "the system failed") if kind is None else kind(path)
    told.__cause__ = problem
    return told


def errnoToFailure(e: int, path: Sequence[str]) -> Deferred[object]:
    """Turn the number of an error of the system into one that the client is told of.

    Args:
        path: the segments of what it is about.

    Returns:
        A Deferred that has failed.

    Raises:
        BaseException: what is being handled, where FTP has no words for the error.
    """
    kind = _BY_ERRNO.get(e)
    if kind is not None:
        return fail(kind(path))
    current = sys.exc_info()[1]
    raise current if current is not None else OSError(e, os.strerror(e))


def debugDeferred(self: object, *_: object) -> None:
    """Log what it is called with. For looking at callbacks."""
    log.msg(f"debugDeferred: {self!r}, {_!r}", debug=True)


# The client's side.


class FTPError(Exception):
    """The base of what happens to clients."""


class UnexpectedResponse(FTPError):
    """The server said something that does not belong to the command."""


class UnexpectedData(FTPError):
    """The server sent something where nothing was to come."""


class BadResponse(FTPError):
    """What the server sent is no reply."""


class CommandFailed(FTPError):
    """The server refused. The argument is a list of the lines it said."""


class ConnectionLost(FTPError):
    """The control connection is gone. The arguments are a sentence, and a failure that says why."""
