"""``twistd chat`` and ``twist chat``: the chat server that ``ropewalk demo`` starts."""

from __future__ import annotations

from ropewalk.application.service import ServiceMaker

__all__ = ["chat"]

chat = ServiceMaker(
    "Ropewalk chat",
    "ropewalk.demo.chat.service",
    "A chat server for people with nc or telnet.",
    "chat",
)
