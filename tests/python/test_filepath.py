"""Paths: what they lead to, what is there, and what they refuse to lead to."""

from __future__ import annotations

import errno
import os
import pickle
import socket
import stat
from pathlib import Path
from typing import Any

import pytest

from ropewalk.python import filepath
from ropewalk.python.filepath import FilePath, IFilePath, InsecurePath, LinkError, Permissions, UnlistableError


@pytest.fixture
def root(tmp_path: Path) -> FilePath[str]:
    """An empty directory."""
    return FilePath(str(tmp_path))


@pytest.fixture
def tree(root: FilePath[str]) -> FilePath[str]:
    """A directory with ``a.txt``, ``b.py`` and ``inner/deep/c.txt``."""
    root.child("a.txt").setContent(b"aaa")
    root.child("b.py").setContent(b"b")
    deep = root.descendant(["inner", "deep"])
    assert isinstance(deep, FilePath)
    deep.makedirs()
    deep.child("c.txt").setContent(b"c")
    return root


class TestNames:
    """Paths and the paths they lead to."""

    def test_pathsAreAbsolute(self) -> None:
        """Relative paths start from the current directory, and dots are resolved."""
        assert FilePath("a/../b").path == os.path.join(os.getcwd(), "b")
        assert FilePath("/a/../b//c/").path == "/b/c"
        assert FilePath(Path("/a")).path == "/a"

    def test_partsOfAPath(self) -> None:
        """Name, directory, extension, parents."""
        path = FilePath("/a/b.tar.gz")
        assert (path.basename(), path.dirname(), path.splitext()) == ("b.tar.gz", "/a", ("/a/b.tar", ".gz"))
        assert path.parent() == FilePath("/a")
        assert list(path.child("c").parents()) == [path, FilePath("/a"), FilePath("/")]
        assert FilePath("/").parent() == FilePath("/")
        assert path.isabs()

    def test_equalityAndOrder(self) -> None:
        """Paths compare by what they are; text and bytes are never the same."""
        assert FilePath("/a") == FilePath("/b/../a")
        assert hash(FilePath("/a")) == hash(FilePath("/a"))
        assert FilePath("/a") < FilePath("/b") <= FilePath("/b")
        assert FilePath("/b") > FilePath("/a") >= FilePath("/a")
        both: list[Any] = [FilePath("/a"), FilePath(b"/a")]
        assert both[0] != both[1]
        assert FilePath("/a") != "/a"

    def test_descendantAndBack(self, root: FilePath[str]) -> None:
        """`segmentsFrom` undoes `descendant`."""
        below = root.descendant(["a", "b", "c"])
        assert below.segmentsFrom(root) == ["a", "b", "c"]
        assert root.descendant([]) is root
        for elsewhere in (root, root.child("a").child("x")):
            with pytest.raises(ValueError, match="not below"):
                root.segmentsFrom(elsewhere)

    def test_siblings(self, tree: FilePath[str]) -> None:
        """Paths beside this one, by name, by extension, or by the first extension that exists."""
        assert tree.child("x").sibling("y") == tree.child("y")
        assert tree.child("b").siblingExtension(".py") == tree.child("b.py")
        assert tree.child("b").siblingExtensionSearch(".txt", ".py") == tree.child("b.py")
        assert tree.child("b").siblingExtensionSearch("*") == tree.child("b.py")
        assert tree.child("b.py").siblingExtensionSearch("") == tree.child("b.py")
        assert tree.child("b").siblingExtensionSearch(".txt") is None

    def test_theFirstChildThatExists(self, tree: FilePath[str]) -> None:
        """`childSearchPreauth` takes relative paths that it trusts."""
        assert tree.childSearchPreauth("nosuch", "inner/deep") == tree.child("inner").child("deep")
        assert tree.childSearchPreauth("nosuch") is None

    def test_patterns(self, tree: FilePath[str]) -> None:
        """`globChildren` finds by pattern, in directories of any name."""
        assert tree.globChildren("*.py") == [tree.child("b.py")]
        odd = tree.child("[odd]")
        odd.createDirectory()
        odd.child("x.py").touch()
        assert odd.globChildren("*.py") == [odd.child("x.py")]
        assert tree.asBytesMode().globChildren(b"*.py") == [tree.asBytesMode().child(b"b.py")]

    def test_aPathPickles(self, tree: FilePath[str]) -> None:
        """A path comes back without what it remembered of the file."""
        path = tree.child("a.txt")
        assert path.getsize() == 3
        again = pickle.loads(pickle.dumps(path))
        assert again == path
        assert again._statinfo is None

    def test_itIsTyped(self) -> None:
        """The class says what its path is made of, and provides the interface."""
        assert FilePath[str] is not None
        assert IFilePath.implementedBy(FilePath)

    def test_childrenComeFromClonePath(self) -> None:
        """A subclass that overrides `clonePath` gets its own kind from every path it leads to."""

        class Special(FilePath[str]):
            def clonePath(self, path: Any, alwaysCreate: bool = False) -> Any:
                return Special(path, alwaysCreate)

        special = Special("/a")
        for found in (
            special.child("b"),
            special.parent(),
            special.preauthChild("b/c"),
            special.siblingExtension(".b"),
        ):
            assert type(found) is Special


