"""Odds and ends that programs were promised here: dictionaries without case, users and groups, passwords, labels."""

from __future__ import annotations

import os
import sys
import warnings
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, MutableMapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, ClassVar, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")
    T = TypeVar("T")
    H = TypeVar("H", bound=Hashable)

__all__ = [
    "FancyEqMixin",
    "FancyStrMixin",
    "InsensitiveDict",
    "IntervalDifferential",
    "LineLog",
    "OrderedDict",
    "addPluginDir",
    "getPassword",
    "getPluginDirs",
    "gidFromString",
    "initgroups",
    "makeStatBar",
    "mergeFunctionMetadata",
    "nameToLabel",
    "padTo",
    "println",
    "raises",
    "runAsEffectiveUser",
    "runWithWarningsSuppressed",
    "searchupwards",
    "sibpath",
    "spewer",
    "str_xor",
    "switchUID",
    "uidFromString",
    "uniquify",
    "untilConcludes",
]


# -- Mixins ------------------------------------------------------------------------------------------------------------


class FancyEqMixin:
    """Objects of one class are equal when certain attributes are.

    Attributes:
        compareAttributes: their names. Without any, an object equals only itself.
    """

    compareAttributes: ClassVar[Sequence[str]] = ()

    def __eq__(self, other: object) -> bool:
        if not self.compareAttributes:
            return self is other
        if not isinstance(self, type(other)):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.compareAttributes)


class FancyStrMixin:
    """Shows an object as ``<Class attribute=value ...>``.

    Attributes:
        showAttributes: what is shown: names of attributes; pairs of a name and a function that makes text of the
            value; or triples of a name, what it is called, and a ``%`` format of the value.
    """

    showAttributes: Sequence[str | tuple[str, str, str] | tuple[str, Callable[[Any], str]]] = ()

    def __str__(self) -> str:
        words = [getattr(self, "fancybasename", type(self).__name__)]
        for shown in self.showAttributes:
            if isinstance(shown, str):
                words.append(f"{shown}={getattr(self, shown)!r}")
            elif len(shown) == 2:
                name, show = shown
                words.append(f"{name}={show(getattr(self, name))}")
            else:
                name, label, template = shown
                words.append(f"{label}={template % (getattr(self, name),)}")
        return f"<{' '.join(words)}>"

    __repr__ = __str__


# -- Containers --------------------------------------------------------------------------------------------------------


