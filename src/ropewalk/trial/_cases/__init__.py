"""Test cases: one story a file, re-exported by `ropewalk.trial.unittest`."""
