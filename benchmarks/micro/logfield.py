"""An event with one field, to a file of text."""

from __future__ import annotations

from logs import STANDARD, textLogger
from stopwatch import report

log = textLogger()
if STANDARD:
    report(lambda: log.info("event %d", 12345))
else:
    report(lambda: log.info("event {number}", number=12345))
