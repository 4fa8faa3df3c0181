"""A debug event that nobody listens to: the file's filter lets only info and above through."""

from __future__ import annotations

from logs import STANDARD, deafLogger
from stopwatch import report

log = deafLogger()
if STANDARD:
    report(lambda: log.debug("request %s from %s took %d", "/index.html", "127.0.0.1", 12345))
else:
    report(lambda: log.debug("request {uri} from {peer} took {time}", uri="/index.html", peer="127.0.0.1", time=12345))
