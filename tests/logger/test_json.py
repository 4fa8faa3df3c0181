"""Events as lines of JSON, and back."""

from __future__ import annotations

import io
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.logger import (
    InvalidLogLevelError,
    Logger,
    LogLevel,
    capturedLogs,
    eventAsJSON,
    eventAsText,
    eventFromJSON,
    eventsFromJSONLogFile,
    extractField,
    formatEvent,
    jsonFileLogObserver,
)

LEVEL_UUID = "02e59486-f24d-46ad-8224-3acdf2a5732a"
FAILURE_UUID = "e76887e2-20ed-49bf-a8f8-ba25cc586f2d"


class AdHoc:
    """The documents' program: it logs its attributes, which JSON cannot hold otherwise."""

    def __init__(self, observer: Any) -> None:
        self.a, self.b = 3, 4
        self.calls = 0
        self.log = Logger("ad_hoc", self, observer)

    def __repr__(self) -> str:
        return "<AdHoc>"

    def next(self) -> int:
        self.calls += 1
        return self.calls

    def logMessage(self) -> None:
        self.log.info("message from {log_source} where a is {log_source.a} and b is {log_source.b!r:>3}")


def reloaded(event: dict[str, Any]) -> dict[str, Any]:
    return eventFromJSON(eventAsJSON(event))


def test_savedEventsReadAsTheyDid() -> None:
    """LG11, B14-B15: what the observer writes, `eventsFromJSONLogFile` reads, and the text is the same."""
    file = io.StringIO()
    live: list[dict[str, Any]] = []
    log = Logger("saver", observer=jsonFileLogObserver(file))
    for values in ([1234, 5678], [9876, 5432]):
        log.info("Some values: {values!r}", values=values)
    Logger("saver", observer=live.append).info("Some values: {values!r}", values=[1234, 5678])
    file.seek(0)
    events = list(eventsFromJSONLogFile(file))
    assert [formatEvent(event) for event in events] == ["Some values: [1234, 5678]", "Some values: [9876, 5432]"]
    assert formatEvent(events[0]) == formatEvent(live[0])


def test_savedValuesCanBeComputedWith() -> None:
    """B16: numbers and lists come back as such."""
    file = io.StringIO()
    log = Logger("saver", observer=jsonFileLogObserver(file))
    log.info("Some values: {values!r}", values=[1234, 5678])
    log.info("Some values: {values!r}", values=[9876, 5432])
    file.seek(0)
    assert [sum(event["values"]) for event in eventsFromJSONLogFile(file)] == [6912, 15308]


def test_aFieldIsTheSameLiveAndReloaded() -> None:
    """LG13, B17-B20: `extractField` gives the number, from the object as from its saved event."""
    live: list[dict[str, Any]] = []
    AdHoc(live.append).logMessage()
    for event in (live[0], reloaded(live[0])):
        assert extractField("log_source.a", event) + extractField("log_source.b", event) == 7
        assert extractField("log_source.b!r", event) == "4" if event is live[0] else True
        assert extractField("log_source!s", event) == "<AdHoc>"
        assert extractField("log_namespace", event) == "ad_hoc"
        assert formatEvent(event) == "message from <AdHoc> where a is 3 and b is   4"


def test_aFieldThatIsNotThereIsAKeyError() -> None:
    """Whatever the reason, the error is the same; what is no field is another mistake."""
    event = {"log_format": "{x}", "x": 3}
    for field in ("nothing", "x.nothing", "x[0]", "x()"):
        with pytest.raises(KeyError):
            extractField(field, event)
    for field in ("{x}", "0", ""):
        with pytest.raises(ValueError):
            extractField(field, event)


def test_extractingChangesNothing() -> None:
    """Others see the event too."""
    event = {"log_format": "{x}", "x": 3}
    extractField("x", event)
    eventAsJSON(event)
    assert event == {"log_format": "{x}", "x": 3}


