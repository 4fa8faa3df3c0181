"""Wait with epoll(7), on Linux."""

from __future__ import annotations

from select import epoll

from .native import NativePoller

__all__ = ["EpollPoller"]


class EpollPoller(NativePoller):
    """A poller whose table of interest lives in the kernel: a turn costs what is ready, not what is open."""

    def __init__(self) -> None:
        super().__init__()
        self._epoll = epoll()
        # Bound methods of a C object, without a frame of ours in between.
        self._wait = self._epoll.poll  # type: ignore[method-assign,assignment]  # other names, same meaning
        self._enter = self._epoll.register  # type: ignore[method-assign,assignment]  # likewise
        self._alter = self._epoll.modify  # type: ignore[method-assign,assignment]  # likewise

    def fileno(self) -> int:
        """Return epoll's own descriptor."""
        return self._epoll.fileno()

    def _leave(self, fd: int) -> None:
        try:
            self._epoll.unregister(fd)
        except OSError:
            pass  # closed before it was forgotten: the kernel dropped it by itself

    def close(self) -> None:
        """Close epoll's descriptor."""
        self._epoll.close()
