"""``python -m ropewalk.trial``: the ``trial`` command."""

from ropewalk.scripts.trial import run

run()
