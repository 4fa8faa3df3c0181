"""Endpoints: a story a file, put on show by `ropewalk.internet.endpoints`."""
