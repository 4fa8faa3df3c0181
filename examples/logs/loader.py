"""Read events from a file, and show them as text: ``loader.py log.json``."""

import sys

from ropewalk.logger import eventsFromJSONLogFile, textFileLogObserver

output = textFileLogObserver(sys.stdout)

with open(sys.argv[1]) as file:
    for event in eventsFromJSONLogFile(file):
        output(event)
