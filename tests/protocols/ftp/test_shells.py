"""Directories as users see them: what they may do, and that they stay inside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ropewalk.cred.checkers import ANONYMOUS
from ropewalk.cred.error import UnauthorizedLogin
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols import ftp
from ropewalk.protocols.ftp import (
    AnonUserDeniedError,
    ASCIIConsumerWrapper,
    BaseFTPRealm,
    FileConsumer,
    FTPAnonymousShell,
    FTPRealm,
    FTPShell,
    IFTPShell,
    IsADirectoryError,
    IsNotADirectoryError,
    PermissionDeniedError,
    SystemFTPRealm,
    errnoToFailure,
)
from ropewalk.python.filepath import FilePath, InsecurePath
from support.outcomes import outcome

KEYS = ("size", "directory", "permissions", "hardlinks", "modified", "owner", "group")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A directory with a file, a directory, links inside, out and nowhere; and one beside it."""
    root = tmp_path / "root"
    (root / "d").mkdir(parents=True)
    (root / "f").write_bytes(b"hello")
    (root / "inside").symlink_to("f")
    (root / "out").symlink_to(tmp_path)
    (root / "nowhere").symlink_to("nothing")
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "rootless").mkdir()
    return root


@pytest.mark.parametrize("kind", [FTPAnonymousShell, FTPShell])
def test_looking(tree: Path, kind: Any) -> None:
    """Everybody may look: at directories, at files, along links that stay inside."""
    shell = kind(FilePath(str(tree)))
    assert outcome(shell.access(())) is None
    size, directory, permissions, hardlinks, modified, *_ = outcome(shell.stat(("f",), KEYS))
    assert (size, directory, hardlinks) == (5, False, 1)
    assert permissions.user.read
    assert modified == os.stat(tree / "f").st_mtime
    assert outcome(shell.stat(("d",), ("directory",))) == [True]
    assert outcome(shell.stat(("inside",), ("size",))) == [5]
    assert [name for name, _ in outcome(shell.list(()))] == ["d", "f", "inside", "nowhere", "out"]
    assert outcome(shell.list(("f",), ("size",))) == [("f", [5])]
    told = dict(outcome(shell.list((), ("directory", "size"))))
    assert told["inside"] == [False, 5]
    assert told["out"][0] is False  # the link itself, not where it leads
    for path, error in [(("f",), IsNotADirectoryError), (("nothing",), ftp.FileNotFoundError)]:
        with pytest.raises(error):
            outcome(shell.access(path))
    for path in ((), ("d",)):
        with pytest.raises(IsADirectoryError):
            outcome(shell.openForReading(path))
    with pytest.raises(AttributeError, match="bogus"):
        outcome(shell.stat(("f",), ("bogus",)))


@pytest.mark.parametrize("path", [("..",), ("out", "secret"), ("out",), ("d", "..", "..", "secret"), ("a/b",), ("",)])
def test_nobodyGetsOut(tree: Path, path: tuple[str, ...]) -> None:
    """Neither dots nor links lead out of the root, for whatever is done."""
    shell = FTPShell(FilePath(str(tree)))
    actions: list[Any] = [shell.stat, shell.list, shell.access, shell.openForReading, shell.openForWriting]
    if path != ("out",):  # removing a link is no harm
        actions += [shell.removeFile, shell.removeDirectory, shell.makeDirectory]
    for action in actions:
        with pytest.raises(PermissionDeniedError):
            outcome(action(path))
    with pytest.raises(PermissionDeniedError):
        outcome(shell.rename(("f",), (*path, "f")))
    assert (tree.parent / "secret").read_bytes() == b"secret"


def test_linksMayLeadOut(tree: Path) -> None:
    """Unless that is wanted."""
    shell = FTPShell(FilePath(str(tree)))
    shell.linksLeadOut = True
    assert outcome(shell.stat(("out", "secret"), ("size",))) == [6]
    outcome(shell.openForReading(("out", "secret"))).close()
    with pytest.raises(PermissionDeniedError):
        outcome(shell.stat(("..", "secret")))


def test_namesThatBeginAlike(tree: Path) -> None:
    """A directory beside the root whose name begins like the root's is not inside."""
    (tree / "beside").symlink_to(tree.parent / "rootless")
    with pytest.raises(PermissionDeniedError):
        outcome(FTPShell(FilePath(str(tree))).access(("beside",)))


def test_noDevices(tree: Path) -> None:
    """A named pipe is not opened: that would wait for somebody at its other end."""
    os.mkfifo(tree / "pipe")
    shell = FTPShell(FilePath(str(tree)))
    with pytest.raises(PermissionDeniedError):
        outcome(shell.openForReading(("pipe",)))
    with pytest.raises((PermissionDeniedError, ftp.FTPCmdError)):
        outcome(shell.openForWriting(("pipe",)))


