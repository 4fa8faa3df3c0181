"""How many AMP calls a server answers in a second of its own CPU time: ours and Twisted's, one after the other.

    .venv/bin/python benchmarks/ampcalls.py [--rounds 5] [--seconds 2]

One connection, 50 calls in flight, a command with two integers. What asks is a loop that sends bytes made beforehand,
so that the server is the busy one. `micro/ampanswer.py` and `micro/ampcall.py` time the same without sockets.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
INTERPRETERS = {"twisted": ROOT / ".peers" / "twisted" / "bin" / "python", "ropewalk": Path(sys.executable)}

IN_FLIGHT = 50
TICK = os.sysconf("SC_CLK_TCK")

SERVER = """
import sys
from importlib import import_module
package = sys.argv[1]
amp = import_module(package + ".protocols.amp")
protocol = import_module(package + ".internet.protocol")
from {package}.internet import reactor

class Sum(amp.Command):
    arguments = [(b"a", amp.Integer()), (b"b", amp.Integer())]
    response = [(b"total", amp.Integer())]

class Server(amp.AMP):
    @Sum.responder
    def sum(self, a, b):
        return {{"total": a + b}}

port = reactor.listenTCP(0, protocol.Factory.forProtocol(Server), interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
"""


def box(**pairs: bytes) -> bytes:
    """Return a box as bytes."""
    strings = [part for name, value in pairs.items() for part in (name.encode(), value)]
    return b"".join([len(each).to_bytes(2, "big") + each for each in strings]) + b"\0\0"


def spent(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def measure(package: str, seconds: float) -> float:
    """Return the calls that a package's server answers in a second of its CPU time."""
    command = [str(INTERPRETERS[package]), "-c", SERVER.format(package=package), package]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        try:
            port = int(server.stdout.readline())
            with socket.create_connection(("127.0.0.1", port)) as connection:
                ask(connection, 0.3)
                before = spent(server.pid)
                calls = ask(connection, seconds)
                return calls / (spent(server.pid) - before)
        finally:
            server.kill()


def ask(connection: socket.socket, seconds: float) -> int:
    """Ask for some time; return how many answers came."""
    questions = b"".join([box(_ask=b"%x" % n, _command=b"Sum", a=b"13", b=b"10") for n in range(IN_FLIGHT)])
    size = sum(len(box(_answer=b"%x" % n, total=b"23")) for n in range(IN_FLIGHT))
    calls, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        connection.sendall(questions)
        left = size
        while left:
            left -= len(connection.recv(left))
        calls += IN_FLIGHT
    return calls


def main() -> None:
    """Take turns, and print the medians."""
    parser = argparse.ArgumentParser(description="AMP calls per CPU second of the server")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    chosen = parser.parse_args()
    rates: dict[str, list[float]] = {package: [] for package in INTERPRETERS}
    for _ in range(chosen.rounds):
        for package, found in rates.items():
            found.append(measure(package, chosen.seconds))
    ratio = median([ours / theirs for ours, theirs in zip(rates["ropewalk"], rates["twisted"], strict=True)])
    for package, found in rates.items():
        print(f"{package:10}{median(found):10,.0f} calls/s")
    print(f"{'ratio':10}{ratio:10.2f}    (target: 3)")


if __name__ == "__main__":
    main()
