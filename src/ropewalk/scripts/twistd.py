"""The ``twistd`` command: run an application, as a daemon unless told otherwise.

While it runs, ``twisted`` is another name of ``ropewalk``: applications and plugins that were written for Twisted run
as they are.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from ropewalk._printing import whileRead
from ropewalk.application import app
from ropewalk.application._running import daemon
from ropewalk.application._running.mistakes import Status, describe, tell
from ropewalk.python.runtime import platformType

from ._twistd_unix import ServerOptions, UnixApplicationRunner

__all__ = ["ServerOptions", "platformType", "run", "runApp"]


def runApp(config: Any) -> None:
    """Run an application as a command line says, see `UnixApplicationRunner`; or print a unit file that does.

    Args:
        config: a `ServerOptions` that has read it.
    """
    if config["systemd-unit"] is not None:
        from ropewalk.application._running import unitfile

        with whileRead():
            unitfile.printUnits(config)
    else:
        UnixApplicationRunner(config).run()


def run() -> None:
    """Do what this process's command line says."""
    from ropewalk import _standin

    daemon.fillStreams()
    _standin.install()
    # What the command line names, an application's own modules too, may stand where the user is.
    try:
        here = os.getcwd()
    except OSError as problem:
        tell(f"the current directory cannot be used: {describe(problem)}")
        sys.exit(Status.OSERR)
    if here not in sys.path:
        sys.path.insert(0, here)
    app.run(runApp, ServerOptions)


if __name__ == "__main__":
    run()
