"""The documents' TCP programs, run as a user runs them."""

from __future__ import annotations

import itertools
import re
import time

import pytest

from support.examples import Starter
from support.programs import Caller, Listener, freePort


@pytest.mark.parametrize(
    ("program", "quote"),
    [
        ("qotd/qotd.py", b"An apple a day keeps the doctor away\r\n"),
        ("qotd/configurable.py", b"configurable quote\r\n"),
        ("qotd/listentcp.py", b"configurable quote\r\n"),
    ],
)
def test_quoteOfTheDay(start: Starter, program: str, quote: bytes) -> None:
    """P01, P02, P19-P21 (F017, F019-F021, F026, F027, F030, F049): a caller gets the whole quote, then the end."""
    port = freePort()
    with start(program, port) as server:
        for _ in range(2):
            with Caller(port, server) as caller:
                assert caller.rest() == quote
        assert server.interrupt() == 0


def test_echoServer(start: Starter) -> None:
    """P16 (F053): what is sent comes back."""
    port = freePort()
    with start("echo/echoserver.py", port) as server, Caller(port, server) as caller:
        caller.send(b"several\r\nlines\0")
        assert caller.read(15) == b"several\r\nlines\0"


def test_chat(start: Starter) -> None:
    """P22, X01 (F036, F037, F039): names are taken and freed; what one says the others hear, and the sender doesn't."""
    port = freePort()
    with start("chat/chat.py", port) as server, Caller(port, server) as alice, Caller(port) as bob:
        assert alice.line() == b"What's your name?\r\n"
        alice.send(b"alice\r\n")
        assert alice.line() == b"Welcome, alice!\r\n"
        bob.line()
        bob.send(b"alice\r\n")
        assert bob.line() == b"Name taken, please choose another.\r\n"
        bob.send(b"bob\r\n")
        assert bob.line() == b"Welcome, bob!\r\n"
        alice.send(b"hi bob\r\n")
        assert bob.line() == b"<alice> hi bob\r\n"
        assert alice.isSilent()
        alice.close()
        bob.send(b"still there?\r\n")
        with Caller(port) as again:
            again.line()
            reply = b"taken"
            while b"taken" in reply:  # until the server has seen the first alice go
                again.send(b"alice\r\n")
                reply = again.line()
            assert reply == b"Welcome, alice!\r\n"
        assert not [line for line in server.errors if "Traceback" in line]


def test_dashboardChat(start: Starter) -> None:
    """P03: clients are greeted, told who is there and who comes and goes; the terminal shows the users."""
    port = freePort()
    with start("chat/dashboard.py", port) as server:
        assert server.line() == f"Chat Server started on port {port}"
        with Caller(port) as ada, Caller(port) as bob:
            stamp = ada.lineWith(b"(")
            assert re.fullmatch(rb"\(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\)\r\n", stamp)
            assert ada.line() == b"Choose a username:\r\n"
            ada.send(b"ada\r\n")
            assert ada.line() == b"Welcome to the chat, ada.\r\n"
            assert ada.line() == b"You're the only one here, 'ada'\r\n"
            bob.lineWith(b"Choose")
            bob.send(b"ada\r\n")
            assert bob.line() == b"Sorry, 'ada' is taken. Try something else.\r\n"
            bob.send(b"bob\r\n")
            assert bob.line() == b"Welcome to the chat, bob.\r\n"
            assert bob.line() == b"Participants in chat: ada, bob\r\n"
            assert b"bob has joined" in ada.line()
            bob.send(b"good morning\r\n")
            assert b"<bob> good morning" in ada.line()
            bob.close()
            assert b"bob has left" in ada.line()
        server.line("bob exits.")
        assert not server.errors


def test_channelChat(start: Starter) -> None:
    """P18: commands are told to everybody; anything else is an error told to the sender; the nick is remembered."""
    port = freePort()
    with start("chat/channels.py", port) as server, Caller(port, server) as ada, Caller(port) as bob:
        bob.send(b"hello?\r\n")
        assert bob.line() == b"error: line did not conform to chat server requirements!\r\n"
        ada.send(b"/nick ada\r\n")
        for caller in (ada, bob):
            assert caller.line().endswith(b" is changing nick to ada\r\n")
        ada.send(b"/join #rope\r\n/leave #rope\r\n")
        assert bob.line() == b"ada has joined the channel #rope\r\n"
        assert bob.line() == b"ada has left the channel #rope\r\n"
        bob.close()
        ada.send(b"/join #walk\r\n")
        assert ada.lineWith(b"#walk") == b"ada has joined the channel #walk\r\n"


def test_greeter(start: Starter) -> None:
    """P23 (F043, F050): an endpoint delivers the protocol, which speaks, waits and leaves; the program runs on."""
    with Listener() as listener, start("echo/greeter.py", listener.port) as client:
        peer = listener.accept()
        started = time.monotonic()
        with peer, peer.makefile("rb") as stream:
            assert stream.readline() == b"MESSAGE Hello\n"
            assert stream.readline() == b"MESSAGE This is sent in a second\n"
            assert stream.read() == b""
        assert 1.5 < time.monotonic() - started < 10
        assert client.isRunning()
        assert client.interrupt() == 0


