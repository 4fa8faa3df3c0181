"""Events as text."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.logger import (
    LogLevel,
    eventAsText,
    formatEvent,
    formatEventAsClassicLogText,
    formatTime,
    textFileLogObserver,
)
from ropewalk.python.failure import Failure

WHEN = 1208000000.75


@pytest.fixture(params=["UTC", "Europe/Berlin"])
def zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs the test in a time zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


class Unprintable:
    """Has no repr."""

    def __repr__(self) -> str:
        raise ValueError("no repr")


class Peer:
    host = "example.org"
    ports = {"http": [80, 8080]}

    def count(self) -> int:
        return 3

    def deeper(self) -> Peer:
        return self


CASES: list[tuple[Any, dict[str, Any], str]] = [
    (None, {}, ""),
    ("", {}, ""),
    ("plain", {}, "plain"),
    ("{x}", {"x": 3}, "3"),
    ("{x!r} {x!s} {x!a}", {"x": "é"}, "'é' é '\\xe9'"),
    ("{x:>5}|{x:{width}}", {"x": 3, "width": 4}, "    3|   3"),
    ("{{x}} {x}", {"x": 1}, "{x} 1"),
    ("{peer.host} {peer.ports[http][1]}", {"peer": Peer()}, "example.org 8080"),
    ("{x()}", {"x": lambda: 5}, "5"),
    ("{peer.count()}", {"peer": Peer()}, "3"),
    ("{peer.deeper().count():>3}|{peer.deeper().host!r}", {"peer": Peer()}, "  3|'example.org'"),
    ("{x().ports[http]} {{()}}", {"x": Peer}, "[80, 8080] {()}"),
    ("{x():{width}}", {"x": lambda: 5, "width": 3}, "  5"),
    (b"b\xc3\xa9 {x}", {"x": 1}, "bé 1"),
]


@pytest.mark.parametrize(("format", "fields", "expected"), CASES)
def test_aFormatIsFilledIn(format: Any, fields: dict[str, Any], expected: str) -> None:
    """LG8: PEP 3101, with calls."""
    for _ in range(2):  # The second time from the cache.
        assert formatEvent({"log_format": format, **fields}) == expected


@given(
    st.lists(
        st.tuples(st.text(), st.sampled_from(["a", "b", "log_x", "class"]), st.sampled_from(["", "!r", "!s", "!a"])),
        max_size=5,
    ),
    st.text(),
)
def test_plainFormatsReadAsStrFormatHasThem(fields: list[tuple[str, str, str]], end: str) -> None:
    """The short cut for plain keys gives what `str.format` gives, whatever stands between and in them."""
    values = {"a": "é{x}'\"", "b": 3, "log_x": None, "class": [1.5]}
    format = "".join(
        literal.replace("{", "{{").replace("}", "}}") + "{" + key + conversion + "}"
        for literal, key, conversion in fields
    ) + end.replace("{", "{{").replace("}", "}}")
    assert formatEvent({"log_format": format, **values}) == format.format_map(values)


@pytest.mark.parametrize(
    "format", ["{0}", "{}", "{x", "x}", "{missing}", "{x.y}", "{x()}", "{x!z}", "{x:d}", 3, b"\xff {x}", ["{x}"]]
)
def test_aBadFormatIsReportedNotRaised(format: Any) -> None:
    """LG8: positions are not permitted; a bad format gives a text that shows the event."""
    text = formatEvent({"log_format": format, "x": "value"})
    assert text.startswith("Unable to format event {")
    assert "'value'" in text


def test_anEventWithoutReprIsSavedAsFarAsPossible() -> None:
    """What can be shown of an unformattable event is shown."""
    text = formatEvent({"log_format": "{bad}", "bad": Unprintable(), "good": 42})
    assert text.startswith("MESSAGE LOST: ")
    assert "'good' = 42" in text
    assert "Unprintable" in text


@given(
    st.one_of(st.none(), st.text(), st.binary(), st.from_regex(r"[{}a-c.()\[\]!:rs0-9 ]*", fullmatch=True)),
    st.dictionaries(
        st.sampled_from(["a", "b", "log_time", "log_level", "log_system", "log_failure", "log_flattened"]),
        st.one_of(st.none(), st.text(), st.integers(), st.binary(), st.builds(Unprintable)),
    ),
)
def test_anyEventFormats(format: Any, fields: dict[str, Any]) -> None:
    """Whatever an event holds, its message is a text and nothing is raised."""
    assert isinstance(formatEvent({"log_format": format, **fields}), str)
    fields.pop("log_time", None)
    text = eventAsText({"log_format": format, **fields})
    assert isinstance(text, str)


def test_aTimeIsLocalWithItsOffset(zone: str) -> None:
    """Time stamps are RFC 3339 in local time by default."""
    expected = {"UTC": "2008-04-12T11:33:20+0000", "Europe/Berlin": "2008-04-12T13:33:20+0200"}[zone]
    assert formatTime(WHEN) == expected
    assert formatTime(WHEN + 0.1) == expected
    assert formatTime(WHEN + 1) == expected.replace(":20", ":21")
    assert formatTime(0.0).endswith("+0000" if zone == "UTC" else "+0100")
    assert formatTime(-0.5).startswith("1969-12-31T23:59:59" if zone == "UTC" else "1970-01-01T00:59:59")


def test_aTimeMayHaveAnotherFormat(zone: str) -> None:
    """The format is that of strftime, and microseconds."""
    assert formatTime(WHEN, "%M:%S") == "33:20"
    assert formatTime(WHEN, "%S.%f %%f") == "20.750000 %f"
    assert formatTime(WHEN + 0.1, "%S.%f") == "20.850000"
    assert formatTime(None) == formatTime(WHEN, None) == "-"
    assert formatTime(None, default="?") == "?"


BASE = {"log_time": WHEN, "log_level": LogLevel.info, "log_namespace": "ns", "log_format": "hi {x}", "x": 1}
SYSTEMS: list[tuple[dict[str, Any], str]] = [
    ({"log_level": LogLevel.warn, "log_namespace": "a.b"}, "[a.b#warn] "),
    ({"log_level": LogLevel.warn}, "[-#warn] "),
    ({"log_namespace": "n"}, "[n#-] "),
    ({}, "[-#-] "),
    ({"log_system": "Chat,1,127.0.0.1"}, "[Chat,1,127.0.0.1] "),
    ({"log_system": Unprintable()}, "[UNFORMATTABLE] "),
]


@pytest.mark.parametrize(("fields", "expected"), SYSTEMS)
def test_theSystemStandsInBrackets(fields: dict[str, Any], expected: str) -> None:
    """LG20: the system; by default namespace and level."""
    assert eventAsText({"log_format": "x", **fields}, includeTimestamp=False) == expected + "x"


def test_partsOfTheTextCanBeLeftOut() -> None:
    """Time stamp, system and traceback are each optional."""
    event = dict(BASE, log_failure=Failure(ValueError("v")))

    def when(moment: float | None) -> str:
        return f"T{moment}"

    assert eventAsText(event, includeTraceback=False, formatTime=when) == f"T{WHEN} [ns#info] hi 1"
    assert eventAsText(event, False, False) == "[ns#info] hi 1"
    assert eventAsText(event, False, False, False) == "hi 1"
    assert eventAsText(event, includeSystem=False, includeTimestamp=False).startswith("hi 1\nTraceback ")
    assert "builtins.ValueError: v" in eventAsText(event)


def test_anEventWithNothingToSayHasNoText() -> None:
    """Neither message nor failure: nothing, not even a time stamp."""
    assert eventAsText({"log_time": WHEN}) == ""
    assert formatEventAsClassicLogText({"log_time": WHEN}) is None
    assert formatEventAsClassicLogText({"log_format": "", "log_time": WHEN}) is None


def test_aFailureThatIsNoneDoesNotBreakTheLine() -> None:
    """A wrong ``log_failure`` is said in place of the traceback."""
    assert "UNABLE TO OBTAIN TRACEBACK" in eventAsText(dict(BASE, log_failure="no failure"))


def test_linesAfterTheFirstAreIndented(zone: str) -> None:
    """A log can be cut into events again: only the first line of each begins at the margin."""
    stamp = formatTime(WHEN)
    assert formatEventAsClassicLogText(dict(BASE, log_format="a\nb")) == f"{stamp} [ns#info] a\n\tb\n"
    text = formatEventAsClassicLogText(dict(BASE, log_failure=Failure(ValueError("v"))))
    assert text is not None
    assert all(line.startswith("\t") for line in text.splitlines()[1:])


class Lines(list[str]):
    """A text file of which one sees what was written."""

    flushed = 0

    def write(self, text: str) -> None:
        self.append(text)

    def flush(self) -> None:
        self.flushed += 1


EVENTS: list[dict[str, Any]] = [
    BASE,
    dict(BASE, log_time=WHEN + 5),
    dict(BASE, log_time=None),
    dict(BASE, log_format="a\nb"),
    dict(BASE, log_format=None),
    dict(BASE, log_format="{nothing}"),
    dict(BASE, log_format=b"bytes {x}"),
    dict(BASE, log_level=None),
    dict(BASE, log_system="S"),
    dict(BASE, log_failure=Failure(ValueError("v"))),
    dict(BASE, log_format="{x}", log_flattened={"x!s:": "flat"}),
    {"log_format": "x"},
    {},
]


@pytest.mark.parametrize("timeFormat", ["%Y-%m-%dT%H:%M:%S%z", "%S.%f", None])
def test_theTextObserverWritesClassicLines(zone: str, timeFormat: str | None) -> None:
    """LG12: the observer's short cut for ordinary events writes what the long way would."""
    lines = Lines()
    observer = textFileLogObserver(lines, timeFormat)  # type: ignore[arg-type]  # has what is used of a file
    for event in EVENTS * 2:
        observer(event)
    expected = [formatEventAsClassicLogText(event, lambda when: formatTime(when, timeFormat)) for event in EVENTS * 2]
    assert lines == [text for text in expected if text]
    assert lines.flushed == len(lines)
