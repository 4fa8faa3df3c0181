"""Parameters that are no text: each is made by a function, which may refuse it."""

import sys

from ropewalk.python import usage


def oneTwoThree(text):
    number = int(text)
    if number not in range(1, 4):
        raise ValueError("Not in range")
    return number


oneTwoThree.coerceDoc = "Must be 1, 2 or 3."


class Options(usage.Options):
    optParameters = [
        ["shiny_integer", "s", 1, None, int],
        ["dummy_float", "d", 3.14159, None, float],
        ["one_choice", "o", 1, None, oneTwoThree],
    ]


options = Options()
try:
    options.parseOptions()
except usage.UsageError as problem:
    sys.exit(f"typed: {problem}")
print(*(repr(options[name]) for name in ("shiny_integer", "dummy_float", "one_choice")))
