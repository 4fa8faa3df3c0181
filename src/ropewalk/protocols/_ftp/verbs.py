"""What a client may say, and when.

A session is in one of four states. What is legal in a state is a row of `STEPS`; what is legal always is the session's
``PUBLIC_COMMANDS``. `VERBS` says of each command whether it has an argument, and what it is for. A session has a method
``ftp_VERB`` for each; a child class that has more of them serves more commands.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from enum import Enum

from .._wire import ftpreplies as replies

__all__ = ["AUTHED", "INAUTH", "OTHER_NAMES", "RENAMING", "UNAUTH", "URGENT", "VERBS", "Argument", "Verb", "refusal"]

#: The states: nobody is logged in; a name was said; somebody is; a file is about to be renamed.
UNAUTH, INAUTH, AUTHED, RENAMING = range(4)


class Argument(Enum):
    """Whether a command has one."""

    NONE = ""
    MAYBE = "[...]"
    NEEDED = "..."


@dataclass(frozen=True, slots=True)
class Verb:
    """A command.

    Attributes:
        argument: whether it has one.
        purpose: for people.
    """

    argument: Argument
    purpose: str


_NONE, _MAYBE, _NEEDED = Argument.NONE, Argument.MAYBE, Argument.NEEDED

VERBS = {
    # Who.
    "USER": Verb(_NEEDED, "say who you are"),
    "PASS": Verb(_NEEDED, "prove it"),
    "ACCT": Verb(_NEEDED, "not needed here"),
    "REIN": Verb(_NONE, "log out, and stay connected"),
    "QUIT": Verb(_NONE, "say good-bye"),
    # Encryption (RFC 4217).
    "AUTH": Verb(_NEEDED, "TLS: encrypt this connection"),
    "PBSZ": Verb(_NEEDED, "0, always; comes before PROT"),
    "PROT": Verb(_NEEDED, "P: encrypt data connections; C: don't"),
    # Where.
    "CWD": Verb(_NEEDED, "go to a directory"),
    "CDUP": Verb(_NONE, "go to the one above"),
    "PWD": Verb(_NONE, "tell which it is"),
    # How data is sent.
    "TYPE": Verb(_NEEDED, "I: as it is; A: as text"),
    "MODE": Verb(_NEEDED, "S: as a stream"),
    "STRU": Verb(_NEEDED, "F: as a file"),
    "PASV": Verb(_NONE, "I connect to you"),
    "EPSV": Verb(_MAYBE, "I connect to you, by IPv4 or IPv6"),
    "PORT": Verb(_NEEDED, "you connect to me"),
    "EPRT": Verb(_NEEDED, "you connect to me, by IPv4 or IPv6"),
    "REST": Verb(_NEEDED, "begin the next transfer at a byte"),
    "ALLO": Verb(_NEEDED, "not needed here"),
    # Transfers.
    "RETR": Verb(_NEEDED, "send me a file"),
    "STOR": Verb(_NEEDED, "take a file"),
    "APPE": Verb(_NEEDED, "take what follows in a file"),
    "STOU": Verb(_MAYBE, "take a file, and think of a name"),
    "LIST": Verb(_MAYBE, "tell what is in a directory, for people"),
    "NLST": Verb(_MAYBE, "tell the names in a directory"),
    "MLSD": Verb(_MAYBE, "tell what is in a directory, for programs"),
    "ABOR": Verb(_NONE, "stop the transfer"),
    # Files.
    "MLST": Verb(_MAYBE, "tell about a file, for programs"),
    "SIZE": Verb(_NEEDED, "tell how many bytes a file has"),
    "MDTM": Verb(_NEEDED, "tell when a file was changed"),
    "MKD": Verb(_NEEDED, "make a directory"),
    "RMD": Verb(_NEEDED, "remove a directory"),
    "DELE": Verb(_NEEDED, "remove a file"),
    "RNFR": Verb(_NEEDED, "rename a file; RNTO follows"),
    "RNTO": Verb(_NEEDED, "the file's new name"),
    # About the server.
    "FEAT": Verb(_NONE, "tell what is supported"),
    "OPTS": Verb(_NEEDED, "UTF8 ON; MLST and the facts to tell"),
    "STAT": Verb(_MAYBE, "tell how things are; of a directory, what is in it"),
    "HELP": Verb(_MAYBE, "tell what a command is for"),
    "SYST": Verb(_NONE, "tell what system this is"),
    "NOOP": Verb(_NONE, "do nothing, and stay connected"),
}

# RFC 775, which many clients go by.
OTHER_NAMES = {"XCUP": "CDUP", "XCWD": "CWD", "XMKD": "MKD", "XPWD": "PWD", "XRMD": "RMD"}

#: What is carried out while a transfer is under way; all else waits for its end.
URGENT = frozenset({"ABOR", "STAT"})

# The steps that are not those of whoever is logged in.
STEPS = {
    UNAUTH: frozenset({"USER"}),
    INAUTH: frozenset({"USER", "PASS"}),
    RENAMING: frozenset({"RNTO", "ABOR"}),
}

# What is wrong with anything else.
_REFUSALS: dict[int, tuple[str, ...]] = {
    UNAUTH: (replies.NOT_LOGGED_IN,),
    INAUTH: (replies.BAD_CMD_SEQ, "PASS required after USER"),
    RENAMING: (replies.BAD_CMD_SEQ, "RNTO required after RNFR"),
}
_OWN_REFUSALS = {
    (UNAUTH, "PASS"): (replies.BAD_CMD_SEQ, "USER required before PASS"),
    (AUTHED, "PASS"): (replies.BAD_CMD_SEQ, "USER required before PASS"),
    (AUTHED, "RNTO"): (replies.BAD_CMD_SEQ, "RNFR required before RNTO"),
}


def refusal(state: int, verb: str, public: Container[str]) -> tuple[str, ...] | None:
    """Return the reply to a command that is out of order, as key and arguments; `None` for one that is not."""
    if verb in public:
        return None
    own = _OWN_REFUSALS.get((state, verb))
    if own is not None or state == AUTHED:
        return own
    return None if verb in STEPS[state] else _REFUSALS[state]
