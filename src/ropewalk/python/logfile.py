"""Log files that are put aside when they are full (`LogFile`) or when the day is over (`DailyLogFile`).

They are written without a buffer and always at their end, so several processes, or a tool that truncates files, can
share one. When a file cannot be put aside, because the directory doesn't allow that say, it goes on growing: a log
that is too long is better than none.
"""

from __future__ import annotations

import os
import stat
import time
from _thread import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import FileIO
    from typing import Any, Self

__all__ = ["BaseLogFile", "DailyLogFile", "LogFile", "LogReader"]


class BaseLogFile:
    """A file to log to that can be put aside. Derive from it to say when; it may be written to from any thread.

    Args:
        name: of the file.
        directory: where it is.
        defaultMode: permissions of new files; by default those of the file that is already there, or what the
            process's umask leaves.

    Raises:
        OSError: the file cannot be opened.

    Attributes:
        path: of the current file.
        closed: whether `close` was called.
    """

    synchronized = ["write", "rotate"]

    def __init__(self, name: str, directory: str, defaultMode: int | None = None) -> None:
        self.directory = directory
        self.name = name
        self.path = os.path.join(directory, name)
        self.defaultMode = defaultMode
        self.closed = False
        self._lock = RLock()
        self._openFile()

    @classmethod
    def fromFullPath(cls, filename: str, *args: Any, **kwargs: Any) -> Self:
        """Make a log file of a path; the other arguments are those of the class after the directory."""
        path = os.path.abspath(filename)
        return cls(os.path.basename(path), os.path.dirname(path), *args, **kwargs)

    def shouldRotate(self) -> bool:
        """Whether the file is to be put aside before the next write."""
        raise NotImplementedError(f"{type(self).__name__} doesn't say when it should rotate: define shouldRotate")

    def rotate(self) -> None:
        """Put the file aside and open a new one."""
        raise NotImplementedError(f"{type(self).__name__} doesn't say how to rotate: define rotate")

    def _openFile(self) -> None:
        """Open the current file, at its end.

        Raises:
            OSError: it cannot be opened.
        """
        self._file: FileIO = open(self.path, "ab", 0)  # noqa: SIM115  # open for as long as this object is
        self.closed = False
        if self.defaultMode is not None:
            try:
                os.chmod(self.path, self.defaultMode)
            except OSError:
                pass  # Somebody else's file, which lets us write all the same.

    def _putAside(self, path: str) -> None:
        """Move the current file, and open a new one that has its permissions."""
        before = self._file
        mode = stat.S_IMODE(os.fstat(before.fileno()).st_mode)
        os.rename(self.path, path)
        try:
            self._openFile()
        except OSError:
            os.rename(path, self.path)
            raise
        before.close()
        if self.defaultMode is None:
            os.chmod(self.path, mode)

    def _mayRotate(self) -> bool:
        """Whether the directory lets us move files."""
        return os.access(self.directory or ".", os.W_OK) and os.access(self.path, os.W_OK)

    def write(self, data: str | bytes) -> None:
        """Append to the file, having put it aside first if it is time.

        Args:
            data: text is written as UTF-8.

        Raises:
            ValueError: the file is closed.
            OSError: the system doesn't take it: the disk is full.
        """
        with self._lock:
            self._append(data)

    def _append(self, data: str | bytes) -> int:
        """Do what `write` promises, and return how many bytes that were. The lock is held."""
        encoded = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
        if self.closed:
            raise ValueError(f"log file {self.path!r} is closed: reopen() it to write")
        if self.shouldRotate():
            self.flush()
            try:
                self.rotate()
            except OSError:
                pass  # There are no more descriptors, or the disk is full: the file grows until it can be done.
        done = self._file.write(encoded)
        while done < len(encoded):
            # A nearly full disk takes a part; the next try raises.
            done += self._file.write(encoded[done:])
        return done

    def flush(self) -> None:
        """Nothing: what is written has been given to the system already."""

    def close(self) -> None:
        """Close the file. It can be reopened."""
        with self._lock:
            self.closed = True
            self._file.close()

    def reopen(self) -> None:
        """Close the file and open whatever has its name now: for tools that move log files away, such as logrotate.

        Raises:
            OSError: it cannot be opened. The file that was open still is.
        """
        with self._lock:
            before = self._file
            self._openFile()
            before.close()

    def getCurrentLog(self) -> LogReader:
        """Return a reader of the current file."""
        return LogReader(self.path)


