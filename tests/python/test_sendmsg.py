"""Descriptors travel over UNIX sockets."""

from __future__ import annotations

import os
import socket
import struct

import pytest

from ropewalk.python.sendmsg import SCM_RIGHTS, getSocketFamily, recvmsg, sendmsg


def test_aDescriptorArrives() -> None:
    """SM1, SM3: what is written to the received descriptor comes out of the sent one's pipe."""
    left, right = socket.socketpair()
    reading, writing = os.pipe()
    try:
        sent = sendmsg(left, b"here", [(socket.SOL_SOCKET, SCM_RIGHTS, struct.pack("i", writing))])
        assert sent == 4
        received = recvmsg(right)
        assert (received.data, received.flags) == (b"here", 0)
        [(level, kind, packed)] = received.ancillary
        assert (level, kind) == (socket.SOL_SOCKET, SCM_RIGHTS)
        [copy] = struct.unpack("i", packed)
        os.write(copy, b"through")
        os.close(copy)
        assert os.read(reading, 100) == b"through"
    finally:
        os.close(reading)
        os.close(writing)
        left.close()
        right.close()


def test_plainDataAndFamilies() -> None:
    """SM1, SM2: data goes alone as well, up to the size asked for; text is refused."""
    left, right = socket.socketpair()
    with left, right:
        assert getSocketFamily(left) == socket.AF_UNIX
        sendmsg(left, b"abcdef")
        assert recvmsg(right, maxSize=4).data == b"abcd"
        with pytest.raises(TypeError):
            sendmsg(left, "text")  # type: ignore[arg-type]  # the mistake under test
