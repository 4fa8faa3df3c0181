"""Peers that leave in the middle of a handshake, in numbers and by every door, over real sockets."""

from __future__ import annotations

import gc
import os
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.protocol import Factory, Protocol
from ropewalk.internet.threads import deferToThreadPool
from support.reactors import epoll, fresh, run
from support.recording import until
from support.tlsnetworks import ENGINES

# Ten thousand were tried by hand, with the same end.
PEERS = 400

RESET = b"\1\0\0\0\0\0\0\0"


def hello() -> bytes:
    """What a client says first."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def besiege(number: int) -> None:
    """Connect; say nothing, half a hello, a hello, or hear the answer, too; and leave, in order or with a reset."""
    words = hello()
    for turn in range(PEERS):
        with socket.create_connection(("127.0.0.1", number)) as peer:
            peer.sendall((b"", words[:100], words, words)[turn % 4])
            if turn % 4 == 3:
                peer.recv(10)
            if turn % 8 < 4:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="descriptors are counted in /proc")
def test_handshakesThatAreGivenUpLeaveNothing(engine: Any) -> None:
    """No descriptor, timer, layer or circle of objects is left of any of them."""

    async def main(reactor: Any) -> None:
        factory = Factory.forProtocol(Protocol)
        factory.noisy = False
        port = reactor.listenSSL(0, factory, engine.server(), interface="127.0.0.1")
        pool = reactor.getThreadPool()
        await deferToThreadPool(reactor, pool, besiege, port.getHost().port)  # what is kept once is kept now
        await until(reactor, lambda: not port.factory.protocols)

        gc.collect()
        gc.disable()
        try:
            descriptors, calls = len(os.listdir("/proc/self/fd")), len(reactor.getDelayedCalls())
            await deferToThreadPool(reactor, pool, besiege, port.getHost().port)
            await until(reactor, lambda: not port.factory.protocols)
            assert len(os.listdir("/proc/self/fd")) == descriptors
            assert len(reactor.getDelayedCalls()) == calls
            assert len(reactor.getReaders()) == 1
            assert gc.collect() < PEERS / 4  # the test's own threads leave a few
        finally:
            gc.enable()
        await port.stopListening()

    with fresh(epoll) as reactor:
        run(reactor, main, reactor, timeout=30)