def test_clientFactoryIsToldOfSuccess(start: Starter) -> None:
    """P24 (F032, F045): started, connected, data, lost."""
    with Listener() as listener, start("echo/clientfactory.py", "localhost", listener.port) as client:
        with listener.accept() as peer:
            peer.sendall(b"some data\n")
        assert client.line() == "Started to connect."
        assert client.line() == "Connected."
        assert client.line() == "some data"
        assert "Connection was closed cleanly" in client.line("Lost connection.  Reason:")


def test_clientFactoryIsToldOfFailure(start: Starter) -> None:
    """P24 (F035, F045): started, failed, with a reason that says so."""
    with start("echo/clientfactory.py", "127.0.0.1", freePort()) as client:
        assert client.line() == "Started to connect."
        assert "Connection was refused by other side" in client.line("Connection failed. Reason:")


def test_reconnectingClient(start: Starter) -> None:
    """P25 (F046, F047): it comes back after a loss and after a refusal, and waits longer each time."""
    with Listener() as listener, start("echo/reconnecting.py", "127.0.0.1", listener.port, 0.05) as client:
        listener.accept().close()
        client.line("Resetting reconnection delay")
        client.line("Lost connection.")
        with listener.accept():  # it came back
            client.line("Resetting reconnection delay")
            listener.socket.close()
        client.line("Lost connection.")
        times = []
        for _ in range(4):
            client.line("Connection failed.")
            times.append(time.monotonic())
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert gaps[-1] > gaps[0] > 0


@pytest.mark.parametrize(
    ("program", "asked", "answer"),
    [
        ("finger/finger03.py", b"", b""),
        ("finger/finger04.py", b"alice\r\n", b""),
        ("finger/finger05.py", b"alice\r\n", b"No such user\r\n"),
        ("finger/finger06.py", b"alice\r\n", b"No such user\r\n"),
        ("finger/finger07.py", b"moshez\r\n", b"Happy and well\r\n"),
        ("finger/finger07.py", b"alice\r\n", b"No such user\r\n"),
        ("finger/finger08.py", b"moshez\r\n", b"Happy and well\r\n"),
        ("finger/finger08.py", b"alice\r\n", b"No such user\r\n"),
        ("finger/finger08.py", b"broken\r\n", b"Internal error in server\r\n"),
    ],
)
def test_finger(start: Starter, program: str, asked: bytes, answer: bytes) -> None:
    """P31-P36 (F023, F036): each stage of the finger server answers as its listing says, then hangs up."""
    port = freePort()
    with start(program, port) as server, Caller(port, server) as caller:
        caller.send(asked)
        assert caller.rest() == answer
        assert not server.errors


def test_fingerWaitsForAWholeLine(start: Starter) -> None:
    """P32 (F036): without a line's end nothing happens."""
    port = freePort()
    with start("finger/finger04.py", port) as server, Caller(port, server) as caller:
        caller.send(b"ali")
        assert caller.isSilent()
        caller.send(b"ce\r\n")
        assert caller.rest() == b""


def test_fingerThatIgnoresItsCallers(start: Starter) -> None:
    """P30 (F034): data is read and dropped, and the connection stays."""
    port = freePort()
    with start("finger/finger02.py", port) as server, Caller(port, server) as caller:
        caller.send(b"anything\r\n" * 1000)
        assert caller.isSilent()


def test_bareReactor(start: Starter) -> None:
    """P29 (F005, F006, F035): it waits without using the CPU until Ctrl-C."""
    with start("finger/finger01.py") as program:
        time.sleep(1.0)  # long enough for the start to be over, and for idle time to show
        with open(f"/proc/{program.process.pid}/stat") as stat:
            before = sum(map(int, stat.read().rsplit(")")[1].split()[11:13]))
        time.sleep(0.5)
        with open(f"/proc/{program.process.pid}/stat") as stat:
            after = sum(map(int, stat.read().rsplit(")")[1].split()[11:13]))
        assert after - before <= 2  # clock ticks, of 50 that have passed
        assert program.interrupt() == 0
        assert not program.errors


def test_remoteCalculator(start: Starter) -> None:
    """P27, X06 (F014, F018, F097): results over the network; a bad line is logged and costs only its connection."""
    with start("calculus.remote_1") as server:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4} \[-\] Log opened\.", server.line())
        port = int(server.line("RemoteCalculationFactory starting on ").rsplit(" ", 1)[1])
        server.line("Starting factory <")
        with Caller(port) as caller, Caller(port) as other:
            caller.send(b"add 4123 9423\r\n")
            assert caller.line() == b"13546\r\n"
            caller.send(b"add foo bar\r\n")
            assert caller.rest() == b""
            server.line("Traceback (most recent call last)")
            server.line("ValueError")
            other.send(b"multiply 6 7\r\n")
            assert other.line() == b"42\r\n"
        assert server.interrupt() == 0
        assert "Main loop terminated." in server.output[-1]


def test_calculatorThatAnswersErrors(start: Starter) -> None:
    """P28 (F098): a TypeError is logged, answered with ``error``, and the connection stays."""
    with start("calculus.remote_2") as server:
        port = int(server.line("RemoteCalculationFactory starting on ").rsplit(" ", 1)[1])
        with Caller(port) as caller:
            caller.send(b"add foo bar\r\nadd 1 2\r\n")
            assert caller.line() == b"error\r\n"
            assert caller.line() == b"3\r\n"
        server.line("TypeError: cannot make integers of ('foo', 'bar')")
