"""``--reactor`` and ``--help-reactors``, for every command line that starts a reactor."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any, NoReturn, TextIO

from ropewalk.python import usage

from .. import reactors


class _CompleteReactors(usage.CompleteList):
    """Completes the names of reactors that work here; they are looked for when somebody completes."""

    def __init__(self) -> None:
        super().__init__([])

    def words(self) -> list[str]:
        """Return the names."""
        return [installer.shortName for installer in reactors.getReactorTypes() if not _missing(installer)]

    def zshAction(self, option: str) -> str:
        """Return the names, as zsh wants them."""
        return f"({' '.join(self.words())})"


class ReactorSelectionMixin:
    """Options to choose a reactor; to be mixed into a `usage.Options`.

    The reactor is installed when the option is read: before the program's own modules are imported, as it must be.

    Attributes:
        messageOutput: where the list of reactors is written.
    """

    compData = usage.Completions(optActions={"reactor": _CompleteReactors()})
    messageOutput: TextIO = sys.stdout

    def opt_help_reactors(self) -> NoReturn:
        """List the reactors, those that do not work here too, and exit."""
        installers = sorted(reactors.getReactorTypes(), key=lambda installer: str(installer.shortName))
        reasons = {installer: _missing(installer) for installer in installers}
        self._table(
            "reactors, for --reactor=NAME:", [(i.shortName, i.description) for i in installers if not reasons[i]]
        )
        missing = [(i.shortName, f"{i.description} ({reasons[i]})") for i in installers if reasons[i]]
        if missing:
            self._table("not available here:", missing)
        raise SystemExit(0)

    def _table(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        self.messageOutput.write(f"{title}\n")
        for name, text in rows:
            self.messageOutput.write(f"    {name:10} {text}\n")

    def opt_reactor(self, shortName: str) -> None:
        """Which reactor to use; --help-reactors lists them."""
        try:
            reactors.installReactor(shortName)
        except reactors.NoSuchReactor:
            raise usage.UsageError(
                f"--reactor: there is no reactor {shortName!r}; --help-reactors lists those there are"
            ) from None
        except Exception as problem:
            # Whatever a toolkit, or somebody's plugin, raises: the person who typed the name can choose another.
            raise usage.UsageError(f"--reactor={shortName} does not work here: {problem}") from problem

    opt_r = opt_reactor


def _missing(installer: Any) -> str:
    """Why a reactor cannot work here; nothing when it can, as far as importing its module tells."""
    try:
        import_module(getattr(installer, "moduleName", "sys"))
    except Exception as problem:
        return str(problem)
    return ""
