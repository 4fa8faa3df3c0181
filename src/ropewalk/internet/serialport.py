"""Serial ports as transports: modems, GPS receivers, instruments.

::

    from ropewalk.internet import reactor
    from ropewalk.internet.serialport import SerialPort

    SerialPort(Meter(), "/dev/ttyUSB0", reactor, baudrate=115200)

The port is opened and set by serialx, the extra ``serial``; what comes and goes passes through the reactor like that of
any descriptor.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

from .abstract import FileDescriptor
from .fdesc import readFromFD, writeToFD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ropewalk.python.failure import Failure

    from .interfaces import IProtocol

if sys.platform == "win32":
    raise ImportError(
        "serial ports of Windows cannot be watched by a reactor here; serialx's asyncio streams can, "
        "on asyncio's proactor event loop"
    )

__all__ = [
    "EIGHTBITS",
    "FIVEBITS",
    "PARITY_EVEN",
    "PARITY_NONE",
    "PARITY_ODD",
    "SEVENBITS",
    "SIXBITS",
    "STOPBITS_ONE",
    "STOPBITS_TWO",
    "SerialPort",
]

FIVEBITS, SIXBITS, SEVENBITS, EIGHTBITS = 5, 6, 7, 8
PARITY_NONE, PARITY_EVEN, PARITY_ODD = "N", "E", "O"
STOPBITS_ONE, STOPBITS_TWO = 1, 2


class BaseSerialPort:
    """The wires and settings of a serial port, beside what passes through it."""

    _serial: Any

    def setBaudRate(self, baudrate: int) -> None:
        """Go on at another speed, in bits a second."""
        self._serial.reconfigure_port(baudrate=baudrate)

    def inWaiting(self) -> int:
        """Return how many bytes have come and were not read."""
        waiting: int = self._serial.num_unread_bytes()
        return waiting

    def flushInput(self) -> None:
        """Drop what has come and was not read."""
        self._serial.reset_read_buffer()

    def flushOutput(self) -> None:
        """Drop what the system has taken and not sent."""
        self._serial.reset_write_buffer()

    def sendBreak(self) -> None:
        """Send a break: a quarter of a second or more without a signal, which this call waits for."""
        import termios

        termios.tcsendbreak(self._serial.fileno(), 0)

    def getCTS(self) -> bool:
        """Return whether the other end is clear to send to."""
        return self._pin("cts")

    def getDSR(self) -> bool:
        """Return whether the other end is ready."""
        return self._pin("dsr")

    def getCD(self) -> bool:
        """Return whether the modem has a carrier."""
        return self._pin("car")

    def getRI(self) -> bool:
        """Return whether it rings."""
        return self._pin("rng")

    def setDTR(self, on: Any = 1) -> None:
        """Say whether this end is ready."""
        self._serial.set_modem_pins(dtr=bool(on))

    def setRTS(self, on: Any = 1) -> None:
        """Say whether this end wants to be sent to."""
        self._serial.set_modem_pins(rts=bool(on))

    def _pin(self, name: str) -> bool:
        return bool(getattr(self._serial.get_modem_pins(), name).to_bool())


class SerialPort(BaseSerialPort, FileDescriptor):
    """A serial port, open and read from the moment it is made.

    Args:
        protocol: is connected to it.
        deviceNameOrPortNumber: the device's path, ``/dev/ttyUSB0``; a number stands for ``/dev/ttyS`` and it.
        reactor: reads and writes.
        baudrate: bits a second.
        bytesize: data bits in a byte, ``FIVEBITS`` to ``EIGHTBITS``.
        parity: ``PARITY_NONE``, ``PARITY_EVEN`` or ``PARITY_ODD``.
        stopbits: ``STOPBITS_ONE`` or ``STOPBITS_TWO``.
        timeout: of no meaning here: nothing waits.
        xonxoff: whether the two ends pause one another by characters within the data.
        rtscts: whether they do by their wires.

    Raises:
        ImportError: serialx is missing.
        OSError: there is no such device, or it may not be opened, or somebody has it open.
        ValueError: it cannot be set that way.
    """

    connected = 1

    def __init__(
        self,
        protocol: IProtocol,
        deviceNameOrPortNumber: str | int,
        reactor: Any,
        baudrate: int = 9600,
        bytesize: int = EIGHTBITS,
        parity: str = PARITY_NONE,
        stopbits: int = STOPBITS_ONE,
        timeout: float = 0,
        xonxoff: Any = 0,
        rtscts: Any = 0,
    ) -> None:
        super().__init__(reactor)
        self._serial = serial = _open(
            deviceNameOrPortNumber,
            baudrate=baudrate,
            byte_size=bytesize,
            parity=parity,
            stopbits=stopbits,
            xonxoff=bool(xonxoff),
            rtscts=bool(rtscts),
        )
        os.set_blocking(serial.fileno(), False)
        # What came before anybody listened is the end of something, most likely.
        self.flushInput()
        self.flushOutput()
        self.protocol = protocol
        protocol.makeConnection(self)
        self.startReading()

    def fileno(self) -> int:
        """Return its descriptor, -1 when it is closed."""
        number: int = self._serial.fileno() if self._serial.is_open else -1
        return number

    def logPrefix(self) -> str:
        prefix = getattr(self.protocol, "logPrefix", None)
        return prefix() if prefix is not None else type(self.protocol).__name__

    def writeSomeData(self, data: bytes) -> int | BaseException:
        return writeToFD(self.fileno(), data)

    def doRead(self) -> BaseException | Failure | None:
        return readFromFD(self.fileno(), self.protocol.dataReceived)

    def connectionLost(self, reason: Failure) -> None:
        """Close it, and tell the protocol: it was unplugged, or ``loseConnection`` was called."""
        if self.disconnected:
            return
        super().connectionLost(reason)
        try:
            self._serial.close()
        except OSError:
            pass  # it was unplugged
        self.protocol.connectionLost(reason)


def _open(device: str | int, **settings: Any) -> Any:
    """Open a device by serialx."""
    try:
        serialx: Any = import_module("serialx")
    except ImportError:
        raise ImportError("serial ports need serialx, an extra: pip install ropewalk[serial]") from None
    path = device if isinstance(device, str) else f"/dev/ttyS{device}"
    try:
        port: Any = serialx.Serial(path, **settings)
        if not port.is_open:
            port.open()
    except serialx.UnsupportedSetting as problem:
        raise ValueError(f"{path} cannot be set so: {problem}") from None
    return port
