"""The engine over pyOpenSSL: for contexts that a program brings, and for policies that only OpenSSL itself can express.

A call into pyOpenSSL costs a microsecond, and one that ends in an exception several, so none is made that must fail:
`Records` says whether there is another record to read.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from OpenSSL import SSL

from ._wire.records import MOST, Records
from .engines import PORTION, noSharedProtocol

__all__ = ["OpenSSLEngine", "negotiate"]

# How much ciphertext is taken in one call when nobody knows how much there is: a flight of the handshake, as a rule.
TAKE = 16384

# What records of TLS's own, and the frames around ours, come to at most.
SPARE = 512


class OpenSSLEngine:
    """One side of a connection; see `engines.Engine` for what its methods promise.

    Args:
        connection: an ``OpenSSL.SSL.Connection`` without a socket.
        isClient: which side.
    """

    __slots__ = ("_connection", "_records", "closed", "trouble")

    def __init__(self, connection: Any, isClient: bool) -> None:
        self._connection = connection
        self._records = Records()
        self.closed = False
        self.trouble: BaseException | None = None
        if isClient:
            connection.set_connect_state()
        else:
            connection.set_accept_state()

    def handshake(self, data: bytes) -> bool:
        if data:
            self._feed(data)
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            return False
        return True

    def _feed(self, data: bytes | memoryview) -> int:
        """Hand over what arrived; return how many records that has completed."""
        complete = self._records.feed(data)
        taken = self._connection.bio_write(data)
        while taken < len(data):
            data = data[taken:]
            taken = self._connection.bio_write(data)
        return complete

    def decrypt(self, data: bytes) -> bytes:
        pieces: list[bytes] = []
        if len(data) <= PORTION:
            # What came with the end of the handshake was counted then: look for it until there is no more.
            self._read(self._feed(data) if data else MOST, pieces)
        else:
            whole = memoryview(data)
            for at in range(0, len(data), PORTION):
                self._read(self._feed(whole[at : at + PORTION]), pieces)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _read(self, complete: int, pieces: list[bytes]) -> None:
        """Read so many records."""
        try:
            for _ in range(0 if self.closed else complete):
                pieces.append(self._connection.recv(MOST))
        except SSL.WantReadError:
            pass  # a record of TLS's own
        except SSL.Error as problem:
            self.closed = True
            if not isinstance(problem, SSL.ZeroReturnError):
                self.trouble = problem.with_traceback(None)

    def encrypt(self, data: bytes | memoryview) -> bytes:
        size = len(data)
        sent = self._connection.send(data)
        while sent < len(data):
            data = memoryview(data)[sent:]
            sent = self._connection.send(data)
        return self._take(size + (size >> 7) + SPARE)

    def take(self) -> bytes:
        return self._take(TAKE)

    def _take(self, most: int) -> bytes:
        """Take the ciphertext that there is, in pieces of at most that size. A call takes memory for as much."""
        pieces: list[bytes] = []
        try:
            while not pieces or len(pieces[-1]) == most:
                pieces.append(self._connection.bio_read(most))
        except SSL.WantReadError:
            pass
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        try:
            self.closed = bool(self._connection.shutdown()) or self.closed
        except SSL.Error:
            pass  # the handshake is not done, or something has failed: then there is nobody to say farewell to

    def release(self) -> None:
        # Creators keep the transport there, which keeps us.
        self._connection.set_app_data(None)

    @property
    def negotiatedProtocol(self) -> bytes | None:
        return self._connection.get_alpn_proto_negotiated() or None

    @property
    def handle(self) -> Any:
        return self._connection


# What was set already, for contexts are not to be changed once there are connections of them.
_negotiated: WeakKeyDictionary[Any, tuple[bytes, ...]] = WeakKeyDictionary()


def negotiate(context: Any, protocols: Sequence[bytes]) -> None:
    """Have a server's context choose one of these protocols, best first, and refuse a client that offers none of them.

    Spec: RFC 7301 §3.2.
    """
    wanted = tuple(protocols)
    if not wanted or _negotiated.get(context) == wanted:
        return
    _negotiated[context] = wanted

    def choose(connection: Any, offered: Sequence[bytes]) -> Any:
        for protocol in wanted:
            if protocol in offered:
                return protocol
        raise noSharedProtocol(offered, wanted)  # `do_handshake` raises it again

    with warnings.catch_warnings():
        # A creator hands us a connection, so its context was used already. It was not for this factory.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_alpn_select_callback(choose)
