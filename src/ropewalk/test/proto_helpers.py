"""The older name of `ropewalk.internet.testing`: everything that is there is here too."""

from __future__ import annotations

from ..internet.testing import *  # noqa: F403  # a second door to the same room
from ..internet.testing import __all__ as __all__
