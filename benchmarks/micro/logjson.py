"""An event with three fields, to a file of JSON."""

from __future__ import annotations

from logs import STANDARD, jsonLogger
from stopwatch import report

log = jsonLogger()
if STANDARD:
    fields = {"uri": "/index.html", "peer": "127.0.0.1", "time": 12345}
    report(lambda: log.info("request %(uri)s from %(peer)s took %(time)d", fields))
else:
    report(lambda: log.info("request {uri} from {peer} took {time}", uri="/index.html", peer="127.0.0.1", time=12345))
