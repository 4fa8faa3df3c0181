"""The base class for transports over a descriptor, and what tells a numeric address from a name."""

from __future__ import annotations

from ropewalk._doors import publish

from ._transports.descriptor import FileDescriptor
from ._transports.numeric import isIPAddress, isIPv6Address

__all__ = ["FileDescriptor", "isIPAddress", "isIPv6Address"]

publish(__name__)
