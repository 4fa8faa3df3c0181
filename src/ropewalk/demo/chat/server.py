"""Put the chat together on a reactor, say how to try it, and take it down in order."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ropewalk.internet import defer
from ropewalk.internet.endpoints import TCP4ServerEndpoint, TCP6ServerEndpoint, UNIXServerEndpoint
from ropewalk.internet.error import CannotListenError

from .history import History
from .house import House
from .session import SessionFactory

CLOSING_PATIENCE = 3.0  # seconds that people have to read our goodbye


def defaultSocket() -> str:
    """A path for the UNIX socket that is this user's alone."""
    folder = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return os.path.join(folder, f"ropewalk-chat-{os.getuid()}.sock")


def defaultHistory() -> str:
    folder = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(folder, "ropewalk", "chat.sqlite")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where to listen, and where to remember."""

    port: int = 8123
    interface: str = "127.0.0.1"
    socket: str = field(default_factory=defaultSocket)  # empty: no UNIX socket
    history: str = field(default_factory=defaultHistory)


class ChatServer:
    """The chat, listening.

    Args:
        reactor: what it runs on.
        settings: where to listen.
    """

    def __init__(self, reactor: Any, settings: Settings) -> None:
        self._reactor = reactor
        self._settings = settings
        self._history = History(reactor, settings.history)
        self.factory = SessionFactory(House(), self._history, reactor)
        self.ports: list[Any] = []

    async def open(self) -> None:
        """Open the history and listen.

        Raises:
            CannotListenError: a port or path is in use or not ours to take.
            sqlite3.Error: the history file cannot be used.
            OSError: its folder cannot be made.
        """
        if self._settings.history != ":memory:":
            Path(self._settings.history).parent.mkdir(parents=True, exist_ok=True)
        await self._history.open()
        try:
            for endpoint in self._endpoints():
                self.ports.append(await endpoint.listen(self.factory))
        except CannotListenError:
            await self.close("could not listen everywhere")
            raise

    def _endpoints(self) -> list[Any]:
        settings = self._settings
        Tcp = TCP6ServerEndpoint if ":" in settings.interface else TCP4ServerEndpoint
        endpoints: list[Any] = [Tcp(self._reactor, settings.port, interface=settings.interface)]
        if settings.socket:
            # The lock beside the socket tells a running server from one that was killed.
            endpoints.append(UNIXServerEndpoint(self._reactor, settings.socket, mode=0o600, wantPID=True))
        return endpoints

    async def close(self, why: str = "the server is shutting down") -> None:
        """Stop listening, tell everybody, wait for what is said to be kept. Safe to call when half open."""
        ports, self.ports = self.ports, []
        await defer.gatherResults([defer.maybeDeferred(port.stopListening) for port in ports], consumeErrors=True)
        await self.factory.sendEverybodyHome(why, CLOSING_PATIENCE)
        await self._history.close()

    def howToTry(self) -> str:
        """What to type to join in."""
        port = self.ports[0].getHost().port
        lines = [f"The chat is open on {self._settings.interface} port {port}. Join it from another terminal:", ""]
        lines.append(f"    nc {self._settings.interface} {port}        (or telnet; several times, to talk to yourself)")
        if self._settings.socket:
            lines.append(f"    nc -U {self._settings.socket}")
        kept = self._settings.history
        said = "What is said is forgotten at the end" if kept == ":memory:" else f"What is said is kept in {kept}"
        lines += ["", f"{said}. Ctrl-C closes the chat.", ""]
        return "\n".join(lines)


def serve(settings: Settings) -> int:
    """Run the chat until Ctrl-C; the exit status for the shell."""
    from ropewalk.internet import reactor

    status = 0
    server = ChatServer(reactor, settings)

    async def begin() -> None:
        nonlocal status
        try:
            await server.open()
        except (CannotListenError, sqlite3.Error, OSError) as problem:
            print(f"the chat cannot start: {explain(problem, settings)}", file=sys.stderr)
            status = 1
            reactor.stop()
            return
        print(server.howToTry(), flush=True)
        reactor.addSystemEventTrigger("before", "shutdown", lambda: defer.ensureDeferred(server.close()))

    reactor.callWhenRunning(lambda: defer.ensureDeferred(begin()))
    reactor.run()
    if status == 0:
        print("The chat is closed.")
    return status


def explain(problem: Exception, settings: Settings) -> str:
    """A sentence for the person at the terminal."""
    if isinstance(problem, CannotListenError):
        return f"{problem} Is another one running? --port and --socket choose other places."
    if isinstance(problem, sqlite3.Error):
        return f"the history file {settings.history!r} cannot be used ({problem}); --history chooses another."
    return f"{problem}; --history chooses another file."