class LogFile(BaseLogFile):
    """A log file that is put aside when it has a certain length: as ``name.1``, the one before that as ``name.2``...

    Args:
        name: of the file.
        directory: where it is.
        rotateLength: put it aside when it has so many bytes; `None` for never.
        defaultMode: permissions of new files.
        maxRotatedFiles: how many to keep beside the current one; `None` for all.
    """

    def __init__(
        self,
        name: str,
        directory: str,
        rotateLength: int | None = 1000000,
        defaultMode: int | None = None,
        maxRotatedFiles: int | None = None,
    ) -> None:
        self.rotateLength = rotateLength
        self.maxRotatedFiles = maxRotatedFiles
        super().__init__(name, directory, defaultMode)

    def _openFile(self) -> None:
        super()._openFile()
        self.size = os.fstat(self._file.fileno()).st_size

    def shouldRotate(self) -> bool:
        """Whether the file is as long as it may be."""
        return bool(self.rotateLength and self.size >= self.rotateLength)

    def write(self, data: str | bytes) -> None:
        """Append to the file, having put it aside first if it is full."""
        with self._lock:
            written = self._append(data)  # Which may have put the file aside, and begun to count anew.
            self.size += written

    def rotate(self) -> None:
        """Put the file aside: each of the others gets the next number, and those above the limit are removed."""
        with self._lock:
            if not self._mayRotate():
                return
            for number in reversed(self.listLogs()):
                path = f"{self.path}.{number}"
                if self.maxRotatedFiles is not None and number >= self.maxRotatedFiles:
                    os.remove(path)
                else:
                    os.rename(path, f"{self.path}.{number + 1}")
            self._putAside(f"{self.path}.1")

    def listLogs(self) -> list[int]:
        """Return the numbers of the files put aside, the latest first."""
        start = len(self.name) + 1
        names = os.listdir(self.directory or ".")
        suffixes = [name[start:] for name in names if name.startswith(self.name + ".")]
        return sorted(int(suffix) for suffix in suffixes if suffix.isdecimal() and int(suffix) > 0)

    def getLog(self, identifier: int) -> LogReader:
        """Return a reader of a file put aside, by its number.

        Raises:
            ValueError: there is none.
        """
        return _readerOf(f"{self.path}.{identifier}")


class DailyLogFile(BaseLogFile):
    """A log file that is put aside when the day is over, local time: as ``name.2026_11_21``.

    Attributes:
        lastDate: the day of the current file: year, month, day.
    """

    lastDate: tuple[int, ...]

    def _openFile(self) -> None:
        # A file that is already there is of the day on which it was last written.
        try:
            when = os.stat(self.path).st_mtime
        except FileNotFoundError:
            when = time.time()
        super()._openFile()
        self.lastDate = self.toDate(when)

    def shouldRotate(self) -> bool:
        """Whether the day of the current file is over."""
        return self.toDate() > self.lastDate

    def toDate(self, *args: float) -> tuple[int, ...]:
        """Return the day of a time (seconds since the epoch; now by default), as year, month, day."""
        return time.localtime(*args)[:3]

    def suffix(self, tupledate: tuple[int, ...] | float) -> str:
        """Return the end of the name of a day's file. Takes a day, or a time of that day."""
        day = tupledate if isinstance(tupledate, tuple) else self.toDate(tupledate)
        return "_".join(map(str, day))

    def write(self, data: str | bytes) -> None:
        """Append to the file, having put it aside first if its day is over."""
        with self._lock:
            self._append(data)
            # Somebody's clock may have gone back.
            self.lastDate = max(self.lastDate, self.toDate())

    def rotate(self) -> None:
        """Put the file aside, unless there is one of that day already: nothing is overwritten."""
        with self._lock:
            path = f"{self.path}.{self.suffix(self.lastDate)}"
            if self._mayRotate() and not os.path.exists(path):
                self._putAside(path)

    def getLog(self, identifier: tuple[int, ...] | float) -> LogReader:
        """Return a reader of a day's file.

        Args:
            identifier: the day (year, month, day), or a time of that day.

        Raises:
            ValueError: there is none.
        """
        day = identifier if isinstance(identifier, tuple) else self.toDate(identifier)
        if day == self.lastDate:
            return self.getCurrentLog()
        return _readerOf(f"{self.path}.{self.suffix(day)}")


class LogReader:
    """Reads a log file, some lines at a time.

    Args:
        name: path of the file.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, name: str) -> None:
        self._file = open(name, encoding="utf-8", errors="replace")  # noqa: SIM115  # open until `close`

    def readLines(self, lines: int = 10) -> list[str]:
        """Return the next lines, each with its newline: fewer than asked for at the end of the file, none after."""
        return [line for line in (self._file.readline() for _ in range(lines)) if line]

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _readerOf(path: str) -> LogReader:
    if not os.path.exists(path):
        raise ValueError(f"no such logfile exists: {path!r}")
    return LogReader(path)
