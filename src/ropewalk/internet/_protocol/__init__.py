"""Protocols and factories, one story a file; `ropewalk.internet.protocol` is the door."""
