"""examples/serial, with a pair of terminals instead of a cable."""

from __future__ import annotations

import os
import threading

import pytest

from support.examples import Starter

# The documents' own sample of what a GPS receiver says.
SENTENCE = b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n"


def test_lines(start: Starter) -> None:
    """PO4: the device and its speed are given on the command line; each line is logged, and so is the end."""
    pytest.importorskip("serialx")
    device, terminal = os.openpty()
    name = os.ttyname(terminal)
    with start("serial/lines.py", "--serial-port", name, "--baud-rate", "4800") as program:
        program.line("Log opened")
        # What comes before the port is open is dropped, and the program doesn't say when it is: the device goes on.
        heard = threading.Event()

        def send() -> None:
            while not heard.wait(0.05):
                os.write(device, SENTENCE)

        sender = threading.Thread(target=send)
        sender.start()
        try:
            line = program.line("the device says")
        finally:
            heard.set()
            sender.join()
        assert line.endswith("the device says $GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47")
        os.close(terminal)
        os.close(device)
        assert program.wait() == 0
    assert any("the device is gone" in line for line in program.output)


def test_wrongSpeed(start: Starter) -> None:
    """A speed that is no number is refused with a sentence."""
    with start("serial/lines.py", "--baud-rate", "fast") as program:
        assert program.wait() == 1
    assert "baud-rate" in program.errors[-1]
    assert not any("Traceback" in line for line in program.errors)
