"""Command lines: derive from `Options`, say what there is, and call `parseOptions`.

::

    class ServeOptions(usage.Options):
        optFlags = [["verbose", "v", "Say more"]]
        optParameters = [["port", "p", 8080, "Where to listen", usage.portCoerce]]

        def parseArgs(self, directory="."):
            self["directory"] = directory

An `Options` is a dict: flags are 0 or 1 under their long names, parameters their values.

Every program that uses it completes its command line in shells: ``eval "$(prog --_shell-completion bash:script)"``
(or ``zsh``, ``fish``) in the shell's start-up file. What may be completed is in `._completers`, how in `._completion`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence

from .._doors import publish
from .._printing import whileRead
from ._completers import (
    CompleteDirs,
    CompleteFiles,
    CompleteGroups,
    CompleteHostnames,
    CompleteList,
    CompleteMultiList,
    CompleteNetInterfaces,
    Completer,
    CompleteUserAtHost,
    CompleteUsernames,
    Completions,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

__all__ = [
    "CoerceParameter",
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
    "Options",
    "UsageError",
    "docMakeChunks",
    "error",
    "flagFunction",
    "portCoerce",
]


class UsageError(Exception):
    """The command line is wrong; the message says how, to the person who typed it."""


error = UsageError


class CoerceParameter:
    """Stores a parameter's value, made into what it should be.

    Args:
        options: where to store it.
        coerce: makes a value of the text; raises `ValueError` when it cannot.

    Attributes:
        doc: the ``coerceDoc`` of ``coerce``: what values it takes, for the help.
    """

    def __init__(self, options: Options, coerce: Callable[[str], Any]) -> None:
        self.options = options
        self.coerce = coerce
        self.doc = getattr(coerce, "coerceDoc", "")

    def dispatch(self, parameterName: str, value: str | None) -> None:
        """Store a value.

        Raises:
            UsageError: there is none, or it cannot be made into what it should be.
        """
        if value is None:
            raise UsageError(f"Parameter '{parameterName}' requires an argument.")
        try:
            self.options.opts[parameterName] = self.coerce(value)
        except ValueError as problem:
            raise UsageError(f"Parameter type enforcement failed: --{parameterName} {value!r}: {problem}") from problem


class Options(dict[str, "Any"]):
    """What a command line may say, and once parsed, what it said.

    A subclass says it with class attributes and methods; the lists of all classes of a hierarchy are joined:

    Attributes:
        optFlags: for each flag ``[long, short or None, description]``.
        optParameters: for each parameter ``[long, short or None, default, description, coerce]``, of which the last
            two may be missing. Defaults are not coerced.
        subCommands: for each ``[name, short or None, Options class, description]``: the first argument names one,
            and the rest of the line is for its options. Only those of the class itself count.
        defaultSubCommand: the one to take when none is named.
        synopsis: the first line of the help; made from the program's name by default.
        longdesc: what the help says at the end; by default the docstring of the program's main module.
        compData: a `Completions`, for what shells cannot guess.
        subCommand: after parsing, the name of the subcommand, or `None`.
        subOptions: after parsing, its options; only there when there is a subcommand.
        parent: the options that these are a subcommand of.

    A method ``opt_name(self)`` is called for each ``--name``, one with an argument for each ``--name=value``; a single
    letter makes a short option, ``opt_n = opt_name`` its synonym. Underscores become dashes.
    """

    subCommand: str | None = None
    defaultSubCommand: str | None = None
    parent: Options | None = None
    completionData: Completions | None = None
    subOptions: Options
    optFlags: ClassVar[Sequence[Sequence[Any]]]
    optParameters: ClassVar[Sequence[Sequence[Any]]]

    def __init__(self) -> None:
        super().__init__()
        # The dict itself, under the name by which handlers know it.
        self.opts = self
        self.defaults: dict[str, Any] = {}
        # Long names, with ``=`` when they take a value; short ones in a row, with ``:`` then. As in `getopt`.
        self.longOpt: list[str] = []
        self.shortOpt = ""
        self.docs: dict[str, str | None] = {}
        # Every name -> the name under which its doc and handler stand.
        self.synonyms: dict[str, str] = {}
        self._dispatch: dict[str, Callable[[str, str | None], object] | CoerceParameter] = {}
        self._gatherFlags()
        self._gatherParameters()
        self._gatherMethods()

    __hash__ = object.__hash__  # type: ignore[assignment]  # options are told apart by identity, though they are dicts

    # What there is

    def _gatherFlags(self) -> None:
        for given in self._gathered("optFlags"):
            long, short, doc = _padded(given, 3)
            self._declare(long, short, doc, takesValue=False)
            self._dispatch[long] = self._setFlag
            self.defaults[long] = self[long] = 0

    def _gatherParameters(self) -> None:
        for given in self._gathered("optParameters"):
            long, short, default, doc, coerce = _padded(given, 5)
            self._declare(long, short, doc, takesValue=True)
            self._dispatch[long] = CoerceParameter(self, coerce or str)
            self.defaults[long] = self[long] = default

    def _gathered(self, name: str) -> Iterable[Sequence[Any]]:
        """The entries of a list of every class of the hierarchy, those of bases first."""
        for cls in reversed(type(self).__mro__):
            yield from cls.__dict__.get(name, ())

    def _gatherMethods(self) -> None:
        longByFunction: dict[object, str] = {}
        letters = []
        for attribute in dir(type(self)):
            if not attribute.startswith("opt_"):
                continue
            name = attribute[4:].replace("_", "-")
            method = getattr(self, attribute)
            takesValue = not flagFunction(method, name)
            function = getattr(method, "__func__", method)
            if len(name) == 1:
                letters.append((name, method, takesValue, function))
                continue
            longByFunction.setdefault(function, name)
            self._declare(name, None, method.__doc__, takesValue)
            self._dispatch[name] = _caller(method, takesValue)
        for letter, method, takesValue, function in letters:
            long = longByFunction.get(function)
            self.shortOpt += letter + (":" if takesValue else "")
            self.synonyms[letter] = long or letter
            if long is None:
                self.docs[letter] = method.__doc__
                self._dispatch[letter] = _caller(method, takesValue)

    def _declare(self, long: str, short: str | None, doc: str | None, takesValue: bool) -> None:
        self.docs[long] = doc
        self.synonyms[long] = long
        for form in (long, long + "="):
            if form in self.longOpt:
                self.longOpt.remove(form)  # A subclass says it anew.
        self.longOpt.append(long + "=" if takesValue else long)
        if short:
            self.shortOpt += short + (":" if takesValue else "")
            self.synonyms[short] = long

    def _setFlag(self, name: str, value: str | None) -> None:
        self.opts[name] = 1

    # Parsing

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        """Take in a command line.

        Args:
            options: its words, without the program's name; by default those of this process.

        Raises:
            UsageError: it is wrong; print the message and exit.
            SystemExit: the help, the version or completions were asked for, and have been printed.
        """
        words = list(sys.argv[1:] if options is None else options)
        if len(words) >= 2 and words[-2] == "--_shell-completion":
            from ._completion import complete

            with whileRead():
                complete(self, words[-1], words[:-2])
            sys.exit(0)
        found, arguments = self._split(words)
        for name, value in found:
            handler = self._dispatch[name]
            if isinstance(handler, CoerceParameter):
                handler.dispatch(name, value)
            else:
                handler(name, value)
        if getattr(self, "subCommands", None) and arguments:
            self._parseSubCommand(arguments[0], arguments[1:])
        elif getattr(self, "subCommands", None) and self.defaultSubCommand is not None:
            self._parseSubCommand(self.defaultSubCommand, [])
        else:
            self._callParseArgs(arguments)
        self.postOptions()

    def _split(self, words: list[str]) -> tuple[list[tuple[str, str | None]], list[str]]:
        """Return the options in the order given, as names of handlers and values, and the arguments after them."""
        found: list[tuple[str, str | None]] = []
        rest = words[::-1]
        while rest and rest[-1].startswith("-") and rest[-1] != "-":
            word = rest.pop()
            if word == "--":
                break
            if word.startswith("--"):
                name, equals, text = word[2:].partition("=")
                name, takesValue = self._longNamed(name)
                value = text if equals else None
                if equals and not takesValue:
                    raise UsageError(f"option --{name} must not have an argument")
                if takesValue and value is None:
                    value = _next(rest, f"--{name}")
                found.append((self.synonyms[name], value))
                continue
            letters = word[1:]
            while letters:
                letter, letters = letters[0], letters[1:]
                at = self.shortOpt.rfind(letter) if letter != ":" else -1
                if at < 0:
                    raise UsageError(f"option -{letter} not recognized")
                if self.shortOpt[at + 1 : at + 2] != ":":
                    found.append((self.synonyms[letter], None))
                    continue
                # What follows the letter in the word is the value, if anything does.
                found.append((self.synonyms[letter], letters or _next(rest, f"-{letter}")))
                letters = ""
        return found, rest[::-1]

    def _longNamed(self, typed: str) -> tuple[str, bool]:
        """Return the option that somebody means, which may be typed in part, and whether it takes a value."""
        if typed in self.longOpt:
            return typed, False
        if typed + "=" in self.longOpt:
            return typed, True
        begun = [name for name in self.longOpt if name.startswith(typed)] if typed else []
        if not begun:
            raise UsageError(f"option --{typed} not recognized")
        if len(begun) > 1:
            raise UsageError(f"option --{typed} not a unique prefix")
        return begun[0].rstrip("="), begun[0].endswith("=")

    def _parseSubCommand(self, name: str, words: list[str]) -> None:
        for command, short, parser, _ in self._subCommands():
            if name in (command, short):
                self.subCommand = command
                self.subOptions = parser()
                self.subOptions.parent = self
                self.subOptions.parseOptions(words)
                return
        raise UsageError(f"Unknown command: {name}")

    def _subCommands(self) -> list[tuple[str, str | None, Callable[[], Options], str | None]]:
        return [tuple(_padded(given, 4)) for given in getattr(self, "subCommands", None) or ()]

    def _callParseArgs(self, arguments: list[str]) -> None:
        try:
            self.parseArgs(*arguments)
        except TypeError as problem:
            from inspect import signature

            try:
                signature(self.parseArgs).bind(*arguments)
            except TypeError:
                raise UsageError("Wrong number of arguments.") from None
            raise problem  # A mistake inside, not the user's.

    def parseArgs(self) -> None:
        """Take the arguments after the options. Override with as many parameters as there may be arguments."""

    def postOptions(self) -> None:
        """Look over everything once it has been parsed. Override; raise `UsageError` for what doesn't go together."""

    def opt_version(self) -> None:
        """Display Ropewalk version and exit."""
        from .. import __version__

        with whileRead():
            print("Ropewalk version:", __version__)
        sys.exit(0)

    def opt_help(self) -> None:
        """Display this help and exit."""
        with whileRead():
            print(self.__str__())
        sys.exit(0)

    # Help

    def __str__(self) -> str:
        return self.getSynopsis() + "\n" + self.getUsage()

    def getSynopsis(self) -> str:
        """Return the first line of the help: how the program is called."""
        if self.parent is None:
            synopsis = getattr(self, "synopsis", None)
            program = os.path.splitext(os.path.basename(sys.argv[0]))[0]
            return synopsis or f"Usage: {program} [options]"
        ours = getattr(self, "synopsis", None) or "[options]"
        return f"{self.parent.getSynopsis()} {self.parent.subCommand} {ours}"

    def getUsage(self, width: int | None = None) -> str:
        """Return the help after its first line.

        Args:
            width: columns of the terminal; those of ``COLUMNS``, or 80, by default.
        """
        if not width:
            columns = os.environ.get("COLUMNS", "")
            width = int(columns) if columns.isdecimal() and int(columns) else 80
        parts = ["Options:\n", *docMakeChunks(self._described(), width)]
        longdesc = getattr(self, "longdesc", None)
        if longdesc is None:
            longdesc = getattr(sys.modules.get("__main__"), "__doc__", None)
        if longdesc:
            from textwrap import wrap

            for paragraph in longdesc.strip().split("\n\n"):
                parts += ["\n", *(line + "\n" for line in wrap(" ".join(paragraph.split()), width))]
        commands = sorted(self._subCommands(), key=lambda each: each[0])
        if commands:
            described = [{"long": name, "doc": doc, "optType": "command"} for name, _, _, doc in commands]
            parts += ["Commands:\n", *docMakeChunks(described, width)]
        return "".join(parts)

    def _described(self) -> list[dict[str, Any]]:
        """The options as `docMakeChunks` wants them, in the order of the help."""
        shorts = {long: short for short, long in self.synonyms.items() if len(short) == 1 and short != long}
        described = []
        for form in self.longOpt:
            name = form.rstrip("=")
            handler = self._dispatch[name]
            described.append(
                {
                    "long": name,
                    "short": shorts.get(name),
                    "doc": self.docs[name],
                    "optType": "parameter" if form.endswith("=") else "flag",
                    "default": self.defaults.get(name) if isinstance(handler, CoerceParameter) else None,
                    "dispatch": handler if isinstance(handler, CoerceParameter) else None,
                }
            )
        return sorted(described, key=lambda each: str(each["short"] or each["long"]))


