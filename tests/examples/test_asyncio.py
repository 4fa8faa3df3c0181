"""Programs of both worlds on one loop, on every loop."""

from __future__ import annotations

import pytest

from support.examples import EXAMPLES
from support.programs import Program, python


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_asyncioProgramHostsOurProtocols(loop: str) -> None:
    """Under asyncio.run and uvloop.run: its streams, driver-like futures, our protocols and timers, side by side."""
    with Program(python("asyncio/hosted.py", loop), EXAMPLES) as program:
        assert program.wait() == 0, program.report()
    assert program.output == ["b'FROM A DEFERRED'", "b'maerts a morf'", "from a future", "from a delayed call"]
    assert not program.errors


@pytest.mark.parametrize("reactor", ["default", "epoll", "poll", "select", "asyncio"])
def test_reactorProgramUsesAsyncio(reactor: str) -> None:
    """Under reactor.run on each reactor: asyncio's streams, tasks and futures work, and await and are awaited."""
    chosen = {} if reactor == "default" else {"ROPEWALK_REACTOR": reactor}
    with Program(python("asyncio/inreactor.py"), EXAMPLES, chosen) as program:
        assert program.wait() == 0, program.report()
    assert program.output == [
        "hello rope",
        "there and back",
        "a future resolved by the reactor",
        "a Deferred fired by asyncio",
    ]
    assert not program.errors
