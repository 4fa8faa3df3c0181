"""Serial ports, as two ends of a pair of terminals that socat ties together (PO4)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import ConnectionDone
from ropewalk.internet.protocol import Protocol
from ropewalk.python.failure import Failure
from support.reactors import epoll, fresh, run

pytest.importorskip("serialx", reason="serial ports need serialx, the extra 'serial'")

from ropewalk.internet import serialport
from ropewalk.internet.serialport import PARITY_EVEN, SEVENBITS, STOPBITS_TWO, SerialPort


class Line(Protocol):
    """Collects what comes, and tells when there is as much as somebody waits for."""

    def __init__(self) -> None:
        self.received = b""
        self.lost: Deferred[BaseException] = Deferred()
        self._enough: tuple[int, Deferred[bytes]] | None = None

    def dataReceived(self, data: bytes) -> None:
        self.received += data
        if self._enough is not None and len(self.received) >= self._enough[0]:
            (_, waiting), self._enough = self._enough, None
            waiting.callback(self.received)

    def next(self, size: int) -> Deferred[bytes]:
        waiting: Deferred[bytes] = Deferred()
        self._enough = (size, waiting)
        self.dataReceived(b"")
        return waiting

    def connectionLost(self, reason: Failure = None) -> None:  # type: ignore[assignment]  # documented so
        self.lost.callback(reason.value)


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The paths of two terminals; what is written to one is read from the other."""
    if shutil.which("socat") is None:
        pytest.skip("serial ports without a cable need socat (apt-get install socat)")
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    socat = subprocess.Popen(
        ["socat", "-d", "-d", f"pty,raw,echo=0,link={one}", f"pty,raw,echo=0,link={other}"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert socat.stderr is not None
    try:
        for line in socat.stderr:
            if "starting data transfer" in line:
                break
        yield one, other
    finally:
        socat.terminate()
        socat.wait(10)
        socat.stderr.close()


@pytest.fixture
def reactor() -> Iterator[Any]:
    with fresh(epoll) as one:
        yield one


def test_bothWays(reactor: Any, ends: tuple[str, str]) -> None:
    """PO4: a protocol talks over a serial port as over any transport, in both directions."""

    async def main() -> None:
        near, far = Line(), Line()
        SerialPort(near, ends[0], reactor, baudrate=115200)
        SerialPort(far, ends[1], reactor, baudrate=115200)
        near.transport.write(b"ATZ\r")
        assert await far.next(4) == b"ATZ\r"
        far.transport.writeSequence([b"OK", b"\r\n"])
        assert await near.next(4) == b"OK\r\n"

    run(reactor, main)


def test_muchMoreThanTheSystemTakesAtOnce(reactor: Any, ends: tuple[str, str]) -> None:
    """What doesn't fit now leaves later, in order, and before the port closes."""
    data = bytes(range(256)) * 1024

    async def main() -> None:
        near, far = Line(), Line()
        SerialPort(near, ends[0], reactor)
        SerialPort(far, ends[1], reactor)
        arrived = far.next(len(data))
        near.transport.write(data)
        near.transport.loseConnection()
        assert await arrived == data
        assert isinstance(await near.lost, ConnectionDone)

    run(reactor, main, timeout=20)


def test_settings(reactor: Any, ends: tuple[str, str]) -> None:
    """Speed, data bits, stop bits and flow control arrive at the device; the speed can be changed later."""
    port = SerialPort(
        Line(), ends[0], reactor, baudrate=4800, bytesize=SEVENBITS, stopbits=STOPBITS_TWO, xonxoff=1, rtscts=1
    )
    try:
        iflag, _, cflag, _, _, speed, _ = termios.tcgetattr(port.fileno())
        # Of a terminal that is no wire the kernel keeps eight bits and no parity, whatever it is told.
        assert cflag & termios.CSTOPB
        assert cflag & termios.CRTSCTS
        assert iflag & termios.IXON
        assert iflag & termios.IXOFF
        assert speed == termios.B4800
        port.setBaudRate(38400)
        assert termios.tcgetattr(port.fileno())[5] == termios.B38400
    finally:
        port.connectionLost(Failure(ConnectionDone()))


def test_whatCameBefore(reactor: Any, ends: tuple[str, str]) -> None:
    """What waits can be counted and dropped; what came before the port was opened is not delivered."""
    early = Line()

    async def main() -> None:
        far = Line()
        SerialPort(far, ends[1], reactor)
        port = SerialPort(early, ends[0], reactor)
        port.stopReading()
        far.transport.write(b"noise")
        while port.inWaiting() < 5:
            reactor.iterate(0.01)
        assert port.inWaiting() == 5
        port.flushInput()
        assert port.inWaiting() == 0
        port.flushOutput()
        port.startReading()
        far.transport.write(b"news")
        assert await early.next(4) == b"news"

    run(reactor, main)


def test_unplugged(reactor: Any) -> None:
    """When the device goes away the protocol hears of it."""
    master, slave = os.openpty()
    name = os.ttyname(slave)
    os.close(slave)

    async def main() -> None:
        line = Line()
        port = SerialPort(line, name, reactor)
        os.close(master)
        await line.lost
        assert port.fileno() == -1
        port.connectionLost(Failure(ConnectionDone()))

    run(reactor, main)


def test_noSuchDevice(reactor: Any) -> None:
    with pytest.raises(OSError, match="/dev/ttyNowhere"):
        SerialPort(Line(), "/dev/ttyNowhere", reactor)


def test_impossibleSettings(reactor: Any, ends: tuple[str, str]) -> None:
    with pytest.raises(ValueError):
        SerialPort(Line(), ends[0], reactor, parity="sometimes")
    with pytest.raises(ValueError):
        SerialPort(Line(), ends[0], reactor, bytesize=12)


def test_wires() -> None:
    """The wires beside the data have the documented methods; each asks for, or sets, the one it is named for."""

    class Pin:
        def __init__(self, isOn: bool) -> None:
            self.isOn = isOn

        def to_bool(self) -> bool:
            return self.isOn

    class Device:
        """A port with wires, as serialx shows them."""

        cts, dsr, car, rng = Pin(True), Pin(False), Pin(True), Pin(False)

        def __init__(self) -> None:
            self.set: list[dict[str, bool]] = []

        def get_modem_pins(self) -> Device:
            return self

        def set_modem_pins(self, **pins: bool) -> None:
            self.set.append(pins)

    port = serialport.BaseSerialPort()
    port._serial = device = Device()
    assert (port.getCTS(), port.getDSR(), port.getCD(), port.getRI()) == (True, False, True, False)
    port.setDTR()
    port.setRTS(0)
    assert device.set == [{"dtr": True}, {"rts": False}]


def test_withoutSerialx() -> None:
    """Where serialx is missing, opening a port says what to install."""
    program = (
        "import sys; sys.modules['serialx'] = None\n"
        "from ropewalk.internet.serialport import SerialPort\n"
        "from ropewalk.internet import reactor\n"
        "try: SerialPort(None, '/dev/ttyS0', reactor)\n"
        "except ImportError as problem: print(problem)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == (
        "serial ports need serialx, an extra: pip install ropewalk[serial]\n",
        "",
    )


def test_constants() -> None:
    assert (serialport.FIVEBITS, serialport.EIGHTBITS, serialport.STOPBITS_ONE) == (5, 8, 1)
    assert (serialport.PARITY_NONE, PARITY_EVEN, serialport.PARITY_ODD) == ("N", "E", "O")
