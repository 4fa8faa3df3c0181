"""Log an exception that nobody expected, with its traceback."""

import sys

from ropewalk.logger import Logger, globalLogBeginner, textFileLogObserver

log = Logger(namespace="math")

globalLogBeginner.beginLoggingTo([textFileLogObserver(sys.stdout)], redirectStandardIO=False)
try:
    print(1 / 0)
except ZeroDivisionError:
    log.failure("Math is hard!")
