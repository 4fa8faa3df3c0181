"""What both sides of a registration have to know: the command, and how it may fail."""

from ropewalk.protocols.amp import Command, Integer, String, Unicode


class UsernameUnavailable(Exception):
    """Somebody else has that name."""


class RegisterUser(Command):
    """Register a name with a key."""

    arguments = [("username", Unicode()), ("publickey", String())]
    response = [("uid", Integer())]
    errors = {UsernameUnavailable: "username-unavailable"}
