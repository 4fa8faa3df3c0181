"""What a line that somebody typed means. No I/O: text in, a command out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

NAME_LIMIT = 32  # characters in the name of a person or a room
HISTORY_LIMIT = 200  # lines that one /history may ask for

_NAME = re.compile(r"[^\W_][\w.-]*")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Misunderstood(Exception):
    """A line that is no command of ours; its text tells the person who typed it."""


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class Emote:
    text: str


@dataclass(frozen=True, slots=True)
class Whisper:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Join:
    room: str


@dataclass(frozen=True, slots=True)
class Leave:
    pass


@dataclass(frozen=True, slots=True)
class Rename:
    name: str


@dataclass(frozen=True, slots=True)
class Who:
    pass


@dataclass(frozen=True, slots=True)
class Rooms:
    pass


@dataclass(frozen=True, slots=True)
class Recall:
    count: int


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class Quit:
    pass


Command = Say | Emote | Whisper | Join | Leave | Rename | Who | Rooms | Recall | Help | Quit


def parse(line: bytes) -> Command | None:
    """Understand a line without its end.

    Args:
        line: UTF-8; what is none is shown as replacement characters, control characters are dropped.

    Returns:
        The command; `None` for an empty line.

    Raises:
        Misunderstood: an unknown command or wrong arguments; the text says what would be right.
    """
    text = _UNPRINTABLE.sub("", line.decode("utf-8", "replace")).strip()
    if not text:
        return None
    if not text.startswith("/"):
        return Say(text)
    if text.startswith("//"):
        return Say(text[1:])  # how one says something that begins with a slash
    verb, _, rest = text[1:].partition(" ")
    try:
        form = FORMS[verb.lower()]
    except KeyError:
        raise Misunderstood(f"there is no command /{verb[:NAME_LIMIT]}; /help lists those there are") from None
    return form.read(rest.strip())


def nameOf(text: str) -> str:
    """A name for a person or a room, checked.

    Raises:
        Misunderstood: it is empty, too long, or holds more than letters, digits, ``_``, ``.`` and ``-``.
    """
    name = text.removeprefix("#")
    if len(name) > NAME_LIMIT:
        raise Misunderstood(f"a name has at most {NAME_LIMIT} characters, and that one has {len(name)}")
    if not _NAME.fullmatch(name):
        raise Misunderstood("a name begins with a letter or digit, and holds letters, digits, '_', '.' and '-' only")
    return name


@dataclass(frozen=True, slots=True)
class Form:
    """How a command is written, for `parse` and for /help."""

    arguments: str
    purpose: str
    read: Callable[[str], Command]


def _bare(command: Callable[[], Command]) -> Callable[[str], Command]:
    return lambda rest: command()


def _whisper(rest: str) -> Whisper:
    name, _, text = rest.partition(" ")
    if not text.strip():
        raise Misunderstood("to whom, and what? Like this: /msg NAME TEXT")
    return Whisper(nameOf(name), text.strip())


def _emote(rest: str) -> Emote:
    if not rest:
        raise Misunderstood("what do you do? Like this: /me waves")
    return Emote(rest)


def _recall(rest: str) -> Recall:
    if not rest:
        return Recall(20)
    if not rest.isdecimal() or not 0 < int(rest[:9]) <= HISTORY_LIMIT:
        raise Misunderstood(f"how many lines? A number from 1 to {HISTORY_LIMIT}")
    return Recall(int(rest))


FORMS = {
    "join": Form("ROOM", "go to a room; it is made if there is none", lambda rest: Join(nameOf(rest))),
    "leave": Form("", "go back to the lobby", _bare(Leave)),
    "msg": Form("NAME TEXT", "tell one person something, whatever room they are in", _whisper),
    "me": Form("TEXT", "say what you do", _emote),
    "nick": Form("NAME", "take another name", lambda rest: Rename(nameOf(rest))),
    "who": Form("", "list who is in your room", _bare(Who)),
    "rooms": Form("", "list the rooms", _bare(Rooms)),
    "history": Form("[LINES]", "show what was said in your room", _recall),
    "help": Form("", "show this list", _bare(Help)),
    "quit": Form("", "go home", _bare(Quit)),
}


def helpLines() -> list[str]:
    """The commands, a line each."""
    width = max(len(verb) + len(form.arguments) for verb, form in FORMS.items()) + 4
    return [f"/{verb} {form.arguments}".ljust(width) + form.purpose for verb, form in FORMS.items()]
