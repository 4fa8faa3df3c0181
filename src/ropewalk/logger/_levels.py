"""How much an event matters: `LogLevel`, from ``debug`` to ``critical``."""

from __future__ import annotations

from ._names import Constant, Names

__all__ = ["InvalidLogLevelError", "LogLevel"]


class InvalidLogLevelError(Exception):
    """Something was used as a log level that is none.

    Attributes:
        level: what was used.
    """

    def __init__(self, level: object) -> None:
        super().__init__(str(level))
        self.level = level


class LogLevel(Names):
    """The levels an event may have. They are ordered: ``LogLevel.debug < LogLevel.info``."""

    #: Of use to somebody who develops the software.
    debug = Constant()
    #: Routine: a connection came in, a subsystem started.
    info = Constant()
    #: Worth more attention, without being a failure of the system: bad data from a peer, a refused log-in.
    warn = Constant()
    #: The system cannot do a part of its work: a resource is exhausted, a database is gone.
    error = Constant()
    #: Service or data are lost, or a bug: an exception that nobody expected.
    critical = Constant()

    @classmethod
    def levelWithName(cls, name: str) -> Constant:
        """Return the level of that name.

        Raises:
            InvalidLogLevelError: there is none.
        """
        try:
            return cls.lookupByName(name)
        except ValueError:
            raise InvalidLogLevelError(name) from None


LEVELS = tuple(LogLevel.iterconstants())

#: What the standard library's ``logging`` (and so everybody's tools) call the same levels.
SEVERITY = dict(zip(LEVELS, (10, 20, 30, 40, 50), strict=True))


def fromSeverity(number: float) -> Constant:
    """Return the highest level that is not above a number of the standard library's scale."""
    for level in reversed(LEVELS):
        if number >= SEVERITY[level]:
            return level
    return LogLevel.debug
