"""Descriptions of forms: which arguments a function takes, and how each is made of what somebody typed.

::

    signature = MethodSignature(String("name", min=1), IntegerRange("age", 0, 150))
    form = signature.method(register)
    age = form.signature.getArgument("age").coerce("42")

`Argument.coerce` raises `InputError` with a sentence for who typed it. Whatever shows the form finds its labels and
defaults in the arguments, and calls the function with what they made (`FormMethod.call`).
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

__all__ = [
    "Argument",
    "Boolean",
    "CheckGroup",
    "Choice",
    "Date",
    "File",
    "Flags",
    "Float",
    "FormException",
    "FormMethod",
    "Hidden",
    "InputError",
    "Integer",
    "IntegerRange",
    "MethodSignature",
    "Password",
    "PresentationHint",
    "RadioGroup",
    "String",
    "Submit",
    "Text",
    "VerifiedPassword",
    "positiveInt",
]


class FormException(Exception):
    """A form cannot be used as it was filled in.

    Attributes:
        descriptions: what is wrong with each argument, by its name.
    """

    def __init__(self, *args: object, **kwargs: str) -> None:
        super().__init__(*args)
        self.descriptions = kwargs


class InputError(FormException):
    """What was typed is not acceptable; its text says why, to who typed it."""


class Argument:
    """An argument of a form: to be derived from for each kind of input.

    Attributes:
        defaultDefault: the default of the kind.
    """

    defaultDefault: ClassVar[Any] = None

    def __init__(
        self,
        name: str,
        default: Any = None,
        shortDesc: str | None = None,
        longDesc: str | None = None,
        hints: dict[str, Any] | None = None,
        allowNone: bool | int = 1,
    ) -> None:
        """Describe an argument.

        Args:
            name: what the function calls it.
            default: what a form shows at first.
            shortDesc: its label; made of the name when not given.
            longDesc: more words about it.
            hints: for who shows the form.
            allowNone: whether it may be left empty, which gives `None`.
        """
        self.name = name
        self.allowNone = allowNone
        if default is None and not allowNone:
            default = self.defaultDefault
        self.default = default
        self.shortDesc = shortDesc
        self.longDesc = longDesc
        self.hints = {} if hints is None else hints

    def addHints(self, **kwargs: Any) -> None:
        """Add to the hints."""
        self.hints.update(kwargs)

    def getHint(self, name: str, default: Any = None) -> Any:
        """Return a hint."""
        return self.hints.get(name, default)

    def getShortDescription(self) -> str:
        """Return the label."""
        return self.shortDesc or self.name.capitalize()

    def getLongDescription(self) -> str:
        """Return more words about it, or none."""
        return self.longDesc or ""

    def coerce(self, val: Any) -> Any:
        """Make the argument of what was typed. Raises `InputError` if that can't be done."""
        raise NotImplementedError(f"{type(self).__name__} has no coerce")


class String(Argument):
    """A line of text.

    Args:
        min: how many characters it has at least.
        max: how many it has at most; `None` for no limit.
    """

    defaultDefault: ClassVar[str] = ""
    min = 0
    max: int | None = None

    def __init__(
        self,
        name: str,
        default: str | None = None,
        shortDesc: str | None = None,
        longDesc: str | None = None,
        hints: dict[str, Any] | None = None,
        allowNone: bool | int = 1,
        min: int = 0,
        max: int | None = None,
    ) -> None:
        super().__init__(name, default, shortDesc, longDesc, hints, allowNone)
        self.min = min
        self.max = max
        if default is None:
            self.default = self.defaultDefault

    def coerce(self, val: Any) -> str:
        """Return the text."""
        text = str(val)
        if len(text) < self.min:
            raise InputError(f"{len(text)} characters are too few; there have to be at least {self.min}")
        if self.max is not None and len(text) > self.max:
            raise InputError(f"{len(text)} characters are too many; there may be at most {self.max}")
        return text


class Text(String):
    """Text of several lines."""


class Password(String):
    """Text that is not shown while it is typed."""


