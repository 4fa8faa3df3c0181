"""The ``twist`` command: run what a plugin offers, in the foreground.

While it runs, ``twisted`` is another name of ``ropewalk``: plugins that were written for Twisted work as they are.
"""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["run"]


def run() -> NoReturn:
    """Do what the command line says, and exit with a status of sysexits.h; ``twist --help`` lists them."""
    from ropewalk import _standin

    _standin.install()
    # Plugins are looked for from here, and what they name.
    if "" not in sys.path:
        sys.path.insert(0, "")
    from ropewalk.application.twist._twist import main

    sys.exit(main())
