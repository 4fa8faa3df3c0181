"""Questions and answers between two sides in memory."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from ropewalk.internet.defer import CancelledError, Deferred, fail
from ropewalk.internet.error import ConnectionDone, ConnectionLost
from ropewalk.internet.testing import StringTransport, connectedPair
from ropewalk.protocols import amp
from ropewalk.python.failure import Failure
from support.recording import logged


class Refused(Exception):
    """An error that `Sum` lists."""


class Broken(Exception):
    """One after which the connection is closed."""


class Sum(amp.Command):
    arguments = [(b"a", amp.Integer()), (b"b", amp.Integer(optional=True))]
    response = [(b"total", amp.Integer())]
    errors = {Refused: b"REFUSED"}
    fatalErrors = {Broken: b"BROKEN"}


class Note(amp.Command):
    arguments = [(b"text", amp.Unicode())]
    requiresAnswer = False


class Blob(amp.Command):
    arguments = [(b"size", amp.Integer())]
    response = [(b"data", amp.String())]


class Calculator(amp.AMP):
    """Answers in every way that there is."""

    def __init__(self) -> None:  # without the base's: many programs are written so
        self.notes: list[str] = []
        self.later: Deferred[Any] = Deferred()

    @Sum.responder
    def sum(self, a: int, b: int | None) -> Any:
        match a:
            case 0:
                return self.later
            case -1:
                raise Refused("below zero \u2192")
            case -2:
                raise Broken("no more of this")
            case -3:
                raise KeyError("a secret")
            case -4:
                return {"wrong": 1}
            case -5:
                return None
            case -6:
                return Failure(Refused("a failure"))
            case -7:
                raise amp.RemoteAmpError(b"OWN", "a code of its own")
            case -8:
                raise Refused("x" * 70000)
        return {"total": a + (b or 0)}

    @Note.responder
    def note(self, text: str) -> dict[str, Any]:
        if text == "bad":
            raise Refused("nobody hears this")
        self.notes.append(text)
        return {}

    @Blob.responder
    async def blob(self, size: int) -> dict[str, bytes]:
        if size == 1:
            await self.later
        return {"data": b"x" * size}

    def amp_OLD(self, box: amp.AmpBox) -> amp.AmpBox:
        return amp.Box(asked=b",".join(sorted(box)))


def pair(server: Any = None, client: Any = None) -> tuple[Any, Any, Any]:
    server, client = server or Calculator(), client or amp.AMP()
    return connectedPair(server, client), server, client


def ask(pump: Any, client: amp.AMP, command: Any = Sum, **arguments: Any) -> Any:
    """Ask, and return the answer or the exception."""
    got: list[Any] = []
    client.callRemote(command, **arguments).addBoth(got.append)
    pump.settle()
    [result] = got
    return result.value if isinstance(result, Failure) else result


def test_call() -> None:
    """A call's arguments arrive by name, its answer as a dictionary (AM4, AM5)."""
    pump, _, client = pair()
    assert ask(pump, client, a=3, b=4) == {"total": 7}
    assert ask(pump, client, a=3) == {"total": 3}


def test_bothWays() -> None:
    """Either side may ask the other (AM1)."""
    pump, server, client = pair(Calculator(), Calculator())
    assert ask(pump, client, a=1, b=2) == {"total": 3}
    assert ask(pump, server, a=3, b=4) == {"total": 7}


def test_anyOrder() -> None:
    """Questions don't wait for each other: a later answer may come first."""
    pump, server, client = pair()
    got: list[Any] = []
    client.callRemote(Sum, a=0).addCallback(got.append)
    client.callRemote(Sum, a=1).addCallback(got.append)
    pump.settle()
    assert got == [{"total": 1}]
    server.later.callback({"total": 9})
    pump.settle()
    assert got == [{"total": 1}, {"total": 9}]


@pytest.mark.parametrize("pieceSize", [1, 2, 3, 7])
def test_anyPieces(pieceSize: int) -> None:
    """However the network cuts what is sent, every question gets its own answer."""
    server, client = Calculator(), Calculator()
    pump = connectedPair(server, client, pieceSize=pieceSize)
    got: list[Any] = []
    for number in range(20):
        for side in (client, server):
            side.callRemote(Sum, a=number + 1, b=100).addCallback(lambda answer: got.append(answer["total"]))
    pump.settle()
    assert got == [number + 101 for number in range(20) for _ in range(2)]


def test_coroutine() -> None:
    """A responder may be a coroutine, and wait."""
    pump, server, client = pair()
    assert ask(pump, client, Blob, size=3) == {"data": b"xxx"}
    got: list[Any] = []
    client.callRemote(Blob, size=1).addCallback(got.append)
    pump.settle()
    assert got == []
    server.later.callback(None)
    pump.settle()
    assert got == [{"data": b"x"}]


@pytest.mark.parametrize(("a", "error", "said"), [(-1, Refused, "below zero \u2192"), (-6, Refused, "a failure")])
def test_listedError(a: int, error: type[Exception], said: str) -> None:
    """An error that the command lists is raised at the caller's, with its sentence; the connection lives (AM4)."""
    pump, _, client = pair()
    problem = ask(pump, client, a=a)
    assert (type(problem), problem.args) == (error, (said,))
    assert ask(pump, client, a=1) == {"total": 1}


