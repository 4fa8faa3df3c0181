"""SIP: the messages by which calls are set up, over UDP; a proxy that keeps nothing, and a registrar.

`ropewalk.protocols._sip` has a file for each. Spec: RFC 3261.
"""

from ropewalk._doors import publish

from ._sip.addresses import URL, cleanRequestURL, parseAddress, parseURL, unq
from ._sip.authorizers import BasicAuthorizer, DigestAuthorizer
from ._sip.base import Base
from ._sip.interfaces import IAuthorizer, IContact, ILocator, IRegistry
from ._sip.messages import Message, Request, Response, SIPError, dashCapitalize, statusCodes
from ._sip.parser import MessagesParser
from ._sip.proxy import Proxy
from ._sip.registrar import RegisterProxy
from ._sip.registry import InMemoryRegistry, Registration, RegistrationError
from ._sip.vias import PORT, Via, parseViaHeader
from ._wire.sip import LONG as longHeaders
from ._wire.sip import SHORT as shortHeaders
from ._wire.sip import SPELLED as specialCases

__all__ = [
    "PORT",
    "URL",
    "Base",
    "BasicAuthorizer",
    "DigestAuthorizer",
    "IAuthorizer",
    "IContact",
    "ILocator",
    "IRegistry",
    "InMemoryRegistry",
    "Message",
    "MessagesParser",
    "Proxy",
    "RegisterProxy",
    "Registration",
    "RegistrationError",
    "Request",
    "Response",
    "SIPError",
    "Via",
    "cleanRequestURL",
    "dashCapitalize",
    "longHeaders",
    "parseAddress",
    "parseURL",
    "parseViaHeader",
    "shortHeaders",
    "specialCases",
    "statusCodes",
    "unq",
]
publish(__name__)
