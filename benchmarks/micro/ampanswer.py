"""An AMP command with two integers, answered: from the bytes that arrive to those that leave, 50 in a piece."""

from __future__ import annotations

from stopwatch import load, report

amp = load("protocols.amp")
StringTransport = load("internet.testing").StringTransport


class Sum(amp.Command):  # type: ignore[misc, name-defined]  # of whichever package is under test
    arguments = [(b"a", amp.Integer()), (b"b", amp.Integer())]
    response = [(b"total", amp.Integer())]


class Server(amp.AMP):  # type: ignore[misc, name-defined]
    @Sum.responder  # type: ignore[untyped-decorator]  # likewise
    def sum(self, a: int, b: int) -> dict[str, int]:
        return {"total": a + b}


CALLS = 50
server, transport = Server(), StringTransport()
server.makeConnection(transport)
piece = b"".join(amp.Box(_ask=b"%x" % n, _command=b"Sum", a=b"13", b=b"%d" % n).serialize() for n in range(CALLS))


def answer() -> None:
    server.dataReceived(piece)
    transport.clear()


report(answer, each=CALLS)
