"""The receivers call with each line or string, in the right mode, within the limits; a file is sent whole."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.internet.defer import CancelledError
from ropewalk.internet.testing import StringTransport
from ropewalk.protocols import basic
from support.cuts import anyCuts, everySize


def connected(protocol: Any) -> Any:
    """Connect a protocol to a transport that keeps what is written."""
    protocol.makeConnection(StringTransport())
    return protocol


class Lines(basic.LineReceiver):
    """Notes everything; obeys the words that tests send."""

    MAX_LENGTH = 20

    def __init__(self) -> None:
        self.calls: list[tuple[str, bytes]] = []

    def lineReceived(self, line: bytes) -> Any:
        self.calls.append(("line", line))
        match line:
            case b"raw":
                self.setRawMode()
            case b"pause":
                self.pauseProducing()
            case b"clear":
                self.calls.append(("cleared", self.clearLineBuffer()))
            case b"close":
                self.transport.loseConnection()
            case b"bar":
                self.delimiter = b"|"
            case b"fail":
                raise ValueError("the protocol fails")
            case b"enough":
                return "enough"
        return None

    def rawDataReceived(self, data: bytes) -> Any:
        self.calls.append(("raw", data))
        if b"END" in data:
            return self.setLineMode(data.split(b"END", 1)[1])
        return None

    @property
    def lines(self) -> list[bytes]:
        return [data for kind, data in self.calls if kind == "line"]


class TestLineReceiver:
    """A `LineReceiver` calls with each line, and stops or changes where it is told to."""

    def test_lines(self) -> None:
        """Each line comes once, without its delimiter, however the bytes are cut (F036)."""
        for pieces in everySize(b"one\r\n\r\nt\rwo\r\nthree"):
            protocol = connected(Lines())
            for piece in pieces:
                protocol.dataReceived(piece)
            assert protocol.lines == [b"one", b"", b"t\rwo"]
            protocol.dataReceived(b"\r\n")
            assert protocol.lines[-1] == b"three"

    @given(st.data())
    def test_roundTrip(self, data: st.DataObject) -> None:
        """What one end sends as lines the other receives as lines (F037)."""
        sender, receiver = connected(Lines()), connected(Lines())
        line = st.binary(max_size=20).filter(lambda line: b"\r" not in line and not line.isalpha())
        lines = data.draw(st.lists(line, max_size=40))
        for line in lines:
            sender.sendLine(line)
        for piece in data.draw(anyCuts(sender.transport.value())):
            receiver.dataReceived(piece)
        assert receiver.lines == lines

    def test_delimiterOfOneProtocol(self) -> None:
        """The delimiter may be one protocol's own; it cuts and it sends (F039)."""
        protocol = Lines()
        protocol.delimiter = b"\n"
        connected(protocol).dataReceived(b"a\r\nb\n")
        protocol.sendLine(b"out")
        assert protocol.lines == [b"a\r", b"b"]
        assert protocol.transport.value() == b"out\n"

    def test_delimiterChangedByALine(self) -> None:
        """A new delimiter holds from the next byte on, even when that has come already."""
        protocol = connected(Lines())
        protocol.dataReceived(b"bar\r\na|b\r\n|c")
        assert protocol.lines == [b"bar", b"a", b"b\r\n"]

    def test_limitChangedByALine(self) -> None:
        """A new MAX_LENGTH holds from the next line on, however the bytes are cut."""

        class Stricter(Lines):
            def lineReceived(self, line: bytes) -> None:
                super().lineReceived(line)
                self.MAX_LENGTH = 5

        for pieces in everySize(b"long enough\r\n12345\r\n123456\r\nlast\r\n"):
            protocol = connected(Stricter())
            for piece in pieces:
                protocol.dataReceived(piece)
                if protocol.transport.disconnecting:
                    break
            assert protocol.lines == [b"long enough", b"12345"]
            assert protocol.transport.disconnecting

    def test_rawModeInTheMiddle(self) -> None:
        """Bytes behind the line that sets raw mode are raw; what is given back is lines again (F038)."""
        for pieces in everySize(b"a\r\nraw\r\nb\r\nENDc\r\n"):
            protocol = connected(Lines())
            for piece in pieces:
                protocol.dataReceived(piece)
            if len(pieces) == 1:
                assert protocol.calls == [
                    ("line", b"a"),
                    ("line", b"raw"),
                    ("raw", b"b\r\nENDc\r\n"),
                    ("line", b"c"),
                ]
            assert protocol.lines[:2] == [b"a", b"raw"]
            raw = b"".join([data for kind, data in protocol.calls if kind == "raw"])
            assert raw.startswith(b"b\r\n")

    def test_modesByTheThousand(self) -> None:
        """Ten thousand changes of mode within one piece neither overflow the stack nor take long."""
        protocol = connected(Lines())
        protocol.dataReceived(b"raw\r\n.END" * 10_000 + b"last\r\n")
        assert len(protocol.lines) == 10_001
        assert protocol.lines[-1] == b"last"

    def test_pauseInTheMiddle(self) -> None:
        """Lines that came behind the one that pauses wait, and so does what comes later."""
        protocol = connected(Lines())
        protocol.dataReceived(b"a\r\npause\r\nb\r\nc")
        protocol.dataReceived(b"d\r\n")
        assert protocol.lines == [b"a", b"pause"]
        assert protocol.transport.producerState == "paused"
        protocol.resumeProducing()
        assert protocol.lines == [b"a", b"pause", b"b", b"cd"]
        assert protocol.transport.producerState == "producing"

    def test_pauseByTheThousand(self) -> None:
        """A protocol that pauses at each of ten thousand lines gets them one by one."""
        protocol = connected(Lines())
        protocol.dataReceived(b"pause\r\n" * 10_000)
        for count in range(1, 10_000):
            assert len(protocol.calls) == count
            protocol.resumeProducing()
        assert len(protocol.lines) == 10_000

    def test_pausedRawMode(self) -> None:
        """Raw mode that was set together with a pause begins after it."""

        class Both(Lines):
            def lineReceived(self, line: bytes) -> None:
                super().lineReceived(line)
                self.pauseProducing()
                self.setRawMode()

        protocol = connected(Both())
        protocol.dataReceived(b"a\r\nb\r\n")
        assert protocol.calls == [("line", b"a")]
        protocol.resumeProducing()
        assert protocol.calls == [("line", b"a"), ("raw", b"b\r\n")]

    def test_nothingAfterClosing(self) -> None:
        """Lines behind the one that closes the connection are not passed on."""
        protocol = connected(Lines())
        protocol.dataReceived(b"a\r\nclose\r\nb\r\n")
        assert protocol.lines == [b"a", b"close"]

    def test_clearLineBuffer(self) -> None:
        """All that has come and was not passed on can be taken out, from inside a line too."""
        protocol = connected(Lines())
        protocol.dataReceived(b"a\r\nclear\r\nb\r\nc\r\npart")
        protocol.dataReceived(b"next\r\npart")
        assert protocol.calls == [
            ("line", b"a"),
            ("line", b"clear"),
            ("cleared", b"b\r\nc\r\npart"),
            ("line", b"next"),
        ]
        assert protocol.clearLineBuffer() == b"part"
        assert protocol.clearLineBuffer() == b""

    def test_trueResultStops(self) -> None:
        """A line whose handling returns something true stops the work on that piece; the next piece goes on."""
        protocol = connected(Lines())
        assert protocol.dataReceived(b"enough\r\nb\r\n") == "enough"
        assert protocol.lines == [b"enough"]
        assert protocol.dataReceived(b"c\r\n") is None
        assert protocol.lines == [b"enough", b"b", b"c"]

    def test_exceptionLosesNothing(self) -> None:
        """What follows a line whose handling fails is still there."""
        protocol = connected(Lines())
        with pytest.raises(ValueError, match="the protocol fails"):
            protocol.dataReceived(b"a\r\nfail\r\nb\r\nc")
        protocol.dataReceived(b"d\r\n")
        assert protocol.lines == [b"a", b"fail", b"b", b"cd"]

    def test_trueResultOfRawData(self) -> None:
        """So does raw data whose handling returns something true: what it gave back waits for the next piece."""

        class Picky(Lines):
            def rawDataReceived(self, data: bytes) -> str:
                super().rawDataReceived(data)
                return "enough"

        protocol = connected(Picky())
        assert protocol.dataReceived(b"raw\r\nENDa\r\n") == "enough"
        assert protocol.lines == [b"raw"]
        protocol.dataReceived(b"b\r\n")
        assert protocol.lines == [b"raw", b"a", b"b"]

    def test_dataFromInsideALine(self) -> None:
        """Data that arrives while a line is handled comes after all that was there before."""

        class Nested(Lines):
            def lineReceived(self, line: bytes) -> None:
                super().lineReceived(line)
                if line == b"a":
                    self.dataReceived(b"d\r\n")

        protocol = connected(Nested())
        protocol.dataReceived(b"a\r\nb\r\nc")
        assert protocol.lines == [b"a", b"b", b"cd"]

    @pytest.mark.parametrize("end", [b"\r\n", b"\r\nmore\r\n", b""])
    def test_tooLong(self, end: bytes) -> None:
        """A line above the limit closes the connection, and nothing from there on is passed on."""
        protocol = connected(Lines())
        protocol.dataReceived(b"ok\r\n" + b"x" * 22 + end)
        assert protocol.lines == [b"ok"]
        assert protocol.transport.disconnecting

    @pytest.mark.parametrize("size", [19, 20, 21])
    def test_bothSidesOfTheLimit(self, size: int) -> None:
        """A line of exactly the limit passes, one more byte does not."""
        for pieces in everySize(b"x" * size + b"\r\n"):
            protocol = connected(Lines())
            for piece in pieces:
                protocol.dataReceived(piece)
            assert protocol.transport.disconnecting == (size > 20)
            if size <= 20:
                assert protocol.lines == [b"x" * size]

    def test_tooLongIsTold(self) -> None:
        """`lineLengthExceeded` gets all from the beginning of the line on, and what it returns is returned."""

        class Tolerant(Lines):
            def lineLengthExceeded(self, line: bytes) -> str:
                self.calls.append(("long", line))
                return "told"

        protocol = connected(Tolerant())
        assert protocol.dataReceived(b"a\r\n" + b"x" * 21 + b"\r\nb\r\n") == "told"
        assert protocol.dataReceived(b"y" * 22) == "told"
        protocol.dataReceived(b"c\r\n")
        assert protocol.calls == [
            ("line", b"a"),
            ("long", b"x" * 21 + b"\r\nb\r\n"),
            ("long", b"y" * 22),
            ("line", b"c"),
        ]

    def test_stopProducing(self) -> None:
        """A consumer that wants no more closes the connection, and lines wait for ever."""
        protocol = connected(Lines())
        protocol.stopProducing()
        protocol.dataReceived(b"a\r\n")
        assert protocol.calls == []
        assert protocol.transport.disconnecting

    def test_mustBeOverridden(self) -> None:
        """A receiver that takes nothing says what to override."""
        for cls in (basic.LineReceiver, basic.LineOnlyReceiver):
            with pytest.raises(NotImplementedError, match="has to override lineReceived"):
                connected(cls()).dataReceived(b"a\r\n")
        raw = connected(basic.LineReceiver())
        raw.setRawMode()
        with pytest.raises(NotImplementedError, match="has to override rawDataReceived"):
            raw.dataReceived(b"a")

    def test_textIsRefused(self) -> None:
        """A line of text must be encoded first."""
        with pytest.raises(TypeError):
            connected(Lines()).sendLine("text")


