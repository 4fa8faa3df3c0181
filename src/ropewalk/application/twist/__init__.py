"""The ``twist`` command: run what a plugin offers, in the foreground; ``_options`` says how.

``python -m ropewalk.application.twist`` is the same command.
"""
