"""The chat as an application: its options, and its tree of services from start to stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropewalk.application import service
from ropewalk.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from ropewalk.demo.chat.history import History
from ropewalk.demo.chat.service import ChatService, Options
from ropewalk.internet import epollreactor
from ropewalk.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from ropewalk.internet.error import CannotListenError
from ropewalk.plugin import getPlugins
from ropewalk.protocols.basic import LineOnlyReceiver
from ropewalk.python import usage
from support.reactors import run


class Guest(LineOnlyReceiver):
    """Says its name and hears what it is told, until the end."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.heard: list[bytes] = []

    def connectionMade(self) -> None:
        self.transport.write(self.name + b"\n")

    def lineReceived(self, line: bytes) -> None:
        self.heard.append(line)


def made(words: list[str]) -> Options:
    options = Options()
    options.parseOptions(words)
    return options


def test_optionsSayWhereToListen() -> None:
    """A port and a UNIX socket by default; a colon in an address or path is quoted; endpoints replace both."""
    assert made(["--port", "1", "--socket", "/tmp/a:b"]).endpoints() == [
        "tcp:1:interface=127.0.0.1",
        "unix:/tmp/a\\:b:mode=600:lockfile=1",
    ]
    assert made(["--interface", "::1", "--socket", ""]).endpoints() == ["tcp6:8123:interface=\\:\\:1"]
    assert made(["--listen", "tcp:1", "--listen", "tcp:2"]).endpoints() == ["tcp:1", "tcp:2"]


@pytest.mark.parametrize("words", [["--port", "chat"], ["--goodbye", "-1"], ["--auth", "nonsense"]])
def test_wrongOptionsAreSentences(words: list[str]) -> None:
    with pytest.raises(usage.UsageError):
        made(words)


def test_twistKnowsTheChat() -> None:
    """``chat`` is among the services that twistd and twist can start."""
    (found,) = [maker for maker in getPlugins(service.IServiceMaker) if maker.tapname == "chat"]
    assert found.options is Options


def test_chatRunsAsAService(tmp_path: Path) -> None:
    """Started it listens, stopped it says goodbye and frees the port; and it can be started again."""
    reactor = epollreactor.EPollReactor()
    history = History(reactor, str(tmp_path / "chat.sqlite"))
    chat = ChatService(reactor, ["tcp:0:interface=127.0.0.1"], history, [], 3.0)

    async def once() -> list[bytes]:
        chat.privilegedStartService()
        chat.startService()
        (listener,) = chat
        port = (await listener.whenListening()).getHost().port
        guest = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port), Guest(b"ada"))
        while len(guest.heard) < 2:
            from ropewalk.internet.task import deferLater

            await deferLater(reactor, 0.001)
        await chat.stopService()
        return guest.heard

    async def main() -> None:
        for _ in range(2):
            heard = await once()
            assert heard[1].startswith(b"Hello, ada.")
            assert not chat.factory.sessions

    run(reactor, main)


def test_portInUseClosesTheHistory(tmp_path: Path) -> None:
    """A start that fails leaves nothing open, and raises why."""
    reactor = epollreactor.EPollReactor()

    async def main() -> None:
        from ropewalk.internet.protocol import Factory

        port = reactor.listenTCP(0, Factory(), interface="127.0.0.1")
        history = History(reactor, ":memory:")
        chat = ChatService(reactor, [f"tcp:{port.getHost().port}:interface=127.0.0.1"], history, [], 1.0)
        with pytest.raises(CannotListenError):
            chat.startService()
        await history.close()
        await port.stopListening()

    run(reactor, main)


def test_checkersGuardTheDoor() -> None:
    """Checkers make the chat ask for passwords."""
    reactor = epollreactor.EPollReactor()
    checker = InMemoryUsernamePasswordDatabaseDontUse(ada=b"secret")
    chat = ChatService(reactor, [], History(reactor, ":memory:"), [checker], 1.0)
    assert chat.factory._door.asksPassword
