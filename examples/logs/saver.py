"""Save events in a file, with the values they carry: ``saver.py log.json``."""

import sys

from ropewalk.logger import Logger, jsonFileLogObserver

with open(sys.argv[1], "a") as file:
    log = Logger(observer=jsonFileLogObserver(file), namespace="saver")
    for values in ([1234, 5678], [9876, 5432]):
        log.info("Some values: {values!r}", values=values)
