"""Endpoint descriptions: any text gives an endpoint or a ValueError, and what was quoted comes back as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fuzzing import main, pieces

from ropewalk.internet._endpoints.strings import parse
from ropewalk.internet.endpoints import clientFromString, quoteStringArgument, serverFromString
from ropewalk.internet.testing import MemoryReactor

# The beginnings that lead anywhere: random ones alone are refused by their first word.
KINDS = ["", "tcp:", "tcp:80:", "tcp6:80:interface=", "unix:", "unix:/x:mode=", "fd:", "tcp:h:80:timeout="]

# Kinds nobody has: what they are asked for looks through the plugins, which is slow and is somebody else's business.
KNOWN = {"tcp", "tcp6", "unix", "fd"}


def target(data: bytes) -> None:
    text = data.decode("latin-1")
    description = KINDS[data[0] % len(KINDS)] + text[1:] if data else ""
    try:
        kind, _, _ = parse(description)
    except ValueError:
        kind = ""
    makers: list[Callable[..., Any]] = [serverFromString] if kind.lower() in KNOWN else []
    if kind.lower() in ("tcp", "unix"):
        makers.append(clientFromString)
    for make in makers:
        said = ""
        try:
            make(MemoryReactor(), description)
        except ValueError as refused:
            said = str(refused)
        assert len(said) < 4000, len(said)

    parts = [piece.decode("latin-1") for piece in pieces(data)]
    options = dict(zip(parts[::2], parts[1::2], strict=False))
    fields = ["kind", *map(quoteStringArgument, parts)]
    fields += [f"{quoteStringArgument(key)}={quoteStringArgument(value)}" for key, value in options.items()]
    assert parse(":".join(fields)) == ("kind", tuple(parts), options)


if __name__ == "__main__":
    main(target)
