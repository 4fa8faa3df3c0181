"""The reactor as a guest on somebody else's asyncio loop."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import Any

import pytest

from ropewalk.internet.asyncioreactor import AsyncioSelectorReactor, UvloopReactor
from ropewalk.internet.defer import Deferred
from ropewalk.internet.task import deferLater
from support.reactors import fresh, run

uvloop = pytest.importorskip("uvloop")


def program(text: str) -> list[str]:
    """Run a program in a fresh interpreter; return the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", text],
        env={key: value for key, value in os.environ.items() if key != "ROPEWALK_REACTOR"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


LOOPS = ["asyncio.new_event_loop", "uvloop.new_event_loop"]

GUEST = """if 1:
    import asyncio, uvloop
    from ropewalk.internet import reactor
    from ropewalk.internet.protocol import Factory, Protocol
    from ropewalk.internet.task import deferLater
    from ropewalk.internet.threads import deferToThread

    class Echo(Protocol):
        def dataReceived(self, data):
            self.transport.write(data)

    async def main(number):
        assert reactor.running
        reactor.addSystemEventTrigger("before", "shutdown", lambda: deferLater(reactor, 0.01, print, "closing", number))
        reactor.addSystemEventTrigger("after", "shutdown", print, "closed", number)
        port = reactor.listenTCP(0, Factory.forProtocol(Echo), interface="127.0.0.1")
        reader, writer = await asyncio.open_connection("127.0.0.1", port.getHost().port)
        writer.write(b"hello")
        print(await reader.readexactly(5), await deferToThread(int, "7"), await reactor.resolve("localhost"))
        writer.close()
        await deferLater(reactor, 0.01)

    def run(number):
        with asyncio.Runner(loop_factory=LOOP) as runner:
            runner.run(main(number))
"""


@pytest.mark.parametrize("loop", LOOPS)
def test_insideAsyncioRun(loop: str) -> None:
    """Used first inside a running loop, the reactor is running already, and shuts down in order with it."""
    assert program(GUEST.replace("LOOP", loop) + "    run(1)\n    print(reactor.running)\n") == [
        "b'hello' 7 127.0.0.1",
        "closing 1",
        "closed 1",
        "False",
    ]


@pytest.mark.parametrize("loop", LOOPS)
def test_oneRunAfterTheOther(loop: str) -> None:
    """A new asyncio.run gets a working reactor again, and so does a plain run after that."""
    text = GUEST.replace("LOOP", loop) + (
        "    run(1)\n    run(2)\n"
        "    reactor.callLater(0.01, reactor.stop)\n    reactor.run()\n    print('alone')\n"
        "    run(3)\n"
    )
    expected = [f"{line} {number}" for number in (1, 2, 3) for line in ("got", "closing", "closed")]
    expected.insert(6, "alone")
    printed = [line.replace("b'hello' 7 127.0.0.1", "got") for line in program(text)]
    count = iter((1, 2, 3))
    assert [f"got {next(count)}" if line == "got" else line for line in printed] == expected


def test_runIsRefusedInside() -> None:
    """`reactor.run()` inside a running loop would block it: it is refused, because the reactor runs already."""
    assert program(
        """if 1:
        import asyncio
        from ropewalk.internet import reactor
        from ropewalk.internet.error import ReactorAlreadyRunning

        async def main():
            try:
                reactor.run()
            except ReactorAlreadyRunning as problem:
                print(problem)

        asyncio.run(main())
        """
    ) == ["the reactor runs already; run() is called once, everything else happens in callbacks"]


def test_nativeInsideIsRefused() -> None:
    """A reactor that brings its own loop says what to take instead."""
    with fresh(lambda: __import__("support.reactors", fromlist=["epoll"]).epoll()) as reactor:

        async def main() -> None:
            with pytest.raises(RuntimeError, match="take AsyncioSelectorReactor"):
                reactor.run()

        asyncio.run(main())
        assert not reactor.running
        run(reactor, lambda: deferLater(reactor, 0))


def test_loopThatJustEnds() -> None:
    """A loop that is stopped and closed without ceremony leaves a reactor that can run elsewhere."""

    async def use(reactor: Any) -> None:
        await deferLater(reactor, 0)

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    reactor = AsyncioSelectorReactor()
    seen: list[int] = []
    reactor.callLater(0.01, seen.append, 1)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    call = reactor.callLater(0.02, seen.append, 2)
    call.reset(0.01)
    run(reactor, lambda: deferLater(reactor, 0.03))
    assert sorted(seen) == [1, 2]
    last = reactor._asyncioEventloop
    reactor.close()
    last.close()


@pytest.mark.parametrize("make", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_loopGiven(make: Any) -> None:
    """The loop given is the one that runs, and isn't closed at the end."""
    loop = make()
    reactor = AsyncioSelectorReactor(loop)

    async def main() -> bool:
        await deferLater(reactor, 0.01)
        return asyncio.get_running_loop() is loop

    assert run(reactor, main)
    assert not loop.is_closed()
    reactor.close()
    loop.close()


@pytest.mark.parametrize("make", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_ownerRunsTheLoop(make: Any) -> None:
    """When the owner runs the loop, delayed calls and descriptors are served; `stop` leaves the loop to its owner."""
    loop = make()
    reactor = AsyncioSelectorReactor(loop)
    seen: list[str] = []

    async def main() -> str:
        reactor.startRunning(installSignalHandlers=False)
        reactor.callFromThread(seen.append, "thread")
        await deferLater(reactor, 0.01)
        over: Deferred[None] = Deferred()
        reactor.addSystemEventTrigger("after", "shutdown", over.callback, None)
        reactor.stop()
        await over
        await asyncio.sleep(0)
        return "the loop goes on"

    assert loop.run_until_complete(main()) == "the loop goes on"
    assert seen == ["thread"]
    assert not reactor.running
    reactor.close()
    loop.close()


def test_coroutinesOfBothWorlds(reactor: Any) -> None:
    """On every reactor, tasks await Deferreds and coroutines of ours await tasks."""

    async def main() -> list[object]:
        async def task() -> object:
            return await deferLater(reactor, 0.01, lambda: "deferred")

        async with asyncio.timeout(5) if asyncio.current_task() else _nothing():
            return [await asyncio.create_task(task()), await asyncio.sleep(0.01, "slept")]

    assert run(reactor, main) == ["deferred", "slept"]


class _nothing:
    """asyncio.timeout wants a task; a coroutine of ours is none."""

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, *_: object) -> None:
        pass


def test_loopThatCannotWatch() -> None:
    """A loop that cannot watch descriptors is refused in words."""

    class Proactor(asyncio.BaseEventLoop):
        def remove_reader(self, fd: object) -> bool:
            raise NotImplementedError

    loop = Proactor()
    with pytest.raises(TypeError, match="cannot watch descriptors; use a selector event loop or uvloop"):
        AsyncioSelectorReactor(loop)
    loop.close()


def test_uvloopThatIsMissingIsASentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where uvloop isn't installed, choosing it says how to get it."""
    monkeypatch.setitem(sys.modules, "uvloop", None)
    with pytest.raises(ImportError, match=r"pip install 'ropewalk\[uvloop\]'"):
        UvloopReactor()
