"""ZIP archives read and unpacked a piece at a time."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ropewalk.python import zipstream
from ropewalk.python.filepath import InsecurePath

DEFLATED, STORED = zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED
ZEROS = b"\0" * 1_000_000  # 1 kB in the archive


@pytest.fixture
def archive(tmp_path: Path) -> str:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("one.txt", b"hello\nworld\n" * 10)
        packed.writestr("dir/two.txt", b"two\n" * 1000, compress_type=DEFLATED)
        packed.writestr("zeros", ZEROS, compress_type=DEFLATED)
        packed.writestr("empty/", b"")
        packed.writestr("none", b"")
    return str(path)


@pytest.mark.parametrize("size", [1, 7, 4096, 10**7])
def test_reading(archive: str, size: int) -> None:
    """An entry, stored or deflated, is read in pieces of any size, and says how far it was read."""
    with zipstream.ChunkingZipFile(archive) as opened:
        for name, content in [("one.txt", b"hello\nworld\n" * 10), ("dir/two.txt", b"two\n" * 1000), ("none", b"")]:
            entry = opened.readfile(name)
            found = b""
            while piece := entry.read(size):
                assert len(piece) == min(size, len(content) - len(found))
                found += piece
                assert entry.tell() == len(found)
            assert found == content
            assert entry.finished or not content
            assert entry.read() == b""


def test_severalInTurn(archive: str) -> None:
    """Entries of an archive can be read in turn, though they share its file."""
    with zipstream.ChunkingZipFile(archive) as opened:
        one, two = opened.readfile("one.txt"), opened.readfile("dir/two.txt")
        assert [one.readline(), two.readline(), one.readline(), two.readline()] == [
            b"hello\n",
            b"two\n",
            b"world\n",
            b"two\n",
        ]
        assert len(two.readlines()) == 998
        assert next(one) == b"hello\n"
        assert len(list(one.xreadlines())) == 17
        assert not one.isatty()


def test_noMoreThanAskedFor(archive: str) -> None:
    """A small piece of an entry that unpacks to a megabyte keeps no more than that piece in memory."""
    with zipstream.ChunkingZipFile(archive) as opened, opened.readfile("zeros") as entry:
        assert isinstance(entry, zipstream.DeflatedZipFileEntry)
        assert entry.read(10) == ZEROS[:10]
        assert entry.buffer == b""
        assert entry.read() == ZEROS[10:]
    assert entry.closed
    assert entry.read() == b""


def test_counting(archive: str) -> None:
    """Pieces are counted by what they are unpacked to; an empty entry counts as one."""
    assert zipstream.countZipFileChunks(archive, 1000) == 1 + 4 + 1000 + 1 + 1
    with zipfile.ZipFile(archive) as opened:
        assert zipstream.countFileChunks(opened.getinfo("dir/two.txt"), 3999) == 2
        assert zipstream.countFileChunks(opened.getinfo("dir/two.txt"), 4000) == 1


def test_unpacking(archive: str, tmp_path: Path) -> None:
    """Unpacking counts down to nothing, a piece at a time."""
    counts = zipstream.unzipIterChunky(archive, str(tmp_path / "out"), chunksize=1000)
    assert next(counts) == 1006
    assert not (tmp_path / "out" / "dir").exists()
    assert list(counts) == list(range(1005, -1, -1))
    assert (tmp_path / "out/dir/two.txt").read_bytes() == b"two\n" * 1000
    assert (tmp_path / "out/zeros").read_bytes() == ZEROS
    assert (tmp_path / "out/empty").is_dir()
    assert (tmp_path / "out/none").read_bytes() == b""


def test_whatIsThere(archive: str, tmp_path: Path) -> None:
    """Files that are there stay as they are, unless they may be overwritten."""
    (tmp_path / "one.txt").write_text("mine")
    assert list(zipstream.unzipIterChunky(archive, str(tmp_path), chunksize=10**6)) == [4, 3, 2, 1, 0]
    assert (tmp_path / "one.txt").read_text() == "mine"
    counts = list(zipstream.unzipIterChunky(archive, str(tmp_path), 1, 50))
    assert counts == list(range(20000 + 80 + 3 + 1, -1, -1))
    assert (tmp_path / "one.txt").read_text().startswith("hello")


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil"])
def test_noWayOut(tmp_path: Path, name: str) -> None:
    """An entry whose name leads out of the directory is refused."""
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as packed:
        packed.writestr(name, b"x")
    with pytest.raises(InsecurePath):
        list(zipstream.unzipIterChunky(str(tmp_path / "evil.zip"), str(tmp_path / "out")))
    assert not (tmp_path / "evil").exists()


def test_otherCompression(tmp_path: Path) -> None:
    """An entry that is compressed in another way is named, and the way."""
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.writestr("b", b"x" * 100, compress_type=zipfile.ZIP_BZIP2)
    with zipstream.ChunkingZipFile(tmp_path / "b.zip") as opened:
        with pytest.raises(zipfile.BadZipFile, match="'b' is compressed by method 12"):
            opened.readfile("b")
        with pytest.raises(KeyError):
            opened.readfile("nope")
    with pytest.raises(ValueError, match="is closed"):
        opened.readfile("b")


@pytest.mark.parametrize(("method", "complaint"), [(STORED, "'a' is damaged"), (DEFLATED, "damaged|Error -3")])
def test_damage(tmp_path: Path, method: int, complaint: str) -> None:
    """An entry that is not what was packed is an error at its end."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as packed:
        packed.writestr("a", bytes(range(256)))
    data = bytearray(path.read_bytes())
    data[100] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(Exception, match=complaint):
        list(zipstream.unzipIterChunky(str(path), str(tmp_path / "out")))


def test_falseDirectory(tmp_path: Path) -> None:
    """A directory that leads to where no entry is, or claims more than is there, is an error and not a crash."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a", b"content")
    with zipstream.ChunkingZipFile(path) as opened:
        opened.getinfo("a").header_offset = 5
        with pytest.raises(zipfile.BadZipFile, match="no entry"):
            opened.readfile("a")
        opened.getinfo("a").header_offset = 0
        opened.getinfo("a").compress_size = 10**6
        entry = opened.readfile("a")
        assert entry.read(10**7).startswith(b"content")
        with pytest.raises(zipfile.BadZipFile, match="the archive ends"):
            entry.read(10**7)
