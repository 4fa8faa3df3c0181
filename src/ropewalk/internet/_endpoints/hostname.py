"""A host known by name: every address of it is tried, in a race (RFC 8305, "Happy Eyeballs").

Addresses of both families take turns, beginning with the family that the resolver put first. The first address gets a
head start of ``attemptDelay`` seconds; then the next is tried beside it, and so on. Whoever connects first wins and the
others are given up. An attempt that fails makes the next one begin at once: a network without IPv6 costs nothing.
"""

from __future__ import annotations

from itertools import chain, zip_longest

from ...python.failure import Failure
from ..address import HostnameAddress, IPv4Address, IPv6Address
from ..defer import Deferred, fail
from ..error import ConnectError, ConnectingCancelledError, DNSLookupError, TimeoutError
from .tcp import TCP4ClientEndpoint, TCP6ClientEndpoint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from zope.interface import implementer

    from ..interfaces import (
        Binding,
        IAddress,
        IDelayedCall,
        IHostResolution,
        IProtocol,
        IProtocolFactory,
        IResolutionReceiver,
        IStreamClientEndpoint,
    )
else:
    from .._interfaces.later import IResolutionReceiver, IStreamClientEndpoint, implementer

# RFC 8305 §5 recommends 250 ms and allows 100 ms to 2 s; this is what programs of this API are used to.
ATTEMPT_DELAY = 0.3

# RFC 1035 §2.3.4, in octets of the ASCII form.
LONGEST_NAME = 253
LONGEST_LABEL = 63


@implementer(IStreamClientEndpoint)
class HostnameEndpoint:
    """A TCP port of a host to connect to, by name: IPv6 or IPv4, whichever answers first.

    Args:
        reactor: what to resolve and connect with.
        host: the name, as text in any script or as bytes in its ASCII form; an IP address will do too.
        port: the port's number.
        timeout: seconds until the whole is given up, the search for addresses included.
        bindAddress: the local address to connect from, as text or with a port.
        attemptDelay: how many seconds of head start each address has before the next is tried beside it; 0.3 when
            `None`.
    """

    def __init__(
        self,
        reactor: Any,
        host: str | bytes,
        port: int,
        timeout: float = 30,
        bindAddress: Binding | tuple[str, int] | str | None = None,
        attemptDelay: float | None = None,
    ) -> None:
        self._reactor = reactor
        self._port = port
        self._timeout = timeout
        self._bindAddress = bindAddress
        self._attemptDelay = ATTEMPT_DELAY if attemptDelay is None else attemptDelay
        # A name that is none is an error of `connect`, where errors are expected.
        self._problem: ValueError | None = None
        try:
            self._name = asciiName(host)
        except ValueError as problem:
            self._problem = problem
            self._name = host.decode("ascii", "backslashreplace") if isinstance(host, bytes) else host

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        """Connect; see `IStreamClientEndpoint.connect`.

        Fails with `ValueError` for a name that can't be one, with `DNSLookupError` for one without an address, with
        `TimeoutError`, or with the last attempt's error, which then tells of all attempts.
        """
        if self._problem is not None:
            return fail(self._problem)
        race = _Race(self, protocolFactory)
        connected: Deferred[IProtocol] = Deferred(race.cancel)
        race.waiting = connected
        race.begin()
        return connected

    def __repr__(self) -> str:
        host = f"[{self._name}]" if ":" in self._name else self._name
        return f"<HostnameEndpoint {host}:{self._port}>"


def asciiName(host: str | bytes) -> str:
    """Return a host's name as resolvers want it: its A-labels (RFC 5890) for a name in another script.

    Raises:
        ValueError: it can't be a host's name.
    """
    if isinstance(host, bytes):
        try:
            host = host.decode("ascii")
        except UnicodeDecodeError:
            raise ValueError(f"invalid hostname: {host!r:.300}: as bytes it has to be in its ASCII form") from None
    if ":" in host and host.isascii():
        return host  # an IPv6 address
    if not host.isascii():
        import idna

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as problem:
            raise ValueError(f"invalid hostname: {host!r:.300}: {problem}") from None
    labels = host.removesuffix(".").split(".")
    if (
        len(host) > LONGEST_NAME + 1
        or not all(0 < len(label) <= LONGEST_LABEL for label in labels)
        or any(character <= " " or character == "\x7f" for character in host)
    ):
        raise ValueError(
            f"invalid hostname: {host!r:.300}: it is made of parts of 1 to {LONGEST_LABEL} characters, dots between, "
            f"at most {LONGEST_NAME} in all, none of them blank"
        )
    return host


def takingTurns(addresses: Sequence[IAddress]) -> list[IAddress]:
    """Order addresses so that the families take turns, the first one's first (RFC 8305 §4); doubles are dropped."""
    distinct = list(dict.fromkeys(addresses))
    leader = type(distinct[0]) if distinct else None
    lead = [address for address in distinct if type(address) is leader]
    rest = [address for address in distinct if type(address) is not leader]
    return [address for address in chain.from_iterable(zip_longest(lead, rest)) if address is not None]


