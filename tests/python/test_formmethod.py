"""Descriptions of forms."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.python import formmethod as form

CHOICES = [("a", 1, "the first"), ("b", 2, "the second")]

ACCEPTED: list[tuple[form.Argument, Any, Any]] = [
    (form.String("s"), "x", "x"),
    (form.String("s"), 5, "5"),
    (form.String("s", min=2, max=4), "ab", "ab"),
    (form.Text("s", min=2, max=4), "abcd", "abcd"),
    (form.Password("s"), "p", "p"),
    (form.Hidden("s"), "h", "h"),
    (form.VerifiedPassword("s"), ("a", "a"), "a"),
    (form.Integer("i"), " 7 ", 7),
    (form.Integer("i"), 7, 7),
    (form.Integer("i"), "  ", None),
    (form.IntegerRange("i", 1, 5), "1", 1),
    (form.IntegerRange("i", 1, 5), "5", 5),
    (form.IntegerRange("i", 1, 5), "", None),
    (form.Float("f"), "5.5", 5.5),
    (form.Float("f"), "", None),
    (form.Boolean("b"), "yes", 1),
    (form.Boolean("b"), "anything", 1),
    *((form.Boolean("b"), word, 0) for word in ("no", "No", "n", "f", "false", "0", "", None)),
    (form.Choice("c", CHOICES), "b", 2),
    (form.RadioGroup("c", CHOICES), "a", 1),
    (form.Submit("s"), "Submit", "submit"),
    (form.Submit("s", allowNone=1), "", None),
    (form.Flags("f", CHOICES), ["b", "a"], [2, 1]),
    (form.Flags("f", CHOICES), None, []),
    (form.CheckGroup("f", CHOICES), ["a"], [1]),
    (form.File("f"), "content", "content"),
    (form.File("f"), "", None),
    (form.Date("d"), ("2024", "2", "29"), (2024, 2, 29)),
    (form.Date("d"), ("", "", ""), None),
]

REFUSED: list[tuple[form.Argument, Any, str]] = [
    (form.String("s", min=2, max=4), "a", "at least 2"),
    (form.String("s", min=2, max=4), "abcde", "at most 4"),
    (form.VerifiedPassword("s"), ("a", "b"), "twice"),
    (form.VerifiedPassword("s"), ("a",), "twice"),
    (form.VerifiedPassword("s", min=2), ("a", "a"), "at least 2"),
    (form.Integer("i"), "x", "'x' is not a whole number"),
    (form.Integer("i", allowNone=0), "", "whole number"),
    (form.Integer("i", allowNone=0), None, "whole number"),
    (form.IntegerRange("i", 1, 5), "0", "the least is 1"),
    (form.IntegerRange("i", 1, 5), "6", "the most is 5"),
    (form.Float("f"), "x", "'x' is not a number"),
    (form.Choice("c", CHOICES), "c", "none of the choices: a, b"),
    (form.Submit("s"), "", "none of the choices: Submit"),
    (form.Flags("f", CHOICES), ["a", "c"], "'c' is none of the flags: a, b"),
    (form.File("f", allowNone=0), None, "has to be sent"),
    *(
        (form.Date("d", allowNone=0), fields, "no year, month and day")
        for fields in [("2023", "2", "29"), ("2023", "13", "1"), ("0", "1", "1"), ("2023", "1"), ("", "", ""), ("a",)]
    ),
]


@pytest.mark.parametrize(("argument", "typed", "made"), ACCEPTED)
def test_accepted(argument: form.Argument, typed: Any, made: Any) -> None:
    """Each kind of argument is made of what was typed; an empty field is none where that may be."""
    assert argument.coerce(typed) == made
    assert type(argument.coerce(typed)) is type(made)


@pytest.mark.parametrize(("argument", "typed", "complaint"), REFUSED)
def test_refused(argument: form.Argument, typed: Any, complaint: str) -> None:
    """What cannot be used is refused with a sentence for who typed it."""
    with pytest.raises(form.InputError, match=complaint):
        argument.coerce(typed)


@pytest.mark.parametrize("argument", [form.Integer("i"), form.Float("f"), form.Choice("c"), form.Date("d")])
def test_longInput(argument: form.Argument) -> None:
    """However much is typed, little of it comes back in the answer."""
    with pytest.raises(form.InputError) as caught:
        argument.coerce("9x" * 100_000)
    assert len(str(caught.value)) < 120


def test_descriptions() -> None:
    """An argument carries its labels, hints and default for whoever shows the form."""
    argument = form.Integer("age", shortDesc="Age", longDesc="In years", hints={"a": 1}, default=3)
    argument.addHints(b=2)
    assert (argument.getHint("a"), argument.getHint("b"), argument.getHint("c", 3)) == (1, 2, 3)
    assert (argument.getShortDescription(), argument.getLongDescription(), argument.default) == ("Age", "In years", 3)
    plain = form.String("someName")
    assert (plain.getShortDescription(), plain.getLongDescription(), plain.default) == ("Somename", "", "")
    assert (form.Date("d").default, form.Date("d", allowNone=0).default) == (None, (1970, 1, 1))
    assert (form.Choice("c", CHOICES).default, form.Choice("c", CHOICES, ["b"]).default) == ([1], ["b"])
    with pytest.raises(NotImplementedError):
        form.Argument("a").coerce("")


def test_calling() -> None:
    """A signature with a function is a form, which says its arguments and calls the function."""
    name = form.String("name")
    signature = form.MethodSignature(name, form.Integer("age"))
    assert signature.getArgument("name") is name
    assert signature.getArgument("size") is None
    method = signature.method(lambda name, age: (name, age), takesRequest=True)
    assert method.takesRequest
    assert [argument.name for argument in method.getArgs()] == ["name", "age"]
    assert method.call("joe", age=5) == ("joe", 5)


def test_errors() -> None:
    """An error can say of each argument what is wrong with it."""
    error = form.FormException("no good", age="too young")
    assert (str(error), error.descriptions) == ("no good", {"age": "too young"})


def test_positive() -> None:
    """Numbers above zero, for parameters."""
    assert form.positiveInt("1") == 1
    with pytest.raises(ValueError, match="0 is not above zero"):
        form.positiveInt("0")
