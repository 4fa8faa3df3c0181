"""Fast, good, cheap: choose any two. Flags, a parameter, and a rule between them."""

import sys

from ropewalk.python import usage


class Options(usage.Options):
    optFlags = [
        ["fast", "f", "Act quickly"],
        ["good", "g", "Act well"],
        ["cheap", "c", "Act cheaply"],
    ]
    optParameters = [["user", "u", None, "The user name"]]

    def postOptions(self):
        if self["fast"] and self["good"] and self["cheap"]:
            raise usage.UsageError("can't have it all, brother")


options = Options()
try:
    options.parseOptions()  # of sys.argv
except usage.UsageError as problem:
    print(f"{sys.argv[0]}: {problem}")
    print(f"{sys.argv[0]}: Try --help for usage details.")
    sys.exit(1)

if options["user"] is not None:
    print("Hello", options["user"])
print("So, you want it:")
print(*(wish for wish in ("fast", "good", "cheap") if options[wish]))