def test_theSameFieldTwiceIsSavedTwice() -> None:
    """Calling it may give something else each time."""
    counter = AdHoc(None)
    event = {"log_format": "{c.next()} {c.next()} {c.next()!s}", "c": counter}
    back = reloaded(event)
    assert formatEvent(back) == "1 2 3"
    assert back["log_flattened"]["c.next()!:/2"] == 2


def test_keysAreThoseOfTwistedsFiles() -> None:
    """Files go both ways."""
    saved = json.loads(eventAsJSON({"log_format": "{x} {x!r:>4}", "x": "é"}))
    assert saved["log_flattened"] == {"x!s:": "é", "x!:": "é", "x!r:>4": " 'é'", "x!:>4": "é"}


def test_levelsComeBack() -> None:
    """A level is the level again; for other tools it has a number."""
    text = eventAsJSON({"log_level": LogLevel.warn, "mine": LogLevel.debug})
    assert json.loads(text)["log_level"] == {"name": "warn", "__class_uuid__": LEVEL_UUID, "severity": 30}
    assert eventFromJSON(text) == {"log_level": LogLevel.warn, "mine": LogLevel.debug}


def test_failuresComeBack() -> None:
    """A failure keeps its type, message and traceback."""
    live: list[dict[str, Any]] = []
    try:
        raise ZeroDivisionError("math is hard")
    except ZeroDivisionError:
        Logger(observer=live.append).failure("oops")
    saved = json.loads(eventAsJSON(live[0]))["log_failure"]
    assert saved["__class_uuid__"] == FAILURE_UUID
    assert "math is hard" in saved["traceback"]
    failure = reloaded(live[0])["log_failure"]
    assert failure.check(ZeroDivisionError)
    assert failure.getErrorMessage() == "math is hard"
    assert "test_failuresComeBack" in failure.getTraceback()
    assert "math is hard" in eventAsText(reloaded(live[0]))


def test_aFailureOfAnUnknownClassComesBackUnimported() -> None:
    """Reading a log imports nothing: a class that isn't loaded gets a stand-in of its name."""
    saved = {
        "log_failure": {
            "__class_uuid__": FAILURE_UUID,
            "type": {"__module__": "antigravity", "__name__": "Levitation"},
            "value": "up",
            "frames": [["fly", "sky.py", 3, [], []]],
        }
    }
    failure = eventFromJSON(json.dumps(saved))["log_failure"]
    assert failure.type.__name__ == "Levitation"
    assert failure.type.__module__ == "antigravity"
    import sys

    assert "antigravity" not in sys.modules


def test_twistedsExceptionsAreOurs() -> None:
    """A file that Twisted wrote names its modules; they have the same classes here."""
    saved = {
        "log_failure": {
            "__class_uuid__": FAILURE_UUID,
            "type": {"__module__": "twisted.logger", "__name__": "InvalidLogLevelError"},
            "value": {"unpersistable": True},
            "frames": [],
        }
    }
    assert eventFromJSON(json.dumps(saved))["log_failure"].check(InvalidLogLevelError)


@pytest.mark.parametrize(
    "saved",
    [
        {"__class_uuid__": "nonsense"},
        {"__class_uuid__": LEVEL_UUID, "name": "loud"},
        {"__class_uuid__": LEVEL_UUID},
        {"__class_uuid__": FAILURE_UUID, "type": 3},
        {"__class_uuid__": ["unhashable"]},
    ],
)
def test_unknownMarksAreLeftAlone(saved: dict[str, Any]) -> None:
    """Somebody else's object comes back as the object that it is."""
    assert eventFromJSON(json.dumps({"x": saved})) == {"x": saved}


