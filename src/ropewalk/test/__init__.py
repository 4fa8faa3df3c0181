"""Older names of testing tools; new tests import `ropewalk.internet.testing`."""
