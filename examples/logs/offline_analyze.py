"""Analyze saved events: ``offline_analyze.py log.json``."""

import sys

from analyze import analyze

from ropewalk.logger import eventsFromJSONLogFile

with open(sys.argv[1]) as file:
    for event in eventsFromJSONLogFile(file):
        analyze(event)
