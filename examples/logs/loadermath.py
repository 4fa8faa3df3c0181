"""Read events from a file, and calculate with the values in them: ``loadermath.py log.json``."""

import sys

from ropewalk.logger import eventsFromJSONLogFile

with open(sys.argv[1]) as file:
    for event in eventsFromJSONLogFile(file):
        print(sum(event["values"]))
