"""From host names to addresses.

There are two documented interfaces: the simple one (`IResolverSimple`: one name, one IPv4 address) and the full one
(`IHostnameResolver`: every address, as it is found). A program may install either; adapters here show it as the other.

The default asks the system's ``getaddrinfo`` in threads of its own: a name server that doesn't answer keeps a thread
for half a minute, and must not take those in which the application works.
"""

from __future__ import annotations

from .trouble import logFailure, logTrouble

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from zope.interface import implementer

    from ropewalk.python.threadpool import ThreadPool

    from ..address import IPv4Address, IPv6Address
    from ..defer import Deferred
    from ..interfaces import (
        IHostnameResolver,
        IHostResolution,
        IReactorPluggableNameResolver,
        IReactorPluggableResolver,
        IResolutionReceiver,
        IResolverSimple,
    )

    Address = IPv4Address | IPv6Address
else:
    from .._interfaces.later import (
        IHostnameResolver,
        IHostResolution,
        IReactorPluggableNameResolver,
        IReactorPluggableResolver,
        IResolutionReceiver,
        IResolverSimple,
        implementer,
    )

__all__ = [
    "BlockingResolver",
    "ComplexResolverSimplifier",
    "FirstOneWins",
    "GAIResolver",
    "HostResolution",
    "PluggableResolverMixin",
    "SimpleResolverComplexifier",
    "ThreadedResolver",
]

# Seconds that the documented resolvers wait for each of their attempts.
ATTEMPTS = (1, 3, 11, 45)


@implementer(IReactorPluggableNameResolver, IReactorPluggableResolver)
class PluggableResolverMixin:
    """A reactor's two ways of finding addresses; installing one replaces both."""

    resolver: Any = None
    _nameResolver: Any = None

    @property
    def nameResolver(self) -> Any:
        """What finds every address of a host; an `IHostnameResolver`."""
        if self._nameResolver is None:
            self.installNameResolver(self._defaultNameResolver())
        return self._nameResolver

    def installResolver(self, resolver: Any) -> Any:
        """Find addresses with an `IResolverSimple` from now on; return the one before.

        Raises:
            AssertionError: ``resolver`` does not provide `IResolverSimple`.
        """
        from ..interfaces import IResolverSimple as simple

        if not simple.providedBy(resolver):
            raise AssertionError(f"a resolver must provide IResolverSimple (getHostByName), unlike {resolver!r}")
        before = self._simpleResolver()
        self.resolver = resolver
        self._nameResolver = SimpleResolverComplexifier(resolver)
        return before

    def installNameResolver(self, resolver: Any) -> Any:
        """Find addresses with an `IHostnameResolver` from now on; return the one before."""
        before = self._nameResolver
        self._nameResolver = resolver
        self.resolver = ComplexResolverSimplifier(resolver)
        return before

    def _simpleResolver(self) -> Any:
        self.nameResolver  # noqa: B018  # the default is installed when it is first asked for
        return self.resolver

    def _defaultNameResolver(self) -> Any:
        raise NotImplementedError(f"{self!r} has no default name resolver; install one with installNameResolver")


@implementer(IHostResolution)
class HostResolution:
    """A search for a host's addresses.

    Attributes:
        name: the host's, as it was asked for.
    """

    def __init__(self, name: str, stop: Callable[[], object] | None = None) -> None:
        self.name = name
        self.cancelled = False
        self._stop = stop

    def cancel(self) -> None:
        """Report nothing more. A system call that is under way goes on in its thread; nobody hears its answer."""
        self.cancelled = True
        if self._stop is not None:
            stop, self._stop = self._stop, None
            stop()

    def isOver(self) -> bool:
        """Return whether nobody wants to hear more."""
        return self.cancelled

    def __repr__(self) -> str:
        return f"<{'cancelled ' if self.cancelled else ''}search for the addresses of {self.name!r}>"


