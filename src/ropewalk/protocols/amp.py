"""AMP: commands with typed arguments, and their answers, in both directions over one connection.

    class Sum(Command):
        arguments = [(b"a", Integer()), (b"b", Integer())]
        response = [(b"total", Integer())]

    class Calculator(AMP):
        @Sum.responder
        def sum(self, a: int, b: int) -> dict[str, int]:
            return {"total": a + b}

    total = (await client.callRemote(Sum, a=3, b=4))["total"]

`ropewalk.protocols._amp` has a file for each side of it. TLS is loaded when it is first asked for, by `StartTLS` or by
one of the names of `ropewalk.internet.ssl` that stand here, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk._doors import publish
from ropewalk.logger import Logger

from ._amp.arguments import (
    AmpList,
    Boolean,
    DateTime,
    Decimal,
    Descriptor,
    Float,
    Integer,
    ListOf,
    Path,
    String,
    Unicode,
    utc,
)
from ._amp.box import (
    ANSWER,
    ASK,
    COMMAND,
    ERROR,
    ERROR_CODE,
    ERROR_DESCRIPTION,
    MAX_KEY_LENGTH,
    MAX_VALUE_LENGTH,
    AmpBox,
    Box,
    QuitBox,
    parse,
    parseString,
)
from ._amp.commands import Command
from ._amp.dispatch import BoxDispatcher
from ._amp.errors import (
    PROTOCOL_ERRORS,
    UNHANDLED_ERROR_CODE,
    UNKNOWN_ERROR_CODE,
    AmpError,
    BadLocalReturn,
    IncompatibleVersions,
    InvalidSignature,
    MalformedAmpBox,
    NoEmptyBoxes,
    OnlyOneTLS,
    ProtocolSwitched,
    RemoteAmpError,
    TooLong,
    UnhandledCommand,
    UnknownRemoteError,
)
from ._amp.interfaces import IArgumentType, IBoxReceiver, IBoxSender, IResponderLocator
from ._amp.locators import CommandLocator, SimpleStringLocator
from ._amp.protocol import AMP, BinaryBoxProtocol
from ._amp.security import StartTLS
from ._amp.signature import PYTHON_KEYWORDS, Argument
from ._amp.switching import ProtocolSwitchCommand

if TYPE_CHECKING:
    from ropewalk.internet.ssl import DN as DN
    from ropewalk.internet.ssl import Certificate as Certificate
    from ropewalk.internet.ssl import CertificateOptions as CertificateOptions
    from ropewalk.internet.ssl import KeyPair as KeyPair

__all__ = [
    "AMP",
    "ANSWER",
    "ASK",
    "COMMAND",
    "ERROR",
    "ERROR_CODE",
    "ERROR_DESCRIPTION",
    "MAX_KEY_LENGTH",
    "MAX_VALUE_LENGTH",
    "PROTOCOL_ERRORS",
    "PYTHON_KEYWORDS",
    "UNHANDLED_ERROR_CODE",
    "UNKNOWN_ERROR_CODE",
    "AmpBox",
    "AmpError",
    "AmpList",
    "Argument",
    "BadLocalReturn",
    "BinaryBoxProtocol",
    "Boolean",
    "Box",
    "BoxDispatcher",
    "Command",
    "CommandLocator",
    "DateTime",
    "Decimal",
    "Descriptor",
    "Float",
    "IArgumentType",
    "IBoxReceiver",
    "IBoxSender",
    "IResponderLocator",
    "IncompatibleVersions",
    "Integer",
    "InvalidSignature",
    "ListOf",
    "Logger",
    "MalformedAmpBox",
    "NoEmptyBoxes",
    "OnlyOneTLS",
    "Path",
    "ProtocolSwitchCommand",
    "ProtocolSwitched",
    "QuitBox",
    "RemoteAmpError",
    "SimpleStringLocator",
    "StartTLS",
    "String",
    "TooLong",
    "UnhandledCommand",
    "Unicode",
    "UnknownRemoteError",
    "parse",
    "parseString",
    "utc",
]
publish(__name__)

_TLS = frozenset({"DN", "Certificate", "CertificateOptions", "KeyPair"})


def __getattr__(name: str) -> Any:
    """Load TLS for the names that come from there."""
    if name not in _TLS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ropewalk.internet import ssl

    return getattr(ssl, name)
