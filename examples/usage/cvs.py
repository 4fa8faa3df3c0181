"""A command with subcommands, each with options of its own."""

from ropewalk.python import usage


class ImportOptions(usage.Options):
    optParameters = [["module", "m", None, None], ["vendor", "v", None, None], ["release", "r", None]]


class CheckoutOptions(usage.Options):
    optParameters = [["module", "m", None, None], ["tag", "r", None, None]]


class Options(usage.Options):
    subCommands = [
        ["import", None, ImportOptions, "Do an Import"],
        ["checkout", None, CheckoutOptions, "Do a Checkout"],
    ]
    optParameters = [
        ["compression", "z", 0, "Use compression"],
        ["repository", "r", None, "Specify an alternate repository"],
    ]


def doImport(options):
    print(f"importing release {options['release']} of {options['module']}")


def doCheckout(options):
    print(f"checking out {options['tag']} of {options['module']}")


config = Options()
config.parseOptions()
print(f"compression {config['compression']}")
if config.subCommand == "import":
    doImport(config.subOptions)
elif config.subCommand == "checkout":
    doCheckout(config.subOptions)
