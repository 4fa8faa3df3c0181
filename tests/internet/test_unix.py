"""The parts of UNIX sockets that need no reactor; the rest is in `tests/conformance`."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet import unix
from ropewalk.internet._transports.rights import descriptorsIn
from ropewalk.internet.error import CannotListenError
from ropewalk.internet.protocol import Factory
from ropewalk.internet.testing import MemoryReactorClock


def port(path: Any, **options: Any) -> unix.Port:
    return unix.Port(path, Factory(), reactor=MemoryReactorClock(), **options)


@pytest.mark.parametrize("convert", [str, os.fsencode, Path])
def test_pathsInAnyForm(tmp_path: Path, convert: Any) -> None:
    """Text, bytes, path objects."""
    path = tmp_path / "socket"
    one = port(convert(path))
    skt = one._bound()
    assert path.is_socket()
    assert one.getHost().name == os.fsencode(path)
    skt.close()
    one._file.leave()
    assert not path.exists()


def test_whatIsNoSocketIsNotRemoved(tmp_path: Path) -> None:
    """A stale lock does not license us to remove somebody's file."""
    path = tmp_path / "precious"
    path.write_text("data")
    os.symlink("999999999", f"{path}.lock")
    with pytest.raises(CannotListenError, match="precious"):
        port(str(path), wantPID=True)._bound()
    assert path.read_text() == "data"
    assert not os.path.lexists(f"{path}.lock")


def test_descriptorsAreFoundAmongControlMessages() -> None:
    """Other messages are passed over, and a cut number is not taken for one."""
    numbers = (3).to_bytes(4, sys.byteorder) + (4).to_bytes(4, sys.byteorder) + b"\1\2"
    found = descriptorsIn([(1, 99, b"????"), (socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
    assert found == [3, 4]


def test_aPortThatIsNotOpenSaysSo() -> None:
    """Its text names the factory."""
    assert repr(port("/x")) == "<ropewalk.internet.protocol.Factory (not listening)>"
