"""AMP: any bytes give the same boxes however they are cut, and a server that takes them keeps to the protocol."""

from __future__ import annotations

from typing import Any

from fuzzing import main, pieces

from ropewalk._wire.events import NEED_DATA, TooLong
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols import amp
from ropewalk.protocols._wire.boxes import BoxReader, encode

LIMIT = 60


class Sum(amp.Command):
    """Takes what it can."""

    arguments = [(b"a", amp.ListOf(amp.Integer())), (b"b", amp.AmpList([(b"c", amp.Unicode())], optional=True))]
    response = [(b"total", amp.Integer())]


class Server(amp.AMP):
    """Answers one command."""

    @Sum.responder
    def sum(self, a: list[int], b: Any) -> dict[str, int]:
        return {"total": sum(a)}


def boxes(parts: list[bytes]) -> list[Any]:
    found: list[Any] = []
    reader: BoxReader[dict[bytes, bytes]] = BoxReader(dict, LIMIT)
    try:
        for part in parts:
            reader.feed(part)
            while (box := reader.next()) is not NEED_DATA:
                found.append(box)
    except TooLong as problem:
        found.append(problem.what)
    return found


def target(data: bytes) -> None:
    found = boxes([data])
    assert found == boxes(pieces(data))
    wire = b"".join([encode(box.items()) for box in found if isinstance(box, dict)])
    assert boxes([wire]) == [box for box in found if isinstance(box, dict)]

    # As strings of lists, and as the arguments of a command.
    for argument in (amp.ListOf(amp.String()), amp.AmpList([(b"c", amp.String(optional=True))])):
        try:
            argument.fromStringProto(data, None)
        except amp.AmpError:
            pass
    server, transport = Server(), StringTransport()
    server.makeConnection(transport)
    asked = amp.Box(_ask=b"1", _command=b"Sum", a=data[: len(data) // 2], b=data[len(data) // 2 :]).serialize()
    try:
        for part in (asked, *pieces(data)):
            server.dataReceived(part)
    except amp.AmpError:
        pass  # the transport drops the connection for it
    for box in amp.parseString(transport.value()):
        assert box.keys() >= {b"_error", b"_error_code", b"_error_description"} or box.keys() == {b"_answer", b"total"}


if __name__ == "__main__":
    main(target)
