"""What the engine's *when* offers to those who move bytes, and what it asks of them.

A **poller** knows which descriptors are ready and calls whoever watches them. Everything below happens in the
reactor's thread.

- ``watchRead(fd, doRead)``, ``watchWrite(fd, doWrite)``: call the function, without arguments, whenever the
  descriptor is readable (writable). Level-triggered: it is called again next turn unless the condition went away.
  Watching again for the same descriptor replaces the function.
- ``ignoreRead(fd)``, ``ignoreWrite(fd)``: stop that. Harmless for a descriptor that is not watched.
- ``forget(fd)``: stop both. **Call it before closing the descriptor**: the kernel hands the number out again at
  once, and the next owner must not inherit this one's interest.
- ``cork(transport)``: the transport has unsent bytes: ``transport.flush()`` is called once before the loop waits
  again. A transport corks itself once a turn: it sets a flag in ``write`` and clears it at the start of ``flush``.
- A hang-up or an error calls every function that watches the descriptor: each learns the truth, and its errno, from
  its own system call. A function may also be called when its descriptor is not ready after all (an earlier handler of
  the same turn may have closed it and the number may already be somebody else's): a ``BlockingIOError`` means "not
  now".

A watcher that raises does not stop the loop. Transports catch what protocols raise; what still escapes is logged, the
descriptor is forgotten, and the ``connectionLost`` of the object behind the bound method is called.

`getReaders` and kin find the object behind a descriptor as ``doRead.__self__``: watch with bound methods.

Our own pollers (`native.NativePoller` and its children, one for each mechanism of the operating system) are also
``selectors.BaseSelector`` look-alikes: one call of ``select`` is one turn of the reactor, whoever calls it.
`hosted.HostedPoller` offers the same contract on top of an asyncio event loop that belongs to somebody else.
"""

from __future__ import annotations

# What the mechanisms report, in the numbers of poll(2) and epoll(7), which agree on them everywhere.
READ = 0x1
WRITE = 0x4
FAULT = 0x8 | 0x10  # error, hang-up
GONE = 0x20  # poll's "that is no descriptor"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from ..timers import Timers

    # What watches a descriptor. The result is ignored.
    Watcher = Callable[[], object]

    class Corked(Protocol):
        """A transport with bytes that wait for the end of the turn."""

        def flush(self) -> object:
            """Send what can be sent now; ask for write interest if something is left."""

    class Poller(Protocol):
        """See the module's text; `readers` and `writers` are read-only for everybody but the poller."""

        readers: dict[int, Watcher]
        writers: dict[int, Watcher]
        timers: Timers

        # Attributes, not methods: the native pollers' `cork` is the bound ``append`` of their list.
        @property
        def cork(self) -> Callable[[Corked], object]: ...

        def watchRead(self, fd: int, doRead: Watcher) -> None: ...
        def watchWrite(self, fd: int, doWrite: Watcher) -> None: ...
        def ignoreRead(self, fd: int) -> None: ...
        def ignoreWrite(self, fd: int) -> None: ...
        def forget(self, fd: int) -> None: ...
        def close(self) -> None: ...
