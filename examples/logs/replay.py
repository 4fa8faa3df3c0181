"""What is logged before logging begins is kept, and shown when it does."""

import sys

from ropewalk.logger import Logger, formatEvent, globalLogBeginner

log = Logger()
log.info("Hello")  # nobody is listening yet


def show(event):
    sys.__stdout__.write(f"{event['log_level'].name}: {formatEvent(event)}\n")


globalLogBeginner.beginLoggingTo([show])
print("printed")  # standard output goes into the log now
log.warn("careful, {name}", name="you")
