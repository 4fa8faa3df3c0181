"""Fixtures for every suite."""

from support.reactors import reactor as reactor