class InsensitiveDict(MutableMapping):  # type: ignore[type-arg]  # its keys are anything, text or bytes without case
    """A dictionary whose text and bytes keys are the same in upper and lower case."""

    def __init__(self, dict: Mapping[Any, Any] | None = None, preserve: bool | int = 1) -> None:
        """Make a dictionary.

        Args:
            dict: what is in it first.
            preserve: whether keys are given back as they were last set; otherwise in lower case.
        """
        self.data: OrderedDict[Any, tuple[Any, Any]] = OrderedDict()  # key in lower case: (key as given, value)
        self.preserve = preserve
        if dict is not None:
            self.update(dict)

    @staticmethod
    def _folded(key: Any) -> Any:
        return key.lower() if isinstance(key, (str, bytes)) else key

    def __getitem__(self, key: Any) -> Any:
        try:
            return self.data[self._folded(key)][1]
        except KeyError:
            raise KeyError(key) from None

    def __setitem__(self, key: Any, value: Any) -> None:
        folded = self._folded(key)
        self.data[folded] = (key if self.preserve else folded, value)

    def __delitem__(self, key: Any) -> None:
        del self.data[self._folded(key)]

    def __contains__(self, key: object) -> bool:
        return self._folded(key) in self.data

    def __iter__(self) -> Iterator[Any]:
        return iter([key for key, _ in self.data.values()])

    def __len__(self) -> int:
        return len(self.data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return {self._folded(key): self[key] for key in self} == {self._folded(key): other[key] for key in other}

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"InsensitiveDict({{{', '.join(f'{key!r}: {value!r}' for key, value in self.items())}}})"

    def copy(self) -> InsensitiveDict:
        return InsensitiveDict(self, self.preserve)

    # Lists, not views, and the names these had on Python 2: both are what was promised.

    def keys(self) -> list[Any]:  # type: ignore[override]
        return list(self)

    def values(self) -> list[Any]:  # type: ignore[override]
        return [value for _, value in self.data.values()]

    def items(self) -> list[tuple[Any, Any]]:  # type: ignore[override]
        return list(self.data.values())

    has_key = __contains__

    def iterkeys(self) -> Iterator[Any]:
        return iter(self)

    def itervalues(self) -> Iterator[Any]:
        return iter(self.values())

    def iteritems(self) -> Iterator[tuple[Any, Any]]:
        return iter(self.items())

    # Written out because `MutableMapping` takes these by position only, and callers name them.

    def update(self, dict: Mapping[Any, Any]) -> None:  # type: ignore[override]  # the documented signature
        for key in dict:
            self[key] = dict[key]

    def setdefault(self, key: Any, default: Any) -> Any:  # type: ignore[override]  # the documented signature
        if key not in self:
            self[key] = default
        return self[key]


class LineLog:
    """The last lines of something, as bytes."""

    def __init__(self, size: int = 10) -> None:
        """Keep this many lines."""
        self.log: list[bytes | None] = [None] * max(size, 0)
        self.size = size

    def append(self, line: bytes) -> None:
        """Add a line; the oldest goes when there are too many."""
        self.log = [*self.log[1:], line] if self.size else []

    def str(self) -> bytes:
        """Return the lines, joined."""
        return b"\n".join(line for line in self.log if line is not None)

    def __getitem__(self, item: Any) -> Any:
        """Return a line, or with a slice some, counted without the places that are still empty."""
        return [line for line in self.log if line is not None][item]

    def clear(self) -> None:
        """Drop all lines."""
        self.log = [None] * max(self.size, 0)


class IntervalDifferential:
    """Several regular intervals at once, as the waits from one to the next."""

    def __init__(self, intervals: Iterable[float], default: float = 60) -> None:
        """Take the lengths of the intervals.

        Args:
            default: the wait when there is no interval.
        """
        self.intervals = list(intervals)
        self.default = default

    def __iter__(self) -> _Differences:
        return _Differences(self.intervals, self.default)


class _Differences:
    """Gives ``(wait, index)``: how long after the one before, and whose turn it is (`None` for the default)."""

    def __init__(self, intervals: Sequence[float], default: float) -> None:
        self.intervals = list(intervals)
        self.default = default
        self.last: float = 0
        # When each interval's turn is next, its length and its index, which decides between those due at one time.
        self._due = [[length, length, number] for number, length in enumerate(self.intervals)]

    def __iter__(self) -> _Differences:
        return self

    def __next__(self) -> tuple[float, int | None]:
        if not self._due:
            return self.default, None
        soonest = min(self._due, key=lambda entry: (entry[0], entry[2]))
        when, length, number = soonest
        wait, self.last = when - self.last, when
        soonest[0] = when + length
        return wait, int(number)

    def addInterval(self, interval: float) -> None:
        """Add an interval that starts now."""
        self.intervals.append(interval)
        self._due.append([self.last + interval, interval, len(self.intervals) - 1])

    def removeInterval(self, interval: float) -> None:
        """Take away an interval of this length; the indexes of those behind it go down. Raises `ValueError`."""
        if interval not in self.intervals:
            raise ValueError(f"there is no interval of {interval}")
        gone = self.intervals.index(interval)
        del self.intervals[gone]
        self._due = [entry for entry in self._due if entry[2] != gone]
        for entry in self._due:
            if entry[2] > gone:
                entry[2] -= 1


def uniquify(lst: Iterable[H]) -> list[H]:
    """Return the elements without those that came before, in order."""
    return list(dict.fromkeys(lst))


def padTo(n: int, seq: Iterable[T], default: Any = None) -> list[Any]:
    """Return a list of ``n`` elements: those of the sequence and then ``default``.

    Raises:
        ValueError: the sequence has more.
    """
    elements = list(seq)
    if len(elements) > n:
        raise ValueError(f"{len(elements)} elements do not fit into {n}")
    return elements + [default] * (n - len(elements))


# -- Files -------------------------------------------------------------------------------------------------------------


def sibpath(path: str, sibling: str) -> str:
    """Return the path of something in the same directory as another path, such as ``__file__``."""
    return os.path.join(os.path.dirname(os.path.abspath(path)), sibling)


def searchupwards(start: str, files: Sequence[str] = [], dirs: Sequence[str] = []) -> str | None:
    """Go up from a directory, and return the first that holds all these files and directories, with a slash behind it.

    `None` when none does.
    """
    folder = os.path.abspath(start)
    while True:
        if all(os.path.isfile(os.path.join(folder, name)) for name in files) and all(
            os.path.isdir(os.path.join(folder, name)) for name in dirs
        ):
            return os.path.join(folder, "")
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return None


def getPluginDirs() -> list[str]:
    """Return the directories whose ``twisted/plugins`` may hold plugins, apart from those on ``sys.path``."""
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    places = [os.path.join(here, "ropewalk"), os.path.expanduser("~/TwistedPlugins"), os.path.expanduser("~/.twisted")]
    return [place for place in places if os.path.isdir(place)]


def addPluginDir() -> None:
    """Put the directories of `getPluginDirs` on ``sys.path``."""
    sys.path.extend(getPluginDirs())


# -- Users and groups --------------------------------------------------------------------------------------------------


def uidFromString(uidString: str) -> int:
    """Return the number of a user given by number or name. Raises `KeyError` for a name nobody has."""
    try:
        return int(uidString)
    except ValueError:
        import pwd

        return pwd.getpwnam(uidString).pw_uid


def gidFromString(gidString: str) -> int:
    """Return the number of a group given by number or name. Raises `KeyError` for a name no group has."""
    try:
        return int(gidString)
    except ValueError:
        import grp

        return grp.getgrnam(gidString).gr_gid


def initgroups(uid: int, primaryGid: int) -> None:
    """Make this process a member of the groups of a user, and of this one. Only root may."""
    import pwd

    os.initgroups(pwd.getpwuid(uid).pw_name, primaryGid)


def switchUID(uid: int | None, gid: int | None, euid: bool = False) -> None:
    """Become another user, for good.

    Args:
        uid: `None` leaves the user as it is.
        gid: `None` leaves the group as it is.
        euid: only change the effective ids, so that the process can go back.
    """
    setGroup = os.setegid if euid else os.setgid
    setUser = os.seteuid if euid else os.setuid
    # The group first: afterwards we might not be allowed to.
    if gid is not None:
        setGroup(gid)
    if uid is None:
        return
    if uid == (os.geteuid() if euid else os.getuid()):
        warnings.warn(f"the process runs as user {uid} already; its groups stay as they are", stacklevel=2)
        return
    initgroups(uid, os.getegid() if gid is None else gid)
    setUser(uid)


def runAsEffectiveUser(euid: int, egid: int, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function as another user and group, and be who we were afterwards. Only root may.

    Returns what the function returns.
    """
    uid, gid = os.geteuid(), os.getegid()
    if (uid, gid) == (euid, egid):
        return function(*args, **kwargs)
    # Each change of the group needs root's rights, so we are root in between.
    _becomeEffectively(euid, egid)
    try:
        return function(*args, **kwargs)
    finally:
        _becomeEffectively(uid, gid)


def _becomeEffectively(uid: int, gid: int) -> None:
    if os.geteuid() != 0:
        os.seteuid(0)
    os.setegid(gid)
    if uid != 0:
        os.seteuid(uid)


# -- The terminal ------------------------------------------------------------------------------------------------------


def getPassword(
    prompt: str = "Password: ",
    confirm: bool | int = 0,
    forceTTY: bool | int = 0,
    confirmPrompt: str = "Confirm password: ",
    mismatchMessage: str = "Passwords don't match.",
) -> str:
    """Ask for a password. From a terminal it is read without being shown, otherwise as a line of standard input.

    Args:
        confirm: ask twice, up to three times, until both are the same; only on a terminal.
        forceTTY: use the terminal the process was started from if standard input is not one.

    Raises:
        KeyboardInterrupt: three times the two were not the same.
        RuntimeError: there is no terminal, and ``forceTTY`` insists on one.
    """
    import getpass

    if not sys.stdin.isatty():
        if not forceTTY:
            return sys.stdin.readline().rstrip("\n")
        if not os.path.exists("/dev/tty"):
            raise RuntimeError("there is no terminal to ask for a password on")
    for _ in range(3):
        answer = getpass.getpass(prompt)
        if not confirm or answer == getpass.getpass(confirmPrompt):
            return answer
        println(mismatchMessage)
    raise KeyboardInterrupt


def println(*a: object) -> None:
    """Print the values with spaces between them."""
    sys.stdout.write(" ".join(map(str, a)) + "\n")


def makeStatBar(
    width: int, maxPosition: float, doneChar: str = "=", undoneChar: str = "-", currentChar: str = ">"
) -> Callable[..., str]:
    """Return a function that draws how far something has come: ``[===>----]``.

    It takes the position, and ``force``: without it, it returns an empty string when the drawing did not change.

    Args:
        width: of the drawing, with its brackets.
        maxPosition: the position at its end.
    """
    room = width - 2
    last = ""

    def statBar(position: float, force: bool | int = 0) -> str:
        nonlocal last
        done = min(int(room * position / maxPosition), room - 1)
        drawn = f"[{doneChar * done}{currentChar}{undoneChar * (room - done - 1)}]"
        if not force and drawn == last:
            return ""
        last = drawn
        return drawn

    return statBar


def spewer(frame: FrameType, s: str, ignored: object) -> None:
    """Print which function is called: for `sys.settrace`."""
    if s not in ("call", "return"):
        return
    code = frame.f_code
    if "self" not in frame.f_locals:
        print(f"function {code.co_name} in {code.co_filename}, line {frame.f_lineno}")
        return
    owner = frame.f_locals["self"]
    # The class by its name and the object by its number: the object may not be ready to be shown.
    kind = type(owner)
    print(f"method {code.co_name} of {kind.__module__}.{kind.__name__} at {id(owner)}")


# -- Text --------------------------------------------------------------------------------------------------------------


def nameToLabel(mname: str) -> str:
    """Return a name in camel case as words with capitals: ``"fooBar"`` is ``"Foo Bar"``."""
    label = ""
    for before, letter, after in zip(" " + mname, mname, mname[1:] + " ", strict=False):
        if letter.isupper() and label and (before.islower() or after.islower()):
            label += " "
        label += letter
    return label[:1].upper() + label[1:]


def str_xor(s: str, b: int) -> str:
    """Return text with each character's number combined with another by exclusive or."""
    return "".join(chr(ord(letter) ^ b) for letter in s)


# -- Functions ---------------------------------------------------------------------------------------------------------


def raises(exception: type[BaseException], f: Callable[..., object], *args: Any, **kwargs: Any) -> bool:
    """Call a function, and say whether it raised this kind of exception. Others go through."""
    try:
        f(*args, **kwargs)
    except exception:
        return True
    return False


def untilConcludes(f: Callable[P, R], *a: P.args, **kw: P.kwargs) -> R:
    """Call a function again and again until it is not interrupted by a signal, and return its result."""
    while True:
        try:
            return f(*a, **kw)
        except InterruptedError:
            continue


def mergeFunctionMetadata(f: Callable[..., object], g: Any) -> Any:
    """Give function ``g`` the name, documentation, module and attributes of ``f``, and return it."""
    for name in ("__name__", "__qualname__", "__doc__", "__module__"):
        try:
            setattr(g, name, getattr(f, name))
        except (AttributeError, TypeError):
            pass  # not every callable has, or lets itself be given, each of them
    try:
        g.__dict__.update(f.__dict__)
    except AttributeError:
        pass
    return g


def runWithWarningsSuppressed(
    suppressedWarnings: Iterable[tuple[tuple[Any, ...], dict[str, Any]]],
    f: Callable[..., Any],
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Call a function with certain warnings left out while it runs.

    Args:
        suppressedWarnings: arguments and keyword arguments of `warnings.filterwarnings`.

    Returns:
        What the function returns.
    """
    with warnings.catch_warnings():
        for positional, keyword in suppressedWarnings:
            warnings.filterwarnings(*positional, **keyword)
        return f(*args, **kwargs)