class Modal(basic.LineReceiver):
    """Changes its ways as lines tell: ``r``: three raw bytes follow; ``d``: another delimiter; ``p``: a pause."""

    def __init__(self) -> None:
        self.events: list[tuple[str, bytes]] = []
        self.raw = b""

    def lineReceived(self, line: bytes) -> None:
        self.events.append(("line", line))
        match line[:1]:
            case b"r":
                self.setRawMode()
            case b"d":
                self.delimiter = b"|" if self.delimiter == b"\r\n" else b"\r\n"
            case b"p":
                self.pauseProducing()

    def rawDataReceived(self, data: bytes) -> None:
        self.raw += data
        if len(self.raw) >= 3:
            raw, extra, self.raw = self.raw[:3], self.raw[3:], b""
            self.events.append(("raw", raw))
            self.setLineMode(extra)


def modalModel(data: bytes) -> list[tuple[str, bytes]]:
    """What `Modal` hears, worked out in the simplest way."""
    events: list[tuple[str, bytes]] = []
    delimiter, raw = b"\r\n", False
    while True:
        if raw:
            if len(data) < 3:
                return events
            events.append(("raw", data[:3]))
            data, raw = data[3:], False
            continue
        line, found, data = data.partition(delimiter)
        if not found:
            return events
        events.append(("line", line))
        raw = line[:1] == b"r"
        if line[:1] == b"d":
            delimiter = b"|" if delimiter == b"\r\n" else b"\r\n"


