"""The ``ropewalk`` command.

``ropewalk run`` is on the way of every program that is started with it, so that one is understood here without
`argparse`.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

# A file of such a name has to be given as ``./demo``.
COMMANDS = ("demo", "doctor", "run", "stand-in", "version")

USAGE = """\
usage: ropewalk run FILE [arguments]
       ropewalk run -m MODULE [arguments]

Run a program that was written for Twisted: `twisted` is another name of `ropewalk` in it, and in the Python
processes that it starts. It gets its arguments, and tracebacks begin in its own file.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says, and return the exit status.

    Args:
        argv: without the command's own name; ``sys.argv`` when not given.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["run"]:
        return run(words[1:])
    if words[:1] == ["demo"]:
        return demo(words[1:])
    if words and words[0] not in COMMANDS and (words[0].endswith(".py") or os.path.exists(words[0])):
        return run(words)
    from ropewalk._printing import whileRead

    with whileRead():
        return _parsed(words)


def run(words: list[str]) -> int:
    """``ropewalk run``: put the stand-in on, and run a program."""
    from . import _program

    if words[:1] in (["-h"], ["--help"]):
        from ropewalk._printing import whileRead

        with whileRead():
            print(USAGE, end="")
        return 0
    byModule = words[:1] == ["-m"]
    target = words[int(byModule) :]
    if not target or (target[0].startswith("-") and not byModule):
        problem = f"unknown option {target[0]!r}" if target else "say which program"
        print(f"{USAGE}\nropewalk run: {problem}", file=sys.stderr)
        return 2

    from ropewalk import _standin

    _standin.install()
    try:
        (_program.runModule if byModule else _program.runFile)(target[0], target[1:])
    except _program.NoProgram as problem:
        print(f"ropewalk run: {problem}", file=sys.stderr)
        return 2
    return 0


def _parsed(words: list[str]) -> int:
    """Every other command."""
    parser = _parser()
    options = parser.parse_args(words)
    if options.version:
        return version(options)
    if options.command is None:
        parser.print_help()
        return 2
    status: int = options.command(options)
    return status


def _parser() -> ArgumentParser:
    import argparse

    parser = argparse.ArgumentParser(
        prog="ropewalk",
        description="An event-driven networking engine with Twisted's API.",
        epilog="ropewalk COMMAND --help says what a command takes. A program's file in place of a command is run.",
    )
    parser.add_argument("--version", action="store_true", help="say which version this is")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    commands.add_parser("run", help="run a program written for Twisted", add_help=False)

    commands.add_parser("demo", help="start a chat server that you can talk to with nc", add_help=False)

    command = commands.add_parser(
        "doctor",
        help="say what works here, what is missing, and how to get it",
        description="Look at this machine, and say what works, what is missing, and what to type to get it. "
        "The exit status is 1 when programs will fail.",
    )
    command.add_argument("--json", action="store_true", help="print it for programs")
    command.set_defaults(command=doctor)

    command = commands.add_parser(
        "stand-in",
        help="make Ropewalk stand in for Twisted in this whole environment",
        description="Make `import twisted` import Ropewalk in every program of this environment, "
        "and pip take Twisted for installed.",
    )
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument("--install", action="store_const", dest="action", const="install", help="put it in")
    what.add_argument("--remove", action="store_const", dest="action", const="remove", help="take it out again")
    what.add_argument(
        "--status",
        action="store_const",
        dest="action",
        const="status",
        help="say whether it is in, by the exit status too",
    )
    command.add_argument("--system", action="store_true", help="install even outside a virtual environment")
    command.set_defaults(command=standIn)

    command = commands.add_parser("version", help="say which version this is")
    command.set_defaults(command=version)
    return parser


def demo(words: list[str]) -> int:
    """``ropewalk demo``: a chat server, until Ctrl-C."""
    from ropewalk.demo.chat import program

    return program.main(words)


def doctor(options: Namespace) -> int:
    """``ropewalk doctor``: say how this machine is."""
    from . import _doctor

    return _doctor.report(asJSON=options.json)


def standIn(options: Namespace) -> int:
    """``ropewalk stand-in``: change an environment, or say how it is."""
    from . import _environment

    try:
        if options.action == "status":
            isIn, text = _environment.status()
            print(text)
            return 0 if isIn else 1
        print(_environment.install(anyway=options.system) if options.action == "install" else _environment.remove())
    except _environment.Refused as problem:
        print(f"ropewalk stand-in: {problem}", file=sys.stderr)
        return 1
    return 0


def version(options: Namespace) -> int:
    """``ropewalk version``: ours, the API's, and Python's."""
    import platform

    from ropewalk import _standin

    print(f"Ropewalk {_standin.ownVersion()}, with the API of Twisted {_standin.RELEASE}")
    print(f"{platform.python_implementation()} {platform.python_version()} on {platform.platform(terse=True)}")
    return 0
