r"""The text that describes an endpoint, taken apart. No I/O: what the parts mean is `descriptions`'s business.

    description = kind *( ":" argument )
    argument    = [ key "=" ] value

A backslash takes the next character as it is, so ``\:``, ``\=`` and ``\\`` stand for themselves: in ``unix:/run/a\:b``
the path holds a colon. Only the first ``=`` of an argument that has no backslash before it ends a key.
"""

from __future__ import annotations

from collections import namedtuple

# What a backslash has to stand before when it is meant as itself.
SPECIAL = ("\\", ":", "=")

TRUE = ("1", "yes", "true", "on")
FALSE = ("0", "no", "false", "off")

# The most of a description that an error quotes: it may come from anywhere.
QUOTED = 200


class Description(namedtuple("Description", ("kind", "arguments", "options"))):
    """A description's parts, with nothing left to unescape.

    Attributes:
        kind: its first word.
        arguments: the arguments without a key, in their order.
        options: those with one.
    """

    # Not `typing.NamedTuple`: programs that start with an endpoint start without ``typing``.
    __slots__ = ()
    kind: str
    arguments: tuple[str, ...]
    options: dict[str, str]


def quoteStringArgument(argument: str) -> str:
    r"""Escape a text so that an endpoint description takes it as one argument, or as the value of one.

    Colons, backslashes and equals signs get a backslash. (The reference release leaves equals signs alone, so that a
    path that holds one is taken for a key.)

    >>> "unix:" + quoteStringArgument("/run/web:80.sock")
    'unix:/run/web\\:80.sock'

    Raises:
        TypeError: it isn't text.
    """
    if not isinstance(argument, str):
        raise TypeError(f"an argument of an endpoint description is text, not {type(argument).__name__}")
    for character in SPECIAL:  # the backslash first: the others add some
        argument = argument.replace(character, "\\" + character)
    return argument


def parse(description: str) -> Description:
    """Take a description apart.

    Raises:
        ValueError: it ends in the middle of an escape, or gives the same key twice.
        TypeError: it isn't text.
    """
    if not isinstance(description, str):
        raise TypeError(f"an endpoint description is text, not {type(description).__name__}: {description!r:.{QUOTED}}")
    (kind, *rest), *fields = _cut(description)
    if rest:
        kind = "=".join((kind, *rest))  # a key is nothing that the first word could have
    arguments: list[str] = []
    options: dict[str, str] = {}
    for key, *value in fields:
        if not value:
            arguments.append(key)
        elif key in options:
            raise ValueError(f"{key!r} is given twice in the endpoint description {description!r:.{QUOTED}}")
        else:
            options[key] = value[0]
    return Description(kind, tuple(arguments), options)


def _cut(description: str) -> list[list[str]]:
    """Cut at colons, and each piece at its first equals sign: lists of one text or two."""
    fields = [[""]]
    text: list[str] = []  # of the field that is being read
    characters = iter(description)
    for character in characters:
        if character == "\\":
            escaped = next(characters, None)
            if escaped is None:
                raise ValueError(
                    f"the endpoint description {description!r:.{QUOTED}} ends with a backslash: "
                    "it takes the next character as it is, and there is none; write two for one"
                )
            text.append(escaped)
        elif character == ":" or (character == "=" and len(fields[-1]) == 1):
            fields[-1][-1] = "".join(text)
            text.clear()
            if character == ":":
                fields.append([""])
            else:
                fields[-1].append("")
        else:
            text.append(character)
    fields[-1][-1] = "".join(text)
    return fields


# What arguments say.


def number(name: str, text: str, highest: int) -> int:
    """Read a whole number from zero to ``highest``.

    Raises:
        ValueError: it is something else; the message calls it by ``name``.
    """
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) <= 20 and int(text) <= highest:
        return int(text)
    raise ValueError(f"{name} is a whole number from 0 to {highest}, not {text!r:.{QUOTED}}")


def seconds(name: str, text: str) -> float:
    """Read a number of seconds, whole ones as `int`.

    Raises:
        ValueError: it is something else; the message calls it by ``name``.
    """
    text = text.strip()
    whole, _, fraction = text.partition(".")
    if text.isascii() and len(text) <= 20 and whole.isdigit() and (fraction.isdigit() or "." not in text):
        return float(text) if "." in text else int(text)
    raise ValueError(f"{name} is a number of seconds, not {text!r:.{QUOTED}}")


def permissions(name: str, text: str) -> int:
    """Read a file's permission bits, in octal digits.

    Raises:
        ValueError: it is something else; the message calls it by ``name``.
    """
    text = text.strip()
    if 0 < len(text) <= 5 and all(digit in "01234567" for digit in text) and int(text, 8) <= 0o7777:
        return int(text, 8)
    raise ValueError(f"{name} is a file's permissions in octal digits, such as 660, not {text!r:.{QUOTED}}")


def truth(name: str, text: str) -> bool:
    """Read a yes or a no.

    Raises:
        ValueError: it is something else; the message calls it by ``name``.
    """
    word = text.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError(f"{name} is yes or no (or 1 or 0), not {text!r:.{QUOTED}}")
