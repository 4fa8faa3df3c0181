"""The chat as a service: ``twistd chat``, ``twist chat``, a ``.tac`` file, or ``ropewalk demo``."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from ropewalk.application import strports
from ropewalk.application.service import MultiService
from ropewalk.cred.credentials import IUsernamePassword
from ropewalk.cred.strcred import AuthOptionMixin
from ropewalk.internet.endpoints import quoteStringArgument
from ropewalk.logger import Logger
from ropewalk.python import usage

from .door import Door
from .history import History
from .house import House
from .session import SessionFactory

GOODBYE = "the server is shutting down"

_log = Logger()


def defaultSocket(port: int) -> str:
    """A path for the UNIX socket of this user's chat on a port."""
    folder = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return os.path.join(folder, f"ropewalk-chat-{os.getuid()}-{port}.sock")


def defaultHistory() -> str:
    """A file of this user's."""
    folder = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return os.path.join(folder, "ropewalk", "chat.sqlite")


def _seconds(text: str) -> float:
    if not 0 <= (seconds := float(text)) <= 3600:
        raise ValueError("from 0 to 3600 seconds")
    return seconds


class Options(AuthOptionMixin, usage.Options):
    """Where to listen, what to remember, and who may come in."""

    synopsis = "[options]"
    longdesc = "A chat server for people with nc or telnet: rooms, whispers, and a history that outlives it."
    supportedInterfaces = (IUsernamePassword,)
    optParameters = [
        ["port", "p", 8123, "The TCP port to listen on.", usage.portCoerce],
        ["interface", "i", "127.0.0.1", "The address to listen on."],
        ["socket", "s", None, "The UNIX socket to listen on; an empty one for none."],
        ["history", None, None, "The file where what was said is kept; :memory: for nowhere."],
        ["goodbye", None, 3.0, "How many seconds people have to read the goodbye.", _seconds],
    ]
    compData = usage.Completions(optActions={"socket": usage.CompleteFiles(), "history": usage.CompleteFiles()})

    def __init__(self) -> None:
        super().__init__()
        self["listen"] = []

    def opt_listen(self, description: str) -> None:
        """Listen at this endpoint in place of those, tls:/etc/chat say; may be given several times."""
        self["listen"].append(description)

    def postOptions(self) -> None:
        if self["socket"] is None:
            self["socket"] = defaultSocket(self["port"])
        if self["history"] is None:
            self["history"] = defaultHistory()

    def endpoints(self) -> list[str]:
        """Where to listen, as endpoints are written."""
        if self["listen"]:
            return list(self["listen"])
        kind = "tcp6" if ":" in self["interface"] else "tcp"
        found = [f"{kind}:{self['port']}:interface={quoteStringArgument(self['interface'])}"]
        if self["socket"]:
            # The lock beside the socket tells a running server from one that was killed.
            found.append(f"unix:{quoteStringArgument(self['socket'])}:mode=600:lockfile=1")
        return found


class ChatService(MultiService):
    """The chat: its children listen.

    Args:
        reactor: what it runs on.
        endpoints: where to listen, as endpoints are written.
        history: what remembers; opened and closed here.
        checkers: who may come in; see `Door`.
        goodbyeSeconds: how long people have to read our goodbye.

    Raises:
        ValueError: an endpoint makes no sense.
    """

    def __init__(
        self,
        reactor: Any,
        endpoints: list[str],
        history: History,
        checkers: list[Any],
        goodbyeSeconds: float,
    ) -> None:
        super().__init__()
        house = House()
        self._history = history
        self._goodbye = goodbyeSeconds
        self.factory = SessionFactory(house, Door(house, checkers), history, reactor)
        for description in endpoints:
            self.addService(strports.service(description, self.factory, reactor))

    def startService(self) -> None:
        """Open the history, and listen where that needs no privilege.

        Raises:
            CannotListenError: a port or path is in use or not ours to take.
            HistoryUnusable: the history file is none, or cannot be written.
        """
        self._history.open()
        try:
            super().startService()
        except BaseException:
            self._history.close()
            raise
        _log.info("the chat is open")

    async def stopService(self) -> None:  # type: ignore[override]  # a coroutine function will do, too
        """Accept no more, tell everybody, wait for what is said to be kept. Cancelled, it cuts everybody off."""
        try:
            await super().stopService()
            await self.factory.sendEverybodyHome(GOODBYE, self._goodbye)
        finally:
            self.factory.cutOff()
            await self._history.close()
        _log.info("the chat is closed")


def makeService(options: Options) -> ChatService:
    """Make the service that the options ask for.

    Raises:
        ropewalk.python.usage.UsageError: an endpoint makes no sense.
    """
    from ropewalk.internet import reactor

    history = History(reactor, options["history"])
    try:
        return ChatService(reactor, options.endpoints(), history, options.get("credCheckers", []), options["goodbye"])
    except ValueError as problem:
        raise usage.UsageError(f"cannot listen there: {problem}") from problem
