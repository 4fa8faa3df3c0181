"""From names to addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zope.interface import Attribute, Interface

if TYPE_CHECKING:
    from ropewalk.internet.defer import Deferred

    from .addresses import IAddress

__name__ = "ropewalk.internet.interfaces"


class IResolverSimple(Interface):
    """Finds one address of a host."""

    def getHostByName(name: str, timeout: Sequence[int] = ()) -> Deferred[str]:
        """Find an address of a host.

        Args:
            name: the host's name. An IP address is its own answer.
            timeout: seconds to wait for each try. A resolver that cannot retry waits for their sum.

        Returns:
            A Deferred of an IP address as text, or a failure with `ropewalk.internet.error.DNSLookupError`,
            a `TimeoutError` among them.
        """


class IHostResolution(Interface):
    """A search for a host's addresses that goes on."""

    name: str = Attribute("The host's name.")

    def cancel() -> None:
        """Stop the search; no further address is reported."""


class IResolutionReceiver(Interface):
    """Takes the addresses of a host as they are found: `resolutionBegan`, addresses, `resolutionComplete`."""

    def resolutionBegan(resolutionInProgress: IHostResolution) -> None:
        """Hear that the search has begun. The first call; may come before ``resolveHostName`` returns."""

    def addressResolved(address: IAddress) -> None:
        """Take one address, best first, with the port number asked for in it."""

    def resolutionComplete() -> None:
        """Hear that there are no more. If none came, the name is unknown."""


class IHostnameResolver(Interface):
    """Finds every address of a host."""

    def resolveHostName(
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """Begin to search for a host's addresses.

        Args:
            resolutionReceiver: who is told.
            hostName: the host's name as text; IDNA is applied here where it is needed.
            portNumber: goes into each address.
            addressTypes: the kinds of address wanted, `IPv4Address` and `IPv6Address` say; `None` for all.
            transportSemantics: ``"TCP"`` or ``"UDP"``: what the addresses are wanted for.

        Returns:
            The search; the receiver gets the same object.
        """


class IResolver(IResolverSimple):
    """Asks the DNS for records.

    Every method returns a Deferred of three lists of record headers (answers, authority, additional), or a
    failure that says what the name server did. A timeout is seconds to wait for each try.
    """

    def query(query: Any, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask one question, a ``names.dns.Query``; the others are made of it."""

    def lookupAddress(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for A records: IPv4 addresses."""

    def lookupAddress6(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for A6 records: IPv6 addresses, in the abandoned form of RFC 2874."""

    def lookupIPV6Address(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for AAAA records: IPv6 addresses."""

    def lookupMailExchange(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for MX records: who takes mail for a domain."""

    def lookupNameservers(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for NS records: who serves a zone."""

    def lookupCanonicalName(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for CNAME records: what the name is an alias of."""

    def lookupMailBox(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for MB records: the host of a mailbox."""

    def lookupMailGroup(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for MG records: the members of a mail group."""

    def lookupMailRename(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for MR records: a mailbox's new name."""

    def lookupPointer(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for PTR records: what another name points to; of an address, its host's name."""

    def lookupAuthority(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for SOA records: who is in charge of a zone, and which version it has."""

    def lookupNull(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for NULL records: any bytes at all."""

    def lookupWellKnownServices(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for WKS records: which services a host offers."""

    def lookupService(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for SRV records: where a service is offered."""

    def lookupHostInfo(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for HINFO records: a host's processor and system."""

    def lookupMailboxInfo(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for MINFO records: who is responsible for a mailing list."""

    def lookupText(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for TXT records."""

    def lookupResponsibility(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for RP records: who is responsible for a host."""

    def lookupAFSDatabase(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for AFSDB records: an AFS cell's database servers."""

    def lookupSenderPolicy(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for SPF records: who may send mail for a domain."""

    def lookupNamingAuthorityPointer(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for NAPTR records: rules that rewrite a name to a URI."""

    def lookupAllRecords(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for records of every type."""

    def lookupZone(name: str, timeout: Sequence[int]) -> Deferred[Any]:
        """Ask for a whole zone (AXFR). The timeout is one number, or a sequence whose first is used."""