@given(st.data())
def test_anyMixtureOfModes(data: st.DataObject) -> None:
    """Lines, raw stretches, pauses and changes of delimiter come out as a simple model says, cut anywhere."""
    token = st.sampled_from([b"r", b"d", b"p", b"x", b"\r\n", b"\r\n", b"|", b"|", b"\r", b"ab"])
    wire = b"".join(data.draw(st.lists(token, max_size=80)))
    protocol = connected(Modal())
    for piece in data.draw(anyCuts(wire)):
        protocol.dataReceived(piece)
        while protocol.paused:
            protocol.resumeProducing()
    assert protocol.events == modalModel(wire)


class OnlyLines(basic.LineOnlyReceiver):
    MAX_LENGTH = 20

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def lineReceived(self, line: bytes) -> None:
        self.lines.append(line)
        if line == b"close":
            self.transport.loseConnection()


class TestLineOnlyReceiver:
    """A `LineOnlyReceiver` calls with each line until the connection is told to close."""

    def test_anySize(self) -> None:
        """The same lines come for every size of piece, and what is sent gets the delimiter."""
        for pieces in everySize(b"one\r\n\r\ntwo\r\nthree"):
            protocol = connected(OnlyLines())
            for piece in pieces:
                protocol.dataReceived(piece)
            assert protocol.lines == [b"one", b"", b"two"]
        protocol.sendLine(b"out")
        assert protocol.transport.value() == b"out\r\n"

    def test_nothingAfterClosing(self) -> None:
        """Lines behind the one that closes the connection are not passed on."""
        protocol = connected(OnlyLines())
        protocol.dataReceived(b"close\r\nb\r\n")
        protocol.dataReceived(b"c\r\n")
        assert protocol.lines == [b"close"]

    @pytest.mark.parametrize(("wire", "told"), [(b"x" * 21 + b"\r\nb\r\n", b"x" * 21), (b"y" * 21, b"y" * 21)])
    def test_tooLong(self, wire: bytes, told: bytes) -> None:
        """A line above the limit closes the connection, with its end or without; `lineLengthExceeded` is told it."""
        protocol = connected(OnlyLines())
        protocol.dataReceived(b"x" * 20 + b"\r\n")
        assert not protocol.transport.disconnecting
        protocol.dataReceived(wire)
        assert protocol.lines == [b"x" * 20]
        assert protocol.transport.disconnecting

        class Tolerant(OnlyLines):
            def lineLengthExceeded(self, line: bytes) -> bytes:
                return line

        assert connected(Tolerant()).dataReceived(wire) == told


