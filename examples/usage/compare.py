"""Arguments after the options: exactly two of them, as ``cmp`` takes."""

import sys

from ropewalk.python import usage


class Options(usage.Options):
    optParameters = [["max_differences", "d", 1, None]]

    def parseArgs(self, origin, changed):
        self["origin"] = origin
        self["changed"] = changed


options = Options()
try:
    options.parseOptions()
except usage.UsageError as problem:
    sys.exit(f"compare: {problem}")
print(options["origin"], options["changed"], options["max_differences"])
