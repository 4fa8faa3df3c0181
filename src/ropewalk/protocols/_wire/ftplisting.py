"""Lines that tell what is in a directory: written for LIST and MLSD, read in the forms that servers use.

LIST has no specification: most servers write what ``ls -l`` writes, some what DOS wrote. MLSD has one, RFC 3659 §7.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from stat import filemode

from ropewalk._wire.events import RemoteProtocolError

from .ftpreplies import tame

__all__ = [
    "FACTS",
    "BadListing",
    "Entry",
    "factLine",
    "listLine",
    "parseListLine",
    "parseMLSDLine",
    "tame",
    "timeValue",
]

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

# A date without a year is one of the past half a year, and no more than a day ahead (other clocks are not ours).
_HALF_A_YEAR = 183 * 86400

#: The facts that MLSD and MLST tell.
FACTS = ("type", "size", "modify", "UNIX.mode", "UNIX.owner", "UNIX.group")


class BadListing(RemoteProtocolError):
    """The line is in no form that is known."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or directory of a listing.

    Attributes:
        name: in its directory.
        kind: ``"file"``, ``"dir"``, ``"link"`` or what the server says.
        size: in bytes; `None` where the server does not say.
        modified: when, in UTC; `None` likewise. Listings of LIST have the server's local time, and are taken for UTC.
        target: where a link leads, if that is said.
        facts: all that MLSD said, by names in lower case.
    """

    name: str
    kind: str
    size: int | None = None
    modified: datetime | None = None
    target: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


# Writing.


def listLine(
    name: str, size: int, isDirectory: bool, mode: int, links: int, modified: float, owner: str, group: str, now: float
) -> str:
    """Write a line as ``ls -l`` does.

    Args:
        mode: the permissions, as ``os.stat`` has them.
        modified: seconds since 1970.
        now: likewise; files from long before have a year in place of a time.
    """
    when = datetime.fromtimestamp(modified, UTC)
    isRecent = now - _HALF_A_YEAR <= modified <= now + 86400
    last = f"{when:%H:%M}" if isRecent else f"{when.year:5}"
    letters = filemode((0o040000 if isDirectory else 0o100000) | mode & 0o7777)
    date = f"{_MONTHS[when.month - 1]} {when.day:2} {last}"
    return tame(f"{letters} {links:3} {owner:<8} {group:<8} {size:>8} {date} {name}")


def factLine(name: str, facts: Mapping[str, object], wanted: Iterable[str] = FACTS) -> str:
    """Write a line as MLSD and MLST do.

    Args:
        facts: by their names.
        wanted: the names of those to tell, where they are known.
    """
    told = "".join(f"{fact}={facts[fact]};" for fact in wanted if fact in facts)
    return tame(f"{told} {name}")


def timeValue(seconds: float) -> str:
    """Write a time as MDTM and MLSD have it (RFC 3659 §2.3): UTC, to the second."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%d%H%M%S}"


# Reading.

_UNIX = re.compile(
    r"(?P<kind>[-dlbcpsD])[-rwxsStTlL]{9}\S?\s+(?:\d+\s+)?(?P<owner>\S+)\s+(?:\S+\s+)?(?P<size>\d+)\s+"
    r"(?P<month>[A-Z][a-z]{2})\s+(?P<day>\d{1,2})\s+(?P<last>\d{1,2}:\d\d|\d{4})\s(?P<name>.+)",
    re.ASCII,
)
_DOS = re.compile(
    r"(?P<month>\d\d)-(?P<day>\d\d)-(?P<year>\d{2,4})\s+(?P<hour>\d\d):(?P<minute>\d\d)(?P<half>[AP]M)?\s+"
    r"(?P<size><DIR>|<JUNCTION>|\d+)\s+(?P<name>.+)",
    re.ASCII,
)
_KINDS = {"d": "dir", "l": "link", "-": "file"}


def parseListLine(line: str, now: datetime) -> Entry | None:
    """Read a line of LIST: of UNIX, or of DOS.

    Args:
        now: decides which year a date without one is in.

    Returns:
        What it is about; `None` for a line that is about nothing, ``total 12`` for instance.

    Raises:
        BadListing: the form is not known, or there is no such date.
    """
    line = line.rstrip("\r\n")
    if not line.strip() or line.startswith("total "):
        return None
    try:
        if (found := _UNIX.match(line)) is not None:
            return _unixEntry(found, now)
        if (found := _DOS.match(line)) is not None:
            return _dosEntry(found)
    except ValueError as problem:
        raise BadListing(f"there is no such date: {line[:120]!r}") from problem
    raise BadListing(f"neither UNIX nor DOS writes listings like this: {line[:120]!r}")


def _unixEntry(found: re.Match[str], now: datetime) -> Entry:
    if found["month"] not in _MONTHS:
        raise BadListing(f"there is no month {found['month']!r}")
    month, day, last = _MONTHS.index(found["month"]) + 1, int(found["day"]), found["last"]
    if ":" in last:
        hour, minute = map(int, last.split(":"))
        year = now.year
        if month == 2 and day == 29:  # in a leap year
            year = next(year for year in range(now.year, now.year - 9, -1) if year % 4 == 0 and year % 100)
        modified = datetime(year, month, day, hour, minute, tzinfo=UTC)
        if (modified - now).total_seconds() > 86400:
            modified = modified.replace(year=year - 1)
    else:
        modified = datetime(int(last), month, day, tzinfo=UTC)
    name, target = found["name"], None
    if found["kind"] == "l" and " -> " in name:
        name, _, target = name.partition(" -> ")
    return Entry(name, _KINDS.get(found["kind"], "other"), int(found["size"]), modified, target)


def _dosEntry(found: re.Match[str]) -> Entry:
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += 1900 if year >= 70 else 2000
    hour = int(found["hour"])
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] == "PM" else 0)
    modified = datetime(year, int(found["month"]), int(found["day"]), hour, int(found["minute"]), tzinfo=UTC)
    if found["size"].isdigit():
        return Entry(found["name"], "file", int(found["size"]), modified)
    return Entry(found["name"], "dir" if found["size"] == "<DIR>" else "link", None, modified)


def parseMLSDLine(line: str) -> Entry:
    """Read a line of MLSD or MLST.

    Raises:
        BadListing: it is none.
    """
    told, space, name = line.rstrip("\r\n").partition(" ")
    if not space or not name:
        raise BadListing(f"a line of MLSD is facts, a space and a name, not {line[:120]!r}")
    facts: dict[str, str] = {}
    for fact in told.split(";"):
        key, equals, value = fact.partition("=")
        if equals:
            facts[key.lower()] = value
        elif fact:
            raise BadListing(f"a fact has a name and a value, not {fact[:40]!r}")
    kind, _, target = facts.get("type", "file").partition(":")
    if kind.lower() == "os.unix=slink":
        kind = "link"
    size = facts.get("size", facts.get("sizd", ""))
    return Entry(
        name,
        kind.lower(),
        int(size) if size.isascii() and size.isdigit() and len(size) < 20 else None,
        _time(facts.get("modify", "")),
        target or None,
        facts,
    )


def _time(value: str) -> datetime | None:
    digits = value[:14]
    if not (len(digits) == 14 and digits.isascii() and digits.isdigit()):
        return None
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