class Netstrings(basic.NetstringReceiver):
    MAX_LENGTH = 20

    def __init__(self) -> None:
        self.strings: list[bytes] = []

    def stringReceived(self, string: bytes) -> None:
        self.strings.append(string)
        if string == b"fail":
            raise ValueError("the protocol fails")


class TestNetstringReceiver:
    """A `NetstringReceiver` calls with each string, and closes on anything else."""

    @given(st.data())
    def test_roundTrip(self, data: st.DataObject) -> None:
        """What one end sends the other receives, cut anywhere (F040)."""
        sender, receiver = connected(Netstrings()), connected(Netstrings())
        strings = data.draw(st.lists(st.binary(max_size=20).filter(lambda string: string != b"fail"), max_size=20))
        for string in strings:
            sender.sendString(string)
        for piece in data.draw(anyCuts(sender.transport.value())):
            receiver.dataReceived(piece)
        assert receiver.strings == strings
        assert not receiver.transport.disconnecting

    @pytest.mark.parametrize("wire", [b"a", b"01:a,", b"1:ab", b"21:", b"300"])
    def test_brokenPeer(self, wire: bytes) -> None:
        """Something else than a netstring closes the connection, and nothing is read from then on."""
        protocol = connected(Netstrings())
        protocol.dataReceived(b"2:ok," + wire)
        protocol.dataReceived(b"1:a,")
        assert protocol.strings == [b"ok"]
        assert protocol.brokenPeer
        assert protocol.transport.disconnecting

    def test_exceptionLosesNothing(self) -> None:
        """What follows a string whose handling fails is still there."""
        protocol = connected(Netstrings())
        with pytest.raises(ValueError, match="the protocol fails"):
            protocol.dataReceived(b"4:fail,1:a,")
        protocol.dataReceived(b"1:b,")
        assert protocol.strings == [b"fail", b"a", b"b"]

    def test_wrongTypes(self) -> None:
        """Text must be encoded first; a receiver that takes nothing says what to override."""
        with pytest.raises(TypeError):
            connected(Netstrings()).sendString("text")
        with pytest.raises(NotImplementedError, match="has to override stringReceived"):
            connected(basic.NetstringReceiver()).dataReceived(b"0:,")


