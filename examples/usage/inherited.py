"""Options that several commands share: a subclass adds to what its base has."""

import sys

from ropewalk.python import usage


class BaseOptions(usage.Options):
    optFlags = [["quiet", "q", None]]


class SpecificOptions(BaseOptions):
    optFlags = [["fast", "f", None], ["good", "g", None], ["cheap", "c", None]]


options = SpecificOptions()
options.parseOptions(sys.argv[1:])
print(*sorted(f"{name}={value}" for name, value in options.items()))