def test_longSentence() -> None:
    """A sentence that doesn't fit is cut, and the connection lives."""
    pump, _, client = pair()
    problem = ask(pump, client, a=-8)
    assert (type(problem), len(problem.args[0])) == (Refused, 65535)


def test_fatalError() -> None:
    """An error that is listed as fatal is told, and then the connection closed."""
    pump, server, client = pair()
    problem = ask(pump, client, a=-2)
    assert (type(problem), problem.args) == (Broken, ("no more of this",))
    assert server.transport is None


@pytest.mark.parametrize(("a", "local"), [(-3, KeyError), (-4, amp.BadLocalReturn), (-5, amp.BadLocalReturn)])
def test_otherErrorsStayHere(a: int, local: type[Exception]) -> None:
    """An error of the program's is logged, and the peer learns that there was one, nothing else."""
    pump, server, client = pair()
    with logged(local):
        problem = ask(pump, client, a=a)
    assert type(problem) is amp.UnknownRemoteError
    assert str(problem) == "Code<UNKNOWN>: Unknown Error"
    assert server.transport is None


def test_ownCode() -> None:
    """A responder may raise a code of its own; a caller that doesn't list it hears of an unknown error."""
    pump, _, client = pair()
    got: list[Any] = []
    client.callRemoteString(b"Sum", a=b"-7").addErrback(got.append)
    pump.settle()
    assert (got[0].value.errorCode, got[0].value.description) == (b"OWN", "a code of its own")
    assert type(ask(pump, client, a=-7)) is amp.UnknownRemoteError


def test_tooLongAnAnswer() -> None:
    """An answer that doesn't fit into a box is an error of the responder's side."""
    pump, _, client = pair()
    with logged(amp.TooLong):
        assert type(ask(pump, client, Blob, size=65536)) is amp.UnknownRemoteError


def test_unhandledCommand() -> None:
    """A command that nobody answers is refused, and the connection lives (AM5, B40)."""
    pump, _, client = pair(amp.AMP(), Calculator())
    assert type(ask(pump, client, a=1)) is amp.UnhandledCommand
    assert type(ask(pump, client, a=1)) is amp.UnhandledCommand


def test_badNames() -> None:
    """A command's name may be any bytes; it is looked for among methods by no other means than being one."""
    pump, server, client = pair()
    for name in (b"\xff", b"", b"__init__", b"OLD.x"):
        got: list[Any] = []
        client.callRemoteString(name).addErrback(got.append)
        pump.settle()
        assert type(got[0].value) is amp.UnhandledCommand
    assert server.transport is not None


def test_noAnswer() -> None:
    """A command that wants no answer gets none; when it fails, the connection is closed."""
    pump, server, client = pair()
    assert client.callRemote(Note, text="hello") is None
    pump.settle()
    assert server.notes == ["hello"]
    with logged(Refused):
        client.callRemote(Note, text="bad")
        pump.settle()
    assert server.transport is None


def test_byName() -> None:
    """Commands may be asked by name, and answered by methods named for them; boxes are then all there is."""
    pump, _, client = pair()
    got: list[Any] = []
    client.callRemoteString(b"old", x=b"1").addCallback(got.append)
    pump.settle()
    assert got == [{b"_answer": b"1", b"asked": b"_ask,_command,x"}]
    assert client.callRemoteString(b"old", requiresAnswer=False) is None


def test_wrongCalls() -> None:
    """What can't be asked is an error where it is asked; a missing argument is one of the Deferred's."""
    pump, _, client = pair()
    assert type(ask(pump, client)) is amp.InvalidSignature
    for arguments, error in [({"a": 1, "c": 2}, amp.InvalidSignature), ({"a": "x"}, TypeError)]:
        with pytest.raises(error):
            client.callRemote(Sum, **arguments)
    with pytest.raises(amp.TooLong):
        client.callRemoteString(b"x", y=b"v" * 65536)
    with pytest.raises(amp.AmpError, match="before the connection"):
        amp.AMP().callRemote(Sum, a=1)
    assert ask(pump, client, a=1) == {"total": 1}


def test_connectionLost() -> None:
    """Questions without an answer fail with the reason, and so do those that are asked too late."""
    pump, server, client = pair()
    got: list[Any] = []
    client.callRemote(Sum, a=0).addErrback(got.append)
    pump.settle()
    server.transport.loseConnection()
    pump.settle()
    client.callRemote(Sum, a=1).addErrback(got.append)
    assert [type(each.value) for each in got] == [ConnectionDone, ConnectionDone]
    assert client.callRemote(Note, text="nobody") is None
    server.later.callback({"total": 1})  # too late, too: nothing is sent, nothing is raised


def test_cancelled() -> None:
    """A question that was given up fails at once; its answer is ignored when it comes."""
    pump, server, client = pair()
    got: list[Any] = []
    asked = client.callRemote(Sum, a=0)
    asked.addErrback(got.append)
    pump.settle()
    asked.cancel()
    assert type(got[0].value) is CancelledError
    server.later.callback({"total": 1})
    pump.settle()
    assert len(got) == 1
    assert ask(pump, client, a=1) == {"total": 1}


