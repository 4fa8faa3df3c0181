"""Log the lines that a device sends over a serial port: a GPS receiver's sentences, an instrument's values.

Start: ``python lines.py --serial-port /dev/ttyUSB0 --baud-rate 4800``
"""

import sys

from ropewalk.internet import reactor
from ropewalk.internet.serialport import SerialPort
from ropewalk.protocols.basic import LineReceiver
from ropewalk.python import log, usage


class Options(usage.Options):
    optParameters = [
        ["serial-port", "p", "/dev/ttyUSB0", "The device"],
        ["baud-rate", "b", 4800, "Bits a second", int],
    ]


class Lines(LineReceiver):
    MAX_LENGTH = 1024

    def lineReceived(self, line):
        log.msg(f"the device says {line.decode('ascii', 'replace')}")

    def lineLengthExceeded(self, line):
        log.msg(f"dropped {len(line)} bytes without an end of line: is the speed right?")

    def connectionLost(self, reason):
        log.msg(f"the device is gone: {reason.getErrorMessage()}")
        reactor.callLater(0, reactor.stop)


options = Options()
try:
    options.parseOptions()
except usage.UsageError as problem:
    raise SystemExit(f"{sys.argv[0]}: {problem}") from None
log.startLogging(sys.stdout)
SerialPort(Lines(), options["serial-port"], reactor, baudrate=options["baud-rate"])
reactor.run()
