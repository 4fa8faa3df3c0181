"""`ropewalk.application._running.line` and `keeping`: reports, and sockets that outlive a process."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ropewalk.application._running.keeping import Heir, Shelf, inheritance
from ropewalk.application._running.line import Report, Reports, send
from ropewalk.internet import tcp, udp
from ropewalk.internet.defer import Deferred
from ropewalk.internet.error import CannotListenError
from ropewalk.internet.protocol import DatagramProtocol, Factory
from support.reactors import epoll, fresh, run


def isOpen(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


class TestReports:
    def test_comeWhole(self) -> None:
        """Reports arrive in order, short and long ones, and those that carry a descriptor with theirs."""

        async def main(reactor: Any) -> None:
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            all: list[tuple[Report, list[bytes]]] = []
            done: Deferred[None] = Deferred()

            def heard(report: Report, fds: list[int]) -> None:
                contents = []
                if "file" in report:
                    fd = fds.pop(0)
                    contents.append(os.read(fd, 10))
                    os.close(fd)
                all.append((report, contents))
                if report == {"last": True}:
                    done.callback(None)

            reports = Reports(ours, reactor, heard)
            send(theirs, {"first": True})
            for number in range(3):
                read, write = os.pipe()
                os.write(write, b"%d" % number)
                send(theirs, {"file": number}, [read])
                os.close(read)
                os.close(write)
            send(theirs, {"long": "x" * 50_000})
            send(theirs, {"last": True})
            await done
            assert [contents for report, contents in all if "file" in report] == [[b"0"], [b"1"], [b"2"]]
            assert [next(iter(report)) for report, _ in all] == ["first", "file", "file", "file", "long", "last"]
            reports.close()
            assert theirs.recv(1) == b""
            theirs.close()

        with fresh(epoll) as reactor:
            run(reactor, main, reactor)

    def test_theLastOnesAreHeard(self) -> None:
        """What a child has said just before its end is read when it has ended."""
        with fresh(epoll) as reactor:
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            heard: list[Report] = []
            reports = Reports(ours, reactor, lambda report, fds: heard.append(report))
            send(theirs, {"one": 1})
            send(theirs, {"two": 2})
            theirs.close()
            reports.finish()
            assert heard == [{"one": 1}, {"two": 2}]
            assert reports.fileno() == -1

    def test_nobodyListens(self) -> None:
        """A child whose supervisor is gone reports to nobody, and is no worse for it."""
        ours, theirs = socket.socketpair()
        ours.close()
        send(theirs, {"one": 1})
        send(theirs, {"one": 1}, [0])
        theirs.close()


class TestShelf:
    def shelf(self) -> tuple[Shelf, list[int]]:
        """A shelf with two descriptors on it."""
        shelf = Shelf()
        fds = [os.dup(0), os.dup(0)]
        shelf.put(("TCP", "", 80), fds[0])
        shelf.put(("UDP", "::1", 81), fds[1])
        return shelf, fds

    def test_plansAProcess(self) -> None:
        """The sockets get the numbers from the first one on, and the process is told which is which."""
        shelf, fds = self.shelf()
        assert shelf.plan(5) == ({5: fds[0], 6: fds[1]}, [("TCP", "", 80, 5), ("UDP", "::1", 81, 6)])
        shelf.drop()
        assert not any(map(isOpen, fds))
        assert shelf.plan(5) == ({}, [])

    def test_keepsWhatIsStillUsed(self) -> None:
        """When a program listens elsewhere, its old sockets are closed."""
        shelf, fds = self.shelf()
        shelf.retain([("UDP", "::1", 81), ("UDP", "::1", 82)])
        assert [isOpen(fd) for fd in fds] == [False, True]
        shelf.drop()

    def test_theNewerOneCounts(self) -> None:
        shelf, fds = self.shelf()
        newer = os.dup(0)
        shelf.put(("TCP", "", 80), newer)
        assert not isOpen(fds[0])
        assert sorted(shelf.plan(3)[0].values()) == sorted([newer, fds[1]])
        shelf.drop()


@contextmanager
def free(kind: socket.SocketKind) -> Iterator[int]:
    """A number that nobody else gets meanwhile, and that whoever shares ports may bind."""
    with socket.socket(socket.AF_INET, kind) as reserving:
        reserving.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserving.bind(("127.0.0.1", 0))
        yield reserving.getsockname()[1]


class TestPorts:
    """Ports with an `Heir` for their keeper."""

    @pytest.fixture
    def line(self) -> Any:
        """The two ends of a line, the first one the supervisor's."""
        ends = socket.socketpair()
        yield ends
        for end in ends:
            end.close()

    def heir(self, line: Any, monkeypatch: pytest.MonkeyPatch, *inherited: tuple[str, str, int, int]) -> Heir:
        heir = Heir(line[1], inheritance(inherited))
        monkeypatch.setattr(tcp.Port, "keeper", heir)
        monkeypatch.setattr(udp.Port, "keeper", heir)
        return heir

    @pytest.mark.parametrize("kind", ["TCP", "UDP"])
    def test_newSocketsAreReported(self, kind: str, line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """A worker's first socket goes to the supervisor, too, and others may be bound to the same port."""
        heir = self.heir(line, monkeypatch)
        isStream = kind == "TCP"
        with free(socket.SOCK_STREAM if isStream else socket.SOCK_DGRAM) as number, fresh(epoll) as reactor:
            listen = reactor.listenTCP if isStream else reactor.listenUDP
            ports = [
                listen(number, Factory[Any]() if isStream else DatagramProtocol(), interface="127.0.0.1")
                for _ in range(2)
            ]
            data, fds, _, _ = socket.recv_fds(line[0], 1000, 5)
            first = json.dumps({"keep": [kind, "127.0.0.1", number]}).encode()
            assert data.splitlines()[0] == first
            assert heir.places == [(kind, "127.0.0.1", number)] * 2
            for fd in fds:
                with socket.socket(fileno=fd) as copy:
                    assert copy.getsockname()[1] == number
            assert {port.getHost().port for port in ports} == {number}
            for port in ports:
                port.stopListening()

    def test_numbersThatTheSystemChoosesAreNot(self, line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """A port of 0 is each worker's own, as that of a client's datagrams is."""
        heir = self.heir(line, monkeypatch)
        with fresh(epoll) as reactor:
            reactor.listenUDP(0, DatagramProtocol(), interface="127.0.0.1").stopListening()
        assert heir.places == []

    def test_inheritedSocketsAreUsed(self, line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """A worker's successor listens with the socket that it was given, and who waits there is served."""
        waiting = socket.create_server(("127.0.0.1", 0))
        number = waiting.getsockname()[1]
        guest = socket.create_connection(("127.0.0.1", number))
        heir = self.heir(line, monkeypatch, ("TCP", "127.0.0.1", number, os.dup(waiting.fileno())))
        waiting.close()

        async def main(reactor: Any) -> None:
            arrived: Deferred[None] = Deferred()
            factory: Any = Factory()
            factory.buildProtocol = lambda address: arrived.callback(None)
            port = reactor.listenTCP(number, factory, interface="127.0.0.1")
            await arrived
            await port.stopListening()

        with fresh(epoll) as reactor:
            run(reactor, main, reactor)
        assert heir.places == [("TCP", "127.0.0.1", number)]
        guest.close()

    def test_failuresAreTheUsualOnes(self, line: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """What cannot be bound is kept by nobody."""
        heir = self.heir(line, monkeypatch)
        with fresh(epoll) as reactor, pytest.raises(CannotListenError):
            reactor.listenTCP(4711, Factory[Any](), interface="192.0.2.1")
        assert heir.places == []
