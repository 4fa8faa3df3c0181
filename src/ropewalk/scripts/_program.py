"""Run a program as Python itself would: as ``__main__``, with its arguments, with tracebacks that begin in its file."""

from __future__ import annotations

import os
import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import CodeType, TracebackType
    from typing import Any


class NoProgram(Exception):
    """There is no program to run where one was said to be; the message says what is there instead."""


def runFile(path: str, arguments: list[str]) -> None:
    """Run a program in a file, or the ``__main__.py`` in a directory.

    Returns when the program has run to its end; what it raises, `SystemExit` included, goes through.

    Args:
        arguments: what it finds in ``sys.argv`` behind its own path.

    Raises:
        NoProgram: no program can be read there.
    """
    file = os.path.abspath(path)
    if os.path.isdir(file):
        folder, file = file, os.path.join(file, "__main__.py")
        if not os.path.isfile(file):
            raise NoProgram(f"{path!r} is a directory without a __main__.py; give a program's file")
    else:
        folder = os.path.dirname(os.path.realpath(file))
    try:
        with open(file, "rb") as opened:
            source = opened.read()
    except FileNotFoundError:
        raise NoProgram(f"there is no file {path!r}{_hint(path)}") from None
    except OSError as problem:
        raise NoProgram(f"{path!r} cannot be read: {problem.strerror}") from None

    main = _becomeMain([path, *arguments], folder)
    main.__file__ = file
    _run(lambda: compile(source, file, "exec", dont_inherit=True), main)


def runModule(name: str, arguments: list[str]) -> None:
    """Run a module, or the ``__main__`` module of a package, as ``python -m`` does.

    Raises:
        NoProgram: it cannot be found.
    """
    # Where the module is looked for comes first, so that its package is imported from there.
    main = _becomeMain(["-m", *arguments], os.getcwd())
    spec = _findSpec(name)
    if spec.submodule_search_locations is not None:
        spec = _findSpec(f"{name}.__main__", f"{name!r} is a package that cannot be run; it has no __main__.py")
    loader: Any = spec.loader
    sys.argv[0] = main.__file__ = spec.origin or name
    main.__spec__ = spec
    main.__package__ = spec.parent
    main.__loader__ = loader
    _run(lambda: _codeOf(loader, spec.name), main)


def _codeOf(loader: Any, name: str) -> CodeType:
    """The code of a module. Raises `NoProgram` when it is built in, or compiled from another language."""
    code: CodeType | None = loader.get_code(name) if hasattr(loader, "get_code") else None
    if code is None:
        raise NoProgram(f"module {name!r} cannot be run: it is not Python code")
    return code


def _findSpec(name: str, otherwise: str | None = None) -> ModuleSpec:
    """Where a module is. Raises `NoProgram`; errors in the packages above it go through."""
    from importlib.util import find_spec

    try:
        spec = find_spec(name)
    except ModuleNotFoundError as problem:
        if problem.name is None or not (name + ".").startswith(problem.name + "."):
            raise
        spec = None
    if spec is None:
        raise NoProgram(otherwise or f"there is no module {name!r}")
    return spec


def _hint(path: str) -> str:
    """What a person may have meant who named a file that is not there."""
    if os.path.exists(path + ".py"):
        return f"; did you mean {path + '.py'!r}?"
    if not path.endswith(".py") and os.sep not in path:
        return f"; to run a module, say: ropewalk run -m {path}"
    return "" if os.path.isabs(path) else f" in {os.getcwd()!r}"


def _becomeMain(argv: list[str], folder: str) -> ModuleType:
    """Make a ``__main__`` module, and set what a program looks at: its arguments, and where it imports from."""
    sys.argv[:] = argv
    if not sys.flags.safe_path:
        # The first entry is our own command's folder.
        sys.path[:1] = [folder]
    main = ModuleType("__main__")
    main.__dict__["__builtins__"] = sys.modules["builtins"]
    sys.modules["__main__"] = main
    return main


def _run(compiled: Callable[[], CodeType], main: ModuleType) -> None:
    """Compile and run a program, and have errors that end it shown without our frames."""
    _beginTracebacksIn(main)
    exec(compiled(), main.__dict__)


def _beginTracebacksIn(main: ModuleType) -> None:
    """Show the traceback that ends the program from the program's own first frame on.

    An error in its syntax has no such frame, and is shown without any.
    """
    show = sys.excepthook

    def excepthook(kind: type[BaseException], value: BaseException, traceback: TracebackType | None) -> None:
        while traceback is not None and traceback.tb_frame.f_globals is not main.__dict__:
            traceback = traceback.tb_next
        # The exception's own is what is shown, in newer Pythons.
        show(kind, value.with_traceback(traceback), traceback)

    sys.excepthook = excepthook
