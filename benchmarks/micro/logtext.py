"""An event with three fields, to a file of text."""

from __future__ import annotations

from logs import STANDARD, textLogger
from stopwatch import report

log = textLogger()
if STANDARD:
    report(lambda: log.info("request %s from %s took %d", "/index.html", "127.0.0.1", 12345))
else:
    report(lambda: log.info("request {uri} from {peer} took {time}", uri="/index.html", peer="127.0.0.1", time=12345))
