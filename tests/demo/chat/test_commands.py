"""What typed lines mean to the chat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.demo.chat import commands
from ropewalk.demo.chat.commands import Misunderstood, parse

CASES = [
    (b"", None),
    (b"  \r", None),
    (b"hello", commands.Say("hello")),
    (b"  hello \r", commands.Say("hello")),
    (b"//shrug", commands.Say("/shrug")),
    ("grüß dich".encode(), commands.Say("grüß dich")),
    (b"bell\x07 and \x1b[31mred", commands.Say("bell and [31mred")),
    (b"\xff", commands.Say("\N{REPLACEMENT CHARACTER}")),
    (b"/join #rope", commands.Join("rope")),
    (b"/JOIN rope", commands.Join("rope")),
    (b"/leave", commands.Leave()),
    (b"/nick ada", commands.Rename("ada")),
    (b"/msg ada  how are you?", commands.Whisper("ada", "how are you?")),
    (b"/me waves", commands.Emote("waves")),
    (b"/who", commands.Who()),
    (b"/rooms", commands.Rooms()),
    (b"/history", commands.Recall(20)),
    (b"/history 200", commands.Recall(200)),
    (b"/help", commands.Help()),
    (b"/quit", commands.Quit()),
    (b"/nick " + b"a" * 32, commands.Rename("a" * 32)),
]


@pytest.mark.parametrize(("line", "command"), CASES)
def test_lineMeans(line: bytes, command: commands.Command | None) -> None:
    """Each form of line is understood as /help says."""
    assert parse(line) == command


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (b"/dance", "/help"),
        (b"/nick", "a letter or digit"),
        (b"/nick two words", "a letter or digit"),
        (b"/nick -a", "a letter or digit"),
        (b"/nick " + b"a" * 33, "at most 32 characters, and that one has 33"),
        (b"/msg ada", "/msg NAME TEXT"),
        (b"/me", "/me waves"),
        (b"/history 0", "1 to 200"),
        (b"/history 201", "1 to 200"),
        (b"/history " + b"9" * 1000, "1 to 200"),
        (b"/history x", "1 to 200"),
    ],
)
def test_mistakesAreExplained(line: bytes, hint: str) -> None:
    """A line that is no command is answered with what would be right."""
    with pytest.raises(Misunderstood) as caught:
        parse(line)
    assert hint in str(caught.value)


@given(st.binary(max_size=300))
def test_anyLineIsUnderstoodOrRefused(line: bytes) -> None:
    """Whatever bytes arrive, the only exception is the one that is told to the person."""
    try:
        command = parse(line)
    except Misunderstood:
        return
    if isinstance(command, commands.Say | commands.Emote | commands.Whisper):
        assert command.text.isprintable() or not command.text.isascii()


def test_helpListsEveryCommand() -> None:
    """/help shows each command on a line of its own."""
    assert [line.split()[0] for line in commands.helpLines()] == [f"/{verb}" for verb in commands.FORMS]
