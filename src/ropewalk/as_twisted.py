"""Import this first, and the rest of the program may say ``twisted``.

``import ropewalk.as_twisted`` makes ``twisted`` another name of ``ropewalk`` for this process and the Python
processes that it starts. `ropewalk._standin` tells how.
"""

from __future__ import annotations

from . import _standin

_standin.install()