def test_whatJSONLacksIsReplaced() -> None:
    """LG11: placeholders for objects, text for bytes; odd keys are left out."""
    circle: list[Any] = []
    circle.append(circle)
    event: dict[Any, Any] = {
        "object": object(),
        "bytes": b"a\xff",
        "set": {1},
        "deep": {"x": object()},
        1: 2,
        (1, 2): 3,
        "tuple": (1,),
    }
    assert reloaded(event) == {
        "object": {"unpersistable": True},
        "bytes": "a\xff",
        "set": {"unpersistable": True},
        "deep": {"x": {"unpersistable": True}},
        "1": 2,
        "tuple": [1],
    }
    assert reloaded({"circle": circle, "good": 1})["good"] == 1


def test_badFormatsAreSavedAllTheSame() -> None:
    """What cannot be formatted can still be kept."""
    for format in ("{x", "{nothing.there}", "{0}", 3, b"\xff"):
        assert reloaded({"log_format": format, "x": 1})["x"] == 1


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text().filter(lambda key: not key.startswith("log_")), values))
def test_whatJSONHoldsRoundTrips(event: dict[str, Any]) -> None:
    """Basic structures come back equal, whatever they are."""
    assert reloaded(event) == event


@given(
    st.dictionaries(
        st.sampled_from(["a", "b", "log_format", "log_level", "log_failure", "log_logger", "log_flattened"]),
        values | st.binary() | st.just(object()) | st.builds(lambda: math.nan),
    )
)
def test_anyEventIsSavedInOneLine(event: dict[str, Any]) -> None:
    """Nothing that an event may hold raises or breaks the line."""
    event.pop("log_flattened", None)
    assert "\n" not in eventAsJSON(event)


def records(text: str | bytes, **options: Any) -> tuple[list[Any], list[str]]:
    """Read a file; return events, and what was logged about the rest."""
    with capturedLogs() as logged:
        file = io.StringIO(text) if isinstance(text, str) else io.BytesIO(text)
        events = list(eventsFromJSONLogFile(file, **options))
    return events, [formatEvent(event) for event in logged]


GOOD = [{"x": 1}, {"y": "é"}]


@pytest.mark.parametrize("bufferSize", [1, 2, 3, 4096])
@pytest.mark.parametrize("separator", ["\x1e", ""])
@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("given", [True, False])
def test_filesAreReadInAnyPieces(bufferSize: int, separator: str, binary: bool, given: bool) -> None:
    """Text or bytes, with or without separators, told or found out, cut anywhere."""
    text = f'{separator}{{"x": 1}}\n{separator}{{"y": "é"}}\n'
    options: dict[str, Any] = {"bufferSize": bufferSize}
    if given:
        options["recordSeparator"] = separator
    assert records(text.encode() if binary else text, **options) == (GOOD, [])


def test_aSeparatorMayBeAnything() -> None:
    """The separator of the observer is the separator of the reader."""
    file = io.StringIO()
    jsonFileLogObserver(file, "\x08")({"x": 1})
    assert records(file.getvalue(), recordSeparator="\x08") == ([{"x": 1}], [])
    assert records(file.getvalue().encode(), recordSeparator=b"\x08") == ([{"x": 1}], [])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('\x1e{"bad\n\x1e{"x": 1}\n', "Unable to read JSON record"),
        ('\x1e{"cut": 1}\x1e{"x": 1}\n', "Unable to read truncated JSON record"),
        ('\x1e{"x": 1}\n\x1e{"cut', "Unable to read truncated JSON record"),
        ('bad\n{"x": 1}\n', "Unable to read JSON record"),
        ('[1]\n{"x": 1}', "Unable to read JSON record, an event is an object"),
        (b'\x1e"\xff"\n\x1e{"x": 1}\n', "Unable to decode UTF-8 for JSON record"),
    ],
)
def test_badRecordsAreReportedAndLeftOut(text: str | bytes, complaint: str) -> None:
    """After a crash the rest of the file is still good."""
    events, logged = records(text)
    assert events == [{"x": 1}]
    assert len(logged) == 1
    assert logged[0].startswith(complaint)


def test_anEmptyFileHasNoEvents() -> None:
    """Nothing in, nothing out."""
    assert records("") == ([], [])
    assert records("\n\n") == ([], [])
