"""Reads inetd.conf(5) and services(5)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from ._inetd.rate import MOST_STARTS

__all__ = [
    "InetdConf",
    "InetdService",
    "InvalidConfError",
    "InvalidInetdConfError",
    "InvalidServicesConfError",
    "ServicesConf",
    "SimpleConfFile",
    "UnknownService",
]

# What the third field may say -> the protocol that services(5) knows it by, and the address that stands for all.
PROTOCOLS = {
    "tcp": ("tcp", ""),
    "tcp4": ("tcp", ""),
    "tcp6": ("tcp", "::"),
    "udp": ("udp", ""),
    "udp4": ("udp", ""),
    "udp6": ("udp", "::"),
}

# ``wait`` or ``nowait``, and how many starts a minute may see.
WAIT = re.compile(r"(wait|nowait)(?:\.([1-9][0-9]{0,8}))?")

# The name of a service that is given by a number that belongs to no name.
NAMELESS = "unknown"

# ``address:service``, the address of IPv6 in brackets.
PLACE = re.compile(r"(?:\[(?P<sixth>[0-9a-fA-F:.]+)\]|(?P<fourth>[^:\[\]]*)):(?P<name>.+)")


class InvalidConfError(Exception):
    """A line makes no sense; the message says which, and why."""


class InvalidInetdConfError(InvalidConfError):
    """A line of inetd.conf does."""


class InvalidServicesConfError(InvalidConfError):
    """A line of services does."""


class UnknownService(Exception):
    """A service has a name that isn't in services, and so no port."""


class SimpleConfFile:
    """A file of lines that are fields with blanks between them.

    Attributes:
        commentChar: from there on a line is a comment.
        defaultFilename: what `parseFile` reads when it is given no file.
        needed: what each line has to say, by what people call it.
        Invalid: raised when it doesn't.
    """

    commentChar = "#"
    defaultFilename: str | None = None
    needed: tuple[str, ...] = ()
    Invalid: type[InvalidConfError] = InvalidConfError

    def parseFile(self, file: Iterable[str] | None = None) -> None:
        """Read a file.

        Args:
            file: an open one, which is closed at the end.

        Raises:
            InvalidConfError, UnknownService: a line is wrong; the message begins with the file's name and the line's
                number.
            OSError: the default file cannot be opened.
        """
        if file is None:
            if self.defaultFilename is None:
                raise TypeError(f"{type(self).__name__} has no file of its own: give one")
            file = open(self.defaultFilename, encoding="utf-8", errors="replace")  # noqa: SIM115  # closed below
        try:
            for number, line in enumerate(file, 1):
                try:
                    self.parseLine(line)
                except (InvalidConfError, UnknownService) as problem:
                    name = getattr(file, "name", "the file")
                    raise type(problem)(f"{name}, line {number}: {problem}") from None
        finally:
            close = getattr(file, "close", None)
            if close is not None:
                close()

    def parseLine(self, line: str) -> None:
        """Read a line; an empty one, or one that is a comment, says nothing.

        Raises:
            InvalidConfError: a field is missing, or makes no sense.
        """
        fields = line.partition(self.commentChar)[0].split()
        if not fields:
            return
        if len(fields) < len(self.needed):
            raise self.Invalid(f"{' '.join(fields)!r} is not all that is needed: {', '.join(self.needed)}")
        self.parseFields(*fields)

    def parseFields(self, *fields: str) -> None:
        """Override to take the fields of a line."""


class InetdService:
    """A service of inetd.conf.

    Args:
        name: what it is called; ``"unknown"`` when there is only a number.
        port: its port's number.
        socketType: ``"stream"`` or ``"dgram"``.
        protocol: ``"tcp"`` or ``"udp"``, with ``4`` or ``6`` behind it or without.
        wait: ``"wait"``: one program has the socket until it ends; ``"nowait"``: there is one for each connection.
        user, group: the names of who runs the program; the group may be `None`, for the user's.
        program: its file, or ``"internal"``.
        programArgs: its arguments, its own name first.
        interface: the IP address to serve at; empty for all.
        most: how many programs may be started within a minute.
    """

    name: str = None  # type: ignore[assignment]  # documented; told by the constructor, as the others are
    port: int = None  # type: ignore[assignment]
    socketType: str = None  # type: ignore[assignment]
    protocol: str = None  # type: ignore[assignment]
    wait: str = None  # type: ignore[assignment]
    user: str = None  # type: ignore[assignment]
    group: str | None = None
    program: str = None  # type: ignore[assignment]
    programArgs: tuple[str, ...] = None  # type: ignore[assignment]

    def __init__(
        self,
        name: str,
        port: int,
        socketType: str,
        protocol: str,
        wait: str,
        user: str,
        group: str | None,
        program: str,
        programArgs: tuple[str, ...],
        interface: str = "",
        most: int = MOST_STARTS,
    ) -> None:
        self.name = name
        self.port = port
        self.socketType = socketType
        self.protocol = protocol
        self.wait = wait
        self.user = user
        self.group = group
        self.program = program
        self.programArgs = programArgs
        self.interface = interface
        self.most = most

    def __str__(self) -> str:
        """What sentences call it: its name, or its port's number when it has none."""
        return self.name if self.name != NAMELESS else str(self.port)

    def __repr__(self) -> str:
        return f"<{self}/{self.protocol} at {self.interface or '*'}:{self.port}, {self.program}>"


