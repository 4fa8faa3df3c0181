"""Streams for coroutines, over real sockets on every reactor."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.internet._transports.stream import READ_SIZE
from ropewalk.internet.defer import ensureDeferred
from ropewalk.internet.error import ConnectionAborted, ConnectionLost, ConnectionRefusedError
from ropewalk.internet.streams import (
    IncompleteRead,
    SeparatorNotFound,
    Stream,
    connect,
    connectUNIX,
    serve,
    serveUNIX,
)
from support.reactors import reactor, run
from support.recording import logged, turns, until

__all__ = ["reactor"]


async def both(reactor: Any, handler: Any, limit: int = 2**16) -> tuple[Any, Stream]:
    """A port that runs the handler, and a stream connected to it."""
    port = serve(handler, 0, interface="127.0.0.1", reactor=reactor)
    stream = await connect("127.0.0.1", port.getHost().port, limit=limit, reactor=reactor)
    return port, stream


def test_echo(reactor: Any) -> None:
    """The example of the module's text: serve, iterate, drain, connect, read."""

    async def echo(stream: Stream) -> None:
        async for data in stream:
            stream.write(data)
            await stream.drain()

    async def main() -> None:
        port, stream = await both(reactor, echo)
        async with stream:
            stream.write(b"hello\nworld")
            assert await stream.readUntil(b"\n") == b"hello\n"
            assert await stream.readExactly(3) == b"wor"
            assert await stream.read() == b"ld"
            stream.closeWriting()
            assert await stream.read() == b""
        await stream.close()
        await port.stopListening()

    run(reactor, main)


def test_overAUnixSocket(reactor: Any, tmp_path: Any) -> None:
    """The same through a UNIX socket."""

    async def shout(stream: Stream) -> None:
        stream.write((await stream.readUntil()).upper())

    async def main() -> None:
        path = str(tmp_path / "socket")
        port: Any = serveUNIX(shout, path, mode=0o600, reactor=reactor)
        async with await connectUNIX(path, reactor=reactor) as stream:
            stream.write(b"hey\n")
            assert [piece async for piece in stream] == [b"HEY\n"]
        await port.stopListening()

    run(reactor, main)


def test_readsAcrossAnyCuts(reactor: Any) -> None:
    """What was cut anywhere on its way, in the separator too, is read whole."""

    async def dribble(stream: Stream) -> None:
        for byte in b"one\r\ntwo\r\nrest":
            stream.write(bytes([byte]))
            await turns(reactor, 1)

    async def main() -> None:
        port, stream = await both(reactor, dribble)
        assert await stream.readUntil(b"\r\n") == b"one\r\n"
        assert await stream.readUntil(b"\r\n") == b"two\r\n"
        with pytest.raises(IncompleteRead) as caught:
            await stream.readExactly(10)
        assert (caught.value.partial, caught.value.expected) == (b"rest", 10)
        with pytest.raises(IncompleteRead) as caught:
            await stream.readUntil(b"\r\n")
        assert (caught.value.partial, caught.value.expected) == (b"", None)
        await stream.close()
        await port.stopListening()

    run(reactor, main)


def test_theLimitOfReadUntil(reactor: Any) -> None:
    """At the limit it is found, one byte above it is not; what came can still be read."""

    async def answer(stream: Stream) -> None:
        stream.write(b"x" * 10 + b"\n" + b"y" * 11 + b"\n")

    async def main() -> None:
        port, stream = await both(reactor, answer)
        assert await stream.readUntil(b"\n", limit=10) == b"x" * 10 + b"\n"
        with pytest.raises(SeparatorNotFound) as caught:
            await stream.readUntil(b"\n", limit=10)
        assert caught.value.limit == 10
        assert await stream.readExactly(12) == b"y" * 11 + b"\n"
        with pytest.raises(ValueError, match="separator"):
            await stream.readUntil(b"")
        await stream.close()
        await port.stopListening()

    run(reactor, main)


def test_whatNobodyReadsIsBounded(reactor: Any) -> None:
    """A stream that nobody reads from pauses its transport; reading resumes it, and nothing is lost."""
    size = 5_000_000

    async def pour(stream: Stream) -> None:
        stream.write(bytes(size))

    async def main() -> None:
        port, stream = await both(reactor, pour, limit=10_000)
        await until(reactor, lambda: stream._paused)
        await turns(reactor, 20)
        assert len(stream._buffer) <= 10_000 + READ_SIZE
        assert len(await stream.readExactly(1_000_000)) == 1_000_000
        total = 1_000_000
        async for data in stream:
            total += len(data)
        assert total == size
        await stream.close()
        await port.stopListening()

    run(reactor, main)


def test_aBrokenConnectionIsRaised(reactor: Any) -> None:
    """Not taken for the end: reads and drain raise what connectionLost was told."""

    async def abort(stream: Stream) -> None:
        await stream.readExactly(1)
        stream.abort()

    async def main() -> None:
        port, stream = await both(reactor, abort)
        stream.write(b"x")
        with pytest.raises(ConnectionLost, match=r"127\.0\.0\.1"):
            await stream.read()
        with pytest.raises(ConnectionLost):
            await stream.drain()
        await stream.close()
        await port.stopListening()
        port, stream = await both(reactor, abort)
        stream.abort()
        with pytest.raises(ConnectionAborted):
            await stream.read()
        await port.stopListening()

    run(reactor, main)


def test_nobodyListens(reactor: Any) -> None:
    """connect raises what the factory of older programs would be told."""

    async def main() -> None:
        port: Any = serve(lambda stream: stream.close(), 0, interface="127.0.0.1", reactor=reactor)
        number = port.getHost().port
        await port.stopListening()
        with pytest.raises(ConnectionRefusedError, match=str(number)):
            await connect("127.0.0.1", number, reactor=reactor)

    run(reactor, main)


def test_aHandlerThatRaises(reactor: Any) -> None:
    """It is logged, its connection aborted, and the next one served."""

    async def explode(stream: Stream) -> None:
        if await stream.readExactly(1) == b"!":
            raise ZeroDivisionError("handler")
        stream.write(b"fine")

    async def main() -> None:
        port, stream = await both(reactor, explode)
        stream.write(b"!")
        with pytest.raises(ConnectionLost):
            await stream.read()
        again = await connect("127.0.0.1", port.getHost().port, reactor=reactor)
        again.write(b".")
        assert await again.readExactly(4) == b"fine"
        await again.close()
        await port.stopListening()

    with logged(ZeroDivisionError):
        run(reactor, main)


def test_oneReaderAtATime(reactor: Any) -> None:
    """A second coroutine that reads is told so; cancelling the first leaves the stream usable."""

    async def wait(stream: Stream) -> None:
        stream.write(await stream.readExactly(5))

    async def main() -> None:
        port, stream = await both(reactor, wait)
        first = ensureDeferred(stream.read())
        with pytest.raises(RuntimeError, match="another coroutine"):
            await stream.read()
        first.addErrback(lambda _: None)
        first.cancel()
        stream.write(b"hello")
        assert await stream.readExactly(5) == b"hello"
        await stream.close()
        await port.stopListening()

    run(reactor, main)