WAYS_OUT = ["..", "../x", "a/b", "/etc/passwd", "a/../../x", "a\0b"]


class TestSafety:
    """A child is in its parent."""

    @pytest.mark.parametrize("name", WAYS_OUT)
    @pytest.mark.parametrize("asBytes", [False, True])
    def test_childIsAName(self, name: str, asBytes: bool) -> None:
        """What leads elsewhere, or deeper, is refused, in text and bytes."""
        root: Any = FilePath(b"/root" if asBytes else "/root")
        with pytest.raises(InsecurePath):
            root.child(name.encode() if asBytes else name)

    @pytest.mark.parametrize("name", ["..", "../x", "/etc/passwd", "a/../../x", "../root-private", "a\0b"])
    def test_preauthChildStaysBelow(self, name: str) -> None:
        """A relative path may go down, not out: not even to a directory whose name begins alike."""
        with pytest.raises(InsecurePath):
            FilePath("/root").preauthChild(name)

    def test_goingDownIsAllowed(self) -> None:
        """Paths that stay inside are what they say."""
        root = FilePath("/root")
        assert root.preauthChild("a/b") == FilePath("/root/a/b")
        assert root.preauthChild("a/../b") == FilePath("/root/b")
        assert root.child(".") == root.child("") == root
        assert FilePath("/").child("etc") == FilePath("/etc")

    def test_siblingIsAName(self) -> None:
        """So is a sibling."""
        with pytest.raises(InsecurePath):
            FilePath("/root/a").sibling("../b")


class TestTextAndBytes:
    """A path is one or the other, and what is asked for decides."""

    def test_modes(self) -> None:
        """`asBytesMode` and `asTextMode` convert, or are the same object."""
        text, data = FilePath("/é"), FilePath("/é".encode())
        assert text.asBytesMode() == data
        assert data.asTextMode() == text
        assert text.asTextMode() is text
        assert data.asBytesMode() is data
        assert text.asBytesMode("latin-1").path == b"/\xe9"
        assert (text.sep, data.sep) == ("/", b"/")

    def test_aChildIsWhatItsNameIs(self) -> None:
        """A name in bytes gives a path in bytes."""
        assert FilePath("/a").child(b"b") == FilePath(b"/a/b")
        assert FilePath(b"/a").child("b") == FilePath("/a/b")
        assert FilePath(b"/a").preauthChild("b/c") == FilePath("/a/b/c")
        assert FilePath(b"/a").siblingExtension(".b") == FilePath("/a.b")

    def test_namesThatAreNotUTF8(self, root: FilePath[str]) -> None:
        """Any name the system allows survives the way to text and back."""
        odd = root.asBytesMode().child(b"\xff")
        odd.touch()
        assert odd.asTextMode().asBytesMode() == odd
        assert root.listdir() == [os.fsdecode(b"\xff")]


