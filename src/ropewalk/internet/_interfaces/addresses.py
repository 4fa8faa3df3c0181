"""What an address is."""

from __future__ import annotations

from zope.interface import Interface

__name__ = "ropewalk.internet.interfaces"


class IAddress(Interface):
    """Where a transport stands, or whom it talks to.

    A marker: what an address offers depends on its kind, see `ropewalk.internet.address`. Addresses are
    values: comparable, hashable, never changed.
    """
