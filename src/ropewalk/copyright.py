"""Whose work this is, as programs show it to their users."""

from . import __version__ as version

__all__ = ["copyright", "disclaimer", "longversion", "version"]

longversion = f"[Ropewalk, version {version}]"

copyright = "Copyright (c) 2026 The Ropewalk authors. Ropewalk is free software under the MIT licence."

disclaimer = f"""Ropewalk {version}
{copyright}
It comes without any warranty; the file LICENSE in its distribution has the terms.
"""
