"""The side of our pollers that asyncio sees: a ``selectors.BaseSelector`` look-alike.

Descriptors registered here are asyncio's. They share the kernel's table with ours; `select` returns their events.
"""

from __future__ import annotations

from collections.abc import Mapping

from .contract import READ, WRITE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from selectors import SelectorKey
    from typing import Protocol

    class HasFileno(Protocol):
        def fileno(self) -> int: ...

    FileLike = int | HasFileno
    Map = Mapping[FileLike, SelectorKey]
else:
    Map = Mapping

__all__ = ["ForeignSide"]

# `selectors.EVENT_READ`, `EVENT_WRITE`: the values are part of that module's documentation of its masks.
EVENT_READ = 1
EVENT_WRITE = 2
FLAGS = (0, READ, WRITE, READ | WRITE)


class ForeignSide:
    """Keep the descriptors that asyncio registers.

    A child supplies `_wish(fd)`, which tells the system what everybody together wants of a descriptor.

    Attributes:
        foreign: descriptor -> ``SelectorKey``.
        foreignFlags: descriptor -> the same wish in our flags.
    """

    def __init__(self) -> None:
        self.foreign: dict[int, SelectorKey] = {}
        self.foreignFlags: dict[int, int] = {}

    def _wish(self, fd: int, old: int) -> None:
        raise NotImplementedError

    def _flags(self, fd: int) -> int:
        raise NotImplementedError

    def register(self, fileobj: FileLike, events: int, data: object = None) -> SelectorKey:
        """Watch a descriptor for asyncio. ``KeyError`` when it is registered, ``ValueError`` for no such events."""
        from selectors import SelectorKey

        fd = descriptor(fileobj)
        if fd in self.foreign:
            raise KeyError(f"{fileobj!r} (descriptor {fd}) is already registered")
        if not events or events & ~(EVENT_READ | EVENT_WRITE):
            raise ValueError(f"invalid events: {events!r}")
        return self._put(fd, SelectorKey(fileobj, fd, events, data))

    def modify(self, fileobj: FileLike, events: int, data: object = None) -> SelectorKey:
        """Watch for other events, with other data."""
        key = self.get_key(fileobj)
        return self._put(key.fd, key._replace(events=events, data=data))

    def unregister(self, fileobj: FileLike) -> SelectorKey:
        """Stop watching a descriptor for asyncio. ``KeyError`` when it is not registered."""
        key = self.get_key(fileobj)
        old = self._flags(key.fd)
        del self.foreign[key.fd], self.foreignFlags[key.fd]
        self._wish(key.fd, old)
        return key

    def get_key(self, fileobj: FileLike) -> SelectorKey:
        """Return what was registered. ``KeyError`` when nothing was."""
        try:
            return self.foreign[descriptor(fileobj)]
        except (KeyError, ValueError):
            # A closed file no longer knows its number.
            for key in self.foreign.values():
                if key.fileobj is fileobj:
                    return key
            raise KeyError(f"{fileobj!r} is not registered") from None

    def get_map(self) -> Mapping[FileLike, SelectorKey]:
        """Return a view of what is registered, by descriptor or by file object."""
        return Registered(self)

    def _put(self, fd: int, key: SelectorKey) -> SelectorKey:
        old = self._flags(fd)
        self.foreign[fd] = key
        self.foreignFlags[fd] = FLAGS[key.events]
        try:
            self._wish(fd, old)
        except OSError:
            del self.foreign[fd], self.foreignFlags[fd]
            raise
        return key


class Registered(Map):
    """What asyncio registered, as it is at each moment."""

    __slots__ = ("_side",)

    def __init__(self, side: ForeignSide) -> None:
        self._side = side

    def __len__(self) -> int:
        return len(self._side.foreign)

    def __iter__(self) -> Iterator[FileLike]:
        return iter(self._side.foreign)

    def __getitem__(self, fileobj: FileLike) -> SelectorKey:
        return self._side.get_key(fileobj)


def descriptor(fileobj: FileLike) -> int:
    """Return the number of a descriptor or of an object with ``fileno``. ``ValueError`` when it has none."""
    number = fileobj if isinstance(fileobj, int) else int(fileobj.fileno())
    if number < 0:
        raise ValueError(f"invalid file descriptor: {number}")
    return number
