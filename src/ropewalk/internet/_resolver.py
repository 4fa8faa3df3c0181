"""What name resolution is made of, under the name by which programs have found it since it was new."""

from __future__ import annotations

from ropewalk._doors import publish

from ._loop.resolver import (
    ComplexResolverSimplifier,
    FirstOneWins,
    GAIResolver,
    HostResolution,
    SimpleResolverComplexifier,
)

__all__ = [
    "ComplexResolverSimplifier",
    "FirstOneWins",
    "GAIResolver",
    "HostResolution",
    "SimpleResolverComplexifier",
]

publish(__name__)
