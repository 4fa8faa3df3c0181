"""The libraries of the ``tls`` extra, imported when something asks for what only they can do."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = ["isThere", "needed"]


def needed(module: str) -> Any:
    """Import a module of pyOpenSSL or cryptography.

    Raises:
        ImportError: it isn't installed; the message says how it is.
    """
    try:
        return import_module(module)
    except ImportError as problem:
        library = "pyOpenSSL" if module.startswith("OpenSSL") else module.partition(".")[0]
        raise ImportError(
            f"this part of ropewalk.internet.ssl needs {library}: pip install 'ropewalk[tls]'", name=problem.name
        ) from problem


def isThere(library: str) -> bool:
    """Tell whether a library could be imported, without importing it."""
    return find_spec(library) is not None
