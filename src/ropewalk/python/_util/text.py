"""Text in another form."""

from __future__ import annotations


def nameToLabel(mname: str) -> str:
    """Return a name in camel case as words with capitals: ``"fooBar"`` is ``"Foo Bar"``."""
    label = ""
    for before, letter, after in zip(" " + mname, mname, mname[1:] + " ", strict=False):
        if letter.isupper() and label and (before.islower() or after.islower()):
            label += " "
        label += letter
    return label[:1].upper() + label[1:]


def str_xor(s: str, b: int) -> str:
    """Return text with each character's number combined with another by exclusive or."""
    return "".join(chr(ord(letter) ^ b) for letter in s)
