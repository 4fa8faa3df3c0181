"""The chat as a program of its own, ``ropewalk demo``: start it, say how to try it, and what is wrong if it can't."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ropewalk.internet.defer import ensureDeferred, gatherResults
from ropewalk.internet.error import CannotListenError
from ropewalk.python import usage

from .history import HistoryUnusable
from .service import ChatService, Options, makeService

if TYPE_CHECKING:
    from collections.abc import Sequence


class _DemoOptions(Options):
    synopsis = "Usage: ropewalk demo [options]"


def main(words: Sequence[str]) -> int:
    """Run the chat until Ctrl-C, and return the exit status for the shell.

    Args:
        words: the command line, see `Options`.
    """
    options = _DemoOptions()
    try:
        options.parseOptions(list(words))
        chat = makeService(options)
    except usage.UsageError as problem:
        print(f"ropewalk demo: {problem}\nropewalk demo --help lists the options.", file=sys.stderr)
        return 2
    return _run(chat, options)


def _run(chat: ChatService, options: Options) -> int:
    from ropewalk.internet import reactor

    status = 0

    async def begin() -> None:
        nonlocal status
        try:
            chat.privilegedStartService()
            chat.startService()
        except CannotListenError as problem:
            status = _cannotStart(f"{problem} Is another one running? --port and --socket choose other places.")
        except HistoryUnusable as problem:
            status = _cannotStart(f"{problem}; --history chooses another.")
        if not status:
            print(await howToTry(chat, options), flush=True)
        reactor.addSystemEventTrigger("before", "shutdown", lambda: ensureDeferred(chat.stopService()))
        if status:
            reactor.stop()

    reactor.callWhenRunning(lambda: ensureDeferred(begin()))
    reactor.run()
    if not status:
        print("The chat is closed.")
    return status


async def howToTry(chat: ChatService, options: Options) -> str:
    """What to type to join in."""
    if options["listen"]:
        lines = [f"The chat is open at {' and '.join(options['listen'])}.", ""]
    else:
        ports = await gatherResults([listener.whenListening() for listener in chat])
        place, port = options["interface"], ports[0].getHost().port
        lines = [f"The chat is open on {place} port {port}. Join it from another terminal:", ""]
        lines.append(f"    nc {place} {port}        (or telnet; several times, to talk to yourself)")
        if options["socket"]:
            lines.append(f"    nc -U {options['socket']}")
        lines.append("")
    kept = options["history"]
    said = "What is said is forgotten at the end" if kept == ":memory:" else f"What is said is kept in {kept}"
    lines += [f"{said}. Ctrl-C closes the chat.", ""]
    return "\n".join(lines)


def _cannotStart(why: str) -> int:
    print(f"the chat cannot start: {why}", file=sys.stderr)
    return 1
