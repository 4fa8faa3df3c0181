"""Ask the system's login modules (PAM), which may ask LDAP, Kerberos or a card reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zope.interface import implementer

from ..internet.defer import Deferred, fail
from ..internet.threads import deferToThread
from ._apart import Apart, InThread
from ._checking import ICredentialsChecker, admit, refusal
from ._kinds import IUsernamePassword
from ._wire.text import asBytes

__all__ = ["PluggableAuthenticationModulesChecker"]


@implementer(ICredentialsChecker)
class PluggableAuthenticationModulesChecker:
    """Lets in who may log in to this machine, as PAM decides it. Each question is asked in a thread.

    Args:
        service: whose rules hold: the name of a file in ``/etc/pam.d``.
        ask: called in a thread with name, password and service, as text; says whether they are right. By default that
            is ``pamela``.
        inThread: calls it there, like `deferToThread`.

    Raises:
        RuntimeError: there is no PAM here, or not the library for it.
    """

    credentialInterfaces = (IUsernamePassword,)

    def __init__(
        self,
        service: str = "login",
        *,
        ask: Callable[[str, str, str], bool] | None = None,
        inThread: InThread = deferToThread,
    ) -> None:
        self.service = service
        self._ask = ask or _pamela()
        self._apart = Apart(inThread)

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes]:
        """Return a Deferred of the user's name; it fails with `UnauthorizedLogin`."""
        name = asBytes(credentials.username)
        try:
            words = name.decode(), asBytes(credentials.password).decode()
        except UnicodeDecodeError:
            return fail(refusal())
        if any("\0" in word for word in words):
            # It would end the text there, and the rest would not count.
            return fail(refusal())
        return self._apart(self._ask, *words, self.service).addCallback(admit, name)


def _pamela() -> Callable[[str, str, str], bool]:
    import importlib

    try:
        pamela = importlib.import_module("pamela")
    except ImportError:
        raise RuntimeError("PAM is asked through the library pamela: pip install 'ropewalk[cred]'") from None
    except (OSError, AttributeError) as problem:
        raise RuntimeError(f"there is no PAM on this system: {problem}") from problem

    def ask(name: str, password: str, service: str) -> bool:
        try:
            # Credentials of the session stay as they are: nobody's session begins here.
            pamela.authenticate(name, password, service=service, resetcred=0)
        except pamela.PAMError:
            return False
        return True

    return ask
