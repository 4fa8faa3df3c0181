"""Get the application: from a file of Python, from one that was saved, or from a plugin's service."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

from ropewalk.logger import Logger
from ropewalk.persisted import sob
from ropewalk.python import usage

from .._services.contracts import IService
from .._services.root import Application, loadApplication
from .mistakes import Refusal, Status, describe, foreignTraceback, summary

_log = Logger("ropewalk.application.app")

# What is run when the command line names nothing.
DEFAULT_FILE = "twistd.tap"

# Option -> what kind of file it names, in the order in which they are looked at.
KINDS = (("python", "python"), ("source", "source"), ("file", "pickle"))


def load(config: Mapping[str, Any], passphrase: str | None = None) -> Any:
    """Read the application that a command line names.

    Args:
        config: has the options ``python``, ``source`` and ``file``; the first that is set counts.
        passphrase: of an encrypted file; there are none here, see `sob`.

    Raises:
        Refusal: that cannot be done.
    """
    for option, kind in KINDS:
        filename = config.get(option)
        if filename:
            return _loadFile(filename, kind, passphrase)
    raise Refusal("there is no application to run: say --python FILE, or name a command", Status.USAGE)


def _loadFile(filename: str, kind: str, passphrase: str | None) -> Any:
    _log.info("Loading {filename}...", filename=filename, log_system="-")
    try:
        application = loadApplication(filename, kind, passphrase)
    except sob.NotDefined:
        raise Refusal(
            f"{filename!r} has no application: it must leave one in a global variable of that name, "
            "application = service.Application('name')",
            Status.DATA,
        ) from None
    except SyntaxError as problem:
        if problem.filename != filename:
            raise _raised(filename, problem) from problem  # It imports something that is no Python.
        raise Refusal(
            f"{filename!r} is no Python, line {problem.lineno}: {problem.msg}",
            Status.DATA,
            "".join(traceback.format_exception_only(problem)).rstrip(),
        ) from None
    except OSError as problem:
        if problem.filename != filename or problem.__traceback__ is None or _ranCode(problem, filename):
            raise _raised(filename, problem) from problem
        status = Status.NOPERM if isinstance(problem, PermissionError) else Status.NOINPUT
        hint = "; to run another: --python FILE, or a command" if filename == DEFAULT_FILE else ""
        raise Refusal(f"cannot read the application in {filename!r}: {describe(problem)}{hint}", status) from None
    except Exception as problem:
        raise _raised(filename, problem) from problem
    if IService(application, None) is None:
        raise Refusal(
            f"the application in {filename!r} is {application!r}, which is no service: "
            "application = service.Application('name')",
            Status.DATA,
        )
    _log.info("Loaded.", log_system="-")
    return application


def _raised(filename: str, problem: BaseException) -> Refusal:
    first = filename if _ranCode(problem, filename) else None
    return Refusal(
        f"cannot load the application in {filename!r}: {summary(problem)}",
        Status.DATA,
        foreignTraceback(problem, first),
    )


def _ranCode(problem: BaseException, filename: str) -> bool:
    """Whether an exception came out of the file's own code."""
    tb = problem.__traceback__
    while tb is not None:
        if tb.tb_frame.f_code.co_filename == filename:
            return True
        tb = tb.tb_next
    return False


def make(config: Any) -> Any:
    """Have a plugin's service made, and an application for it.

    Args:
        config: a `ServerOptions` that has read a command line with a subcommand.

    Raises:
        Refusal: that cannot be done.
    """
    maker = config.loadedPlugins[config.subCommand]
    try:
        service = maker.makeService(config.subOptions)
    except usage.UsageError as problem:
        raise Refusal(f"{maker.tapname}: {problem}", Status.USAGE) from None
    except Exception as problem:
        raise Refusal(
            f"{maker.tapname} could not make its service: {summary(problem)}",
            Status.SOFTWARE,
            foreignTraceback(problem),
        ) from problem
    application = Application(maker.tapname)
    IService(service).setServiceParent(application)
    return application


def convertStyle(filein: str, typein: str, passphrase: str | None, fileout: str, typeout: str, encrypt: object) -> None:
    """Read a saved application, and save it in another form.

    Args:
        filein: where it is.
        typein: what that is: ``"python"``, ``"pickle"`` or ``"source"``.
        passphrase: there is no encryption; only `None` is accepted.
        fileout: where to save it.
        typeout: what as: ``"pickle"`` or ``"source"``.
        encrypt: likewise.

    Raises:
        ValueError: there is no such form.
        TypeError: encryption is asked for.
        BaseException: what `loadApplication` and ``save`` raise.
    """
    if encrypt:
        raise TypeError(f"{fileout!r} cannot be encrypted: keep the file where only you can read it")
    application = loadApplication(filein, typein, passphrase)
    persistable = sob.IPersistable(application)
    persistable.setStyle(typeout)
    persistable.save(filename=fileout)
