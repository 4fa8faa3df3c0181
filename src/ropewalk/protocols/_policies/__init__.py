"""Policies, one a file; `ropewalk.protocols.policies` is the door."""
