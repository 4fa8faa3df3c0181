"""Whose this is, and which version; programs show it to their users."""

from __future__ import annotations

from ropewalk import __version__

__all__ = ["copyright", "disclaimer", "longversion", "version"]

# While the stand-in is on this is the release of Twisted whose API it is, as ``twisted.__version__`` is.
version = __version__

longversion = f"[Ropewalk, version {version}]"

copyright = """\
Copyright (c) 2026 The Ropewalk authors.
See LICENSE for the terms: it is free to use, change and pass on."""

disclaimer = f"""
Ropewalk, an event-driven networking engine
{copyright}
"""
