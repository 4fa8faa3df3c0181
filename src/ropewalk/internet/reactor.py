"""The reactor of this process, chosen when it is first used.

Importing this module decides nothing. It puts an object into ``sys.modules`` in its own place, and at the first use of
any attribute that object *becomes* the reactor: its class and its contents are then the reactor's. The choice, in this
order:

1. what somebody installed (``epollreactor.install()``, ``main.installReactor(...)``);
2. what the environment names: ``ROPEWALK_REACTOR=asyncio``, ``epoll``, ``kqueue``, ``poll``, ``select``, ``uvloop``, or
   that of a toolkit: ``gi``, ``gtk3``, ``qt``, ``wx``;
3. the asyncio event loop that runs in this thread: the reactor is hosted on it and is running already;
4. the best that the platform has.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    def __getattr__(name: str) -> Any:
        """For checkers: whatever is asked of this module is asked of the reactor that it becomes."""


# Names that are asked of any module, by the import machinery and those who list modules. They are no use of the
# reactor. What zope.interface asks is.
ASKS_FOR_INTERFACES = frozenset({"__provides__", "__providedBy__", "__conform__"})

# Nor is what those ask who look for functions and classes among everything that a module has, as pytest does in one of
# tests: these may be about to run on an asyncio loop, and a reactor chosen earlier would not.
ASKED_OF_EVERYTHING = frozenset({"_is_coroutine", "_is_coroutine_marker", "_mock_name"})
LOOK_AT_EVERYTHING = frozenset({"functools", "inspect"})

# The environment's names -> module and class.
BY_NAME = {
    "asyncio": ("asyncioreactor", "AsyncioSelectorReactor"),
    "epoll": ("epollreactor", "EPollReactor"),
    "gi": ("gireactor", "GIReactor"),
    "gtk3": ("gtk3reactor", "Gtk3Reactor"),
    "kqueue": ("kqreactor", "KQueueReactor"),
    "poll": ("pollreactor", "PollReactor"),
    "qt": ("qtreactor", "QtReactor"),
    "select": ("selectreactor", "SelectReactor"),
    "wx": ("wxreactor", "WxReactor"),
}


class Unchosen:
    """The reactor before its first use."""

    __spec__ = None

    def __getattr__(self, name: str) -> Any:
        if (name[:2] == "__" and name not in ASKS_FOR_INTERFACES) or name in ASKED_OF_EVERYTHING:
            raise AttributeError(f"the reactor, not chosen yet, has no {name!r}")
        self._choose()
        return getattr(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        # The import machinery marks what it has loaded; that is no use.
        if name[:2] == "__":
            object.__setattr__(self, name, value)
        else:
            self._choose()
            setattr(self, name, value)

    def __dir__(self) -> list[str]:
        self._choose()
        return dir(self)

    def __repr__(self) -> str:
        return "<the reactor, chosen at its first use>"

    @property  # type: ignore[misc]  # `object` lets it be set; here, only through its descriptor
    def __class__(self) -> Any:
        """What ``isinstance`` asks.

        It has looked at the type before, and takes the answer only if it is another type than the object has by now:
        so it gets a child of the reactor's class, this once.
        """
        if sys._getframe(1).f_globals.get("__name__") in LOOK_AT_EVERYTHING:
            return Unchosen
        self._choose()
        cls = type(self)
        return type(cls.__name__, (cls,), {"__module__": cls.__module__})

    def _choose(self) -> None:
        """Become the reactor that fits."""
        self._become(choice())

    def _become(self, make: Callable[..., Any], *args: Any) -> Any:
        """Become a new instance of a reactor's class."""
        try:
            object.__dict__["__class__"].__set__(self, make)
            self.__init__(*args)  # type: ignore[misc]  # of the class it has now
        except BaseException:
            self.__dict__.clear()
            object.__dict__["__class__"].__set__(self, Unchosen)
            raise
        return self

    def _share(self, reactor: Any) -> None:
        """Become one with a reactor that exists: the same class, the same contents."""
        object.__dict__["__class__"].__set__(self, type(reactor))
        self.__dict__ = reactor.__dict__


def choice() -> Callable[[], Any]:
    """Return the class of the reactor that nobody has installed explicitly."""
    name = os.environ.get("ROPEWALK_REACTOR", "").strip().lower()
    if name:
        return named(name)
    if "asyncio" in sys.modules:
        from asyncio import _get_running_loop

        if _get_running_loop() is not None:
            return named("asyncio")
    from .default import best

    return best()


def named(name: str) -> Callable[[], Any]:
    """Return the reactor's class that the environment names. ``ValueError`` when there is none of that name."""
    if name == "uvloop":
        from .asyncioreactor import UvloopReactor

        return UvloopReactor
    if name not in BY_NAME:
        raise ValueError(
            f"ROPEWALK_REACTOR={name!r} names no reactor; there are {', '.join(sorted(BY_NAME))} and uvloop"
        )
    module, cls = BY_NAME[name]
    return getattr(__import__(f"{__package__}.{module}", fromlist=[cls]), cls)  # type: ignore[no-any-return]  # by name


sys.modules[__name__] = Unchosen()  # type: ignore[assignment]  # modules there need not be modules
