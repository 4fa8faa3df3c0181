"""SOCKS: a proxy for versions 4, 4a and 5, and an endpoint that connects through a proxy.

`ropewalk.protocols._socks` has a file for each.
"""

from ropewalk._doors import publish

from ._socks.client import SOCKS5ClientEndpoint, SOCKSError
from ._socks.v4 import SOCKSv4, SOCKSv4Factory, SOCKSv4Incoming, SOCKSv4IncomingFactory, SOCKSv4Outgoing
from ._socks.v5 import SOCKSv5, SOCKSv5Factory

__all__ = [
    "SOCKS5ClientEndpoint",
    "SOCKSError",
    "SOCKSv4",
    "SOCKSv4Factory",
    "SOCKSv4Incoming",
    "SOCKSv4IncomingFactory",
    "SOCKSv4Outgoing",
    "SOCKSv5",
    "SOCKSv5Factory",
]
publish(__name__)