def _padded(given: Sequence[Any], length: int) -> list[Any]:
    """An entry of a list of options, with `None` for what it leaves out."""
    if len(given) > length:
        raise ValueError(f"an option is described by at most {length} values, not {given!r}")
    return [*given, *[None] * (length - len(given))]


def _next(rest: list[str], option: str) -> str:
    """Take the next word as an option's value."""
    if not rest:
        raise UsageError(f"option {option} requires argument")
    return rest.pop()


def _caller(method: Callable[..., object], takesValue: bool) -> Callable[[str, str | None], object]:
    """Make a handler of a method."""
    if takesValue:
        return lambda name, value: method(value)
    return lambda name, value: method()


def flagFunction(method: Callable[..., object], name: str | None = None) -> bool:
    """Whether an ``opt_`` method makes a flag: it takes no argument; else it takes a value.

    Raises:
        UsageError: it takes more than one.
    """
    function = getattr(method, "__func__", method)
    code = function.__code__
    count = code.co_argcount - (1 if function is not method else 0)
    if count > 1:
        raise UsageError(f"Invalid Option function for {name or function.__name__}")
    takesAny = code.co_flags & 0x04  # `inspect.CO_VARARGS`, without importing `inspect`.
    return not count and not takesAny


def portCoerce(value: str) -> int:
    """Make a port number of a text.

    Raises:
        ValueError: it is none.
    """
    port = int(value)
    if not 0 <= port <= 65535:
        raise ValueError(f"Port number not in range: {value}")
    return port