@implementer(IHostnameResolver)
class GAIResolver:
    """Ask ``socket.getaddrinfo``, in threads.

    Args:
        reactor: where the answers go: its `callFromThread`.
        getThreadPool: returns the running pool to ask in; the reactor's own by default.
        getaddrinfo: the function, for tests.
    """

    def __init__(
        self,
        reactor: Any,
        getThreadPool: Callable[[], ThreadPool] | None = None,
        getaddrinfo: Callable[..., list[Any]] | None = None,
    ) -> None:
        self._reactor = reactor
        self._getThreadPool = getThreadPool or reactor.getThreadPool
        self._getaddrinfo = getaddrinfo

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[Any]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """See `IHostnameResolver.resolveHostName`.

        Raises:
            KeyError: ``transportSemantics`` is neither "TCP" nor "UDP".
        """
        import socket

        kind = {"TCP": socket.SOCK_STREAM, "UDP": socket.SOCK_DGRAM}[transportSemantics]
        getaddrinfo = self._getaddrinfo or socket.getaddrinfo
        resolution = HostResolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)

        def found(worked: bool, answer: Any) -> None:
            if resolution.isOver():
                return
            if worked:
                try:
                    addresses = addressesOf(answer, transportSemantics, addressTypes)
                except Exception:
                    # Whoever waits for the end of the search must hear it all the same.
                    logTrouble(f"while reading what the system answered about {hostName!r}: {answer!r}")
                    addresses = []
                for address in addresses:
                    resolutionReceiver.addressResolved(address)
                    if resolution.isOver():
                        return
            elif not answer.check(OSError, UnicodeError):
                # "No such host" is an answer. This is not.
                logFailure(answer, f"while asking for the addresses of {hostName!r}")
            resolutionReceiver.resolutionComplete()

        self._getThreadPool().callInThreadWithCallback(
            lambda worked, answer: self._reactor.callFromThread(found, worked, answer),
            getaddrinfo,
            hostName,
            portNumber,
            familyFor(addressTypes),
            kind,
        )
        return resolution


def familyFor(addressTypes: Sequence[type[Any]] | None) -> int:
    """Return the address family to ask for, given which kinds of address are wanted."""
    import socket

    from ..address import IPv4Address, IPv6Address

    wanted = set(addressTypes) if addressTypes is not None else {IPv4Address, IPv6Address}
    if IPv6Address not in wanted:
        return socket.AF_INET
    return socket.AF_UNSPEC if IPv4Address in wanted else socket.AF_INET6


def addressesOf(answer: list[Any], transportSemantics: str, addressTypes: Sequence[type[Any]] | None) -> list[Address]:
    """Return what ``getaddrinfo`` said as addresses, without those nobody asked for."""
    import socket

    from ..address import IPv4Address, IPv6Address

    addresses: list[Address] = []
    for family, _kind, _number, _canonical, name in answer:
        kind = {socket.AF_INET: IPv4Address, socket.AF_INET6: IPv6Address}.get(family)
        if kind is not None and (addressTypes is None or kind in addressTypes):
            addresses.append(kind(transportSemantics, *name))
    return addresses


@implementer(IHostnameResolver)
class SimpleResolverComplexifier:
    """Show an `IResolverSimple` as an `IHostnameResolver` that finds one IPv4 address."""

    def __init__(self, simpleResolver: Any) -> None:
        self._simpleResolver = simpleResolver

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[Any]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """See `IHostnameResolver.resolveHostName`."""
        from ..address import IPv4Address, IPv6Address
        from ..error import DNSLookupError

        search: list[Deferred[str]] = []
        resolution = HostResolution(hostName, stop=lambda: search[0].cancel())
        resolutionReceiver.resolutionBegan(resolution)

        def found(host: str) -> None:
            if resolution.cancelled:
                return
            kind: Any = IPv6Address if ":" in host else IPv4Address
            if addressTypes is None or kind in addressTypes:
                resolutionReceiver.addressResolved(kind(transportSemantics, host, portNumber))

        def failed(why: Any) -> None:
            if not resolution.cancelled and not why.check(DNSLookupError):
                logFailure(why, f"while asking for the address of {hostName!r}")

        def over(_: object) -> None:
            if not resolution.cancelled:
                resolutionReceiver.resolutionComplete()

        search.append(self._simpleResolver.getHostByName(hostName))
        search[0].addCallbacks(found, failed).addBoth(over)
        return resolution


