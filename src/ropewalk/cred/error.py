"""What a login fails with."""

from __future__ import annotations

__all__ = [
    "LoginDenied",
    "LoginFailed",
    "MalformedCredentials",
    "StaleChallenge",
    "Unauthorized",
    "UnauthorizedLogin",
    "UnhandledCredentials",
]


class Unauthorized(Exception):
    """Somebody may not do what they asked for."""


class LoginFailed(Exception):
    """Nobody was logged in. What a protocol catches to answer its peer."""


class UnauthorizedLogin(LoginFailed, Unauthorized):
    """The credentials are wrong.

    It never says whether the user exists, so that a peer cannot find out who does.
    """


class UnhandledCredentials(LoginFailed):
    """The portal has no checker for credentials of this kind."""


class LoginDenied(LoginFailed):
    """The credentials are right, and the realm refuses all the same: the user is barred, or in already."""


class MalformedCredentials(LoginFailed, ValueError):
    """The peer sent what are no credentials. The message says what is wrong with them."""


class StaleChallenge(LoginFailed):
    """The answer to a challenge came too late, or a second time.

    It says nothing of the password: challenge the peer anew, in HTTP with ``stale=true`` (RFC 7616 §3.3).
    """