class TestQuestions:
    """What is there."""

    def test_kinds(self, tree: FilePath[str]) -> None:
        """Files, directories and nothing."""
        file, folder, nothing = tree.child("a.txt"), tree.child("inner"), tree.child("nothing")
        assert (file.exists(), file.isfile(), file.isdir(), file.islink()) == (True, True, False, False)
        assert (folder.exists(), folder.isfile(), folder.isdir()) == (True, False, True)
        assert (nothing.exists(), nothing.isfile(), nothing.isdir(), nothing.islink()) == (False, False, False, False)
        assert not file.isBlockDevice()

    def test_sockets(self, root: FilePath[str]) -> None:
        """A UNIX socket is one."""
        path = root.child("s")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path.path)
            assert path.isSocket()
            assert not path.isfile()

    def test_status(self, tree: FilePath[str]) -> None:
        """Size, times, owner, and the rest of what the system knows."""
        path = tree.child("a.txt")
        status = os.stat(path.path)
        assert path.getsize() == 3
        assert (path.getModificationTime(), path.getmtime()) == (status.st_mtime, int(status.st_mtime))
        assert (path.getAccessTime(), path.getatime()) == (status.st_atime, int(status.st_atime))
        assert (path.getStatusChangeTime(), path.getctime()) == (status.st_ctime, int(status.st_ctime))
        assert (path.getUserID(), path.getGroupID()) == (status.st_uid, status.st_gid)
        assert (path.getInodeNumber(), path.getDevice()) == (status.st_ino, status.st_dev)
        assert path.getNumberOfHardLinks() == 1
        with pytest.raises(FileNotFoundError):
            tree.child("nothing").getsize()

    def test_permissions(self, tree: FilePath[str]) -> None:
        """Who may do what, after `chmod` too."""
        path = tree.child("a.txt")
        path.chmod(0o640)
        found = path.getPermissions()
        assert found.shorthand() == "rw-r-----"
        assert (found.user.read, found.group.write, found.other.read) == (True, False, False)
        assert found == Permissions(0o640) != Permissions(0o644)
        assert found.group.shorthand() == "r--"
        assert "read=True" in repr(found)

    def test_whatIsRemembered(self, tree: FilePath[str]) -> None:
        """Answers stay the same until `changed` or `restat`; our own changes are noticed."""
        path = tree.child("a.txt")
        assert path.getsize() == 3
        with open(path.path, "ab") as file:
            file.write(b"more")
        assert path.getsize() == 3
        path.changed()
        assert path.getsize() == 7
        path.setContent(b"")
        assert path.getsize() == 0
        os.unlink(path.path)
        path.restat(False)
        assert not path.exists()
        with pytest.raises(FileNotFoundError):
            path.restat()

    def test_listing(self, tree: FilePath[str]) -> None:
        """Children are paths; what cannot be listed says why."""
        assert sorted(tree.listdir()) == ["a.txt", "b.py", "inner"]
        assert sorted(tree.children()) == [tree.child("a.txt"), tree.child("b.py"), tree.child("inner")]
        for name, number in (("nothing", errno.ENOENT), ("a.txt", errno.ENOTDIR)):
            with pytest.raises(UnlistableError) as caught:
                tree.child(name).children()
            assert caught.value.errno == caught.value.originalException.errno == number

    def test_walking(self, tree: FilePath[str]) -> None:
        """`walk` goes through everything, or leaves out what is in some directories."""
        everything = {"/".join(path.segmentsFrom(tree)) for path in tree.walk() if path != tree}
        assert everything == {"a.txt", "b.py", "inner", "inner/deep", "inner/deep/c.txt"}
        shallow = {path.basename() for path in tree.walk(lambda path: path.basename() != "inner")}
        assert shallow == {tree.basename(), "a.txt", "b.py", "inner"}
        assert list(tree.child("a.txt").walk()) == [tree.child("a.txt")]

    def test_walkingInCircles(self, tree: FilePath[str]) -> None:
        """A link to a directory it is in ends the walk with an error; a link elsewhere is followed."""
        aside = tree.child("aside")
        tree.child("inner").linkTo(aside)
        assert tree.child("aside").child("deep").child("c.txt") in set(tree.walk())
        tree.linkTo(tree.child("inner").child("up"))
        with pytest.raises(LinkError, match="leads back"):
            list(tree.walk())

    def test_deepTrees(self, root: FilePath[str]) -> None:
        """Hundreds of directories inside each other are walked."""
        path, depth = root.path, 200
        for _ in range(depth):
            path = os.path.join(path, "d")
        os.makedirs(path)
        assert sum(1 for _ in root.walk()) == depth + 1


