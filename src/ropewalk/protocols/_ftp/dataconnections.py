"""Commands that agree on a data connection: who opens it, where, and to whom.

PASV and EPSV: the client opens it; PORT and EPRT: we do, when a transfer is begun. There is one at a time: to agree on
the next is to forget the last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ropewalk.internet.defer import Deferred, maybeDeferred
from ropewalk.internet.error import CannotListenError

from .._wire import ftpreplies as replies
from .._wire.ftpaddresses import (
    FAMILIES,
    BadAddress,
    decodeExtendedAddress,
    decodeHostPort,
    encodeHostPort,
    plainHost,
)
from .data import DTP, DTPFactory
from .errors import (
    BadCmdSequenceError,
    CmdArgSyntaxError,
    CmdNotImplementedForArgError,
    PASVIPv6NotImplementedError,
    TransferError,
    UnsupportedNetworkProtocolError,
)
from .session import Session

__all__ = ["DataConnections"]

#: Ports below are for servers: no client listens there, so nobody is made to connect there (RFC 2577 §3).
FIRST_CLIENT_PORT = 1024


class DataConnections(Session):
    """PASV, EPSV, PORT and EPRT."""

    dataContext: Any  # makes TLS for them; `Logins` hears whether it is wanted

    _epsvAll = False
    _target: tuple[str, int] | None = None  # where PORT and EPRT told us to connect

    # The client opens it.

    def ftp_PASV(self) -> Any:
        """Listen; tell where, by IPv4."""
        self._refuseAfterEPSVAll("PASV")
        host = plainHost(self.transport.getHost().host)
        if ":" in host:
            raise PASVIPv6NotImplementedError()
        port = self._listen(host)
        return replies.ENTERING_PASV_MODE, encodeHostPort(self.passiveAddress or host, port)

    def ftp_EPSV(self, protocol: str = "") -> Any:
        """Listen; tell at which port."""
        if protocol.upper() == "ALL":
            self._epsvAll = True
            return replies.EPSV_ALL_OK
        host = plainHost(self.transport.getHost().host)
        if protocol not in ("", FAMILIES[":" in host]):
            if not protocol.isdigit():
                raise CmdArgSyntaxError(protocol)
            raise UnsupportedNetworkProtocolError(FAMILIES[":" in host])
        return replies.ENTERING_EPSV_MODE, str(self._listen(host))

    def _listen(self, host: str) -> int:
        """Listen for the next data connection; return the port."""
        factory = self._expectData()
        try:
            self.dtpPort = self.getDTPPort(factory, host)
        except CannotListenError as problem:
            self.cleanupDTP()
            raise TransferError(replies.CANT_OPEN_DATA_CNX, problem) from problem
        return int(self.dtpPort.getHost().port)

    def getDTPPort(self, factory: Any, interface: str = "") -> Any:
        """Listen at the first port of ``passivePortRange`` that is free.

        Raises:
            CannotListenError: none is.
        """
        problem: CannotListenError | None = None
        for port in self.passivePortRange:
            try:
                return self.listenFactory(port, factory, interface=interface)
            except CannotListenError as busy:
                problem = busy
        if problem is not None:
            raise problem
        raise CannotListenError(interface, self.passivePortRange, OSError("there is no port in passivePortRange"))

    def listenFactory(self, port: int, factory: Any, backlog: int = 50, interface: str = "") -> Any:
        """Listen. Set another function to listen some other way."""
        return self.theReactor().listenTCP(port, factory, backlog, interface)

    def _expectData(self) -> DTPFactory:
        """Forget the last data connection, and wait for a new one."""
        self.cleanupDTP()
        self.dtpFactory = factory = DTPFactory(self, self.transport.getPeer().host, self.theReactor())
        factory.peerCheck = not self.allowForeignData and factory.peerCheck
        # Nobody may ever ask for it: a failure is kept as a result, and is no unhandled error.
        factory.deferred.addErrback(lambda failure: failure.value).addBoth(self._stopListening)
        factory.setTimeout(self.dtpTimeout)
        return factory

    def _stopListening(self, result: object = None) -> object:
        port, self.dtpPort = self.dtpPort, None
        if port is not None:
            maybeDeferred(port.stopListening).addErrback(lambda _: None)
        return result

    # We open it.

    def ftp_PORT(self, address: str) -> str:
        """Connect to the client for the next transfer, by IPv4."""
        self._refuseAfterEPSVAll("PORT")
        try:
            host, port = decodeHostPort(address)
        except BadAddress:
            raise CmdArgSyntaxError(address) from None
        return self._aim(host, port)

    def ftp_EPRT(self, extendedAddress: str) -> str:
        """Connect to the client for the next transfer."""
        self._refuseAfterEPSVAll("EPRT")
        try:
            family, host, port = decodeExtendedAddress(extendedAddress)
            if family not in FAMILIES:
                raise UnsupportedNetworkProtocolError(",".join(FAMILIES))
            host = plainHost(host)
        except BadAddress:
            raise CmdArgSyntaxError(extendedAddress) from None
        return self._aim(host, port)

    def _aim(self, host: str, port: int) -> str:
        """Remember where to connect to: to the client itself, and nobody else (RFC 2577 §3, the bounce attack)."""
        if not self.allowForeignData:
            if host != plainHost(self.transport.getPeer().host):
                raise CmdNotImplementedForArgError(f"{host} is not where you are")
            if not FIRST_CLIENT_PORT <= port < 65536:
                raise CmdNotImplementedForArgError(f"port {port}")
        elif not 0 < port < 65536:
            raise CmdNotImplementedForArgError(f"port {port}")
        self.cleanupDTP()
        self._target = host, port
        return replies.ENTERING_PORT_MODE

    def _refuseAfterEPSVAll(self, verb: str) -> None:
        if self._epsvAll:
            raise BadCmdSequenceError(f"{verb} is not for those who said EPSV ALL")

    # What comes of it.

    async def _connected(self, announce: Callable[[], None] | None) -> DTP:
        """Answer that the transfer begins; return the data connection, once it is made."""
        if self._target is not None:
            host, port = self._target
            factory = self._expectData()
            factory.isActive = True
            here = plainHost(self.transport.getHost().host)
            self.theReactor().connectTCP(host, port, factory, self.dtpTimeout, (here, 0))
        waiting = self.dtpFactory
        assert waiting is not None
        if announce is not None:
            announce()
        elif self.dtpInstance is not None and self.dtpInstance.isConnected:
            self.reply(replies.DATA_CNX_ALREADY_OPEN_START_XFR)
        else:
            self.reply(replies.FILE_STATUS_OK_OPEN_DATA_CNX)
        ready: Deferred[Any] = Deferred(lambda _: waiting.deferred.cancel())
        waiting.deferred.addBoth(_passTo, ready)
        problem = await ready
        if problem is not None:
            raise TransferError(replies.CANT_OPEN_DATA_CNX, problem)
        assert self.dtpInstance is not None
        return self.dtpInstance

    def cleanupDTP(self) -> None:
        """Close the data connection, and wait for none."""
        self._stopListening()
        self._target = None
        factory, self.dtpFactory = self.dtpFactory, None
        dtp, self.dtpInstance = self.dtpInstance, None
        if factory is not None:
            factory.cancelTimeout()
            factory.deferred.cancel()
        if dtp is not None:
            dtp.abort()


def _passTo(result: Any, other: Deferred[Any]) -> Any:
    if not other.called:
        other.callback(result)
    return result