SIZES = [(basic.Int8StringReceiver, 1), (basic.Int16StringReceiver, 2), (basic.Int32StringReceiver, 4)]


def strings(cls: Any) -> Any:
    """Make a connected protocol of one of the three sizes that notes its strings and obeys some."""

    class Strings(cls):  # type: ignore[misc]  # each of the three
        MAX_LENGTH = 20

        def __init__(self) -> None:
            self.strings: list[bytes] = []

        def stringReceived(self, string: bytes) -> None:
            self.strings.append(string)
            if string == b"pause":
                self.pauseProducing()
            if string == b"fail":
                raise ValueError("the protocol fails")

    return connected(Strings())


@pytest.mark.parametrize(("cls", "size"), SIZES)
class TestIntNStringReceiver:
    """Strings behind their length, in one, two or four bytes (F040)."""

    @given(st.data())
    def test_roundTrip(self, cls: Any, size: int, data: st.DataObject) -> None:
        """What one end sends the other receives, cut anywhere."""
        sender, receiver = strings(cls), strings(cls)
        sent = data.draw(st.lists(st.binary(max_size=20).filter(lambda s: not s.isalpha()), max_size=20))
        for string in sent:
            sender.sendString(string)
        for piece in data.draw(anyCuts(sender.transport.value())):
            receiver.dataReceived(piece)
        assert receiver.strings == sent
        assert receiver.recvd == b""

    def test_wireFormat(self, cls: Any, size: int) -> None:
        """The length comes first, its highest byte first."""
        protocol = strings(cls)
        protocol.sendString(b"abc")
        assert protocol.transport.value() == (3).to_bytes(size, "big") + b"abc"
        assert protocol.prefixLength == size

    def test_bothSidesOfTheLimit(self, cls: Any, size: int) -> None:
        """A string of exactly the limit passes; the announcement of one more byte closes the connection."""
        protocol = strings(cls)
        protocol.dataReceived((20).to_bytes(size, "big") + b"x" * 20 + (21).to_bytes(size, "big"))
        assert protocol.strings == [b"x" * 20]
        assert protocol.transport.disconnecting
        protocol.dataReceived(b"x" * 21 + (1).to_bytes(size, "big") + b"a")
        assert protocol.strings == [b"x" * 20]
        assert protocol.recvd == b""

    def test_limitMayBeRaised(self, cls: Any, size: int) -> None:
        """`lengthLimitExceeded` is told the length, and may raise the limit to let the string pass."""
        protocol = strings(cls)
        told: list[int] = []

        def lengthLimitExceeded(length: int) -> None:
            told.append(length)
            protocol.MAX_LENGTH = length

        protocol.lengthLimitExceeded = lengthLimitExceeded
        protocol.dataReceived((30).to_bytes(size, "big") + b"x" * 30)
        assert told == [30]
        assert protocol.strings == [b"x" * 30]

    def test_pauseInTheMiddle(self, cls: Any, size: int) -> None:
        """Strings behind the one that pauses wait, and are seen in ``recvd``."""
        sender, protocol = strings(cls), strings(cls)
        for string in (b"pause", b"a"):
            sender.sendString(string)
        protocol.dataReceived(sender.transport.value())
        assert protocol.strings == [b"pause"]
        assert protocol.recvd == (1).to_bytes(size, "big") + b"a"
        protocol.resumeProducing()
        assert protocol.strings == [b"pause", b"a"]

    def test_dataFromInsideAString(self, cls: Any, size: int) -> None:
        """Data that arrives while a string is handled comes after all that was there before."""
        sender, protocol = strings(cls), strings(cls)
        sender.sendString(b"c")
        nested = sender.transport.value()
        take = protocol.stringReceived

        def stringReceived(string: bytes) -> None:
            take(string)
            if string == b"a":
                protocol.dataReceived(nested)

        protocol.stringReceived = stringReceived
        sender.transport.clear()
        for string in (b"a", b"b"):
            sender.sendString(string)
        protocol.dataReceived(sender.transport.value())
        assert protocol.strings == [b"a", b"b", b"c"]

    def test_recvdMayBeSet(self, cls: Any, size: int) -> None:
        """Bytes that somebody else has read can be put in front."""
        protocol = strings(cls)
        protocol.recvd = (2).to_bytes(size, "big") + b"a"
        protocol.dataReceived(b"b")
        assert protocol.strings == [b"ab"]

    def test_exceptionLosesNothing(self, cls: Any, size: int) -> None:
        """What follows a string whose handling fails is still there."""
        sender, protocol = strings(cls), strings(cls)
        for string in (b"fail", b"a"):
            sender.sendString(string)
        with pytest.raises(ValueError, match="the protocol fails"):
            protocol.dataReceived(sender.transport.value())
        protocol.dataReceived(b"")
        assert protocol.strings == [b"fail", b"a"]


