"""The engine over the standard library's ``ssl``: nothing to install, and the faster one."""

from __future__ import annotations

from ssl import MemoryBIO, SSLContext, SSLError, SSLObject, SSLWantReadError, SSLZeroReturnError
from typing import Any

from ropewalk._wire.events import NEED_DATA

from ._wire.hello import HelloReader
from ._wire.records import MOST
from .contract import StdlibSession
from .engines import PORTION, noSharedProtocol
from .handle import StdlibHandle

__all__ = ["StdlibEngine", "accept"]

# A fatal alert that says "no_application_protocol" (RFC 7301 §3.2), as the record that it is before any encryption.
NO_APPLICATION_PROTOCOL = bytes([21, 3, 3, 0, 2, 2, 120])


class StdlibEngine:
    """One side of a connection; see `engines.Engine` for what its methods promise.

    Args:
        session: how to begin.
        isClient: which side.
    """

    __slots__ = ("_hello", "_incoming", "_object", "_outgoing", "_refusal", "_session", "closed", "trouble")

    def __init__(self, session: StdlibSession, isClient: bool) -> None:
        self._incoming = MemoryBIO()
        self._outgoing = MemoryBIO()
        self._object: SSLObject = session.context.wrap_bio(
            self._incoming, self._outgoing, server_side=not isClient, server_hostname=session.serverHostname
        )
        # Both until the handshake is over.
        self._session: StdlibSession | None = session
        self._hello = HelloReader() if session.requiredProtocols else None
        self._refusal = b""
        self.closed = False
        self.trouble: BaseException | None = None

    def handshake(self, data: bytes) -> bool:
        if data:
            self._incoming.write(data)
            if self._hello is not None and not self._acceptable(data):
                return False
        try:
            self._object.do_handshake()
        except SSLWantReadError:
            return False
        except SSLError as problem:
            from .refusals import explain
            from .stdlibcontext import sentBy

            host = None if self._session is None else self._session.host
            raise explain(problem, host, sentBy(self._object)) from None
        session, self._session = self._session, None
        if session is not None and session.afterHandshake is not None:
            session.afterHandshake(self._object)
        return True

    def _acceptable(self, data: bytes) -> bool:
        """Look at what the client offers, before the library does, which would go on without a common protocol.

        Returns:
            False as long as the offer is not complete.

        Raises:
            HandshakeRefused: it offers protocols, and none of ours.
        """
        if self._hello is None or self._session is None:
            return True
        self._hello.feed(data)
        offered = self._hello.next()
        if offered is NEED_DATA:
            return False
        self._hello = None
        ours = self._session.requiredProtocols
        if offered is not None and not set(offered).intersection(ours):
            self._refusal = NO_APPLICATION_PROTOCOL
            raise noSharedProtocol(offered, ours)
        return True

    def decrypt(self, data: bytes) -> bytes:
        incoming = self._incoming
        if len(data) > PORTION:
            return self._decryptMuch(data)
        if data:
            incoming.write(data)
        elif not incoming.pending:
            return b""
        # As a rule one record has come, and it is whole.
        try:
            plain = self._object.read(MOST)
            if plain and not incoming.pending:
                return plain
        except SSLWantReadError:
            return b""
        except SSLError as problem:
            self._end(problem)
            return b""
        pieces = [plain]
        self.closed = not plain
        self._read(pieces)
        return b"".join(pieces)

    def _decryptMuch(self, data: bytes) -> bytes:
        whole = memoryview(data)
        pieces: list[bytes] = []
        for at in range(0, len(data), PORTION):
            self._incoming.write(whole[at : at + PORTION])
            self._read(pieces)
        return b"".join(pieces)

    def _read(self, pieces: list[bytes]) -> None:
        """Read all records that are there."""
        incoming = self._incoming
        try:
            while incoming.pending and not self.closed:
                plain = self._object.read(MOST)
                # The peer's farewell reads as nothing. (Once we have said ours it is an exception.)
                self.closed = not plain
                pieces.append(plain)
        except SSLWantReadError:
            pass  # the last one is not complete
        except SSLError as problem:
            self._end(problem)

    def _end(self, problem: SSLError) -> None:
        self.closed = True
        if not isinstance(problem, SSLZeroReturnError):
            self.trouble = problem.with_traceback(None)

    def encrypt(self, data: bytes | memoryview) -> bytes:
        self._object.write(data)
        return self._outgoing.read()

    def take(self) -> bytes:
        refusal, self._refusal = self._refusal, b""
        return self._outgoing.read() + refusal if self._outgoing.pending else refusal

    def close(self) -> None:
        try:
            self._object.unwrap()
        except SSLError:
            pass  # the peer's own farewell is still to come, or something else is; either way ours is written
        else:
            self.closed = True

    def release(self) -> None:
        self._session = self._hello = None

    @property
    def negotiatedProtocol(self) -> bytes | None:
        protocol = self._object.selected_alpn_protocol()
        return None if protocol is None else protocol.encode("ascii")

    @property
    def handle(self) -> Any:
        return StdlibHandle(self._object)


def accept(context: SSLContext, transport: Any, protocols: Any) -> StdlibSession:
    """Say how to begin with a context that a program has made for the standard library.

    Args:
        context: is set to the protocols, if there are any.
        transport: a client's; the host that it was told to connect to is whom the certificate has to be for, if the
            context checks that. `None` for a server.
        protocols: the ALPN names that the factory wishes for.

    Raises:
        ValueError: nobody knows the host.
    """
    if protocols:
        context.set_alpn_protocols([protocol.decode("ascii") for protocol in protocols])
    if transport is None:
        return StdlibSession(context, requiredProtocols=tuple(protocols or ()))
    if not context.check_hostname:
        return StdlibSession(context)
    address = getattr(transport, "addr", None)
    if not isinstance(address, tuple) or not address or not isinstance(address[0], str):
        raise ValueError(
            "the ssl.SSLContext checks host names (check_hostname), and nobody has said whom this connection is to: "
            "use optionsForClientTLS(hostname) instead"
        )
    return StdlibSession(context, address[0], host=address[0])