@implementer(IResolutionReceiver)
class FirstOneWins:
    """Take a search's first address, and stop it: what one connection needs.

    Args:
        deferred: gets the address's host as text, or a failure with `DNSLookupError`.
    """

    def __init__(self, deferred: Deferred[str]) -> None:
        self._deferred: Deferred[str] | None = deferred
        self._resolution: IHostResolution | None = None

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        """Remember the search."""
        self._resolution = resolutionInProgress

    def addressResolved(self, address: Any) -> None:
        """Take the first address."""
        deferred, self._deferred = self._deferred, None
        if deferred is not None:
            deferred.callback(address.host)

    def resolutionComplete(self) -> None:
        """Nothing more comes: without an address the name is unknown."""
        from ..error import DNSLookupError

        deferred, self._deferred = self._deferred, None
        if deferred is not None:
            name = self._resolution.name if self._resolution is not None else "an unknown name"
            deferred.errback(DNSLookupError(name))


@implementer(IResolverSimple)
class ComplexResolverSimplifier:
    """Show an `IHostnameResolver` as an `IResolverSimple`: the first IPv4 address it finds."""

    def __init__(self, nameResolver: Any) -> None:
        self._nameResolver = nameResolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ATTEMPTS) -> Deferred[str]:
        """Return a Deferred of the host's first IPv4 address; it fails with `DNSLookupError` when there is none."""
        from ..address import IPv4Address
        from ..defer import Deferred

        deferred: Deferred[str] = Deferred(lambda _: resolution.cancel())
        resolution = self._nameResolver.resolveHostName(FirstOneWins(deferred), name, 0, [IPv4Address])
        return deferred


@implementer(IResolverSimple)
class BlockingResolver:
    """Ask ``socket.gethostbyname`` here and now. For scripts that have nothing else to do."""

    def getHostByName(self, name: str, timeout: Sequence[int] = ATTEMPTS) -> Deferred[str]:
        """Return a Deferred that has fired already; it failed with `DNSLookupError` when the name is unknown."""
        import socket

        from ..defer import fail, succeed
        from ..error import DNSLookupError

        try:
            return succeed(socket.gethostbyname(name))
        except OSError:
            return fail(DNSLookupError(f"no address is known for {name!r}"))


@implementer(IResolverSimple)
class ThreadedResolver:
    """Ask ``socket.gethostbyname`` in a thread of the reactor's pool, for no longer than a time."""

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor

    def getHostByName(self, name: str, timeout: Sequence[int] = ATTEMPTS) -> Deferred[str]:
        """Return a Deferred of an IPv4 address.

        Args:
            name: the host's name.
            timeout: the sum is the seconds to wait; 60 when empty. The thread may take longer: nobody hears its answer.

        Returns:
            The Deferred; it fails with `DNSLookupError` when the name is unknown or the time is over.
        """
        import socket

        from ..defer import Deferred
        from ..error import DNSLookupError

        seconds = sum(timeout) if timeout else 60
        deferred: Deferred[str] = Deferred()

        def late() -> None:
            deferred.errback(DNSLookupError(f"no address of {name!r} was found within {seconds} seconds"))

        def found(worked: bool, answer: Any) -> None:
            if not alarm.active():
                return
            alarm.cancel()
            if worked:
                deferred.callback(answer)
            else:
                deferred.errback(DNSLookupError(f"no address is known for {name!r}: {answer.getErrorMessage()}"))

        alarm = self.reactor.callLater(seconds, late)
        self.reactor.getThreadPool().callInThreadWithCallback(
            lambda worked, answer: self.reactor.callFromThread(found, worked, answer), socket.gethostbyname, name
        )
        return deferred
