"""Files by FTP, up and down, beside Twisted: what a CPU second of the server moves, and how much memory it takes.

    benchmarks/ftpfiles.py                    # three rounds with a file of 256 MB
    benchmarks/ftpfiles.py --size 1024 --rounds 1
    benchmarks/ftpfiles.py --size 64 --check  # ropewalk only: memory, and transfers resumed after the link is cut
    benchmarks/ftpfiles.py --folder /dev/shm  # without a disk: what is written to one costs both the same

Rounds are interleaved: a peer after the other, each up and down. The server is pinned to one core, the client, plain
sockets here, to another. The files are in a temporary directory, and removed afterwards.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic
from typing import BinaryIO

from harness.peers import PEERS, REFERENCE
from harness.system import cores, cpuSeconds, residentKiB

SERVER = Path(__file__).parent / "servers" / "ftp.py"
MEGABYTE = 1 << 20

# What a server may take over what it takes idle, while it moves a file (issue 4).
MEMORY_LIMIT = 40


class Session:
    """A client, logged in."""

    def __init__(self, port: int) -> None:
        self._control = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._replies = self._control.makefile("rb")
        self._reply()
        for line in ("USER user", "PASS any", "TYPE I"):
            self.say(line)

    def say(self, line: str) -> str:
        """Send a command, return the reply."""
        self._control.sendall(line.encode() + b"\r\n")
        return self._reply()

    def _reply(self) -> str:
        while True:
            line = self._replies.readline().decode()
            if line[3:4] == " ":
                assert line[0] in "123", line
                return line
            assert line, "the server closed"

    def _data(self, *commands: str) -> socket.socket:
        found = re.search(r"(\d+),(\d+)\)", self.say("PASV"))
        assert found
        data = socket.create_connection(("127.0.0.1", int(found[1]) * 256 + int(found[2])), timeout=60)
        for command in commands:
            self.say(command)
        return data

    def download(self, name: str, file: BinaryIO | None, offset: int = 0, most: int | None = None) -> int:
        """Retrieve a file, or as much as ``most`` bytes and cut the link; return how much came."""
        rest = [f"REST {offset}"] if offset else []
        buffer = memoryview(bytearray(MEGABYTE))
        size = 0
        with self._data(*rest, f"RETR {name}") as data:
            while (most is None or size < most) and (count := data.recv_into(buffer)):
                size += count
                if file is not None:
                    file.write(buffer[:count])
        if most is None:
            self._reply()
        else:
            self._control.close()
        return size

    def upload(self, file: BinaryIO, name: str, offset: int = 0, most: int | None = None) -> int:
        """Store a file from ``offset`` on, or ``most`` bytes of it and cut the link; return how much was sent."""
        rest = [f"REST {offset}"] if offset else []
        file.seek(offset)
        with self._data(*rest, f"STOR {name}") as data:
            size = data.sendfile(file, offset, most)
            if most is not None:
                self._control.close()
        if most is None:
            self._reply()
        return size

    def size(self, name: str) -> int:
        """Return how much of a file is there."""
        return int(self.say(f"SIZE {name}")[4:])


@contextmanager
def serving(peer: str, root: Path) -> Iterator[tuple[int, int]]:
    """Run a peer's server; give its process and its port."""
    pinned = ["taskset", "-c", str(both[0])] if (both := cores()) and shutil.which("taskset") else []
    command = [*pinned, PEERS[peer].python, str(SERVER), peer, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process.pid, int(process.stdout.readline())
        finally:
            process.kill()


def fill(path: Path, megabytes: int) -> str:
    """Write a file of random bytes; return their digest."""
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for _ in range(megabytes):
            piece = os.urandom(MEGABYTE)
            digest.update(piece)
            file.write(piece)
    return digest.hexdigest()


def digestOf(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compare(root: Path, megabytes: int, rounds: int) -> None:
    """Measure all peers and print a table."""
    fill(root / "user" / "down", megabytes)
    rates: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    peers = [REFERENCE, "ropewalk"]
    with serving(peers[0], root) as first, serving(peers[1], root) as second:
        if both := cores():
            os.sched_setaffinity(0, {both[1]})
        for _ in range(rounds):
            for peer, (pid, port) in zip(peers, (first, second), strict=True):
                session = Session(port)
                for way in ("down", "up"):
                    idle, cpu, start = residentKiB(pid), cpuSeconds(pid), monotonic()
                    if way == "down":
                        moved = session.download("down", None)
                    else:
                        with open(root / "user" / "down", "rb") as source:
                            moved = session.upload(source, "up")
                    assert moved == megabytes * MEGABYTE
                    cpu, wall = cpuSeconds(pid) - cpu, monotonic() - start
                    rates.setdefault((way, peer), []).append(
                        (megabytes / cpu, megabytes / wall, (residentKiB(pid) - idle) / 1024)
                    )
                (root / "user" / "up").unlink()
    print(f"FTP, a file of {megabytes} MB, {rounds} rounds; medians; (n×) is times {REFERENCE}, round by round\n")
    print("| way | peer | MB per CPU second | MB/s | memory, MB |\n| --- | --- | --- | --- | --- |")
    for (way, peer), samples in rates.items():
        ratio = median(one[0] / other[0] for one, other in zip(samples, rates[way, REFERENCE], strict=True))
        cells = [median(column) for column in zip(*samples, strict=True)]
        print(f"| {way} | {peer} | {cells[0]:,.0f} ({ratio:.2f}×) | {cells[1]:,.0f} | {cells[2]:+.1f} |")


def check(root: Path, megabytes: int) -> None:
    """Cut transfers of ours in the middle, resume them, and look at the files and the memory."""
    whole = fill(root / "source", megabytes)
    with serving("ropewalk", root) as (pid, port):
        idle = residentKiB(pid)
        half = megabytes * MEGABYTE // 2
        with open(root / "source", "rb") as source:
            Session(port).upload(source, "up", 0, half)
            again = Session(port)
            cut = again.size("up")
            again.upload(source, "up", cut)
        assert digestOf(root / "user" / "up") == whole, "the file is another after it went up"
        with open(root / "copy", "wb") as copy:
            come = Session(port).download("up", copy, 0, half)
            Session(port).download("up", copy, come)
        assert digestOf(root / "copy") == whole, "the file is another after it came down"
        grown = (residentKiB(pid) - idle) / 1024
    print(f"FTP, {megabytes} MB: up cut after {cut} bytes, down after {come}; resumed, whole; memory {grown:+.1f} MB")
    assert grown <= MEMORY_LIMIT, f"that is more than {MEMORY_LIMIT} MB"


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser(prog="benchmarks/ftpfiles.py", description="Measure files by FTP beside Twisted.")
    parser.add_argument("--size", type=int, default=256, help="of the file, in MB (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="samples of each peer (%(default)s)")
    parser.add_argument("--folder", default="/var/tmp", help="where the files are made (%(default)s)")
    parser.add_argument("--check", action="store_true", help="cut links, resume, and look at the memory; no peers")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        root = Path(folder)
        (root / "user").mkdir()
        if options.check:
            check(root, options.size)
        else:
            compare(root, options.size, options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