def test_locator() -> None:
    """Who answers may be another object than the protocol (AM5)."""

    class Registration(amp.CommandLocator):
        @Sum.responder
        def double(self, a: int, b: int | None) -> dict[str, int]:
            return {"total": 2 * a}

    class Better(Registration):
        @Sum.responder
        def triple(self, a: int, b: int | None) -> dict[str, int]:
            return {"total": 3 * a}

    for locator, total in [(Registration(), 4), (Better(), 6)]:
        pump, _, client = pair(amp.AMP(locator=locator))
        assert ask(pump, client, a=2) == {"total": total}
    assert Registration().locateResponder(b"Other") is None


def test_decoratorsMayBeStacked() -> None:
    """A function may answer two commands, and be wrapped by another decorator on either side of that."""
    from ropewalk.internet.defer import inlineCallbacks

    class Product(Sum):
        pass

    class Both(amp.AMP):
        @Product.responder
        @inlineCallbacks
        @Sum.responder
        def either(self, a: int, b: int | None) -> Any:
            yield None
            return {"total": a}

    pump, _, client = pair(Both())
    assert ask(pump, client, Sum, a=1) == ask(pump, client, Product, a=1) == {"total": 1}


def test_boxReceiver() -> None:
    """Boxes may go to another object, which sends others (AM7)."""

    class Reflector:
        stopped: Any = None

        def startReceivingBoxes(self, boxSender: Any) -> None:
            self.boxSender = boxSender

        def ampBoxReceived(self, box: amp.AmpBox) -> None:
            self.boxSender.sendBox(box)

        def stopReceivingBoxes(self, reason: Failure) -> None:
            self.stopped = reason.value

    reflector = Reflector()
    protocol = amp.AMP(boxReceiver=reflector)
    transport = StringTransport()
    protocol.makeConnection(transport)
    wire = amp.Box(a=b"1").serialize() + amp.Box().serialize()
    protocol.dataReceived(wire)
    assert transport.value() == wire
    protocol.connectionLost(Failure(ConnectionDone()))
    assert type(reflector.stopped) is ConnectionDone
    with pytest.raises(ConnectionLost):
        protocol.sendBox(amp.Box())


def test_onTheWire() -> None:
    """What is sent is what every other implementation understands (AM9)."""
    client, server = amp.AMP(), Calculator()
    sides = StringTransport(), StringTransport()
    client.makeConnection(sides[0])
    server.makeConnection(sides[1])
    for _ in range(10):
        client.callRemoteString(b"x", requiresAnswer=True)
    sides[0].clear()
    client.callRemote(Sum, a=1)
    assert sides[0].value() == b"\0\4_ask\0\1b\0\x08_command\0\3Sum\0\1a\0\0011\0\0"
    server.dataReceived(sides[0].value())
    assert sides[1].value() == b"\0\7_answer\0\1b\0\5total\0\0011\0\0"
    sides[1].clear()
    server.dataReceived(amp.Box(_ask=b"7", _command=b"Sum", a=b"-1", b=b"0").serialize())
    assert amp.parseString(sides[1].value()) == [
        {b"_error": b"7", b"_error_code": b"REFUSED", b"_error_description": "below zero \u2192".encode()}
    ]


def test_cutStrings() -> None:
    """Strings that somebody else has cut make boxes, too."""
    protocol, transport = Calculator(), StringTransport()
    protocol.makeConnection(transport)
    for string in (b"_ask", b"1", b"_command", b"Sum", b"a", b"2", b""):
        protocol.stringReceived(string)
    assert amp.parseString(transport.value()) == [{b"_answer": b"1", b"total": b"2"}]


@pytest.mark.parametrize("how", ["raised", "failed", "awaited"])
def test_errorsAreFreed(how: str) -> None:
    """An error that was told to the peer leaves nothing behind, without the help of the garbage collector."""
    errors: list[Any] = []

    class Failing(amp.AMP):
        @Sum.responder
        def sum(self, a: int, b: int | None) -> Any:
            error = Refused("no")
            errors.append(weakref.ref(error))
            if how == "failed":
                return fail(error)
            if how == "awaited":
                return self.later(error)
            try:
                raise error
            finally:
                del error

        async def later(self, error: Refused) -> None:
            try:
                raise error
            finally:
                del error

    pump, _, client = pair(Failing())
    gc.disable()
    try:
        client.callRemote(Sum, a=1).addErrback(lambda failure: None)
        pump.settle()
        assert [error() for error in errors] == [None]
    finally:
        gc.enable()


def test_freedWithoutTheCollector() -> None:
    """A protocol that is done with is gone when nobody refers to it."""
    pump, server, client = pair()
    assert ask(pump, client, a=1) == {"total": 1}
    client.transport.loseConnection()
    pump.settle()
    gone = weakref.ref(client), weakref.ref(server)
    gc.disable()
    try:
        del pump, server, client
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()
