"""A portal asks the checker for the kind of credentials, then the realm, and passes on what either says."""

from __future__ import annotations

from typing import Any

import pytest
from zope.interface import Interface, implementer

from ropewalk.cred.checkers import ANONYMOUS, AllowAnonymousAccess, InMemoryUsernamePasswordDatabaseDontUse
from ropewalk.cred.credentials import (
    Anonymous,
    IAnonymous,
    ICredentials,
    IUsernameHashedPassword,
    IUsernamePassword,
    UsernamePassword,
)
from ropewalk.cred.error import LoginDenied, LoginFailed, Unauthorized, UnauthorizedLogin, UnhandledCredentials
from ropewalk.cred.portal import IRealm, Portal
from ropewalk.internet.defer import CancelledError, Deferred
from support.outcomes import outcome


class IMailbox(Interface):
    """What the realm has."""


class IPrinter(Interface):
    """What it has not."""


@implementer(IRealm)
class Realm:
    """Gives mailboxes, which are the users' names, and keeps whom it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.gone: list[Any] = []

    def requestAvatar(self, avatarId: Any, mind: object, *interfaces: Any) -> Any:
        self.asked.append((avatarId, mind, interfaces))
        if IMailbox not in interfaces:
            raise NotImplementedError("only mailboxes here")
        return IMailbox, avatarId, lambda: self.gone.append(avatarId)


class Checker:
    """Says whatever it is told to say."""

    def __init__(self, answer: Any, *interfaces: Any) -> None:
        self.answer = answer
        self.credentialInterfaces = interfaces or (IUsernamePassword,)

    def requestAvatarId(self, credentials: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


JOE = UsernamePassword(b"joe", b"secret")


@pytest.fixture
def realm() -> Realm:
    return Realm()


def test_login(realm: Realm) -> None:
    """CR1, CR2, CR6, CR7: the checker's answer and the mind go to the realm, what it returns to the protocol."""
    portal = Portal(realm, [InMemoryUsernamePasswordDatabaseDontUse(joe=b"secret")])
    interface, avatar, logout = outcome(portal.login(JOE, "mind", IPrinter, IMailbox))
    assert (interface, avatar) == (IMailbox, b"joe")
    assert realm.asked == [(b"joe", "mind", (IPrinter, IMailbox))]
    logout()
    assert realm.gone == [b"joe"]


def test_wrongPassword(realm: Realm) -> None:
    """CR11: the login fails, and the realm is not asked."""
    portal = Portal(realm, [InMemoryUsernamePasswordDatabaseDontUse(joe=b"secret")])
    with pytest.raises(UnauthorizedLogin, match="the name or the password is wrong") as refused:
        outcome(portal.login(UsernamePassword(b"joe", b"guess"), None, IMailbox))
    assert isinstance(refused.value, LoginFailed)
    assert isinstance(refused.value, Unauthorized)
    assert not realm.asked


def test_kindOfCredentialsDecides(realm: Realm) -> None:
    """CR9, CR10: with several checkers, it is the credentials that choose."""
    portal = Portal(realm, [AllowAnonymousAccess(), InMemoryUsernamePasswordDatabaseDontUse(joe=b"secret")])
    assert outcome(portal.login(Anonymous(), None, IMailbox))[1] is ANONYMOUS
    assert outcome(portal.login(JOE, None, IMailbox))[1] == b"joe"
    assert portal.listCredentialsInterfaces() == [IAnonymous, IUsernamePassword, IUsernameHashedPassword]


def test_registerForCertainCredentials(realm: Realm) -> None:
    """CR3: the interfaces given count in place of the checker's own; the last checker for one counts."""
    portal = Portal(realm)
    portal.registerChecker(Checker(b"declared"))
    assert outcome(portal.login(JOE, None, IMailbox))[1] == b"declared"
    portal.registerChecker(Checker(b"given", IAnonymous), IUsernamePassword)
    assert outcome(portal.login(JOE, None, IMailbox))[1] == b"given"
    assert portal.listCredentialsInterfaces() == [IUsernamePassword]


def test_registerForAllCredentials(realm: Realm) -> None:
    """An interface that others extend stands for all of them."""
    portal = Portal(realm)
    portal.registerChecker(Checker(b"any"), ICredentials)
    assert outcome(portal.login(JOE, None, IMailbox))[1] == b"any"
    assert outcome(portal.login(Anonymous(), None, IMailbox))[1] == b"any"


def test_noChecker(realm: Realm) -> None:
    """Credentials that nobody checks fail the login; the message names them, and what there is."""
    with pytest.raises(UnhandledCredentials, match=r"IAnonymous; .* checkers for ropewalk\.cred\.credentials\.IUser"):
        outcome(Portal(realm, [Checker(b"")]).login(Anonymous(), None, IMailbox))
    with pytest.raises(UnhandledCredentials, match="str'>; this portal has checkers for nothing"):
        outcome(Portal(realm).login("no credentials", None, IMailbox))


@pytest.mark.parametrize("problem", [UnauthorizedLogin(), ValueError("the database is gone")])
def test_checkerRaises(realm: Realm, problem: Exception) -> None:
    """CR4: whatever a checker raises, the login fails with it."""
    with pytest.raises(type(problem)):
        outcome(Portal(realm, [Checker(problem)]).login(JOE, None, IMailbox))
    assert not realm.asked


@pytest.mark.parametrize("problem", [LoginDenied("barred"), ValueError("too many connections")])
def test_realmRaises(problem: Exception) -> None:
    """CR17: whatever the realm raises, the login fails with it."""

    class Full:
        def requestAvatar(self, avatarId: Any, mind: object, *interfaces: Any) -> Any:
            raise problem

    with pytest.raises(type(problem), match=str(problem)):
        outcome(Portal(Full(), [Checker(b"joe")]).login(JOE, None, IMailbox))


def test_realmHasNone(realm: Realm) -> None:
    """CR17: a realm without such avatars says so."""
    with pytest.raises(NotImplementedError, match="only mailboxes"):
        outcome(Portal(realm, [Checker(b"joe")]).login(JOE, None, IPrinter))


def test_deferreds() -> None:
    """CR4, CR6: checker and realm may take their time."""
    checked: Deferred[bytes] = Deferred()
    made: Deferred[Any] = Deferred()

    class Slow:
        def requestAvatar(self, avatarId: Any, mind: object, *interfaces: Any) -> Deferred[Any]:
            return made

    login = Portal(Slow(), [Checker(checked)]).login(JOE, None, IMailbox)
    assert not login.called
    checked.callback(b"joe")
    made.callback((IMailbox, "mailbox", int))
    assert outcome(login) == (IMailbox, "mailbox", int)


def test_coroutines() -> None:
    """Checker and realm may be coroutines, and the caller may await the login."""

    class Awaiting:
        credentialInterfaces = (IUsernamePassword,)

        async def requestAvatarId(self, credentials: Any) -> bytes:
            return b"joe"

        async def requestAvatar(self, avatarId: Any, mind: object, *interfaces: Any) -> Any:
            return IMailbox, avatarId, int

    async def enter() -> Any:
        return await Portal(Awaiting(), [Awaiting()]).login(JOE, None, IMailbox)

    assert outcome(Deferred.fromCoroutine(enter())) == (IMailbox, b"joe", int)


def test_cancel(realm: Realm) -> None:
    """Who cancels a login cancels what it waits for."""
    cancelled = []
    login = Portal(realm, [Checker(Deferred(cancelled.append))]).login(JOE, None, IMailbox)
    login.cancel()
    with pytest.raises(CancelledError):
        outcome(login)
    assert len(cancelled) == 1
