"""Policies for connections whatever they speak: limits, timeouts, throttling, traffic logs.

A policy stands between the transport and the protocol: a `WrappingFactory` takes the user's factory, and each of its
protocols, a `ProtocolWrapper`, is to the wrapped protocol its transport and to the transport its protocol.

The wrappers are those of the engine, `ropewalk.internet._wrapping`; the policies are in `_policies`: `limits` and
`throttling`, `timeouts`, and for debugging `spewing` and `traffic`.
"""

from __future__ import annotations

from ropewalk._doors import publish
from ropewalk.internet._wrapping import ProtocolWrapper, WrappingFactory

from ._policies.limits import LimitConnectionsByPeer, LimitTotalConnectionsFactory
from ._policies.spewing import SpewingFactory, SpewingProtocol
from ._policies.throttling import ThrottlingFactory, ThrottlingProtocol
from ._policies.timeouts import TimeoutFactory, TimeoutMixin, TimeoutProtocol
from ._policies.traffic import TrafficLoggingFactory, TrafficLoggingProtocol

__all__ = [
    "LimitConnectionsByPeer",
    "LimitTotalConnectionsFactory",
    "ProtocolWrapper",
    "SpewingFactory",
    "SpewingProtocol",
    "ThrottlingFactory",
    "ThrottlingProtocol",
    "TimeoutFactory",
    "TimeoutMixin",
    "TimeoutProtocol",
    "TrafficLoggingFactory",
    "TrafficLoggingProtocol",
    "WrappingFactory",
]

publish(__name__)
