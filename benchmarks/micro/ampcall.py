"""An AMP command with two integers, asked, answered, and its Deferred fired: both sides in one process."""

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
client, asked = amp.AMP(), StringTransport()
server, answered = Server(), StringTransport()
client.makeConnection(asked)
server.makeConnection(answered)


def call() -> None:
    for number in range(CALLS):
        client.callRemote(Sum, a=13, b=number)
    server.dataReceived(asked.value())
    asked.clear()
    client.dataReceived(answered.value())
    answered.clear()


report(call, each=CALLS)
