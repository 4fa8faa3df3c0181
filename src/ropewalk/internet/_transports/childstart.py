"""Starting a child process: find the program, arrange its descriptors, be its user, and execute.

There are two ways. ``posix_spawn`` costs the same however big this process is and is safe beside threads, but knows
neither working directory nor user nor controlling terminal: it is taken whenever none of these is asked for.
Otherwise we fork, do what is asked for in the child, and execute there; the child reports through a pipe what went
wrong, so that both ways raise alike, in the parent, before anybody has been told of a new process.

What a child inherits is exact. It gets the descriptors that it was promised and no others, and the signals that the
interpreter ignores for its own sake have their default effect again.
"""

from __future__ import annotations

import errno
import fcntl
import gc
import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, NoReturn

    # Text is encoded as file names are.
    Text = str | bytes | os.PathLike[str] | os.PathLike[bytes]

__all__ = ["Command"]

# Where the system lists our descriptors.
DESCRIPTORS = ("/proc/self/fd", "/dev/fd")
# What the interpreter ignores. Other programs expect to be ended by a broken pipe. What somebody else had ignored
# (``nohup``, the program itself) stays so: that is how such a thing is handed on.
OUR_OWN_IGNORED = [signal.SIGPIPE, signal.SIGXFSZ]


class Command:
    """What is to be executed, checked and encoded: nothing here fails for the caller's mistake after the fork.

    Args:
        executable: a path, or a name that is looked up on ``PATH``: the child's, then ours, then the system's default.
        args: the child's arguments, its name first; when there are none the name is the executable.
        env: the child's environment; `None` hands on ours.
        path: the directory that it begins in; `None` for ours. A relative ``executable`` is found from there.
        uid: the user to run as, with that user's groups; `None` for ours.
        gid: the group to run as; `None` for ours.

    Raises:
        FileNotFoundError: no program of that name is on the path.
        PermissionError: there is one, and it may not be executed.
        TypeError: an argument or a variable is no text.
        ValueError: one contains a null byte.
    """

    def __init__(
        self,
        executable: Text,
        args: Sequence[Text],
        env: Mapping[Any, Any] | None,
        path: Text | None,
        uid: int | None,
        gid: int | None,
    ) -> None:
        self.arguments = [_encoded(argument) for argument in args] or [_encoded(executable)]
        self.environment = {
            _encoded(name): _encoded(value) for name, value in (os.environ if env is None else env).items()
        }
        # Text, as errors show it.
        self.file = os.fsdecode(_locate(_encoded(executable), self.environment.get(b"PATH")))
        self.path = None if path is None else os.fsdecode(_encoded(path))
        self.identity = _identity(uid, gid)

    def start(self, fds: Mapping[int, int]) -> int:
        """Start it with pipes or whatever else.

        Args:
            fds: the child's descriptors: its number -> one of ours. They stay open here.

        Returns:
            The process id.

        Raises:
            OSError: the program cannot be executed, or there can be no more processes.
        """
        with _Sources(fds) as sources:
            strangers = [fd for fd in _inheritable() if fd not in fds]
            if self.path is None and self.identity is None and hasattr(os, "posix_spawn"):
                return os.posix_spawn(
                    self.file,
                    self.arguments,
                    self.environment,
                    file_actions=[
                        *((os.POSIX_SPAWN_DUP2, source, target) for target, source in sources.items()),
                        *((os.POSIX_SPAWN_CLOSE, fd) for fd in strangers),
                    ],
                    setsigdef=OUR_OWN_IGNORED,
                )
            return self._fork(sources, strangers, None)

    def startOnTerminal(self, terminal: int) -> int:
        """Start it as the leader of a session on a terminal, which is its descriptors 0, 1 and 2; see `start`."""
        strangers = [fd for fd in _inheritable() if fd > 2 and fd != terminal]
        return self._fork({}, strangers, terminal)

    def _fork(self, sources: Mapping[int, int], strangers: Iterable[int], terminal: int | None) -> int:
        heard, said = os.pipe()
        try:
            # The child says what went wrong through a descriptor that is none of those it is given.
            said = _moved(said, above=max(sources, default=2))
            pid = os.fork()
            if pid == 0:
                self._become(sources, strangers, terminal, said)
            os.close(said)
            said = -1
            report = _readAll(heard)
        finally:
            os.close(heard)
            if said >= 0:
                os.close(said)
        if report:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass  # the system does that by itself where SIGCHLD is ignored
            number, _, subject = report.partition(b" ")
            raise OSError(int(number), os.strerror(int(number)), os.fsdecode(subject))
        return pid

    def _become(
        self,
        sources: Mapping[int, int],
        strangers: Iterable[int],
        terminal: int | None,
        said: int,
    ) -> NoReturn:
        """Turn this fork into the program. No other thread is here, and nothing of the parent's may be touched."""
        subject = self.file
        try:
            gc.disable()  # a finalizer might send the parent's bytes
            signal.set_wakeup_fd(-1)
            for number in OUR_OWN_IGNORED:
                signal.signal(number, signal.SIG_DFL)
            if terminal is not None:
                os.login_tty(terminal)
            for target, source in sources.items():
                os.dup2(source, target)
            for fd in strangers:
                os.closerange(fd, fd + 1)  # which doesn't mind if another thread has closed it meanwhile
            if self.identity is not None:
                subject = f"user {self.identity[0]}, group {self.identity[1]}"
                _be(*self.identity)
            if self.path is not None:
                subject = self.path
                os.chdir(self.path)
            subject = self.file
            os.execve(self.file, self.arguments, self.environment)
        except OSError as problem:
            _say(said, problem.errno or errno.EIO, subject)
        except BaseException:  # a signal handler's, most likely; this process must not go on as its parent does
            _say(said, errno.EINTR, subject)
        finally:
            os._exit(255)


