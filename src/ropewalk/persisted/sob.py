"""One object in a file, as a pickle or as source, and Python programs that make an object.

All of them are programs: whoever can write the file decides what runs. Load what you, or your own programs, wrote, and
nothing that came over the network.
"""

from __future__ import annotations

import builtins
import os
import pickle
from typing import Any

from zope.interface import Interface, implementer

from ropewalk.logger import Logger

from . import aot, styles

__all__ = [
    "IPersistable",
    "NotDefined",
    "Persistant",
    "Persistent",
    "guessType",
    "load",
    "loadValueFromFile",
]

_log = Logger()

# How a file's name ends, for each style; and what to load a file as whose name ends so. The names with an ``e`` were
# those of encrypted files.
EXTENSIONS = {"pickle": "tap", "source": "tas"}
KINDS = {
    ".py": "python",
    ".tac": "python",
    ".etac": "python",
    ".tap": "pickle",
    ".etap": "pickle",
    ".tas": "source",
    ".etas": "source",
}


class NotDefined(KeyError):
    """A program that was run for the value of a variable leaves none.

    Attributes:
        filename: the program.
        variable: the name.
    """

    def __init__(self, filename: str, variable: str) -> None:
        super().__init__(variable)
        self.filename = filename
        self.variable = variable

    def __str__(self) -> str:
        return f"{self.filename} defines no {self.variable!r}: it must be a global variable when the file has run"


class IPersistable(Interface):
    """What can be saved to a file."""

    def setStyle(style: str) -> None:
        """Say how: ``"pickle"`` or ``"source"``.

        Raises:
            ValueError: it is another word.
        """

    def save(tag: str | None = None, filename: str | None = None, passphrase: None = None) -> None:
        """Save the object, all of it or nothing.

        Args:
            tag: a word for the file's name, to keep it apart from others of the same object.
            filename: the whole name; otherwise that of the object, the tag, and an extension for the style.
            passphrase: there is no encryption; only `None` is accepted.

        Raises:
            TypeError: a passphrase was given, or the object can't be saved in that style.
            OSError: the file can't be written.
        """


@implementer(IPersistable)
class Persistent:
    """Saves an object to files.

    Args:
        original: the object.
        name: the first part of the files' names.

    Attributes:
        style: ``"pickle"`` or ``"source"``.
    """

    style = "pickle"

    def __init__(self, original: Any, name: str) -> None:
        self.original = original
        self.name = name

    def setStyle(self, style: str) -> None:
        """Say how to save; see `IPersistable.setStyle`."""
        if style not in EXTENSIONS:
            raise ValueError(f"there is no style {style!r}; there are {', '.join(EXTENSIONS)}")
        self.style = style

    def save(self, tag: str | None = None, filename: str | None = None, passphrase: None = None) -> None:
        """Save the object; see `IPersistable.save`."""
        if passphrase is not None:
            raise TypeError("passphrase must be None: files aren't encrypted here, keep them where only you can read")
        if not filename:
            filename = f"{self.name}-{tag}" if tag else self.name
            filename += "." + EXTENSIONS[self.style]
        _log.info("saving {name} to {filename}", name=self.name, filename=filename)
        # First: what can't be saved must not cost the file of the last time.
        content = pickle.dumps(self.original) if self.style == "pickle" else aot.jellyToSource(self.original)
        _replace(filename, content.encode() if isinstance(content, str) else content or b"")


# So it was once spelled, and programs import it.
Persistant = Persistent


def load(filename: str, style: str) -> Any:
    """Read an object from a file, and bring what is `styles.Versioned` in it up to date.

    Args:
        style: ``"pickle"`` or ``"source"``.

    Raises:
        ValueError: it is another word.
        OSError: the file can't be read.
        BaseException: what the file's content raises, a `pickle.UnpicklingError` say.
    """
    if style not in EXTENSIONS:
        raise ValueError(f"there is no style {style!r} to load {filename!r} in; there are {', '.join(EXTENSIONS)}")
    with open(filename, "rb") as file:
        loaded = pickle.load(file) if style == "pickle" else aot.unjellyFromSource(file)
    styles.doUpgrade()
    return loaded


def loadValueFromFile(filename: str, variable: str) -> Any:
    """Run a Python program and return the value that one of its global variables has then.

    Its ``__file__`` is the name given, its ``__name__`` is ``"builtins"``, so that it knows it isn't the main program.

    Raises:
        NotDefined: there is no such variable then.
        SyntaxError: the file is no Python.
        OSError: the file can't be read.
        BaseException: whatever the program raises.
    """
    with open(filename, "rb") as file:
        code = compile(file.read(), filename, "exec", dont_inherit=True)
    names: dict[str, Any] = {"__builtins__": builtins, "__file__": filename, "__name__": "builtins"}
    exec(code, names)
    try:
        return names[variable]
    except KeyError:
        raise NotDefined(filename, variable) from None


def guessType(filename: str) -> str:
    """Tell from a file's name what it is: ``"python"``, ``"pickle"`` or ``"source"``.

    Raises:
        KeyError: the name ends otherwise.
    """
    return KINDS[os.path.splitext(filename)[1]]


def _replace(filename: str, content: bytes) -> None:
    """Write a file, all of it or nothing."""
    beside = f"{filename}-2"
    try:
        with open(beside, "wb") as file:
            file.write(content)
            file.flush()
            # Before the name: otherwise a crash may leave the new name on an empty file.
            os.fsync(file.fileno())
        os.replace(beside, filename)
    except BaseException:
        if os.path.exists(beside):
            os.unlink(beside)
        raise
