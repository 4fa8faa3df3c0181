"""Options that call a method each time they are seen: one counts, another collects; the rest are arguments."""

from ropewalk.python import usage


class Options(usage.Options):
    def __init__(self):
        super().__init__()
        self["verbosity"] = 0
        self["symbols"] = []

    def opt_verbose(self):
        """Say more."""
        self["verbosity"] += 1

    def opt_quiet(self):
        """Say less."""
        self["verbosity"] -= 1

    def opt_define(self, symbol):
        """Define a symbol."""
        self["symbols"].append(symbol)

    opt_v = opt_verbose
    opt_q = opt_quiet
    opt_D = opt_define

    def parseArgs(self, *files):
        self["files"] = files


options = Options()
options.parseOptions()
print(options["verbosity"], options["symbols"], *options["files"])