@implementer(IResolutionReceiver)
class _Race:
    """One `HostnameEndpoint.connect`, from the name to the winner.

    Attributes:
        waiting: what ``connect`` returned; `None` once it is fired, and the race is over.
    """

    def __init__(self, endpoint: HostnameEndpoint, protocolFactory: IProtocolFactory) -> None:
        self._endpoint = endpoint
        self._reactor = endpoint._reactor
        self._protocolFactory = protocolFactory
        self.waiting: Deferred[IProtocol] | None = None
        self._resolution: IHostResolution | None = None
        # Those that were found; then those that still wait for their turn, the next one last.
        self._addresses: list[IAddress] = []
        self._running: set[Deferred[IProtocol]] = set()
        self._failures: list[tuple[IAddress, Failure]] = []
        self._nextStart: IDelayedCall | None = None
        self._deadline: IDelayedCall | None = None

    def begin(self) -> None:
        """Search for addresses."""
        endpoint = self._endpoint
        try:
            if endpoint._timeout is not None:
                self._deadline = self._reactor.callLater(endpoint._timeout, self._timedOut)
            self._reactor.nameResolver.resolveHostName(self, endpoint._name, portNumber=endpoint._port)
        except BaseException:
            # A reactor or resolver that raises has failed; there is nobody else to tell.
            self._end(Failure())

    # What the resolver tells.

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        self._resolution = resolutionInProgress

    def addressResolved(self, address: IAddress) -> None:
        self._addresses.append(address)

    def resolutionComplete(self) -> None:
        self._resolution = None
        if self.waiting is None:
            return
        self._addresses = takingTurns(self._addresses)[::-1]
        if self._addresses:
            self._startNext()
        else:
            self._end(Failure(DNSLookupError(f"no address found for the host {self._endpoint._name!r}")))

    # The race.

    def _startNext(self) -> None:
        """Try one more address, beside those that are being tried."""
        self._stopWaiting()
        if self.waiting is None or not self._addresses:
            return
        address = self._addresses.pop()
        if self._addresses:
            self._nextStart = self._reactor.callLater(self._endpoint._attemptDelay, self._startNext)
        attempt = self._tryAddress(address)
        self._running.add(attempt)
        attempt.addCallbacks(self._won, self._lost, callbackArgs=(attempt,), errbackArgs=(attempt, address))

    def _tryAddress(self, address: IAddress) -> Deferred[IProtocol]:
        endpoint = self._endpoint
        kind: type[TCP4ClientEndpoint | TCP6ClientEndpoint]
        if isinstance(address, IPv6Address):
            kind, host = TCP6ClientEndpoint, f"{address.host}%{address.scopeID}" if address.scopeID else address.host
        elif isinstance(address, IPv4Address):
            kind, host = TCP4ClientEndpoint, address.host
        else:
            return fail(ConnectError(string=f"{address!r} is no address for TCP"))
        return kind(self._reactor, host, address.port, endpoint._timeout, endpoint._bindAddress).connect(
            self._protocolFactory
        )

    def _won(self, protocol: IProtocol, attempt: Deferred[IProtocol]) -> None:
        self._running.discard(attempt)
        self._end(protocol)

    def _lost(self, reason: Failure, attempt: Deferred[IProtocol], address: IAddress) -> None:
        self._running.discard(attempt)
        if self.waiting is None:
            return
        self._failures.append((address, reason))
        if self._addresses:
            self._startNext()  # at once: the head start was this one's
        elif not self._running:
            self._end(self._verdict())

    def _verdict(self) -> Failure:
        """What to say when every address failed: the last failure, telling of all."""
        last = self._failures[-1][1]
        # An error that is made differently from a `ConnectError` is left as it is.
        if len(self._failures) == 1 or getattr(type(last.value), "__init__", None) is not ConnectError.__init__:
            return last
        told = "; ".join(f"{_place(address)}: {reason.getErrorMessage()}" for address, reason in self._failures)
        error = type(last.value)(last.value.osError, f"{self._endpoint._name!r} at each of its addresses ({told})")
        error.__cause__ = last.value
        return Failure(error)

    # The end.

    def _timedOut(self) -> None:
        self._deadline = None
        endpoint = self._endpoint
        what = "its addresses were still being searched for" if self._resolution else "no address of it had answered"
        self._end(
            Failure(
                TimeoutError(
                    string=f"{endpoint._name}:{endpoint._port} was not reached in {endpoint._timeout:g} s: {what}"
                )
            )
        )

    def cancel(self, _connected: Deferred[IProtocol]) -> None:
        """Give everything up."""
        where = HostnameAddress(self._endpoint._name.encode("ascii"), self._endpoint._port)
        self._end(Failure(ConnectingCancelledError(where)))

    def _end(self, result: IProtocol | Failure) -> None:
        """The race is decided: give up all that goes on, then tell."""
        if self.waiting is None:
            return
        waiting, self.waiting = self.waiting, None
        self._stopWaiting()
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if self._resolution is not None:
            self._resolution.cancel()
            self._resolution = None
        for attempt in list(self._running):
            attempt.cancel()
        waiting.callback(result)

    def _stopWaiting(self) -> None:
        if self._nextStart is not None and self._nextStart.active():
            self._nextStart.cancel()
        self._nextStart = None


def _place(address: IAddress) -> str:
    if isinstance(address, IPv6Address):
        return f"[{address.host}]:{address.port}"
    return f"{address.host}:{address.port}" if isinstance(address, IPv4Address) else repr(address)