class _Sources:
    """A map of descriptors that can be carried out in any order: no source is the target of another pair.

    Nor its own: copying a descriptor onto itself would leave it close-on-exec.
    """

    def __init__(self, fds: Mapping[int, int]) -> None:
        self._fds = fds
        self._copies: list[int] = []

    def __enter__(self) -> dict[int, int]:
        above = max(self._fds, default=0)
        sources: dict[int, int] = {}
        try:
            for target, source in self._fds.items():
                if source in self._fds:
                    source = fcntl.fcntl(source, fcntl.F_DUPFD_CLOEXEC, above + 1)
                    self._copies.append(source)
                sources[target] = source
        except BaseException:
            self.__exit__()
            raise
        return sources

    def __exit__(self, *trouble: object) -> None:
        for copy in self._copies:
            os.close(copy)


def _moved(fd: int, above: int) -> int:
    """Move a descriptor to a number above another."""
    if fd > above:
        return fd
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, above + 1)
    os.close(fd)
    return moved


def _say(fd: int, number: int, subject: str) -> None:
    """Tell the parent which system call failed, and about what."""
    os.write(fd, b"%d %s" % (number, os.fsencode(subject)))


def _readAll(fd: int) -> bytes:
    pieces = []
    while piece := os.read(fd, 4096):
        pieces.append(piece)
    return b"".join(pieces)


def _inheritable() -> list[int]:
    """Return our descriptors that an execution would not close."""
    numbers: Iterable[int] = range(256)
    for folder in DESCRIPTORS:
        try:
            numbers = [int(name) for name in os.listdir(folder)]
            break
        except OSError:
            continue
    found = []
    for fd in numbers:
        try:
            if os.get_inheritable(fd):
                found.append(fd)
        except OSError:
            pass  # closed since; what listed the directory, for one
    return found


def _encoded(text: Text) -> bytes:
    """Return text as the system wants it."""
    encoded = os.fsencode(text)
    if b"\0" in encoded:
        raise ValueError(f"no argument, variable or path of a process can contain a null byte: {encoded[:100]!r}")
    return encoded


def _locate(name: bytes, childPath: bytes | None) -> bytes:
    """Return the file of a program; what has a slash in it is one."""
    if b"/" in name:
        return name
    found = None
    for path in (childPath, os.environb.get(b"PATH"), os.fsencode(os.defpath)):
        for folder in (path or b"").split(b":") if path else ():
            file = os.path.join(folder or b".", name)
            if os.path.isfile(file):
                if os.access(file, os.X_OK):
                    return file
                found = found or file
    number = errno.EACCES if found else errno.ENOENT
    raise OSError(number, os.strerror(number), os.fsdecode(found or name))


def _identity(uid: int | None, gid: int | None) -> tuple[int, int, list[int]] | None:
    """Return the user, the group and all groups to run as; `None` when nothing is to change."""
    if uid is None and gid is None:
        return None
    user = os.geteuid() if uid is None else uid
    group = os.getegid() if gid is None else gid
    if (user, group) == (os.getuid(), os.getgid()) == (os.geteuid(), os.getegid()):
        return None
    import pwd

    try:
        name = pwd.getpwuid(user).pw_name
    except KeyError:
        return user, group, [group]
    return user, group, os.getgrouplist(name, group)


def _be(uid: int, gid: int, groups: list[int]) -> None:
    """Become that user, for good."""
    if os.getuid() == 0 != os.geteuid():
        os.seteuid(0)  # root who plays another user for a while
    os.setgroups(groups)
    os.setgid(gid)
    os.setuid(uid)
