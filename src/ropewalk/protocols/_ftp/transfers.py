"""Commands that move something over a data connection.

The connection is agreed on first (`dataconnections`), then a transfer is begun. It opens the file, answers 125 or
150, waits for the connection, moves the bytes, and answers again. Whatever goes wrong in between becomes a reply as
well, and leaves nothing open.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

from zope.interface import implementer

from ropewalk.internet.defer import Deferred, maybeDeferred
from ropewalk.internet.interfaces import IPullProducer
from ropewalk.python import log

from .._wire import ftpreplies as replies
from .._wire.ftplisting import factLine, tame
from .._wire.ftppaths import isPattern
from .data import DTP, LIST_KEYS, formatLine
from .dataconnections import DataConnections
from .errors import (
    BadCmdSequenceError,
    CmdArgSyntaxError,
    CmdNotImplementedError,
    CmdNotImplementedForArgError,
    FileNotFoundError,
    FTPCmdError,
    IsNotADirectoryError,
    TransferError,
    fromSystem,
)
from .files import ASCIIConsumerWrapper, LocalLines
from .interfaces import IResumableShell
from .tree import factsOf

__all__ = ["Transfers"]


class Transfers(DataConnections):
    """TYPE, MODE, STRU, REST, ALLO, RETR, STOR, APPE, STOU, LIST, NLST, MLSD and ABOR."""

    facts: Sequence[str]

    _offset = 0  # where the next transfer begins

    # How data is sent.

    def ftp_TYPE(self, type: str) -> Any:
        """Choose how files are sent."""
        code = type.upper()
        choose: dict[str, Callable[[str], Any]] = {"A": self.type_A, "I": self.type_I, "L": self._type_L}
        if code[:1] not in choose:
            return self.type_UNKNOWN(code)
        return choose[code[:1]](code[1:].strip())

    def type_A(self, code: str) -> tuple[str, str]:
        """Choose text: line ends are those of the net."""
        if code not in ("", "N"):
            raise CmdArgSyntaxError(code)
        self.binary = False
        return replies.TYPE_SET_OK, "A"

    def type_I(self, code: str) -> tuple[str, str]:
        """Choose bytes as they are."""
        if code:
            raise CmdArgSyntaxError(code)
        self.binary = True
        return replies.TYPE_SET_OK, "I"

    def _type_L(self, code: str) -> tuple[str, str]:
        if code != "8":
            raise CmdNotImplementedForArgError(f"L{code}")
        return self.type_I("")

    def type_UNKNOWN(self, code: str) -> Any:
        """Refuse a type."""
        raise CmdNotImplementedForArgError(code)

    def ftp_MODE(self, mode: str) -> str:
        """Take the only mode there is."""
        return _only("S", mode)

    def ftp_STRU(self, structure: str) -> str:
        """Take the only structure there is."""
        return _only("F", structure)

    def ftp_REST(self, offset: str) -> Any:
        """Begin the next transfer there."""
        if not (offset.isascii() and offset.isdigit() and len(offset) < 20):
            raise CmdArgSyntaxError(offset)
        if int(offset) and not self.binary:
            raise CmdNotImplementedForArgError("REST in the middle of text, say TYPE I first")
        self._offset = int(offset)
        return replies.REQ_FILE_ACTN_PENDING_FURTHER_INFO

    def ftp_ALLO(self, size: str) -> str:
        """Say that no space has to be set aside."""
        return replies.CMD_NOT_IMPLMNTD_SUPERFLUOUS

    # Transfers.

    def ftp_RETR(self, path: str) -> Deferred[Any]:
        """Send a file."""
        segments = self.segments(path)
        offset, self._offset = self._offset, 0

        async def move(dtp: DTP, file: Any) -> None:
            await file.send(dtp if self.binary else ASCIIConsumerWrapper(dtp))
            await dtp.finished()

        def opened() -> Any:
            if not offset:
                return self.shell.openForReading(segments)
            return self._resumable().openForReadingAt(segments, offset)

        return self._transfer("RETR", opened, move)

    def ftp_STOR(self, path: str) -> Deferred[Any]:
        """Receive a file."""
        segments = self.segments(path)
        offset, self._offset = self._offset, 0

        def opened() -> Any:
            if not offset:
                return self.shell.openForWriting(segments)
            return self._resumable().openForWritingAt(segments, offset)

        return self._transfer("STOR", opened, self._store)

    def ftp_APPE(self, path: str) -> Deferred[Any]:
        """Receive what follows in a file."""
        segments = self.segments(path)
        self._offset = 0
        return self._transfer("APPE", lambda: self._resumable().openForWritingAt(segments, None), self._store)

    def ftp_STOU(self, path: str = "") -> Deferred[Any]:
        """Receive a file, whose name is found here, and told in the reply (RFC 1123 §4.1.2.9)."""
        name = f"{path or 'file'}.{secrets.token_hex(6)}"
        return self._transfer(
            "STOU",
            lambda: self.shell.openForWriting(self.segments(name)),
            self._store,
            lambda: self.sendLine(tame(f"150 FILE: {name}")),
        )

    async def _store(self, dtp: DTP, file: Any) -> None:
        consumer = await file.receive()
        await dtp.registerConsumer(consumer if self.binary else LocalLines(consumer))

    def _resumable(self) -> Any:
        if not IResumableShell.providedBy(self.shell):
            raise CmdNotImplementedError("REST or APPE for these files")
        return self.shell

    # Listings.

    def ftp_LIST(self, path: str = "") -> Deferred[Any]:
        """Send a listing for people."""
        path = _withoutOptions(path)
        return self._sendLines(
            "LIST", lambda: self._find(path, LIST_KEYS), lambda name, told: formatLine(name, told, self.now())
        )

    def ftp_MLSD(self, path: str = "") -> Deferred[Any]:
        """Send a listing for programs (RFC 3659 §7)."""
        segments = self.segments(path)

        async def look() -> Sequence[Any]:
            if not (await self.shell.stat(segments, ("directory",)))[0]:
                raise IsNotADirectoryError(segments)
            entries: Sequence[Any] = await self.shell.list(segments, LIST_KEYS)
            return entries

        return self._sendLines("MLSD", look, lambda name, told: factLine(name, factsOf(told), self.facts))

    def ftp_NLST(self, path: str = "") -> Deferred[Any]:
        """Send names. Where there is nothing, there are no names: that is no error, clients think."""
        path = _withoutOptions(path)

        async def look() -> Sequence[Any]:
            try:
                return await self._find(path, ())
            except FileNotFoundError:
                return []

        return self._sendLines("NLST", look, lambda name, told: tame(name))

    async def _find(self, path: str, keys: Sequence[str]) -> Sequence[Any]:
        """Return what is in a directory, or those in it whose names match the last part of the path."""
        segments = self.segments(path)
        if not segments or not isPattern(segments[-1]):
            entries: Sequence[Any] = await maybeDeferred(self.shell.list, segments, keys)
            return entries
        *directory, pattern = segments
        found = await maybeDeferred(self.shell.list, directory, keys)
        return [(name, told) for name, told in found if fnmatchcase(name, pattern)]

    def _sendLines(
        self, verb: str, look: Callable[[], Awaitable[Sequence[Any]]], line: Callable[[str, Any], str]
    ) -> Deferred[Any]:
        async def opened() -> Iterator[str]:
            entries = await look()
            return (line(name, told) for name, told in entries)

        async def move(dtp: DTP, lines: Iterator[str]) -> None:
            await LineSender(lines).send(dtp)
            await dtp.finished()

        return self._transfer(verb, lambda: Deferred.fromCoroutine(opened()), move)

    # What all transfers share.

    def _transfer(
        self,
        verb: str,
        opened: Callable[[], Any],
        move: Callable[[DTP, Any], Awaitable[None]],
        announce: Callable[[], None] | None = None,
    ) -> Deferred[Any]:
        """Do a transfer.

        Args:
            opened: opens what is to be sent or received; returns a Deferred of it.
            move: moves it.
            announce: answers in place of 125 or 150.
        """
        if self.dtpFactory is None and self._target is None:
            raise BadCmdSequenceError(f"PORT, PASV, EPRT, or EPSV required before {verb}")
        if self.tlsForData and self.dataContext is None:
            return maybeDeferred(lambda: replies.PROT_DENIED)
        return Deferred.fromCoroutine(self._doTransfer(opened, move, announce))

    async def _doTransfer(
        self,
        opened: Callable[[], Any],
        move: Callable[[DTP, Any], Awaitable[None]],
        announce: Callable[[], None] | None,
    ) -> str | None:
        file = await maybeDeferred(opened)
        self._isTransferring = True
        self.setTimeout(None)
        try:
            await self._moveAndClose(file, move, announce)
        except FTPCmdError:
            raise
        except OSError as problem:
            raise self._inTransfer(problem) from problem
        except Exception as problem:
            if self.dtpInstance is None or not self.dtpInstance.isConnected:
                # A producer that is told that nobody listens any more fails with anything.
                raise TransferError(replies.CNX_CLOSED_TXFR_ABORTED, problem) from problem
            raise
        finally:
            self._isTransferring = False
            self.cleanupDTP()
            if not self.disconnected:
                self.setTimeout(self._idleLimit)
        return replies.TXFR_COMPLETE_OK

    async def _moveAndClose(
        self, file: Any, move: Callable[[DTP, Any], Awaitable[None]], announce: Callable[[], None] | None
    ) -> None:
        """Move a file over the data connection, and close it, whatever becomes of that."""
        close = getattr(file, "close", _nothing)
        try:
            dtp = await self._connected(announce)
            stop = self._watchStall(dtp)
            try:
                await move(dtp, file)
            finally:
                stop()
        except BaseException:
            # What went wrong first is what is told.
            maybeDeferred(close).addErrback(lambda failure: log.err(failure, "while closing after a failed transfer"))
            raise
        await maybeDeferred(close)

    def _inTransfer(self, problem: OSError) -> FTPCmdError:
        """Tell of an error of the system in the middle of a transfer: a full disk as that, all else as one of ours."""
        told = fromSystem(problem, ())
        return told if isinstance(told, TransferError) else TransferError(replies.REQ_ACTN_ABRTD_LOCAL_ERR, problem)

    def _watchStall(self, dtp: DTP) -> Callable[[], None]:
        """Abort a transfer that stands still; return what stops watching.

        It is looked at now and then, so that the bytes themselves cost no timer.
        """
        seen = dtp.moved
        call: Any = None

        def look() -> None:
            nonlocal seen, call
            if dtp.moved == seen:
                dtp.abort()
                return
            seen = dtp.moved
            call = self.callLater(self.stallTimeout, look)

        def stop() -> None:
            if call.active():
                call.cancel()

        call = self.callLater(self.stallTimeout, look)
        return stop

    def ftp_ABOR(self) -> Any:
        """Stop the transfer, which is answered first; or forget the data connection, when there is none."""
        if not self._isTransferring or self.dtpFactory is None:
            self.cleanupDTP()
            return replies.CLOSING_DATA_CNX
        over: Deferred[None] = Deferred()
        self._waiters.append(over)
        if self.dtpInstance is not None and self.dtpInstance.isConnected:
            self.dtpInstance.abort()
        else:
            self.dtpFactory.deferred.cancel()
        return over.addCallback(lambda _: replies.CLOSING_DATA_CNX)


@implementer(IPullProducer)
class LineSender:
    """Sends lines to a data connection, some at a time, as they are asked for.

    Args:
        lines: without their ends.
    """

    AT_ONCE = 256

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._done: Deferred[None] | None = Deferred()

    def send(self, dtp: DTP) -> Deferred[None]:
        """Begin; return a Deferred that fires when all has been passed on."""
        done = self._done
        assert done is not None
        self._dtp = dtp
        dtp.registerProducer(self, False)
        return done

    def resumeProducing(self) -> None:
        """Send some more."""
        some = list(islice(self._lines, self.AT_ONCE))
        if some:
            self._dtp.sendLine("\r\n".join(some))
            return
        self._dtp.unregisterProducer()
        done, self._done = self._done, None
        if done is not None:
            done.callback(None)

    def stopProducing(self) -> None:
        """Stop: the connection is lost."""
        done, self._done = self._done, None
        if done is not None:
            done.errback(TransferError(replies.CNX_CLOSED_TXFR_ABORTED))


def _only(there: str, wanted: str) -> str:
    if wanted.upper() != there:
        raise CmdNotImplementedForArgError(wanted)
    return replies.CMD_OK


def _withoutOptions(path: str) -> str:
    """Drop what clients write for ``ls`` before a path, ``-la`` for instance."""
    words = path.split(" ")
    while words and (words[0].startswith("-") or not words[0]):
        words.pop(0)
    return " ".join(words)


def _nothing() -> None:
    """There is nothing to close."""