class VerifiedPassword(String):
    """A password that is typed twice."""

    def coerce(self, vals: Sequence[Any]) -> str:
        """Return the password. Raises `InputError` unless both are alike."""
        if len(vals) != 2 or vals[0] != vals[1]:
            raise InputError("the two passwords differ; type the same one twice")
        return super().coerce(vals[0])


class Hidden(String):
    """Text that is not shown at all."""


class _Number(Argument):
    """A number, in an argument whose limits on being empty come before its default."""

    def __init__(
        self,
        name: str,
        allowNone: bool | int = 1,
        default: Any = None,
        shortDesc: str | None = None,
        longDesc: str | None = None,
        hints: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(name, default, shortDesc, longDesc, hints, allowNone)

    def _number(self, val: Any, make: Callable[[Any], Any], complaint: str) -> Any:
        """A number, or `None` for an empty field that may be."""
        if self.allowNone and (val is None or not str(val).strip()):
            return None
        try:
            return make(val)
        except (TypeError, ValueError):
            raise InputError(complaint.format(val)) from None


class Integer(_Number):
    """A whole number."""

    def coerce(self, val: Any) -> int | None:
        """Return the number, or `None` for an empty field that may be."""
        number: int | None = self._number(val, int, "{!r:.40} is not a whole number, such as 10")
        return number


class IntegerRange(Integer):
    """A whole number between two others, which it may be itself."""

    def __init__(
        self,
        name: str,
        min: int,
        max: int,
        allowNone: bool | int = 1,
        default: int | None = None,
        shortDesc: str | None = None,
        longDesc: str | None = None,
        hints: dict[str, Any] | None = None,
    ) -> None:
        self.min = min
        self.max = max
        super().__init__(name, allowNone, default, shortDesc, longDesc, hints)

    def coerce(self, val: Any) -> int | None:
        """Return the number, or `None` for an empty field that may be."""
        number = super().coerce(val)
        if number is not None and number < self.min:
            raise InputError(f"{number} is too small; the least is {self.min}")
        if number is not None and number > self.max:
            raise InputError(f"{number} is too large; the most is {self.max}")
        return number


class Float(_Number):
    """A number with a fraction."""

    def coerce(self, val: Any) -> float | None:
        """Return the number, or `None` for an empty field that may be."""
        number: float | None = self._number(val, float, "{!r:.40} is not a number, such as 2.5")
        return number


class Choice(Argument):
    """One of several: each is a triple of what a form sends, what it stands for, and its description."""

    def __init__(
        self,
        name: str,
        choices: Sequence[tuple[str, Any, str]] = (),
        default: Sequence[Any] = (),
        shortDesc: str | None = None,
        longDesc: str | None = None,
        hints: dict[str, Any] | None = None,
        allowNone: bool | int = 1,
    ) -> None:
        self.choices = choices
        if not default and choices:
            default = [choices[0][1]]
        super().__init__(name, default, shortDesc, longDesc, hints, allowNone)

    def coerce(self, inIdent: Any) -> Any:
        """Return what a choice stands for."""
        for sent, value, _ in self.choices:
            if inIdent == sent:
                return value
        raise InputError(f"{inIdent!r:.40} is none of the choices: {', '.join(sent for sent, _, _ in self.choices)}")


class RadioGroup(Choice):
    """One of several, all of which are shown."""


class Submit(Choice):
    """The buttons that send a form.

    Attributes:
        reset: whether there is one that empties it.
    """

    def __init__(
        self,
        name: str,
        choices: Sequence[tuple[str, Any, str]] = [("Submit", "submit", "Submit form")],
        reset: bool | int = 0,
        shortDesc: str | None = None,
        longDesc: str | None = None,
        allowNone: bool | int = 0,
        hints: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(name, choices, shortDesc=shortDesc, longDesc=longDesc, hints=hints, allowNone=allowNone)
        self.reset = reset

    def coerce(self, value: Any) -> Any:
        """Return what a button stands for, or `None` if none was pressed and that may be."""
        if self.allowNone and not value:
            return None
        return super().coerce(value)


class Flags(Argument):
    """Any of several: each is a triple of what a form sends, what it stands for, and its description."""

    def __init__(
        self,
        name: str,
        flags: Sequence[tuple[str, Any, str]] = (),
        default: Sequence[Any] = (),
        shortDesc: str | None = None,
        longDesc: str | None = None,
        hints: dict[str, Any] | None = None,
        allowNone: bool | int = 1,
    ) -> None:
        self.flags = flags
        super().__init__(name, default, shortDesc, longDesc, hints, allowNone)

    def coerce(self, inFlagKeys: Iterable[str] | None) -> list[Any]:
        """Return what the flags stand for that were set."""
        meanings = {sent: value for sent, value, _ in self.flags}
        found = []
        for sent in inFlagKeys or ():
            if sent not in meanings:
                raise InputError(f"{sent!r:.40} is none of the flags: {', '.join(meanings)}")
            found.append(meanings[sent])
        return found


class CheckGroup(Flags):
    """Any of several, shown as boxes to tick."""


class File(Argument):
    """A file that is sent with the form."""

    def __init__(
        self,
        name: str,
        allowNone: bool | int = 1,
        shortDesc: str | None = None,
        longDesc: str | None = None,
        hints: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(name, None, shortDesc, longDesc, hints, allowNone=allowNone)

    def coerce(self, file: Any) -> Any:
        """Return the file, or `None` if none was sent and that may be."""
        if file:
            return file
        if self.allowNone:
            return None
        raise InputError("a file has to be sent")


_NO = frozenset(("no", "n", "f", "false", "0"))


class Boolean(Argument):
    """Yes or no."""

    def coerce(self, inVal: Any) -> int:
        """Return 0 for nothing and for words that mean no, else 1."""
        return int(bool(inVal) and str(inVal).lower() not in _NO)


class Date(Argument):
    """A day: year, month and day, each typed into its own field."""

    defaultDefault: ClassVar[tuple[int, int, int]] = (1970, 1, 1)

    def __init__(
        self,
        name: str,
        allowNone: bool | int = 1,
        default: tuple[int, int, int] | None = None,
        shortDesc: str | None = None,
        longDesc: str | None = None,
        hints: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(name, default, shortDesc, longDesc, hints, allowNone=allowNone)

    def coerce(self, args: Sequence[Any]) -> tuple[int, int, int] | None:
        """Return the day, or `None` for three empty fields that may be."""
        if self.allowNone and tuple(args) == ("", "", ""):
            return None
        try:
            year, month, day = map(int, args)
            longest = calendar.monthrange(year, month)[1]
        except (TypeError, ValueError, calendar.IllegalMonthError):
            raise InputError(f"{args!r:.60} is no year, month and day") from None
        if not 1 <= year <= 9999 or not 1 <= day <= longest:
            raise InputError(f"{args!r:.60} is no year, month and day")
        return year, month, day


class PresentationHint:
    """Says how something is to be shown, and nothing of what it is: to be derived from."""


class MethodSignature:
    """The arguments of a form, in order."""

    def __init__(self, *sigList: Argument) -> None:
        self.methodSignature = sigList

    def getArgument(self, name: str) -> Argument | None:
        """Return the argument with a name, or `None`."""
        for argument in self.methodSignature:
            if argument.name == name:
                return argument
        return None

    def method(self, callable: Callable[..., Any], takesRequest: bool = False) -> FormMethod:
        """Return the form that calls a function."""
        return FormMethod(self, callable, takesRequest)


class FormMethod:
    """A function with the description of its arguments.

    Attributes:
        takesRequest: whether the request that brings the form is the function's first argument.
    """

    def __init__(self, signature: MethodSignature, callable: Callable[..., Any], takesRequest: bool = False) -> None:
        self.signature = signature
        self.callable = callable
        self.takesRequest = takesRequest

    def getArgs(self) -> tuple[Argument, ...]:
        """Return the descriptions of the arguments."""
        return tuple(self.signature.methodSignature)

    def call(self, *args: Any, **kw: Any) -> Any:
        """Call the function."""
        return self.callable(*args, **kw)


def positiveInt(x: Any) -> int:
    """Return a number above zero. Raises `ValueError` for any other."""
    number = int(x)
    if number <= 0:
        raise ValueError(f"{number} is not above zero")
    return number