portCoerce.coerceDoc = "Must be an int between 0 and 65535."  # type: ignore[attr-defined]  # functions take any


#: The help keeps at least so many columns for descriptions, however long names are.
NARROWEST = 16


def docMakeChunks(optList: Iterable[dict[str, Any]], width: int = 80) -> list[str]:
    """Describe options for people, in two columns.

    Args:
        optList: for each option a dict with ``long``, and perhaps ``short``, ``doc``, ``default``, ``dispatch`` and
            ``optType``: ``"flag"``, ``"parameter"`` or ``"command"``.
        width: columns to fill.

    Returns:
        A text of one or more lines for each option.
    """
    from textwrap import wrap

    options = list(optList)
    names = [option["long"] + ("=" if option.get("optType") == "parameter" else "") for option in options]
    column = max(map(len, names), default=0) + 10
    chunks = []
    for option, name in zip(options, names, strict=True):
        if option.get("optType") == "command":
            left = f"    {name}"
        else:
            left = f"  -{option['short']}, --{name}" if option.get("short") else f"      --{name}"
        lines = wrap(_description(option), max(width - column, NARROWEST)) or [""]
        chunks.append("".join(f"{start:{column}}{line}\n" for start, line in zip([left, *[""] * len(lines)], lines)))  # noqa: B905
    return chunks


def _description(option: dict[str, Any]) -> str:
    """What the help says of an option: its doc, its default, what values it takes."""
    text = " ".join((option.get("doc") or "").split())
    if option.get("default") is not None:
        text = f"{text} [default: {option['default']}]".lstrip()
    dispatch = option.get("dispatch")
    if dispatch is not None and dispatch.doc:
        text = f"{text.rstrip('.')}. {dispatch.doc}" if text else dispatch.doc
    return text


publish(__name__)