def test_stringTooLongToSend() -> None:
    """A string whose length does not fit is refused when it is sent, on one side of the edge only."""
    protocol = strings(basic.Int8StringReceiver)
    protocol.sendString(b"x" * 255)
    with pytest.raises(basic.StringTooLongError, match="256 bytes"):
        protocol.sendString(b"x" * 256)
    assert len(protocol.transport.value()) == 256


def test_ownLengthFormat() -> None:
    """A subclass may say in its own way how the length is written."""

    class Little(basic.IntNStringReceiver):
        structFormat = "<H"
        prefixLength = 2

        def stringReceived(self, string: bytes) -> None:
            self.sendString(string)

    protocol = connected(Little())
    protocol.dataReceived(b"\3\0abc")
    assert protocol.transport.value() == b"\3\0abc"


class TestStatefulStringProtocol:
    """Each state has a method, which names the next."""

    def test_states(self) -> None:
        """Strings go to the states' methods in turn; ``done`` closes the connection."""

        class Dialogue(basic.StatefulStringProtocol, basic.NetstringReceiver):
            def __init__(self) -> None:
                self.heard: list[tuple[str, bytes]] = []

            def proto_init(self, string: bytes) -> str:
                self.heard.append(("init", string))
                return "second"

            def proto_second(self, string: bytes) -> str:
                self.heard.append(("second", string))
                return "done" if string == b"bye" else "second"

        protocol = connected(Dialogue())
        protocol.dataReceived(b"2:hi,1:a,")
        assert protocol.state == "second"
        assert not protocol.transport.disconnecting
        protocol.dataReceived(b"3:bye,")
        assert protocol.heard == [("init", b"hi"), ("second", b"a"), ("second", b"bye")]
        assert protocol.transport.disconnecting

    def test_noneStays(self) -> None:
        """A method that returns `None` stays in its state."""

        class Staying(basic.StatefulStringProtocol):
            calls = 0

            def proto_init(self, string: bytes) -> None:
                self.calls += 1

        protocol = Staying()
        protocol.stringReceived(b"a")
        protocol.stringReceived(b"b")
        assert protocol.calls == 2

    def test_stateWithoutMethod(self) -> None:
        """A string in a state that nobody wrote is dropped; the state stays."""

        class Bare(basic.StatefulStringProtocol):
            state = "nowhere"

        protocol = Bare()
        protocol.stringReceived(b"x")
        assert protocol.state == "nowhere"


