"""Odds and ends, a kind a file; `ropewalk.python.util` is the door."""
