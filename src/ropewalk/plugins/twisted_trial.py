"""The reporters of ``trial``, by the names of its ``--reporter``."""

from __future__ import annotations

from zope.interface import directlyProvides

from ropewalk.plugin import IPlugin
from ropewalk.python.reflect import namedAny

__all__ = ["REPORTERS", "BlackAndWhite", "Classic", "Minimal", "Subunit", "Timing", "Tree"]


class _Reporter:
    """A reporter with a class, which is imported when it is needed.

    Args:
        name: what it is called in programs.
        module, klass: where the class is.
        description: a line for users.
        longOpt: the word that users type.
        shortOpt: a letter for it, or `None`.
    """

    def __init__(
        self, name: str, module: str, description: str, longOpt: str, shortOpt: str | None, klass: str
    ) -> None:
        self.name = name
        self.module = module
        self.description = description
        self.longOpt = longOpt
        self.shortOpt = shortOpt
        self.klass = klass
        # What plugins of this kind promise is what their class does. By its name: trial is built on top of all this.
        directlyProvides(self, IPlugin, namedAny("ropewalk.trial.itrial.IReporter"))


_HOME = "ropewalk.trial.reporter"

Tree = _Reporter(
    "Tree Reporter", _HOME, "verbose color output (default reporter)", "verbose", "v", "TreeReporter"
)  # fmt: skip
BlackAndWhite = _Reporter(
    "Black-And-White Reporter", _HOME, "colorless verbose output", "bwverbose", "o", "VerboseTextReporter"
)
Minimal = _Reporter("Minimal Reporter", _HOME, "minimal summary output", "summary", "s", "MinimalReporter")
Classic = _Reporter("Classic Reporter", _HOME, "terse text output", "text", "t", "TextReporter")
Timing = _Reporter("Timing Reporter", _HOME, "timing output", "timing", None, "TimingTextReporter")
Subunit = _Reporter(
    "Subunit Reporter", _HOME, "subunit output, with the library python-subunit", "subunit", None, "SubunitReporter"
)

# In the order of the help.
REPORTERS = (Tree, BlackAndWhite, Minimal, Classic, Timing, Subunit)
