"""Every interface of `ropewalk.internet.interfaces`, one topic a file.

An interface cannot be renamed once it is made, and pickles and ``repr`` show the module it was made in. So each
file here takes the door's name before its first interface: ``__name__ = "ropewalk.internet.interfaces"``.
"""