class TestChanges:
    """What paths do to what is there."""

    def test_setContentReplacesAtOnce(self, tree: FilePath[str]) -> None:
        """Whoever has the old file open still reads it; nothing is left beside it."""
        path = tree.child("a.txt")
        with path.open() as reader:
            path.setContent(b"new")
            assert reader.read() == b"aaa"
        assert path.getContent() == b"new"
        assert sorted(tree.listdir()) == ["a.txt", "b.py", "inner"]

    def test_setContentThatFailsChangesNothing(self, tree: FilePath[str]) -> None:
        """Text is refused, and the file is what it was, alone."""
        text: Any = "text"
        with pytest.raises(TypeError):
            tree.child("a.txt").setContent(text)
        assert tree.child("a.txt").getContent() == b"aaa"
        assert sorted(tree.listdir()) == ["a.txt", "b.py", "inner"]

    def test_openingIsForBytes(self, root: FilePath[str]) -> None:
        """Every mode reads and writes bytes."""
        path = root.child("f")
        with path.open("w") as file:
            file.write(b"one")
        with path.open("a") as file:
            file.write(b"two")
        with path.open("r+") as file:
            file.write(b"1")
        with path.open() as file:
            assert file.read() == b"1netwo"

    def test_creatingIsExclusive(self, root: FilePath[str]) -> None:
        """`create`, and `open` when told to, fail if anything is there, even a dangling link."""
        path = root.child("f")
        with path.create() as file:
            file.write(b"x")
            file.seek(0)
            assert file.read() == b"x"
        with pytest.raises(FileExistsError):
            path.create()
        path.requireCreate()
        with pytest.raises(FileExistsError):
            path.open("w")
        with pytest.raises(AssertionError):
            path.open("a")
        dangling = root.child("dangling")
        root.child("nowhere").linkTo(dangling)
        with pytest.raises(FileExistsError):
            dangling.create()

    def test_temporarySiblingsAreUnique(self, root: FilePath[str]) -> None:
        """Each has a name of its own with the extension asked for, in the same directory."""
        path = root.child("f")
        one, two = path.temporarySibling(".x"), path.temporarySibling(".x")
        assert one != two
        assert one.parent() == root
        assert one.basename().endswith("f.x")
        assert one.alwaysCreate
        assert isinstance(FilePath(b"/a").temporarySibling().path, bytes)

    def test_directories(self, root: FilePath[str]) -> None:
        """One level or many; what is there is an error unless it may be a directory."""
        folder = root.child("d")
        folder.createDirectory()
        for again in (folder.createDirectory, folder.makedirs):
            with pytest.raises(FileExistsError):
                again()
        folder.makedirs(ignoreExistingDirectory=True)
        root.child("f").touch()
        with pytest.raises(FileExistsError):
            root.child("f").makedirs(ignoreExistingDirectory=True)
        assert folder.isdir()

    def test_touching(self, root: FilePath[str]) -> None:
        """`touch` creates a file, or renews the time of what is there and leaves its content."""
        os.utime(root.path, (1, 1))
        root.touch()
        assert root.getModificationTime() > 1
        path = root.child("f")
        path.touch()
        assert path.getContent() == b""
        path.setContent(b"x")
        os.utime(path.path, (1, 1))
        path.touch()
        assert path.getModificationTime() > 1
        assert path.getContent() == b"x"

    def test_removing(self, tree: FilePath[str]) -> None:
        """Files, whole directories, and links without what they lead to."""
        link = tree.child("link")
        tree.child("inner").linkTo(link)
        link.remove()
        assert tree.child("inner").child("deep").isdir()
        tree.child("inner").remove()
        tree.child("a.txt").remove()
        assert tree.listdir() == ["b.py"]
        with pytest.raises(FileNotFoundError):
            tree.child("a.txt").remove()

    def test_copying(self, tree: FilePath[str]) -> None:
        """Files and whole trees, links followed or kept."""
        tree.child("a.txt").linkTo(tree.child("inner").child("link"))
        followed, kept = tree.child("followed"), tree.child("kept")
        tree.child("inner").copyTo(followed)
        tree.child("inner").copyTo(kept, followLinks=False)
        assert followed.child("deep").child("c.txt").getContent() == b"c"
        assert not followed.child("link").islink()
        assert followed.child("link").getContent() == b"aaa"
        assert kept.child("link").islink()
        tree.child("a.txt").copyTo(tree.asBytesMode().child(b"bytes"))
        assert tree.child("bytes").getContent() == b"aaa"

    def test_copyingOntoItselfKeepsTheContent(self, tree: FilePath[str]) -> None:
        """A file copied to itself, or to a link to it, is what it was."""
        path, link = tree.child("a.txt"), tree.child("link")
        path.linkTo(link)
        path.copyTo(path)
        path.copyTo(link)
        assert path.getContent() == b"aaa"

    def test_whatCannotBeCopied(self, root: FilePath[str]) -> None:
        """Nothing, and what is neither file nor directory."""
        with pytest.raises(FileNotFoundError, match="nothing"):
            root.child("nothing").copyTo(root.child("x"))
        os.mkfifo(root.child("pipe").path)
        with pytest.raises(NotImplementedError, match="neither"):
            root.child("pipe").copyTo(root.child("x"))

    def test_moving(self, tree: FilePath[str]) -> None:
        """Files replace what is there; both paths notice."""
        source, target = tree.child("a.txt"), tree.child("b.py")
        assert (source.exists(), target.getsize()) == (True, 1)
        source.moveTo(target)
        assert (source.exists(), target.getsize()) == (False, 3)
        tree.child("inner").moveTo(tree.child("outer"))
        assert tree.child("outer").child("deep").isdir()
        with pytest.raises(FileNotFoundError):
            source.moveTo(target)

    def test_movingToAnotherDevice(self, tree: FilePath[str], monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the system cannot rename, the content is copied, and appears complete."""
        rename, refused = os.replace, []

        def replace(source: str, target: str) -> None:
            if source == tree.child("a.txt").path:
                refused.append(target)
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            rename(source, target)

        monkeypatch.setattr(os, "replace", replace)
        tree.child("a.txt").moveTo(tree.child("inner").child("moved"))
        assert refused
        assert not tree.child("a.txt").exists()
        assert tree.child("inner").child("moved").getContent() == b"aaa"
        assert tree.child("inner").listdir().count("moved") == 1

    def test_links(self, tree: FilePath[str]) -> None:
        """A link is one, leads where it says, and may not lead back to itself."""
        link = tree.child("link")
        tree.child("a.txt").linkTo(link)
        assert link.islink()
        assert link.isfile()
        assert link.realpath() == tree.child("a.txt")
        plain = tree.child("a.txt")
        assert plain.realpath() is plain
        os.symlink("two", tree.child("one").path)
        os.symlink("one", tree.child("two").path)
        with pytest.raises(LinkError, match="back to itself"):
            tree.child("one").realpath()
        with pytest.raises(FileExistsError):
            plain.linkTo(link)


def test_modeBitsAreNamed() -> None:
    """The bits of a mode are importable from here."""
    assert filepath.S_IRUSR | filepath.S_IWUSR == stat.S_IRUSR | stat.S_IWUSR
