"""Who is here, in which room, and who hears what. No I/O: a guest is anything with a name and `Guest.tell`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from .commands import Misunderstood

LOBBY = "lobby"


class Guest(Protocol):
    """What the house needs of a person."""

    name: str
    room: str

    def tell(self, text: str) -> None:
        """Show the person one line."""


class House:
    """The rooms and the people in them. Names are unique whatever their case."""

    def __init__(self) -> None:
        self._guests: dict[str, Guest] = {}  # casefolded name -> guest, in order of arrival

    def __len__(self) -> int:
        return len(self._guests)

    def guests(self) -> list[Guest]:
        return list(self._guests.values())

    def enter(self, guest: Guest, name: str) -> None:
        """Let a newcomer in, under a name, into the lobby.

        Raises:
            Misunderstood: the name is taken.
        """
        self._claim(name, guest)
        guest.name = name
        guest.room = LOBBY
        self._tellOthers(guest, f"* {name} has come")

    def leave(self, guest: Guest) -> None:
        """Forget a guest who is gone. Harmless for one who never entered."""
        if self._guests.get(guest.name.casefold()) is guest:
            del self._guests[guest.name.casefold()]
            self._tellOthers(guest, f"* {guest.name} has gone")

    def move(self, guest: Guest, room: str) -> None:
        """Go to another room; those in both rooms are told."""
        room = self._spelling(room)
        if room == guest.room:
            raise Misunderstood(f"you are in #{room} already")
        self._tellOthers(guest, f"* {guest.name} has left for #{room}")
        guest.room = room
        self._tellOthers(guest, f"* {guest.name} has come")

    def rename(self, guest: Guest, name: str) -> None:
        """Take another name (or write the same one differently); everybody in the room is told.

        Raises:
            Misunderstood: the name is somebody else's.
        """
        old = guest.name
        self._claim(name, guest)
        if name.casefold() != old.casefold():
            del self._guests[old.casefold()]
        guest.name = name
        self.tellRoom(guest.room, f"* {old} is now called {name}")

    def whisper(self, guest: Guest, name: str, text: str) -> None:
        """Tell one person something.

        Raises:
            Misunderstood: nobody of that name is here.
        """
        other = self._guests.get(name.casefold())
        if other is None:
            raise Misunderstood(f"nobody called {name} is here; /who lists who is in your room")
        other.tell(f"[{guest.name} -> you] {text}")
        guest.tell(f"[you -> {other.name}] {text}")

    def tellRoom(self, room: str, text: str) -> None:
        """Everybody in the room hears it."""
        for guest in self.inRoom(room):
            guest.tell(text)

    def inRoom(self, room: str) -> list[Guest]:
        return [guest for guest in self._guests.values() if guest.room == room]

    def rooms(self) -> dict[str, int]:
        """The rooms that somebody is in, with how many; the lobby always first."""
        counts = {LOBBY: 0}
        for guest in self._guests.values():
            counts[guest.room] = counts.get(guest.room, 0) + 1
        return counts

    def _claim(self, name: str, guest: Guest) -> None:
        holder = self._guests.setdefault(name.casefold(), guest)
        if holder is not guest:
            raise Misunderstood(f"the name {name} is taken")

    def _spelling(self, room: str) -> str:
        """A room's name as those who are in it write it."""
        for existing in self.rooms():
            if existing.casefold() == room.casefold():
                return existing
        return room

    def _tellOthers(self, guest: Guest, text: str) -> None:
        others: Iterable[Guest] = self.inRoom(guest.room)
        for other in others:
            if other is not guest:
                other.tell(text)
