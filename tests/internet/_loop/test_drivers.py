"""Who calls the turns: a bare loop until asyncio is imported, asyncio's loop from then on."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from ropewalk.internet.task import deferLater
from support.reactors import NATIVE, fresh, run

# The reactors that bring their own loop, by the names that ROPEWALK_REACTOR knows.
NAMES = ["epoll", "poll", "select"]


def program(text: str, reactor: str = "") -> str:
    """Run a program in a fresh interpreter, where nobody has imported asyncio; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", text],
        env={"ROPEWALK_REACTOR": reactor},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_bareWithoutAsyncio(name: str) -> None:
    """A program that doesn't use asyncio doesn't load it."""
    assert (
        program(
            """if 1:
            import sys
            from ropewalk.internet import reactor, protocol, defer
            reactor.callLater(0.01, reactor.stop)
            reactor.run()
            print("asyncio" in sys.modules)
            """,
            name,
        )
        == "False\n"
    )


ARRIVAL = """if 1:
    import sys
    from ropewalk.internet import reactor
    from ropewalk.internet.task import deferLater

    def arrive():
        import asyncio
        assert asyncio.__spec__.loader is asyncio.__loader__
        assert type(asyncio.__loader__).__module__.startswith("_frozen_importlib"), asyncio.__loader__
        loop = asyncio.get_running_loop()

        async def main():
            assert asyncio.get_running_loop() is loop
            async with asyncio.timeout(5):
                await asyncio.sleep(0.01)

                async def echo(reader, writer):
                    writer.write(await reader.readline())
                    writer.close()

                server = await asyncio.start_server(echo, "127.0.0.1", 0)
                reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
                writer.write(b"hello\\n")
                print(await reader.readline())
                writer.close()
                server.close()
                await deferLater(reactor, 0.01)
            print(asyncio.current_task() is task)
            reactor.stop()

        task = asyncio.create_task(main())
        reactor.callLater(0, lambda: print(asyncio.get_running_loop() is loop))

    IMPORTER
    reactor.callLater(0.005, print, "made before")
    reactor.run()
    print(any(type(finder).__module__.startswith("ropewalk") for finder in sys.meta_path))
"""


@pytest.mark.parametrize("name", NAMES)
def test_asyncioArrivesInMidTurn(name: str) -> None:
    """A callback that imports asyncio has a running loop in the next line; tasks, streams and our timers share it."""
    printed = program(ARRIVAL.replace("IMPORTER", "reactor.callLater(0, arrive)"), name)
    assert sorted(printed.split("\n")) == sorted(["True", "made before", "b'hello\\n'", "True", "False", ""])


def test_asyncioArrivesInAnotherThread() -> None:
    """When a thread imports asyncio, the reactor's thread gets its loop, too."""
    importer = """
    def thread():
        import asyncio
        reactor.callFromThread(arrive)

    reactor.callWhenRunning(reactor.callInThread, thread)
    """
    assert "b'hello\\n'" in program(ARRIVAL.replace("IMPORTER", importer))


def test_asyncioArrivesWhenTheRunIsOver() -> None:
    """A thread that imports asyncio while the reactor stops disturbs neither this run nor the next."""
    assert (
        program(
            """if 1:
            import sys, threading, time
            from ropewalk.internet import reactor

            class Slow:
                def find_spec(self, name, path=None, target=None):
                    if name == "asyncio.tasks":
                        begun.set()
                        over.wait(10)

            begun, over = threading.Event(), threading.Event()
            sys.meta_path.insert(0, Slow())
            thread = threading.Thread(target=__import__, args=("asyncio",))

            def main():
                thread.start()
                begun.wait(10)
                reactor.stop()

            reactor.callWhenRunning(main)
            reactor.run()
            over.set()
            thread.join()
            used = time.thread_time()
            reactor.callLater(0.1, reactor.stop)
            reactor.run()
            print(time.thread_time() - used < 0.09)
            """
        )
        == "True\n"
    )


