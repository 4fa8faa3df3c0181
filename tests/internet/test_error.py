"""Errors say what happened, to people and to code."""

from __future__ import annotations

import errno
import pickle
import socket
from typing import Any

import pytest

from ropewalk.internet import error

SENTENCES = [
    (error.ConnectionDone(), "Connection was closed cleanly."),
    (error.ConnectionDone("Bye"), "Connection was closed cleanly: Bye."),
    (error.ConnectionLost(), "Connection to the other side was lost in a non-clean fashion."),
    (error.ConnectionLost("a", "b"), "Connection to the other side was lost in a non-clean fashion: a b."),
    (error.ConnectionAborted(), "Connection was aborted locally using ITCPTransport.abortConnection."),
    (error.ConnectError(), "An error occurred while connecting."),
    (error.ConnectError(5, "foo"), "An error occurred while connecting: 5: foo."),
    (error.ConnectError(string="foo"), "An error occurred while connecting: foo."),
    (error.ConnectionRefusedError(), "Connection was refused by other side."),
    (error.TCPTimedOutError(110), "TCP connection timed out: 110."),
    (error.TimeoutError(), "User timeout caused connection failure."),
    (error.UserError(), "User aborted connection."),
    (error.DNSLookupError("no such host"), "DNS lookup failed: no such host."),
    (error.BindError("a"), "An error occurred binding to an interface: a."),
    (error.MessageLengthError(), "Message is too long to send."),
    (error.AlreadyCalled(), "Tried to cancel an already-called event."),
    (error.AlreadyCancelled(None), "Tried to cancel an already-cancelled event: None."),
    (error.NotConnectingError(), "The Connector was not connecting when it was asked to stop connecting."),
    (error.ProcessDone(0), "A process has ended without apparent errors: process finished with exit code 0."),
    (
        error.ProcessTerminated(1),
        "A process has ended with a probable error condition: process ended with exit code 1.",
    ),
    (
        error.ProcessTerminated(signal=9),
        "A process has ended with a probable error condition: process ended by signal 9.",
    ),
    (
        error.CannotListenError("127.0.0.1", 80, OSError(98, "in use")),
        "Couldn't listen on 127.0.0.1:80: [Errno 98] in use.",
    ),
    (error.CannotListenError("", 80, OSError(98, "in use")), "Couldn't listen on any:80: [Errno 98] in use."),
]


@pytest.mark.parametrize(("problem", "sentence"), SENTENCES, ids=[sentence for _, sentence in SENTENCES])
def test_sentence(problem: BaseException, sentence: str) -> None:
    """The text of an error is a sentence: its message, then what was added."""
    assert str(problem) == sentence


@pytest.mark.parametrize("problem", [problem for problem, _ in SENTENCES], ids=repr)
def test_survivesPickling(problem: BaseException) -> None:
    """An error says the same, with the same fields, in another process."""
    other = pickle.loads(pickle.dumps(problem))
    assert type(other) is type(problem)
    assert str(other) == str(problem)
    assert vars(other).keys() == vars(problem).keys()


def test_families() -> None:
    """Whoever handles a kind of failure handles each of them (F112, F145)."""
    closed = error.ConnectionClosed
    for cls in (error.ConnectionDone, error.ConnectionLost, error.ConnectionAborted, error.FileDescriptorOverrun):
        assert issubclass(cls, closed)
    assert issubclass(error.ProcessDone, error.ConnectionDone)
    assert issubclass(error.ProcessTerminated, error.ConnectionLost)
    for cls in (error.TimeoutError, error.UnknownHostError, error.NoRouteError, error.SSLError, error.BadFileError):
        assert issubclass(cls, error.ConnectError)
    assert issubclass(error.CannotListenError, error.BindError)
    assert issubclass(error.DNSLookupError, OSError)
    for cls, base in (
        (error.AlreadyCalled, ValueError),
        (error.InvalidAddressError, ValueError),
        (error.NotListeningError, RuntimeError),
        (error.ReactorNotRunning, RuntimeError),
        (error.ReactorAlreadyInstalledError, AssertionError),
    ):
        assert issubclass(cls, base)


def test_fields() -> None:
    """What code wants to know is in attributes (F146)."""
    done = error.ProcessDone(7)
    assert (done.exitCode, done.signal, done.status) == (0, None, 7)
    terminated = error.ProcessTerminated(None, 9, 9)
    assert (terminated.exitCode, terminated.signal, terminated.status) == (None, 9, 9)
    problem = OSError(98, "in use")
    listening = error.CannotListenError("lo", 80, problem)
    assert (listening.interface, listening.port, listening.socketError) == ("lo", 80, problem)
    invalid = error.InvalidAddressError("localhost", "not an IP address")
    assert (invalid.address, invalid.message) == ("localhost", "not an IP address")
    assert error.ConnectingCancelledError("there").address == "there"


@pytest.mark.parametrize(
    ("raised", "cls", "sentence"),
    [
        (OSError(errno.ECONNREFUSED, "no"), error.ConnectionRefusedError, f"{errno.ECONNREFUSED}: no."),
        (OSError(errno.ENETUNREACH, "no"), error.NoRouteError, f"{errno.ENETUNREACH}: no."),
        ((errno.ETIMEDOUT, "late"), error.TCPTimedOutError, f"{errno.ETIMEDOUT}: late."),
        (OSError(errno.EINVAL, "odd"), error.ConnectError, f"{errno.EINVAL}: odd."),
        (socket.gaierror(-2, "unknown"), error.UnknownHostError, "-2: unknown."),
        (OSError("just words"), error.ConnectError, "just words."),
        (ValueError("odd"), error.ConnectError, "odd."),
    ],
)
def test_getConnectError(raised: Any, cls: type, sentence: str) -> None:
    """A failed connect becomes the most telling of our errors, with number and reason."""
    found = error.getConnectError(raised)
    assert type(found) is cls
    assert str(found).endswith(sentence)


def test_everyNameIsThere() -> None:
    """What the module promises it has, and every error has a text of its own about itself."""
    for name in error.__all__:
        thing = getattr(error, name)
        if isinstance(thing, type):
            assert thing.__doc__
            assert issubclass(thing, Exception)


def test_endings() -> None:
    """How a process has ended is said in words, also where a signal has no name."""
    ends = error.ProcessDone(0), error.ProcessTerminated(3), error.ProcessTerminated(signal=9)
    assert [end.ending for end in ends] == ["exit status 0", "exit status 3", "killed by SIGKILL"]
    assert error.ProcessTerminated(signal=37).ending == "killed by signal 37"
