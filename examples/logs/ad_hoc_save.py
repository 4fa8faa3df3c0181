"""Save events, to be analyzed later: ``ad_hoc_save.py log.json``."""

import sys

from ad_hoc import AdHoc

from ropewalk.logger import globalLogPublisher, jsonFileLogObserver

with open(sys.argv[1], "a") as file:
    globalLogPublisher.addObserver(jsonFileLogObserver(file))
    AdHoc(3, 4).logMessage()
