"""Commands about who the client is, and who else can listen."""

from __future__ import annotations

from typing import Any

from ropewalk.cred.credentials import Anonymous, UsernamePassword
from ropewalk.cred.error import LoginDenied, LoginFailed, UnauthorizedLogin, UnhandledCredentials
from ropewalk.internet.defer import Deferred
from ropewalk.python.failure import Failure
from ropewalk.python.filepath import InsecurePath

from .._wire import ftpreplies as replies
from .errors import AuthorizationError, CmdArgSyntaxError, CmdNotImplementedForArgError
from .interfaces import IFTPShell
from .session import Session
from .verbs import AUTHED, INAUTH, UNAUTH

__all__ = ["Logins"]

# What a portal, or a realm, says to those who may not come in.
_REFUSED = (UnauthorizedLogin, UnhandledCredentials, LoginFailed, LoginDenied, InsecurePath, UnicodeError)


class Logins(Session):
    """USER, PASS, AUTH, PBSZ, PROT, REIN and QUIT."""

    _failedLogins = 0
    _isProtected = False  # PROT P

    def ftp_USER(self, username: str) -> tuple[str, ...]:
        """Take a name, and ask for the password."""
        isGuest = self._isGuest(username)
        if self.tlsForLogins and not self.isSecure and not isGuest:
            return (replies.TLS_REQUIRED,)
        self.leave()
        self._user = username
        self.state = INAUTH
        return (replies.GUEST_NAME_OK_NEED_EMAIL,) if isGuest else (replies.USR_NAME_OK_NEED_PASS, username)

    def _isGuest(self, username: str) -> bool:
        return bool(self.factory.allowAnonymous) and username == self.factory.userAnonymous

    def ftp_PASS(self, password: str) -> Deferred[Any]:
        """Log the user in."""
        credentials: Any
        if self._isGuest(self._user):
            credentials, welcome = Anonymous(), replies.GUEST_LOGGED_IN_PROCEED
        else:
            credentials, welcome = UsernamePassword(self._user, password), replies.USR_LOGGED_IN_PROCEED
        self.state = UNAUTH
        login = self.portal.login(credentials, None, IFTPShell)
        return login.addCallbacks(self._loggedIn, self._loginFailed, (welcome,))  # type: ignore[no-any-return]

    def _loggedIn(self, login: Any, welcome: str) -> str | None:
        _interface, avatar, logout = login
        if self.disconnected:
            logout()  # it took so long that the client has gone
            return None
        self.shell = avatar
        self.logout = logout
        self.workingDirectory = []
        self.state = AUTHED
        return welcome

    def _loginFailed(self, failure: Failure) -> str | None:
        failure.trap(*_REFUSED)
        self._failedLogins += 1
        if self._failedLogins >= self.loginLimit:
            self.reply(replies.TOO_MANY_LOGINS)
            self.transport.loseConnection()
            return None
        raise AuthorizationError from failure.value

    def ftp_ACCT(self, account: str) -> str:
        """Say that there are no accounts."""
        return replies.CMD_NOT_IMPLMNTD_SUPERFLUOUS

    def ftp_REIN(self) -> str:
        """Log out, and begin anew. Encryption stays."""
        self.cleanupDTP()
        self.leave()
        self.binary = True
        return replies.SVC_READY_FOR_NEW_USER

    def ftp_QUIT(self) -> None:
        """Say good-bye."""
        self.reply(replies.GOODBYE_MSG)
        self.transport.loseConnection()
        self.disconnected = True

    # Encryption. Spec: RFC 4217.

    @property
    def dataContext(self) -> Any:
        """What data connections begin TLS with; `None` for those that are not encrypted."""
        return self.contextFactory if self._isProtected else None

    def ftp_AUTH(self, mechanism: str) -> Any:
        """Encrypt the control connection from here on."""
        if self.contextFactory is None or mechanism.upper() not in ("TLS", "TLS-C", "SSL"):
            raise CmdNotImplementedForArgError(mechanism)
        if self.isSecure:
            return replies.BAD_CMD_SEQ, "TLS is on already"
        # Whatever was sent ahead was sent in the clear, by anybody: it must not count as said under TLS.
        self._queue.clear()
        self.clearLineBuffer()
        self.reply(replies.TLS_BEGIN)
        self.transport.startTLS(self.contextFactory)
        self.isSecure = True
        return None

    def ftp_PBSZ(self, size: str) -> Any:
        """Agree on the size of blocks, of which there are none."""
        if not self.isSecure:
            return replies.BAD_CMD_SEQ, "AUTH required before PBSZ"
        if not (size.isascii() and size.isdigit()):
            raise CmdArgSyntaxError(size)
        return replies.PBSZ_OK

    def ftp_PROT(self, level: str) -> Any:
        """Choose whether data connections are encrypted."""
        if not self.isSecure or self.contextFactory is None:
            return replies.BAD_CMD_SEQ, "AUTH required before PROT"
        level = level.upper()
        if level not in ("C", "P"):
            return replies.PROT_NOT_SUPPORTED, level
        if level == "C" and self.tlsForData:
            return replies.PROT_DENIED
        self._isProtected = level == "P"
        return replies.CMD_OK
