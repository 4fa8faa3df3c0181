"""Run whole programs as a user would: a child process, its terminal output, and sockets that talk to it."""

from __future__ import annotations

import os
import queue
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

PATIENCE = 20.0  # seconds that any one step of a program may take on a busy machine


# Ports that the system gives to nobody by itself: one that was free a moment ago is not taken by somebody's connection.
QUIET_PORTS = range(10_000, 32_768)


def freePort(kind: socket.SocketKind = socket.SOCK_STREAM, host: str = "127.0.0.1") -> int:
    """A port number that nothing listens on at this moment, and that is not likely to be taken soon."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        port = random.SystemRandom().choice(QUIET_PORTS)
        with socket.socket(family, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port


class Program:
    """A running child process whose output is read line by line.

    Use as a context manager; on leaving, a program that still runs is killed.
    """

    def __init__(self, command: Sequence[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.output: list[str] = []
        self.errors: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._readers = [
            threading.Thread(target=self._collect, args=(self.process.stdout, self.output, True), daemon=True),
            threading.Thread(target=self._collect, args=(self.process.stderr, self.errors, False), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _collect(self, stream: Iterator[bytes], into: list[str], announce: bool) -> None:
        for raw in stream:
            line = raw.decode(errors="replace").rstrip("\n")
            into.append(line)
            if announce:
                self._lines.put(line)
        if announce:
            self._lines.put(None)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.stdout.close()
        self.process.stderr.close()

    def line(self, containing: str = "") -> str:
        """The next line of output that contains a text."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line with {containing!r} in {PATIENCE} s; {self.report()}") from None
            if line is None:
                raise AssertionError(f"the program ended before a line with {containing!r}; {self.report()}")
            if containing in line:
                return line

    def report(self) -> str:
        return f"output {self.output!r}, errors {self.errors!r}, exit status {self.process.poll()}"

    def isRunning(self) -> bool:
        return self.process.poll() is None

    def interrupt(self) -> int:
        """Press Ctrl-C, and wait for the program's exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self) -> int:
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the program does not end; {self.report()}") from None
        for reader in self._readers:
            reader.join(PATIENCE)
        return status


class Caller:
    """A blocking TCP (or UNIX) client, as patient as the tests are."""

    def __init__(self, where: int | str, program: Program | None = None) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                if isinstance(where, int):
                    self.socket = socket.create_connection(("127.0.0.1", where), PATIENCE)
                else:
                    self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                    self.socket.settimeout(PATIENCE)
                    self.socket.connect(where)
                break
            except OSError as problem:
                # The program may not listen yet: nothing tells us when it does.
                gone = program is not None and not program.isRunning()
                if gone or time.monotonic() > deadline:
                    report = program.report() if program is not None else ""
                    raise AssertionError(f"cannot connect to {where}: {problem}; {report}") from None
                time.sleep(0.02)
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def line(self) -> bytes:
        """The next line with its end; what came before the end of stream; nothing at the end of stream."""
        return self.file.readline()

    def lineWith(self, text: bytes) -> bytes:
        while text not in (line := self.line()):
            assert line, f"the stream ended before {text!r}"
        return line

    def rest(self) -> bytes:
        """Everything until the end of stream."""
        return self.file.read()

    def read(self, size: int) -> bytes:
        return self.file.read(size)

    def isSilent(self, seconds: float = 0.2) -> bool:
        """Nothing arrives, and the stream does not end, for a moment."""
        self.socket.settimeout(seconds)
        try:
            return not self.socket.recv(1, socket.MSG_PEEK) and False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)

    def close(self) -> None:
        self.file.close()
        self.socket.close()


class Listener:
    """A blocking TCP server for one client at a time, for programs that connect."""

    def __init__(self, port: int = 0) -> None:
        self.socket = socket.create_server(("127.0.0.1", port))
        self.socket.settimeout(PATIENCE)
        self.port: int = self.socket.getsockname()[1]

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.socket.close()

    def accept(self) -> socket.socket:
        peer, _ = self.socket.accept()
        peer.settimeout(PATIENCE)
        return peer


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]
