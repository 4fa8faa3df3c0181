"""Ropewalk: an event-driven networking engine and platform.

The public API is the one that Twisted's documents describe: ``ropewalk.internet.defer.Deferred`` is what
``twisted.internet.defer.Deferred`` is there. `ropewalk.as_twisted` runs programs written for those names unchanged.

Importing this package imports nothing else.
"""

__version__ = "0.1.0"
