"""The documents' programs about Deferreds, delayed calls, threads and names, run as a user runs them."""

from __future__ import annotations

import time

import pytest

from support.examples import Starter
from support.programs import Listener, freePort


def test_deferredCallbacks(start: Starter) -> None:
    """P79 (F009, F056, F057): the result comes later, and the program ends when it said."""
    with start("deferreds/callbacks.py", 0.1) as program:
        assert program.wait() == 0
    assert program.output == ["getDummyData called", "Starting the reactor", "Result received: 9"]
    assert not program.errors


def test_deferredGetter(start: Starter) -> None:
    """P80 (F058, F061, F065, F076, F096): results go to the callback, errors to the errback, which can print them."""
    with start("deferreds/getter.py", 0.1) as program:
        assert program.wait() == 0
    assert program.output == ["Result: 12"]
    assert "ValueError" in "\n".join(program.errors)
    assert "You used an odd number!" in "\n".join(program.errors)


@pytest.mark.parametrize(
    ("program", "output"),
    [
        ("deferreds/deferredlist.py", ["Success: one", "Failure: bang!", "Success: three"]),
        ("deferreds/ordering.py", ["[(True, 'one ten'), (True, 'two')]", "[(True, 'one'), (True, 'two')]"]),
        ("deferreds/gatherresults.py", ["still waiting for two", "['one', 'two']"]),
    ],
)
def test_aggregation(start: Starter, program: str, output: list[str]) -> None:
    """P81-P83, X19 (F084-F090): lists of Deferreds print what the documents say, and nothing goes unhandled."""
    with start(program) as running:
        assert running.wait() == 0
    assert running.output == output
    assert not running.errors


def test_maybeDeferred(start: Starter) -> None:
    """P84 (F074): synchronous and asynchronous validators serve alike."""
    with start("deferreds/maybe.py", 0.1) as program:
        assert program.wait() == 0
    assert program.output == [
        "Alice: User is authenticated",
        "Mallory: User is not authenticated",
        "Angus: User is authenticated",
    ]


def test_blockingFunctionBlocks(start: Starter) -> None:
    """P85 (F066, F075): a late callback on a fired Deferred runs at once; no reactor is needed."""
    with start("deferreds/blocking.py") as program:
        assert program.wait() == 0
    assert program.output[0] == "Progress: calculating the 0th Fibonacci number"
    assert program.output[99] == "Progress: calculating the 9900th Fibonacci number"
    assert program.output[100].startswith("Total time taken for largeFibonacciNumber call: 0.")
    assert program.output[101] == "Adding the callback now."
    assert program.output[102].startswith(
        "The 10000th Fibonacci number is 33644764876431783266621612005107543310302148"
    )
    assert len(program.output) == 103


def test_fibonacciInAThread(start: Starter) -> None:
    """P86 (F153): the reactor goes on while a thread works; its result comes back."""
    with start("threads/fibonacci.py") as program:
        assert program.wait() == 0
    assert program.output[:2] == [
        "1st line after the addition of the callback",
        "2nd line after the addition of the callback",
    ]
    assert program.output[2] == "largeFibonacciNumber result = 66073310059947366875 (its last 20 digits)"


@pytest.mark.parametrize(
    ("program", "output"),
    [
        ("time/calllater.py", "this will run 0.2 seconds after it was scheduled: hello, world"),
        ("time/deferlater.py", "This will run 0.2 seconds after it was scheduled: hello, world"),
        ("threads/callinthread.py", "0.2 seconds have passed"),
    ],
)
def test_laterCalls(start: Starter, program: str, output: str) -> None:
    """P87, P88, P91 (F009, F101, F152): the call is made after its delay, and the program runs on."""
    started = time.monotonic()
    with start(program, 0.2) as running:
        assert running.line() == output
        assert time.monotonic() - started >= 0.2
        assert running.isRunning()
        assert running.interrupt() == 0


def test_loopingCall(start: Starter) -> None:
    """P89 (F102): three ticks, stopped from inside, done."""
    with start("time/loopingcall.py", 0.05) as program:
        assert program.wait() == 0
    assert program.output == ["A new second has passed."] * 3 + ["Loop done."]


def test_loopingCallThatFails(start: Starter) -> None:
    """P89 (F096, F102): an exception ends the loop, and its brief traceback can be printed."""
    with start("time/loopingcall.py", 0.05, "fail") as program:
        assert program.wait() == 0
    assert program.output[:3] == ["A new second has passed."] * 3
    assert "Failure during loop execution." in "\n".join(program.output[3:])


def test_cancelledCallNeverRuns(start: Starter) -> None:
    """P90 (F010): nothing is printed, and the program runs on."""
    with start("time/cancel.py", 0.2) as program:
        time.sleep(1.0)  # past the moment that the call was for
        assert program.isRunning()
        assert program.interrupt() == 0
    assert program.output == []


def test_deferToThread(start: Starter) -> None:
    """P92 (F153): the result of a function that ran in a thread."""
    with start("threads/defertothread.py") as program:
        assert program.wait() == 0
    assert program.output == ["3"]


def test_blockingCallFromThread(start: Starter) -> None:
    """P93 (F154): a thread gets what the reactor fetched."""
    with Listener() as listener, start("threads/blockingcall.py", f"tcp:127.0.0.1:{listener.port}") as program:
        with listener.accept() as peer:
            peer.sendall(b"a page, in one line\r\n")
            assert program.wait() == 0
    assert program.output == ["a page, in one line"]


def test_blockingCallFromThreadThatFails(start: Starter) -> None:
    """P93 (F154): what went wrong in the reactor is raised in the thread."""
    with start("threads/blockingcall.py", f"tcp:127.0.0.1:{freePort()}") as program:
        assert program.wait() == 0
    assert "Connection was refused" in program.output[0]


def test_resolve(start: Starter) -> None:
    """P70 (F011): a name becomes an address."""
    with start("names/resolve.py", "localhost", 0.1) as program:
        assert program.wait() == 0
    assert program.output == ["IP of 'localhost' is 127.0.0.1"]
