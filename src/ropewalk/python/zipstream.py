"""ZIP archives read and unpacked a piece at a time, so that a program can do something else in between.

::

    for remaining in unzipIterChunky("big.zip", "/srv/big"):
        show(remaining)

`zipfile` writes archives and knows what is in them; this adds entries that are read without loading them whole.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from .filepath import FilePath

if TYPE_CHECKING:
    from typing import Self

__all__ = [
    "DIR_BIT",
    "ChunkingZipFile",
    "DeflatedZipFileEntry",
    "ZipFileEntry",
    "countFileChunks",
    "countZipFileChunks",
    "unzipIterChunky",
]

DIR_BIT = 16  # of ZipInfo.external_attr: a directory, as MS-DOS marks one

# What stands before an entry's data: a signature, 22 bytes that the directory repeats, the lengths of name and extra.
_HEADER = struct.Struct("<4s22xHH")
_SIGNATURE = b"PK\x03\x04"

_PIECE = 2**14  # compressed bytes read at once


class ChunkingZipFile(zipfile.ZipFile):
    """A `zipfile.ZipFile` whose entries can be read a piece at a time, several in turn."""

    def readfile(self, name: str) -> ZipFileEntry | DeflatedZipFileEntry:
        """Return an entry as a file to read.

        Raises:
            KeyError: there is none of that name.
            zipfile.BadZipFile: it is compressed in another way than by deflating, or encrypted, or its place in the
                archive holds something else.
        """
        info = self.getinfo(name)
        if self.fp is None:
            raise ValueError(f"{self.filename!r} is closed")
        if info.flag_bits & 0x1:
            raise zipfile.BadZipFile(f"{name!r} is encrypted")
        self.fp.seek(info.header_offset)
        header = self.fp.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(_SIGNATURE):
            raise zipfile.BadZipFile(f"there is no entry where the directory says that {name!r} is")
        _, nameLength, extraLength = _HEADER.unpack(header)
        self.fp.seek(info.header_offset + _HEADER.size + nameLength + extraLength)
        if info.compress_type == zipfile.ZIP_STORED:
            return ZipFileEntry(self, info.compress_size)
        if info.compress_type == zipfile.ZIP_DEFLATED:
            return DeflatedZipFileEntry(self, info.compress_size)
        raise zipfile.BadZipFile(f"{name!r} is compressed by method {info.compress_type}, not deflated or stored")


class _FileEntry:
    """What all entries do, given `read`: to be derived from.

    Attributes:
        closed: whether it was closed; then nothing is left to read.
        finished: whether everything was read.
    """

    closed = False
    finished = False

    def __init__(self, chunkingZipFile: ChunkingZipFile, length: int) -> None:
        """Read from the archive's file, from where it stands.

        Args:
            length: how many bytes the entry has there.
        """
        assert chunkingZipFile.fp is not None
        self.chunkingZipFile = chunkingZipFile
        self.fp: IO[bytes] = chunkingZipFile.fp
        self.length = length
        self.readBytes = 0
        self._position = self.fp.tell()  # ours: entries of an archive share its file

    def _raw(self, count: int) -> bytes:
        """The next bytes as the archive has them."""
        count = min(count, self.length - self.readBytes)
        if count <= 0:
            return b""
        self.fp.seek(self._position)
        data = self.fp.read(count)
        if not data:
            raise zipfile.BadZipFile(f"the archive ends {self.length - self.readBytes} bytes before the entry does")
        self._position += len(data)
        self.readBytes += len(data)
        return data

    def read(self, n: int | None = None) -> bytes:
        """Return the next ``n`` bytes, fewer only at the end; all that is left when no number is given."""
        raise NotImplementedError(f"{type(self).__name__} has no read")

    def readline(self) -> bytes:
        """Return everything to the next newline, with it; at the end, what is left."""
        line = bytearray()
        while byte := self.read(1):
            line += byte
            if byte == b"\n":
                break
        return bytes(line)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    next = __next__

    def readlines(self) -> list[bytes]:
        """Return all lines that are left."""
        return list(self)

    def xreadlines(self) -> Iterator[bytes]:
        """Return the lines that are left, one after the other."""
        return iter(self)

    def isatty(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """Read no more. The archive stays open."""
        self.closed = True
        self.finished = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ZipFileEntry(_FileEntry):
    """An entry that is stored as it is."""

    def read(self, n: int | None = None) -> bytes:
        """Return the next ``n`` bytes, fewer only at the end; all that is left when no number is given."""
        if self.finished or n == 0:
            return b""
        data = self._raw(self.length if n is None or n < 0 else n)
        self.finished = self.readBytes >= self.length
        return data

    def tell(self) -> int:
        """Return how many bytes have been read."""
        return self.readBytes


class DeflatedZipFileEntry(_FileEntry):
    """An entry that is compressed. However small it is in the archive, no more than what is asked for is unpacked."""

    def __init__(self, chunkingZipFile: ChunkingZipFile, length: int) -> None:
        super().__init__(chunkingZipFile, length)
        self.returnedBytes = 0
        self.decomp = zlib.decompressobj(-15)
        self.buffer = b""  # unpacked, not yet read

    def read(self, n: int | None = None) -> bytes:
        """Return the next ``n`` bytes, fewer only at the end; all that is left when no number is given."""
        if self.finished or n == 0:
            return b""
        if n is None or n < 0:
            found = bytearray()
            while piece := self.read(_PIECE):
                found += piece
            return bytes(found)
        unpacked = bytearray(self.buffer)
        while len(unpacked) < n and not self.decomp.eof:
            packed = self.decomp.unconsumed_tail or self._raw(_PIECE)
            piece = self.decomp.decompress(packed, n - len(unpacked))
            # Without anything new to unpack there may still be something that did not fit the last time.
            if not packed and not piece and not self.decomp.eof:
                raise zipfile.BadZipFile("the entry ends in the middle of what is compressed")
            unpacked += piece
        data, self.buffer = bytes(unpacked[:n]), bytes(unpacked[n:])
        self.returnedBytes += len(data)
        self.finished = self.decomp.eof and not self.buffer
        return data

    def tell(self) -> int:
        """Return how many bytes have been read."""
        return self.returnedBytes


def countFileChunks(zipinfo: zipfile.ZipInfo, chunksize: int) -> int:
    """Return in how many pieces of a size an entry is unpacked; at least 1."""
    return max(1, -(-zipinfo.file_size // chunksize))


def countZipFileChunks(filename: str, chunksize: int) -> int:
    """Return in how many pieces of a size all entries of an archive are unpacked."""
    with zipfile.ZipFile(filename) as archive:
        return sum(countFileChunks(info, chunksize) for info in archive.infolist())


def unzipIterChunky(
    filename: str, directory: str = ".", overwrite: bool | int = 0, chunksize: int = 4096
) -> Iterator[int]:
    """Unpack an archive, a piece for each value that is asked for.

    Args:
        directory: where to; made if it isn't there.
        overwrite: replace files that are there; otherwise they are left alone.
        chunksize: bytes in a piece.

    Returns:
        An iterator of how many pieces are still to come, 0 at the end.

    Raises:
        InsecurePath: an entry's name leads out of the directory. What comes before it has been unpacked.
        zipfile.BadZipFile: the archive is damaged, or uses a compression other than deflating.
    """
    root = FilePath(directory)
    with ChunkingZipFile(filename) as archive:
        remaining = sum(countFileChunks(info, chunksize) for info in archive.infolist())
        for info in archive.infolist():
            target = root.preauthChild(info.filename)
            if info.is_dir() or info.external_attr & DIR_BIT:
                target.makedirs(ignoreExistingDirectory=True)
            elif overwrite or not target.exists():
                target.parent().makedirs(ignoreExistingDirectory=True)
                yield from _unpack(archive.readfile(info.filename), target, info, chunksize, remaining)
                remaining -= countFileChunks(info, chunksize)
                continue
            remaining -= countFileChunks(info, chunksize)
            yield remaining


def _unpack(
    entry: _FileEntry, target: FilePath[str], info: zipfile.ZipInfo, chunksize: int, remaining: int
) -> Iterator[int]:
    """Write an entry to a file, and check that it is what was packed."""
    checksum = 0
    with entry, target.open("w") as file:
        for _ in range(countFileChunks(info, chunksize)):
            piece = entry.read(chunksize)
            checksum = zlib.crc32(piece, checksum)
            file.write(piece)
            remaining -= 1
            yield remaining
    if checksum != info.CRC:
        raise zipfile.BadZipFile(f"{info.filename!r} is damaged: its checksum is {checksum:#x}, not {info.CRC:#x}")
