"""What a value on a command line may be, for shells to complete: files, users, one of a list."""

from __future__ import annotations

import os
from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "CompleteDirs",
    "CompleteFiles",
    "CompleteGroups",
    "CompleteHostnames",
    "CompleteList",
    "CompleteMultiList",
    "CompleteNetInterfaces",
    "CompleteUserAtHost",
    "CompleteUsernames",
    "Completer",
    "Completions",
]


class Completions:
    """What shells cannot guess about the options of a class; those of all classes of a hierarchy are joined.

    Args:
        descriptions: option -> what the shell says of it, in place of its description.
        multiUse: options that may be given more than once.
        mutuallyExclusive: tuples of options of which only one makes sense.
        optActions: option -> the `Completer` of its value.
        extraActions: the `Completer` of each argument after the options.
    """

    def __init__(
        self,
        descriptions: dict[str, str] | None = None,
        multiUse: Sequence[str] = (),
        mutuallyExclusive: Sequence[tuple[str, ...]] = (),
        optActions: dict[str, Completer] | None = None,
        extraActions: Sequence[Completer] = (),
    ) -> None:
        self.descriptions = descriptions or {}
        self.multiUse = list(multiUse)
        self.mutuallyExclusive = list(mutuallyExclusive)
        self.optActions = optActions or {}
        self.extraActions = list(extraActions)


class Completer:
    """Completes with nothing, but says what is wanted. Derive from it to complete with something.

    Args:
        descr: what is wanted; the option's name by default.
        repeat: whether an argument may be given again and again.
    """

    _descr: str | None = None

    def __init__(self, descr: str | None = None, repeat: bool = False) -> None:
        if descr is not None:
            self._descr = descr
        self._repeat = repeat

    def wanted(self, option: str) -> str:
        """Return what is wanted, for people."""
        return option if self._descr is None else self._descr

    def candidates(self, begun: str) -> list[str]:
        """Return what a word that begins so may become: for ``bash`` and ``fish``."""
        return [word for word in self.words() if word.startswith(begun)]

    def words(self) -> Sequence[str]:
        """Return all words that would do, where they can be listed."""
        return ()

    def zshAction(self, option: str) -> str:
        """Return what ``zsh`` is to do: an action of its function ``_arguments``."""
        return ""


class CompleteFiles(Completer):
    """Completes file names.

    Args:
        globPattern: which, as shells have it.
    """

    def __init__(self, globPattern: str = "*", **kw: Any) -> None:
        super().__init__(**kw)
        self._globPattern = globPattern

    def wanted(self, option: str) -> str:
        """Return what is wanted, and the pattern."""
        return f"{super().wanted(option)} ({self._globPattern})"

    def candidates(self, begun: str) -> list[str]:
        """Return files that match, and directories on the way to them."""
        from fnmatch import fnmatch

        directory, name = os.path.split(begun)
        found = []
        try:
            entries = sorted(os.scandir(directory or "."), key=lambda entry: entry.name)
        except OSError:
            return []
        for entry in entries:
            if not entry.name.startswith(name) or (entry.name.startswith(".") and not name):
                continue
            path = os.path.join(directory, entry.name)
            if entry.is_dir():
                found.append(path + os.sep)
            elif fnmatch(entry.name, self._globPattern):
                found.append(path)
        return found

    def zshAction(self, option: str) -> str:
        """Return ``_files`` with the pattern."""
        return f'_files -g "{self._globPattern}"'


class CompleteDirs(CompleteFiles):
    """Completes directories."""

    def __init__(self, **kw: Any) -> None:
        super().__init__("", **kw)

    def wanted(self, option: str) -> str:
        """Return what is wanted, for people."""
        return Completer.wanted(self, option)

    def zshAction(self, option: str) -> str:
        """Return ``_directories``."""
        return "_directories"


class CompleteList(Completer):
    """Completes with one of a list.

    Args:
        items: the list.
    """

    def __init__(self, items: Sequence[str], **kw: Any) -> None:
        super().__init__(**kw)
        self._items = items

    def words(self) -> Sequence[str]:
        """Return the list."""
        return self._items

    def zshAction(self, option: str) -> str:
        """Return the list, as zsh wants it."""
        return f"({' '.join(item.replace(' ', chr(92) + ' ') for item in self._items)})"


class CompleteMultiList(CompleteList):
    """Completes with several of a list, with commas between them."""

    def candidates(self, begun: str) -> list[str]:
        """Return what the last of the words that are there may become, after those before it."""
        before, comma, last = begun.rpartition(",")
        used = before.split(",")
        return [before + comma + word for word in self._items if word.startswith(last) and word not in used]

    def zshAction(self, option: str) -> str:
        """Return ``_values`` with the list."""
        return f"_values -s , '{option}' {' '.join(self._items)}"


class CompleteUsernames(Completer):
    """Completes names of users."""

    def words(self) -> Sequence[str]:
        """Return the users that the system knows."""
        from pwd import getpwall

        return [user.pw_name for user in getpwall()]

    def zshAction(self, option: str) -> str:
        """Return ``_users``."""
        return "_users"


class CompleteGroups(Completer):
    """Completes names of groups."""

    _descr = "group"

    def words(self) -> Sequence[str]:
        """Return the groups that the system knows."""
        from grp import getgrall

        return [group.gr_name for group in getgrall()]

    def zshAction(self, option: str) -> str:
        """Return ``_groups``."""
        return "_groups"


class CompleteHostnames(Completer):
    """Completes names of hosts."""

    def words(self) -> Sequence[str]:
        """Return the hosts that this one has names for."""
        try:
            with open("/etc/hosts", encoding="utf-8", errors="replace") as hosts:
                return [name for line in hosts for name in line.partition("#")[0].split()[1:]]
        except OSError:
            return []

    def zshAction(self, option: str) -> str:
        """Return ``_hosts``."""
        return "_hosts"


class CompleteUserAtHost(Completer):
    """Completes ``user@host``."""

    _descr = "host | user@host"

    def candidates(self, begun: str) -> list[str]:
        """Return users and hosts, or after the sign the hosts."""
        user, sign, host = begun.partition("@")
        if sign:
            return [f"{user}@{name}" for name in CompleteHostnames().candidates(host)]
        users = CompleteUsernames().candidates(begun)
        return [*(f"{name}@" for name in users), *CompleteHostnames().candidates(begun)]

    def zshAction(self, option: str) -> str:
        """Return hosts, or users with a sign after them."""
        return "{if compset -P '*@'; then _hosts; else _users -S @; _hosts; fi}"


class CompleteNetInterfaces(Completer):
    """Completes names of network interfaces."""

    def words(self) -> Sequence[str]:
        """Return the interfaces that the system has."""
        from socket import if_nameindex

        return [name for _, name in if_nameindex()]

    def zshAction(self, option: str) -> str:
        """Return ``_net_interfaces``."""
        return "_net_interfaces"


class CompleteValues(Completer):
    """Completes what nothing is known about: perhaps it is a file."""

    def candidates(self, begun: str) -> list[str]:
        """Return files."""
        return CompleteFiles().candidates(begun)

    def zshAction(self, option: str) -> str:
        """Return ``_files``."""
        return "_files"
