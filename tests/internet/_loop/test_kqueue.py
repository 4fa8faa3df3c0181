"""The kqueue poller's bookkeeping, on systems without kqueue too: over a queue that the test makes of select(2)."""

from __future__ import annotations

import subprocess
import sys

# A process of its own: the stand-in goes into the standard library's `select`.
PROGRAM = """if 1:
    import select

    class Kevent:
        def __init__(self, ident, filter, flags):
            self.ident, self.filter, self.flags = ident, filter, flags

    class Kqueue:
        def __init__(self):
            self.entries = set()

        def control(self, changes, most, timeout=None):
            for change in changes or ():
                entry = change.ident, change.filter
                if change.flags == select.KQ_EV_ADD:
                    self.entries.add(entry)
                elif entry in self.entries:
                    self.entries.remove(entry)
                else:
                    raise FileNotFoundError(entry)
            if not most:
                return []
            reading, writing = ([fd for fd, filter in self.entries if filter == which] for which in (-1, -2))
            readable, writable, _ = select.select(reading, writing, [], timeout)
            return [*(Kevent(fd, -1, 0) for fd in readable), *(Kevent(fd, -2, 0) for fd in writable)][:most]

        def close(self):
            del self.entries

    select.kqueue, select.kevent = Kqueue, Kevent
    select.KQ_FILTER_READ, select.KQ_FILTER_WRITE, select.KQ_EV_ADD, select.KQ_EV_DELETE = -1, -2, 1, 2

    import asyncio
    from ropewalk.internet.interfaces import IReactorDaemonize
    from ropewalk.internet.kqreactor import KQueueReactor
    from ropewalk.internet.protocol import Factory, Protocol
    from ropewalk.internet.task import react

    class Echo(Protocol):
        def dataReceived(self, data):
            self.transport.write(data)

    async def main(reactor):
        port = reactor.listenTCP(0, Factory.forProtocol(Echo), interface="127.0.0.1")

        async def client():
            reader, writer = await asyncio.open_connection("127.0.0.1", port.getHost().port)
            writer.write(bytes(1_000_000))
            print(len(await reader.readexactly(1_000_000)))
            writer.close()

        await asyncio.create_task(client())
        assert IReactorDaemonize.providedBy(reactor)
        reactor.beforeDaemonize()
        reactor.afterDaemonize()
        await asyncio.create_task(client())
        await port.stopListening()
        assert reactor.getReaders() == reactor.getWriters() == []

    react(main, (), KQueueReactor())
"""


def test_echoBeforeAndAfterDaemonizing() -> None:
    """Our transports and asyncio's share a queue, whose entries are made anew in a child process."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=False)
    assert (done.stdout, done.stderr) == ("1000000\n1000000\n", "")


def test_missing() -> None:
    """Where there is no kqueue, its reactor cannot be imported, and the error says what to take."""
    program = "import select\nif hasattr(select, 'kqueue'): del select.kqueue\nimport ropewalk.internet.kqreactor"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "ImportError: this system has no kqueue(2); take the default reactor" in done.stderr
