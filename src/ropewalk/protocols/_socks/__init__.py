"""SOCKS, a file for each side and version. `ropewalk.protocols.socks` is the door."""