def test_asyncioImportThatFails() -> None:
    """An asyncio that cannot be imported changes nothing."""
    assert (
        program(
            """if 1:
            import sys
            from ropewalk.internet import reactor

            def try_():
                sys.modules["asyncio.events"] = None
                try:
                    import asyncio
                except ImportError:
                    print("failed")
                reactor.callLater(0.01, reactor.stop)

            reactor.callWhenRunning(try_)
            reactor.run()
            """
        )
        == "failed\n"
    )


def test_asyncioImportedBetweenRuns() -> None:
    assert (
        program(
            """if 1:
            from ropewalk.internet import reactor
            reactor.callLater(0, reactor.stop)
            reactor.run()
            import asyncio
            reactor.callLater(0, lambda: print(asyncio.get_running_loop().is_running()))
            reactor.callLater(0.01, reactor.stop)
            reactor.run()
            """
        )
        == "True\n"
    )


def test_bareTurnInATurn() -> None:
    """A turn within a turn works without asyncio, too, and when it arrives there."""
    assert (
        program(
            """if 1:
            from ropewalk.internet import reactor
            seen = []

            def nest():
                reactor.callLater(0, seen.append, 1)
                while not seen:
                    reactor.iterate(0.01)
                import asyncio
                reactor.callLater(0, lambda: seen.append(asyncio.get_running_loop()))
                while len(seen) < 2:
                    reactor.iterate(0.01)
                print("nested")
                asyncio.get_running_loop().call_soon(reactor.stop)

            reactor.callWhenRunning(nest)
            reactor.run()
            """
        )
        == "nested\n"
    )


@pytest.mark.parametrize("make", NATIVE, ids=lambda make: make.__name__)
def test_asyncioUnderneath(make: Any) -> None:
    """asyncio's clock, callbacks, threads and sockets work in our loops."""
    import asyncio
    import socket

    with fresh(make) as reactor:

        async def main() -> None:
            loop = asyncio.get_running_loop()
            left, right = socket.socketpair()
            left.setblocking(False)
            right.setblocking(False)

            async def talk() -> list[object]:
                await loop.sock_sendall(left, b"over a socket")
                return [
                    await loop.sock_recv(right, 100),
                    await loop.run_in_executor(None, str, 5),
                    await asyncio.sleep(0.01, "slept"),
                    await deferLater(reactor, 0.01, lambda: "deferred"),
                ]

            assert await asyncio.create_task(talk()) == [b"over a socket", "5", "slept", "deferred"]
            left.close()
            right.close()
            await loop.shutdown_default_executor()

        run(reactor, main)


@pytest.mark.parametrize("make", NATIVE, ids=lambda make: make.__name__)
def test_whatATaskDropsIsReportedAtOnce(make: Any) -> None:
    """A failure that a task drops is reported though nothing else happens."""
    import asyncio

    from ropewalk.internet.defer import Deferred, fail, onUnhandledError

    with fresh(make) as reactor:
        reported: Deferred[str] = Deferred()

        async def main() -> str:
            async def drop() -> None:
                fail(ZeroDivisionError())

            task = asyncio.create_task(drop())
            kind = await reported
            await task
            return kind

        before = onUnhandledError(lambda failure, origin: reported.callback(type(failure.value).__name__))
        try:
            assert run(reactor, main, timeout=30) == "ZeroDivisionError"
        finally:
            onUnhandledError(before)


@pytest.mark.parametrize("make", NATIVE, ids=lambda make: make.__name__)
def test_whatAsyncioWritesLeavesAtOnce(make: Any) -> None:
    """A task that writes to one of our transports needn't wait for anything else to happen."""
    import asyncio

    from ropewalk.internet.protocol import Factory, Protocol

    class Echo(Protocol):
        def dataReceived(self, data: bytes) -> None:
            async def answer() -> None:
                self.transport.write(data)

            self.task = asyncio.create_task(answer())

    with fresh(make) as reactor:

        async def main() -> bytes:
            port = reactor.listenTCP(0, Factory.forProtocol(Echo), interface="127.0.0.1")

            async def client() -> bytes:
                reader, writer = await asyncio.open_connection("127.0.0.1", port.getHost().port)
                writer.write(b"hello\n")
                line = await reader.readline()
                writer.close()
                return line

            line = await asyncio.create_task(client())
            await port.stopListening()
            return line

        assert run(reactor, main) == b"hello\n"
