"""Wait with poll(2)."""

from __future__ import annotations

import select
from math import ceil

from .native import NativePoller

__all__ = ["PollPoller"]


class PollPoller(NativePoller):
    """A poller that hands its whole table to the kernel each turn. Where there is epoll, that is better."""

    def __init__(self) -> None:
        super().__init__()
        self._poll = select.poll()
        self._enter = self._poll.register  # type: ignore[method-assign,assignment]  # a C method without a frame of ours
        self._alter = self._poll.modify  # type: ignore[method-assign,assignment]  # likewise

    def _wait(self, timeout: float | None, most: int) -> list[tuple[int, int]]:
        # Rounded up: waking a moment too early would mean to wake again and again until the moment has come.
        return self._poll.poll(None if timeout is None else ceil(timeout * 1000.0))

    def _leave(self, fd: int) -> None:
        try:
            self._poll.unregister(fd)
        except KeyError:
            pass  # `_gone` came first

    def close(self) -> None:
        """Nothing to give back."""
