"""Random bytes: from the system's source for secrets, or from a generator for everything else."""

from __future__ import annotations

import os
import random
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["RandomFactory", "SecureRandomNotAvailable", "SourceNotAvailable", "insecureRandom", "secureRandom"]


class SecureRandomNotAvailable(RuntimeError):
    """None of the sources has bytes fit for secrets."""


class SourceNotAvailable(RuntimeError):
    """A source of `RandomFactory.randomSources` has no bytes on this system."""


class RandomFactory:
    """Makes random bytes.

    Attributes:
        randomSources: functions that take a number and return so many bytes fit for secrets, tried in order before
            `os.urandom`. One that cannot raises `SourceNotAvailable`.
    """

    randomSources: tuple[Callable[[int], bytes], ...] = ()
    getrandbits = staticmethod(random.getrandbits)

    def secureRandom(self, nbytes: int, fallback: bool = False) -> bytes:
        """Return bytes fit for keys and passwords.

        Args:
            fallback: take `insecureRandom`, with a warning, where there are none.

        Raises:
            SecureRandomNotAvailable: there are none.
        """
        for source in (*self.randomSources, os.urandom):
            try:
                return source(nbytes)
            except (SourceNotAvailable, NotImplementedError):  # the second is `os.urandom`'s
                continue
        if not fallback:
            raise SecureRandomNotAvailable("the system offers no random bytes that are fit for secrets")
        warnings.warn("random bytes that can be guessed are used where secret ones were asked for", stacklevel=2)
        return self.insecureRandom(nbytes)

    def insecureRandom(self, nbytes: int) -> bytes:
        """Return bytes that can be guessed, for what is no secret."""
        return self.getrandbits(8 * nbytes).to_bytes(nbytes, "big") if nbytes else b""


_factory = RandomFactory()
secureRandom = _factory.secureRandom
insecureRandom = _factory.insecureRandom
