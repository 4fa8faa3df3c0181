"""Addresses: where a transport stands and whom it talks to.

Plain values: equal when every field is, hashable, ordered among their own kind. A transport makes one when
somebody asks `getHost` or `getPeer`, and hands it to `IProtocolFactory.buildProtocol`.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from zope.interface import implementer

    from .interfaces import IAddress
else:
    from ._interfaces.later import IAddress, implementer

__all__ = ["HostnameAddress", "IPv4Address", "IPv6Address", "UNIXAddress"]


class _Address:
    """Value semantics over the fields that ``__match_args__`` names; addresses of different classes are never equal."""

    __slots__ = ("__weakref__",)
    __match_args__: tuple[str, ...] = ()

    def _fields(self) -> tuple[object, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Address) or other.__class__ is not self.__class__:
            return NotImplemented
        return self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash((self.__class__.__name__, self._fields()))

    def __repr__(self) -> str:
        fields = ", ".join([f"{name}={getattr(self, name)!r}" for name in self.__match_args__])
        return f"{self.__class__.__name__}({fields})"


class _Ordered(_Address):
    """An address that sorts among its own class, field by field."""

    __slots__ = ()

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, _Ordered) or other.__class__ is not self.__class__:
            return NotImplemented
        return self._fields() < other._fields()

    def __le__(self, other: object) -> bool:
        if not isinstance(other, _Ordered) or other.__class__ is not self.__class__:
            return NotImplemented
        return self._fields() <= other._fields()

    def __gt__(self, other: object) -> bool:
        if not isinstance(other, _Ordered) or other.__class__ is not self.__class__:
            return NotImplemented
        return self._fields() > other._fields()

    def __ge__(self, other: object) -> bool:
        if not isinstance(other, _Ordered) or other.__class__ is not self.__class__:
            return NotImplemented
        return self._fields() >= other._fields()


def _refuseType(type: object) -> ValueError:
    return ValueError(f"the type of an IP address is 'TCP' or 'UDP', not {type!r}")


@implementer(IAddress)
class IPv4Address(_Ordered):
    """One end of an IPv4 connection, or of a datagram's way.

    Args:
        type: ``"TCP"`` or ``"UDP"``.
        host: the address in dotted decimals, never a name.
        port: the port number.

    Raises:
        ValueError: ``type`` is something else.
    """

    __slots__ = ("host", "port", "type")
    __match_args__ = ("type", "host", "port")

    def __init__(self, type: Literal["TCP", "UDP"], host: str, port: int) -> None:
        if type not in ("TCP", "UDP"):
            raise _refuseType(type)
        self.type = type
        self.host = host
        self.port = port


@implementer(IAddress)
class IPv6Address(_Ordered):
    """One end of an IPv6 connection, or of a datagram's way.

    Args:
        type: ``"TCP"`` or ``"UDP"``.
        host: the address in colon-separated hexadecimals, never a name.
        port: the port number.
        flowInfo: the flow label and traffic class, as the socket gives them.
        scopeID: the zone of a link-local address: an interface's number, or its name.

    Raises:
        ValueError: ``type`` is something else.

    Spec: RFC 3493 §3.3, RFC 4007 §11.
    """

    __slots__ = ("flowInfo", "host", "port", "scopeID", "type")
    __match_args__ = ("type", "host", "port", "flowInfo", "scopeID")

    def __init__(
        self, type: Literal["TCP", "UDP"], host: str, port: int, flowInfo: int = 0, scopeID: str | int = 0
    ) -> None:
        if type not in ("TCP", "UDP"):
            raise _refuseType(type)
        self.type = type
        self.host = host
        self.port = port
        self.flowInfo = flowInfo
        self.scopeID = scopeID


@implementer(IAddress)
class HostnameAddress(_Ordered):
    """A host that is known by its name only, for instance to a name resolver.

    Args:
        hostname: the name in its ASCII (IDNA) form, as bytes.
        port: the port number.
    """

    __slots__ = ("hostname", "port")
    __match_args__ = ("hostname", "port")

    def __init__(self, hostname: bytes, port: int) -> None:
        self.hostname = hostname
        self.port = port


@implementer(IAddress)
class UNIXAddress(_Address):
    """A UNIX socket. Two names of the same file (a symbolic link, say) are the same address.

    Attributes:
        name: the path as bytes in the file system's encoding; it begins with a zero byte for a socket in
            Linux's abstract namespace, and is `None` for a socket that was never bound, as a client's is.
    """

    __slots__ = ("name",)
    __match_args__ = ("name",)

    name: bytes | None

    def __init__(self, name: str | bytes | os.PathLike[str] | os.PathLike[bytes] | None) -> None:
        self.name = None if name is None else os.fsencode(name)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, UNIXAddress) or other.__class__ is not self.__class__:
            return NotImplemented
        return self.name == other.name or self._place() == other._place()

    def __hash__(self) -> int:
        return hash(self._place())

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({None if self.name is None else os.fsdecode(self.name)!r})"

    def _place(self) -> object:
        """The file itself when there is one, else its name."""
        if self.name is None:
            return None
        try:
            found = os.stat(self.name)
        except (OSError, ValueError):  # `ValueError`: an abstract name holds a zero byte
            return self.name
        return found.st_dev, found.st_ino


@implementer(IAddress)
class _ProcessAddress(_Address):
    """What a child process's pipes answer to ``getHost`` and ``getPeer``: they have no address worth telling."""

    __slots__ = ()
