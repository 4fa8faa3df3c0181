"""Who may come in, and under which name: `ropewalk.cred` on one side, the house on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from zope.interface import Attribute, Interface, implementer

from ropewalk.cred.checkers import ICredentialsChecker
from ropewalk.cred.credentials import IUsernamePassword, UsernamePassword
from ropewalk.cred.error import LoginDenied
from ropewalk.cred.portal import IRealm, Portal

from .house import Guest, House

Leave = Callable[[], object]


class IGuest(Interface):
    """The avatar: somebody in the house."""

    name = Attribute("What they are called.")
    room = Attribute("The room that they are in.")

    def tell(text: str) -> None:
        """Show the person one line."""


class Door:
    """Lets people in.

    Args:
        house: into it.
        checkers: what tells who is who, for names and passwords. Without any, whoever says a name has it.

    Attributes:
        asksPassword: whether a name alone isn't enough. Then it belongs to one person, and can't be changed.
    """

    def __init__(self, house: House, checkers: Iterable[Any] = ()) -> None:
        checkers = list(checkers)
        self.asksPassword = bool(checkers)
        self._portal = Portal(_Rooms(house), checkers or [_TakesTheirWord()])

    async def enter(self, guest: Guest, name: str, password: str = "") -> Leave:
        """Let a guest in.

        Returns:
            What to call when the guest is gone.

        Raises:
            Misunderstood: somebody of that name is in already.
            LoginFailed: name and password don't belong together, or the checker won't have them.
        """
        credentials = UsernamePassword(name.encode(), password.encode())
        _, _, leave = await self._portal.login(credentials, guest, IGuest)
        return leave


@implementer(IRealm)
class _Rooms:
    """The realm: whoever is known gets into the house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def requestAvatar(self, avatarId: bytes | str | tuple[()], mind: Any, *interfaces: Any) -> tuple[Any, Guest, Leave]:
        if IGuest not in interfaces:
            raise NotImplementedError(f"the chat has guests (IGuest) only, none of {interfaces!r}")
        if isinstance(avatarId, tuple):
            raise LoginDenied("everybody in the chat has a name")
        # Some checkers tell names as text, as their users were given to them.
        self._house.enter(mind, avatarId.decode() if isinstance(avatarId, bytes) else avatarId)
        return IGuest, mind, lambda: self._house.leave(mind)


@implementer(ICredentialsChecker)
class _TakesTheirWord:
    credentialInterfaces = (IUsernamePassword,)

    def requestAvatarId(self, credentials: Any) -> bytes:
        name: bytes = credentials.username
        return name