class InetdConf(SimpleConfFile):
    """Reads inetd.conf.

    Args:
        knownServices: the ports of services by their names; those of this machine when not given.

    Attributes:
        services: what was read, a list of `InetdService`.
    """

    defaultFilename = "/etc/inetd.conf"
    needed = ("service", "socket type", "protocol", "wait or nowait", "user", "program")
    Invalid = InvalidInetdConfError

    def __init__(self, knownServices: ServicesConf | None = None) -> None:
        self.services: list[InetdService] = []
        if knownServices is None:
            knownServices = ServicesConf()
            # Without that file, services go by their numbers.
            if os.path.exists(ServicesConf.defaultFilename):
                knownServices.parseFile()
        self.knownServices = knownServices

    def parseFields(  # type: ignore[override]  # documented; `needed` says how many there are
        self, serviceName: str, socketType: str, protocol: str, wait: str, user: str, program: str, *programArgs: str
    ) -> None:
        """Take a line: service, socket type, protocol, wait or nowait, user, program, its arguments.

        The service is a name or a number, with an address and a colon before it or without; a user may have a group
        behind a colon or a dot.

        Raises:
            InvalidInetdConfError: a field makes no sense.
            UnknownService: nobody knows the port.
        """
        if socketType not in ("stream", "dgram"):
            raise InvalidInetdConfError(f"the socket type is 'stream' or 'dgram', not {socketType!r}")
        # One that we don't know belongs to no service that we know.
        known, interface = PROTOCOLS.get(protocol, (protocol, ""))
        place = PLACE.fullmatch(serviceName)
        if place is not None:
            serviceName = place["name"]
            interface = place["sixth"] or place["fourth"].replace("*", "") or interface
        name, port = self._find(serviceName, known)
        if (socketType == "dgram") != (known == "udp"):
            raise InvalidInetdConfError(f"{protocol!r} has no sockets of the type {socketType!r}")
        waiting = WAIT.fullmatch(wait)
        if waiting is None:
            raise InvalidInetdConfError(
                f"it is 'wait' or 'nowait', with a dot and a number behind it or without, not {wait!r}"
            )
        if known == "udp" and program != "internal" and waiting[1] == "nowait":
            raise InvalidInetdConfError("a program that gets datagrams has the socket until it ends: say 'wait'")
        user, _, group = user.partition(":") if ":" in user else user.partition(".")
        self.services.append(
            InetdService(
                name, port, socketType, protocol, waiting[1], user, group or None, program,
                programArgs or (() if program == "internal" else (program,)),
                interface, int(waiting[2] or MOST_STARTS),
            )
        )  # fmt: skip

    def _find(self, service: str, protocol: str) -> tuple[str, int]:
        """Return the name and the port of a service that is called by one of them."""
        services = self.knownServices.services
        if service.isdecimal() and protocol in ("tcp", "udp"):
            port = int(service)
            if port > 65535:
                raise InvalidInetdConfError(f"a port is 65535 at most, not {service}")
            names = (name for (name, of), number in services.items() if (of, number) == (protocol, port))
            return next(names, NAMELESS), port
        try:
            return service, services[service, protocol]
        except KeyError:
            raise UnknownService(f"Unknown service: {service} ({protocol})") from None


class ServicesConf(SimpleConfFile):
    """Reads services: what ports belong to what names.

    Attributes:
        services: pairs of name and protocol, each with its port.
    """

    defaultFilename = "/etc/services"
    needed = ("name", "port/protocol")
    Invalid = InvalidServicesConfError

    def __init__(self) -> None:
        self.services: dict[tuple[str, str], int] = {}

    def parseFields(  # type: ignore[override]  # documented; `needed` says how many there are
        self, name: str, portAndProtocol: str, *aliases: str
    ) -> None:
        """Take a line: name, port and protocol with a slash between them, other names.

        Raises:
            InvalidServicesConfError: there is no such port.
        """
        port, _, protocol = portAndProtocol.partition("/")
        if not port.isdecimal() or int(port) > 65535 or not protocol or "/" in protocol:
            raise InvalidServicesConfError(f"Invalid port/protocol: {portAndProtocol!r}")
        for one in (name, *aliases):
            self.services[one, protocol] = int(port)
