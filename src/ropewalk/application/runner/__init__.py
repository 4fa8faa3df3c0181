"""Runs an application in the foreground, with its log on a terminal or in a file; ``twist`` is built on it.

There is nothing here for programs to import: `ropewalk.application.twist` is the way in.
"""
