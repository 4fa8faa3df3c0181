"""Everything that can go wrong with the reactor, a connection, a port, a delayed call or a child process.

``str()`` of most of these is a sentence: the class's ``MESSAGE``, then what the raiser added. Programs match
on classes and people on sentences, so neither changes.
"""

from __future__ import annotations

import errno
import socket

__all__ = [
    "AlreadyCalled",
    "AlreadyCancelled",
    "AlreadyListened",
    "BadFileError",
    "BindError",
    "CannotListenError",
    "CertificateError",
    "ConnectBindError",
    "ConnectError",
    "ConnectInProgressError",
    "ConnectingCancelledError",
    "ConnectionAborted",
    "ConnectionClosed",
    "ConnectionDone",
    "ConnectionFdescWentAway",
    "ConnectionLost",
    "ConnectionRefusedError",
    "DNSLookupError",
    "FileDescriptorOverrun",
    "InvalidAddressError",
    "MessageLengthError",
    "MulticastJoinError",
    "NoProtocol",
    "NoRouteError",
    "NotConnectingError",
    "NotListeningError",
    "PeerVerifyError",
    "ProcessDone",
    "ProcessExitedAlready",
    "ProcessTerminated",
    "ReactorAlreadyInstalledError",
    "ReactorAlreadyRunning",
    "ReactorNotRestartable",
    "ReactorNotRunning",
    "SSLError",
    "ServiceNameUnknownError",
    "TCPTimedOutError",
    "TimeoutError",
    "UnknownHostError",
    "UnsupportedAddressFamily",
    "UnsupportedSocketType",
    "UserError",
    "VerifyError",
    "errnoMapping",
    "getConnectError",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # What an error that is made from its fields reduces to: its maker, the maker's arguments, its attributes.
    Recipe = tuple[Any, ...]


def _sentence(error: Any) -> str:
    """Say an error as a sentence: ``MESSAGE: argument argument.``"""
    words = " ".join([str(word) for word in error.args])
    return f"{error.MESSAGE}: {words}." if words else f"{error.MESSAGE}."


def _remake(cls: type[BaseException], args: tuple[object, ...]) -> BaseException:
    return cls.__new__(cls, *args)


def _recipe(error: BaseException) -> Recipe:
    """Pickle an error whose ``args`` are not its constructor's: make it anew without calling ``__init__``."""
    return _remake, (type(error), error.args), error.__dict__


# Listening.


class BindError(Exception):
    """A socket could not be bound to the interface asked for."""

    MESSAGE = "An error occurred binding to an interface"
    __str__ = _sentence


class CannotListenError(BindError):
    """A port could not be opened, most often because something else listens there.

    Attributes:
        interface: the address asked for; empty or `None` for all of them.
        port: the port number, or the path of a UNIX socket.
        socketError: the `OSError` that says why.
    """

    def __init__(self, interface: Any, port: Any, socketError: Any) -> None:
        super().__init__(interface, port, socketError)
        self.interface = interface
        self.port = port
        self.socketError = socketError

    def __str__(self) -> str:
        return f"Couldn't listen on {self.interface or 'any'}:{self.port}: {self.socketError}."


class MulticastJoinError(Exception):
    """A multicast group could not be joined or left: group, interface, and the system's reason."""


class MessageLengthError(Exception):
    """A datagram is longer than the socket can send in one piece."""

    MESSAGE = "Message is too long to send"
    __str__ = _sentence


class AlreadyListened(Exception):
    """A port listens already, and can do so once only."""


class NotListeningError(RuntimeError):
    """A port that did not listen was asked to stop."""

    MESSAGE = "The Port was not listening when it was asked to stop listening"
    __str__ = _sentence


# Connecting.


class ConnectError(Exception):
    """A connection could not be made.

    Attributes:
        osError: the system's error number, or whatever the raiser has in its place; `None` when there is none.
    """

    MESSAGE = "An error occurred while connecting"
    __reduce__ = _recipe

    def __init__(self, osError: Any = None, string: Any = "") -> None:
        super().__init__(string)
        self.osError = osError

    def __str__(self) -> str:
        words = [self.MESSAGE]
        if self.osError:
            words.append(str(self.osError))
        if self.args and self.args[0] != "":
            words.append(str(self.args[0]))
        return ": ".join(words) + "."


class ConnectBindError(ConnectError):
    """The local address that a connection was to be made from could not be bound."""

    MESSAGE = "Couldn't bind"


class UnknownHostError(ConnectError):
    """The host's name is not known to the name service."""

    MESSAGE = "Hostname couldn't be looked up"


class NoRouteError(ConnectError):
    """The network has no way to the host."""

    MESSAGE = "No route to host"


class ConnectionRefusedError(ConnectError):
    """The host is there and nothing listens on that port."""

    MESSAGE = "Connection was refused by other side"


class TCPTimedOutError(ConnectError):
    """The host did not answer for as long as the operating system waits."""

    MESSAGE = "TCP connection timed out"


class BadFileError(ConnectError):
    """The path given for a UNIX socket is something else, or its owner is gone."""

    MESSAGE = "File used for UNIX socket is no good"


class ServiceNameUnknownError(ConnectError):
    """A service's name was given as the port, and the system knows no such service."""

    MESSAGE = "Service name given as port is unknown"


class UserError(ConnectError):
    """The program itself gave up an attempt to connect, with `IConnector.stopConnecting` say."""

    MESSAGE = "User aborted connection"


class TimeoutError(UserError):
    """The patience that the program gave an attempt to connect ran out."""

    MESSAGE = "User timeout caused connection failure"


class SSLError(ConnectError):
    """TLS could not be spoken with the peer."""

    MESSAGE = "An SSL error occurred"


class VerifyError(Exception):
    """A signature, or something else that proves who the peer is, did not hold."""

    MESSAGE = "What proves the peer's identity could not be verified"


class PeerVerifyError(VerifyError):
    """The peer found that our proof of identity does not hold."""

    MESSAGE = "The peer rejected our verify error."


class CertificateError(Exception):
    """There is no certificate where one was expected."""

    MESSAGE = "No certificate where one was expected"


class ConnectingCancelledError(Exception):
    """An endpoint's `connect` was cancelled before the connection was there.

    Attributes:
        address: where it was connecting to, an `IAddress`.
    """

    def __init__(self, address: Any) -> None:
        super().__init__(address)
        self.address = address


class NoProtocol(Exception):
    """The factory declined the connection: its ``buildProtocol`` returned `None`."""


class ConnectInProgressError(Exception):
    """The transport connects already."""


class NotConnectingError(RuntimeError):
    """A connector that was not connecting was asked to stop that."""

    MESSAGE = "The Connector was not connecting when it was asked to stop connecting"
    __str__ = _sentence


class DNSLookupError(OSError):
    """A name could not be resolved."""

    MESSAGE = "DNS lookup failed"
    __str__ = _sentence


class InvalidAddressError(ValueError):
    """Something that has to be an IP address isn't one.

    Attributes:
        address: what was given.
        message: what is wrong with it.
    """

    def __init__(self, address: Any, message: Any) -> None:
        super().__init__(address, message)
        self.address = address
        self.message = message


class UnsupportedAddressFamily(Exception):
    """A descriptor was handed over with an address family that its operation cannot serve."""


class UnsupportedSocketType(Exception):
    """A descriptor was handed over that is no socket of the type its operation serves."""


# The error numbers of a failed connect that have a class of their own. Not complete: read it through `getConnectError`.
errnoMapping: dict[int, type[ConnectError]] = {
    errno.ENETUNREACH: NoRouteError,
    errno.ECONNREFUSED: ConnectionRefusedError,
    errno.ETIMEDOUT: TCPTimedOutError,
}
for _name, _error in (("WSAENETUNREACH", NoRouteError), ("WSAECONNREFUSED", ConnectionRefusedError)):
    if hasattr(errno, _name):  # Windows numbers its sockets' errors anew
        errnoMapping[getattr(errno, _name)] = _error
del _name, _error


def getConnectError(e: Any) -> ConnectError:
    """Say a failed ``connect()`` as one of our errors.

    Args:
        e: what ``connect()`` raised, or a pair ``(number, reason)``.

    Returns:
        The most telling `ConnectError`, not raised: `UnknownHostError` for a failed lookup, what `errnoMapping`
        holds for a number, a plain `ConnectError` for all else.
    """
    if isinstance(e, BaseException):
        if len(e.args) != 2:
            return ConnectError(string=e)
        number, reason = e.args
    else:
        number, reason = e
    if isinstance(e, socket.gaierror):
        return UnknownHostError(number, reason)
    return errnoMapping.get(number, ConnectError)(number, reason)


# Connections that end.


class ConnectionClosed(Exception):
    """A connection is over; what comes in a reason for ``connectionLost`` derives from this."""


class ConnectionLost(ConnectionClosed):
    """A connection broke: the peer reset it, vanished, or closed it in the middle of something."""

    MESSAGE = "Connection to the other side was lost in a non-clean fashion"
    __str__ = _sentence


class ConnectionAborted(ConnectionLost):
    """We broke the connection ourselves, with `ITCPTransport.abortConnection`."""

    MESSAGE = "Connection was aborted locally using ITCPTransport.abortConnection"


class ConnectionDone(ConnectionClosed):
    """A connection was closed in good order by one side."""

    MESSAGE = "Connection was closed cleanly"
    __str__ = _sentence


class FileDescriptorOverrun(ConnectionLost):
    """More descriptors waited to be sent over a UNIX socket than bytes to carry them; each needs one byte."""

    MESSAGE = "A mis-use of IUNIXTransport.sendFileDescriptor caused the connection to be closed"


class ConnectionFdescWentAway(ConnectionLost):
    """Somebody closed a transport's descriptor behind its back."""

    MESSAGE = "Uh"


# Delayed calls.


class AlreadyCalled(ValueError):
    """A delayed call was cancelled or moved after it had run."""

    MESSAGE = "Tried to cancel an already-called event"
    __str__ = _sentence


class AlreadyCancelled(ValueError):
    """A delayed call was cancelled or moved after it had been cancelled."""

    MESSAGE = "Tried to cancel an already-cancelled event"
    __str__ = _sentence


# Child processes.


class ProcessDone(ConnectionDone):
    """A child process ended with exit code 0.

    Attributes:
        exitCode: 0.
        signal: `None`.
        status: what the system's ``wait`` said.
    """

    MESSAGE = "A process has ended without apparent errors"
    __reduce__ = _recipe

    def __init__(self, status: Any) -> None:
        super().__init__("process finished with exit code 0")
        self.exitCode = 0
        self.signal = None
        self.status = status

    @property
    def ending(self) -> str:
        """How the process has ended, in words."""
        return "exit status 0"


class ProcessTerminated(ConnectionLost):
    """A child process ended with another exit code than 0, or by a signal.

    Attributes:
        exitCode: the exit code; `None` when a signal ended it.
        signal: the signal's number; `None` when it exited by itself.
        status: what the system's ``wait`` said.
    """

    MESSAGE = "A process has ended with a probable error condition"
    __reduce__ = _recipe

    def __init__(self, exitCode: int | None = None, signal: int | None = None, status: Any = None) -> None:
        sentence = "process ended"
        if exitCode is not None:
            sentence += f" with exit code {exitCode}"
        if signal is not None:
            sentence += f" by signal {signal}"
        super().__init__(sentence)
        self.exitCode = exitCode
        self.signal = signal
        self.status = status

    @property
    def ending(self) -> str:
        """How the process has ended, in words: ``"exit status 3"``, ``"killed by SIGKILL"``."""
        if self.signal is None:
            return f"exit status {self.exitCode}"
        from signal import Signals

        try:
            return f"killed by {Signals(self.signal).name}"
        except ValueError:
            return f"killed by signal {self.signal}"  # one of those for real time, which have no names


class ProcessExitedAlready(Exception):
    """A child process was to get a signal and is gone already."""


# The reactor.


class ReactorNotRunning(RuntimeError):
    """The reactor was asked to stop, and does not run."""


class ReactorNotRestartable(RuntimeError):
    """The reactor was run again after it had stopped, and was told not to allow that."""


class ReactorAlreadyRunning(RuntimeError):
    """The reactor was asked to run, and runs."""


class ReactorAlreadyInstalledError(AssertionError):
    """A reactor was to be installed, and another one is there already."""