def test_guestsChangeNothing(tree: Path) -> None:
    """Guests may change nothing."""
    shell = FTPAnonymousShell(FilePath(str(tree)))
    for action in (shell.makeDirectory, shell.removeDirectory, shell.removeFile, shell.receive):
        with pytest.raises(AnonUserDeniedError):
            outcome(action(("f",)))
    with pytest.raises(AnonUserDeniedError):
        outcome(shell.rename(("f",), ("g",)))
    for refused in (shell.openForWriting(("f",)), shell.openForWritingAt(("f",), 1)):
        with pytest.raises(PermissionDeniedError):
            outcome(refused)


def test_changing(tree: Path) -> None:
    """Users change what is theirs; the root itself stays."""
    shell = FTPShell(FilePath(str(tree)))
    outcome(shell.makeDirectory(("d", "e")))
    outcome(shell.rename(("f",), ("d", "e", "f")))
    assert (tree / "d" / "e" / "f").exists()
    outcome(shell.removeFile(("d", "e", "f")))
    outcome(shell.removeDirectory(("d", "e")))
    outcome(shell.removeFile(("out",)))  # the link, not where it leads
    assert (tree.parent / "secret").exists()
    for refused, error in [
        (shell.makeDirectory(("d",)), ftp.FileExistsError),
        (shell.removeFile(("d",)), IsADirectoryError),
        (shell.removeDirectory(()), PermissionDeniedError),
        (shell.rename((), ("x",)), PermissionDeniedError),
        (shell.rename(("nothing",), ("x",)), ftp.FileNotFoundError),
        (shell.openForWriting(("d",)), IsADirectoryError),
        (shell.openForWriting(("nothing", "f")), ftp.FileNotFoundError),
    ]:
        with pytest.raises(error):
            outcome(refused)


# Realms.


def test_realms(tmp_path: Path) -> None:
    """Guests get the root to look at; users the directory of their name, or the system's for them."""
    realm = FTPRealm(str(tmp_path / "guests"), str(tmp_path / "home"))
    interface, shell, logout = realm.requestAvatar(ANONYMOUS, None, IFTPShell)
    assert interface is IFTPShell
    assert type(shell) is FTPAnonymousShell
    assert shell.filesystemRoot == FilePath(str(tmp_path / "guests"))
    logout()
    for name in (b"bob", "bob"):
        shell = realm.requestAvatar(name, None, IFTPShell)[1]
        assert type(shell) is FTPShell
        assert shell.filesystemRoot.path == str(tmp_path / "home" / "bob")
    with pytest.raises(InsecurePath):
        realm.requestAvatar("../guests", None, IFTPShell)
    with pytest.raises(NotImplementedError):
        realm.requestAvatar("bob", None)
    with pytest.raises(NotImplementedError):
        BaseFTPRealm("/").getHomeDirectory("bob")
    system = SystemFTPRealm("/")
    assert system.getHomeDirectory("root") == FilePath(os.path.expanduser("~root"))
    for nobody in ("nobody-has-this-name", "", "root/..", b"../root"):
        with pytest.raises(UnauthorizedLogin):
            system.getHomeDirectory(nobody)


# Small parts.


def test_errors() -> None:
    """Errors of the system become those that clients are told of; others are raised as they are."""
    import errno

    for number, error in {
        errno.ENOENT: ftp.FileNotFoundError,
        errno.EACCES: PermissionDeniedError,
        errno.EPERM: PermissionDeniedError,
        errno.ENOTDIR: IsNotADirectoryError,
        errno.EISDIR: IsADirectoryError,
        errno.EEXIST: ftp.FileExistsError,
    }.items():
        with pytest.raises(error) as problem:
            outcome(errnoToFailure(number, ["a", "b"]))
        assert "a/b" in problem.value.response()
    with pytest.raises(OSError, match="Input/output"):
        errnoToFailure(errno.EIO, ["a"])
    assert ftp.FileNotFoundError("a").response() == "550 a: No such file or directory."


@pytest.mark.parametrize(
    ("pieces", "sent"),
    [
        ([b"a\nb\r\nc"], b"a\r\nb\r\nc"),
        ([b"a\r", b"\nb"], b"a\r\nb"),
        ([b"a\r", b"", b"\nb"], b"a\r\nb"),
        ([b"a\r", b"b\n"], b"a\rb\r\n"),
        ([b"\n", b"\n"], b"\r\n\r\n"),
    ],
)
def test_lineEndsForTheNet(pieces: list[bytes], sent: bytes) -> None:
    """Line ends become those of the net, once each, however the text is cut."""
    transport = StringTransport()
    wrapper = ASCIIConsumerWrapper(transport)
    for piece in pieces:
        wrapper.write(piece)
    assert transport.value() == sent


def test_fileConsumer(tmp_path: Path) -> None:
    """A `FileConsumer` takes one push producer, and closes its file with it."""
    with open(tmp_path / "f", "wb") as file:
        consumer = FileConsumer(file)
        with pytest.raises(RuntimeError):
            consumer.registerProducer(object(), False)
        consumer.registerProducer(object(), True)
        with pytest.raises(RuntimeError):
            consumer.registerProducer(object(), True)
        consumer.write(b"hello")
        consumer.unregisterProducer()
        assert file.closed
    assert (tmp_path / "f").read_bytes() == b"hello"
