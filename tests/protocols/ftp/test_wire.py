"""What the bytes of FTP mean: commands, replies, addresses, paths and lines of listings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk._wire.events import NEED_DATA, LocalProtocolError, RemoteProtocolError, TooLong
from ropewalk.protocols._wire.ftpaddresses import (
    BadAddress,
    decodeExtendedAddress,
    decodeHostPort,
    encodeExtendedAddress,
    encodeHostPort,
    extendedPort,
    passiveAddress,
    plainHost,
)
from ropewalk.protocols._wire.ftpcommands import BadCommand, Command, asBytes, asText, command, parseCommand
from ropewalk.protocols._wire.ftplisting import (
    BadListing,
    Entry,
    factLine,
    listLine,
    parseListLine,
    parseMLSDLine,
    timeValue,
)
from ropewalk.protocols._wire.ftppaths import InvalidPath, isPattern, parsePWDResponse, quoted, toSegments
from ropewalk.protocols._wire.ftpreplies import REPLY_LINE_LIMIT, REPLY_LINES_LIMIT, RESPONSE, Reply, ReplyReader, text

# Commands.


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"NOOP", Command("NOOP", None)),
        (b"noop", Command("NOOP", None)),
        (b"CWD a b ", Command("CWD", "a b ")),
        (b"CWD  a", Command("CWD", " a")),
        (b"CWD ", Command("CWD", None)),
        (b"\xff\xf4\xff\xf2ABOR", Command("ABOR", None)),
        (b"CWD Gr\xc3\xb6\xc3\x9fe", Command("CWD", "Größe")),
        (b"CWD \xe9", Command("CWD", "\udce9")),
    ],
)
def test_commands(line: bytes, expected: Command) -> None:
    """A verb in any case, and the rest of the line as it stands."""
    assert parseCommand(line) == expected


@pytest.mark.parametrize("line", [b"", b" CWD", b"C-D x", b"GET / HTTP/1.1\r", b"X" * 13, b"CWD a\nb", b"CWD a\0b"])
def test_noCommands(line: bytes) -> None:
    """What is no verb, or would be lines of its own in a reply, is refused."""
    with pytest.raises(BadCommand):
        parseCommand(line)


def test_commandsAreOneLine() -> None:
    """A command that would be two is a mistake of the program."""
    assert command("CWD Größe") == b"CWD Gr\xc3\xb6\xc3\x9fe\r\n"
    with pytest.raises(LocalProtocolError):
        command("CWD a\r\nDELE b")


@given(st.binary())
def test_anyBytesSurvive(data: bytes) -> None:
    """Every name comes back as the bytes it was."""
    assert asBytes(asText(data)) == data


# Addresses.


def test_addresses() -> None:
    """Addresses are written and read as RFC 959 and RFC 2428 have them."""
    assert encodeHostPort("1.2.3.4", 513) == "1,2,3,4,2,1"
    assert decodeHostPort("1,2,3,4,2,1") == ("1.2.3.4", 513)
    assert encodeExtendedAddress("::1", 6446) == "|2|::1|6446|"
    assert decodeExtendedAddress("|1|1.2.3.4|513|") == ("1", "1.2.3.4", 513)
    assert decodeExtendedAddress("!2!::1!5!") == ("2", "::1", 5)
    assert passiveAddress("227 Entering (1,2,3,4,4,1).") == ("1.2.3.4", 1025)
    assert passiveAddress("227 =1,2,3,4,4,1") == ("1.2.3.4", 1025)
    assert extendedPort("229 Extended (|||6446|)") == 6446
    assert plainHost("::ffff:1.2.3.4") == "1.2.3.4"
    assert plainHost("0:0::1") == "::1"


@pytest.mark.parametrize("line", ["", "1,2,3,4,5", "1,2,3,4,5,256", "1,2,3,4,5,-1", "1,2,3,4,5,6,7", "a,2,3,4,5,6"])
def test_noAddresses(line: str) -> None:
    """What is no address is a `ValueError`."""
    with pytest.raises(ValueError, match="six numbers"):
        decodeHostPort(line)


@pytest.mark.parametrize("line", ["", "x", "|1|1.2.3.4|", "|1|1.2.3.4|x|", "(|||5|)", "|1|h|5|6|"])
def test_noExtendedAddresses(line: str) -> None:
    """What is no extended address likewise."""
    with pytest.raises(ValueError, match="FAMILY"):
        decodeExtendedAddress(line)


@pytest.mark.parametrize("line", ["227 there", "229 (||5|)", "229 (|||0|)", "229 (|||70000|)", "999,1,1,1,1,1"])
def test_noAddressesInReplies(line: str) -> None:
    """A reply without an address, or with an impossible one, is refused."""
    for read in (passiveAddress, extendedPort):
        with pytest.raises(BadAddress):
            read(line)
    with pytest.raises(BadAddress):
        plainHost(line)


# Paths.


@pytest.mark.parametrize(
    ("cwd", "path", "segments"),
    [
        ([], "a/b", ["a", "b"]),
        (["x"], "/a", ["a"]),
        (["x"], "..", []),
        (["x"], "a//b/./c/", ["x", "a", "b", "c"]),
        (["x"], "", ["x"]),
        (["x"], "/", []),
        (["x"], "../../y", None),
        ([], "..", None),
        (["x"], "a\0b", None),
    ],
)
def test_segments(cwd: list[str], path: str, segments: list[str] | None) -> None:
    """A path is names from the root, and never leads above it."""
    if segments is None:
        with pytest.raises(InvalidPath):
            toSegments(cwd, path)
    else:
        assert toSegments(cwd, path) == segments


@given(st.lists(st.sampled_from(["a", "b"])), st.text("ab./\0"))
def test_nobodyGetsOut(cwd: list[str], path: str) -> None:
    """Whatever the path, its segments are names."""
    try:
        assert not {"", ".", ".."} & set(toSegments(cwd, path))
    except InvalidPath:
        pass


@given(st.text())
def test_quotedPaths(path: str) -> None:
    """What is written between quotes is read back."""
    assert parsePWDResponse(f'257 "{quoted(path)}" is there') == path


def test_noQuotedPath() -> None:
    """Without quotes there is no path; and a name without wildcards is no pattern."""
    assert parsePWDResponse("257 nothing") is None
    assert parsePWDResponse('"') is None
    assert not isPattern("file")
    assert isPattern("f*")


# Replies.


def replies(*lines: str) -> list[Reply]:
    reader = ReplyReader()
    found = []
    for line in lines:
        reader.feed(line.encode())
        while (reply := reader.next()) is not NEED_DATA:
            found.append(reply)
    return found


def test_replies() -> None:
    """Replies are a line, or several from ``CODE-`` to ``CODE`` and a space; whatever stands in between."""
    assert replies("220 hello") == [Reply("220", ["220 hello"])]
    assert replies("220") == [Reply("220", ["220"])]
    several = ["220-hello", "220-you", " 220 there", "221 not yet", "220 now"]
    assert replies(*several, "200 ok") == [Reply("220", several), Reply("200", ["200 ok"])]
    assert replies("some noise", "220 hello") == [Reply("220", ["some noise", "220 hello"])]
    assert replies("150 go")[0].isPreliminary
    assert replies("350 go on")[0].isGood
    assert not replies("550 no")[0].isGood


def test_replyLimits() -> None:
    """A line that is too long, too many lines, and codes that there are not, end the conversation."""
    reader = ReplyReader()
    reader.feed(b"220 " + b"x" * (REPLY_LINE_LIMIT - 4))
    with pytest.raises(TooLong):
        reader.feed(b"220 " + b"x" * (REPLY_LINE_LIMIT - 3))
    reader = ReplyReader()
    for _ in range(REPLY_LINES_LIMIT):
        reader.feed(b"220-x")
    with pytest.raises(TooLong):
        reader.feed(b"220 x")
    with pytest.raises(RemoteProtocolError):
        ReplyReader().feed(b"999 x")


@pytest.mark.parametrize("key", RESPONSE)
def test_ourReplies(key: str) -> None:
    """Each of our replies is one that a client can read."""
    said = RESPONSE[key]
    places = said.count("%s") if isinstance(said, str) else 1
    written = text(key, *["a\r\n550 b"] * places)
    [reply] = replies(*written.split("\r\n"))
    assert reply.code == (key[:3] if key != "100" else "110")


# Listings.

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (
            "-rw-r--r--   1 root     other        531 Jan 29 03:26 README",
            Entry("README", "file", 531, datetime(2026, 1, 29, 3, 26, tzinfo=UTC)),
        ),
        (
            "drwxr-xr-x+  2 a b 4 Dec  1  2020 my dir",
            Entry("my dir", "dir", 4, datetime(2020, 12, 1, tzinfo=UTC)),
        ),
        (
            "lrwxrwxrwx 1 a b 3 Dec  1 03:04 l -> to there",
            Entry("l", "link", 3, datetime(2025, 12, 1, 3, 4, tzinfo=UTC), "to there"),
        ),
        ("-rw-r--r-- 1 owner 7 Feb 29 00:00 leap", Entry("leap", "file", 7, datetime(2024, 2, 29, tzinfo=UTC))),
        ("crw-rw-rw- 1 a b 0 Jan  1 00:00 tty", Entry("tty", "other", 0, datetime(2026, 1, 1, tzinfo=UTC))),
        (
            "01-02-20  03:04PM  <DIR>          My Dir",
            Entry("My Dir", "dir", None, datetime(2020, 1, 2, 15, 4, tzinfo=UTC)),
        ),
        ("12-31-1999  12:00AM   531 f.txt", Entry("f.txt", "file", 531, datetime(1999, 12, 31, tzinfo=UTC))),
        ("total 12", None),
        ("", None),
    ],
)
def test_readListings(line: str, entry: Entry | None) -> None:
    """Lines of UNIX and of DOS are read."""
    assert parseListLine(line + "\r\n", NOW) == entry


@pytest.mark.parametrize(
    "line",
    ["nonsense", "-rw-r--r-- 1 a b 3 Foo  1 03:04 x", "13-41-20  03:04PM  5 x", "-rw-r--r-- 1 a b 3 Feb 31 03:04 x"],
)
def test_unreadListings(line: str) -> None:
    """What is in no known form, or of no possible day, is told as such."""
    with pytest.raises(BadListing):
        parseListLine(line, NOW)


def test_writtenListings() -> None:
    """What is written for LIST and MLSD is read back."""
    moment = datetime(2026, 11, 20, 8, 9, tzinfo=UTC)
    line = listLine("a b", 5, False, 0o644, 1, moment.timestamp(), "o", "g", NOW.timestamp())
    assert line == "-rw-r--r--   1 o        g               5 Nov 20 08:09 a b"
    assert parseListLine(line, NOW) == Entry("a b", "file", 5, moment)
    old = listLine("d", 5, True, 0o755, 1, 0, "o", "g", NOW.timestamp())
    assert parseListLine(old, NOW) == Entry("d", "dir", 5, datetime(1970, 1, 1, tzinfo=UTC))
    told = factLine("a b", {"type": "file", "size": 5, "modify": timeValue(moment.timestamp())})
    assert told == "type=file;size=5;modify=20261120080900; a b"
    read = parseMLSDLine(told)
    assert (read.name, read.kind, read.size, read.modified) == ("a b", "file", 5, moment)
    assert "\n" not in listLine("a\r\nb", 5, False, 0, 1, 0, "o", "g", 0) + factLine("a\r\nb", {})


def test_facts() -> None:
    """MLSD's lines are read whatever facts there are; what is no line is refused (RFC 3659 §7.2)."""
    assert parseMLSDLine(" just a name") == Entry("just a name", "file")
    link = parseMLSDLine("Type=OS.unix=slink:/target;Size=x;Modify=2026; l")
    assert (link.kind, link.target, link.size, link.modified) == ("link", "/target", None, None)
    assert parseMLSDLine("type=cdir;modify=20261301000000; .").modified is None
    for line in ("", "name", "type=file;", "what; x"):
        with pytest.raises(BadListing):
            parseMLSDLine(line)


@given(st.text("-rwxd 1ab<DIR>JanFeb:0123456789\r"))
def test_anyLine(line: str) -> None:
    """Any line is read or refused, nothing else."""
    for read in (lambda: parseListLine(line, NOW), lambda: parseMLSDLine(line)):
        try:
            read()
        except BadListing:
            pass