class TestFileSenderCancelled:
    def test_cancellingEndsIt(self) -> None:
        """A transfer that nobody waits for any more sends nothing more, and the consumer is free for another."""
        consumer, sender = StringTransport(), basic.FileSender()
        sending = sender.beginFileTransfer(io.BytesIO(b"x" * 2**16), consumer)
        consumer.producer.resumeProducing()
        before = len(consumer.value())
        results: list[Any] = []
        sending.addErrback(lambda reason: results.append(reason.type))
        sending.cancel()
        assert results == [CancelledError]
        assert consumer.producer is None
        assert len(consumer.value()) == before


class TestFileSender:
    """A file goes to a consumer piece by piece."""

    def send(self, content: bytes, transform: Any = None) -> tuple[StringTransport, basic.FileSender, list[Any]]:
        consumer, sender, results = StringTransport(), basic.FileSender(), []
        sender.CHUNK_SIZE = 4
        sender.beginFileTransfer(io.BytesIO(content), consumer, transform).addBoth(results.append)
        return consumer, sender, results

    def test_wholeFile(self) -> None:
        """The pieces are sent as they are asked for; then the Deferred fires with the last byte."""
        consumer, sender, results = self.send(b"0123456789")
        assert consumer.value() == b""
        assert consumer.producer is sender
        assert not consumer.streaming
        for expected in (b"0123", b"01234567", b"0123456789"):
            sender.resumeProducing()
            assert consumer.value() == expected
        assert results == []
        sender.resumeProducing()
        assert results == [b"9"]
        assert consumer.producer is None

    def test_emptyFile(self) -> None:
        """An empty file is sent at once; there is no last byte."""
        consumer, sender, results = self.send(b"")
        sender.resumeProducing()
        assert (consumer.value(), results) == (b"", [""])

    def test_transform(self) -> None:
        """Each piece is sent as the transformation makes it."""
        consumer, sender, results = self.send(b"abcdef", bytes.upper)
        for _ in range(3):
            sender.resumeProducing()
        assert consumer.value() == b"ABCDEF"
        assert results == [b"F"]

    def test_consumerWantsNoMore(self) -> None:
        """A consumer that stops the sender fails the Deferred, once."""
        _, sender, results = self.send(b"0123456789")
        sender.resumeProducing()
        sender.stopProducing()
        sender.stopProducing()
        assert [str(failure.value) for failure in results] == ["Consumer asked us to stop producing"]

    def test_fileThatFails(self) -> None:
        """A file that can't be read fails the Deferred, and the consumer is free again."""

        class Broken(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                raise OSError("the disk is gone")

        consumer, sender, results = StringTransport(), basic.FileSender(), []
        sender.beginFileTransfer(Broken(), consumer).addBoth(results.append)
        sender.resumeProducing()
        assert [failure.type for failure in results] == [OSError]
        assert consumer.producer is None
