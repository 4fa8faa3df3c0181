"""What a certificate says, read from its bytes: who it is for, who signed it, from when to when.

Only what a TLS program asks for, so that a server and a client need nothing but Python: names, dates, the serial
    number, the public key as it stands, whether it may sign others. Nothing here decides whether a certificate is to
    be believed; the engines do. No I/O, no clock; bytes in, a `Said` out.

Spec: RFC 5280 §4.1, in the encoding of X.690 (DER).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

__all__ = ["BadCertificate", "Said", "read"]

# More than any certificate in use: the longest lists of names have some thousand.
LONGEST = 2**20

# Tags of X.690 §8 that certificates use.
BOOLEAN, INTEGER, OCTETS, OID, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x06, 0x30, 0x31
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
VERSION, EXTENSIONS = 0xA0, 0xA3
# The alternatives of a GeneralName (RFC 5280 §4.2.1.6).
DNS_NAME, IP_ADDRESS = 0x82, 0x87

# How the kinds of text are encoded. What is missing here holds no text.
TEXTS = {
    0x0C: "utf-8",  # UTF8String
    0x12: "ascii",  # NumericString
    0x13: "ascii",  # PrintableString
    0x14: "latin-1",  # TeletexString, as everybody reads it
    0x16: "ascii",  # IA5String
    0x1C: "utf-32-be",  # UniversalString
    0x1E: "utf-16-be",  # BMPString
}

SUBJECT_ALTERNATIVE_NAMES = "2.5.29.17"
BASIC_CONSTRAINTS = "2.5.29.19"


class BadCertificate(ValueError):
    """Bytes that are no certificate."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a certificate says.

    Attributes:
        serial: its number, given by its issuer.
        issuer, subject: distinguished names: pairs of an object identifier in dots and a text, in their order.
        notBefore, notAfter: when it is valid, both ends included, in UTC.
        publicKey: the DER bytes of its SubjectPublicKeyInfo.
        dnsNames: the hosts it is for, a leading ``*.`` included, as they stand.
        addresses: the IP addresses it is for.
        isAuthority: it may sign other certificates.
    """

    serial: int
    issuer: tuple[tuple[str, str], ...]
    subject: tuple[tuple[str, str], ...]
    notBefore: datetime
    notAfter: datetime
    publicKey: bytes
    dnsNames: tuple[str, ...]
    addresses: tuple[IPv4Address | IPv6Address, ...]
    isAuthority: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The hosts and addresses it is for, as text."""
        return (*self.dnsNames, *map(str, self.addresses))


def read(der: bytes) -> Said:
    """Read a certificate.

    Raises:
        BadCertificate: the bytes aren't one.
    """
    if len(der) > LONGEST:
        raise BadCertificate(f"a certificate of {len(der)} bytes is over the limit of {LONGEST}")
    try:
        return _certificate(memoryview(der))
    except (ValueError, IndexError, StopIteration, OverflowError) as problem:
        raise BadCertificate(
            f"{len(der)} bytes that begin with {der[:8]!r} are no certificate: {problem!s:.100}"
        ) from None


def _certificate(der: memoryview) -> Said:
    certificate, rest = _value(der, SEQUENCE)
    if rest:
        raise BadCertificate(f"{len(rest)} bytes follow it")
    fields = _items(_value(certificate, SEQUENCE)[0])
    tag, content, _ = next(fields)
    if tag == VERSION:
        tag, content, _ = next(fields)
    serial = int.from_bytes(_expect(tag, content, INTEGER), "big", signed=True)
    next(fields)  # the signature's algorithm
    issuer = _name(_expect(*next(fields)[:2], SEQUENCE))
    notBefore, notAfter = (_time(tag, content) for tag, content, _ in _items(_expect(*next(fields)[:2], SEQUENCE)))
    subject = _name(_expect(*next(fields)[:2], SEQUENCE))
    tag, content, whole = next(fields)
    _expect(tag, content, SEQUENCE)
    dnsNames: tuple[str, ...] = ()
    addresses: tuple[IPv4Address | IPv6Address, ...] = ()
    isAuthority = False
    for identifier, value in _extensions(fields):
        if identifier == SUBJECT_ALTERNATIVE_NAMES:
            dnsNames, addresses = _alternativeNames(value)
        elif identifier == BASIC_CONSTRAINTS:
            isAuthority = _mayIssue(value)
    return Said(serial, issuer, subject, notBefore, notAfter, bytes(whole), dnsNames, addresses, isAuthority)


def _extensions(fields: Iterator[tuple[int, memoryview, memoryview]]) -> Iterator[tuple[str, memoryview]]:
    for tag, content, _ in fields:
        if tag != EXTENSIONS:
            continue  # unique identifiers, of which nothing is known
        for kind, extension, _ in _items(_value(content, SEQUENCE)[0]):
            parts = [(tag, part) for tag, part, _ in _items(_expect(kind, extension, SEQUENCE))]
            # Between the two there may be a BOOLEAN that says whether it is critical; to believe it is for others.
            yield _identifier(_expect(*parts[0], OID)), _expect(*parts[-1], OCTETS)


def _alternativeNames(value: memoryview) -> tuple[tuple[str, ...], tuple[IPv4Address | IPv6Address, ...]]:
    names, addresses = [], []
    for tag, content, _ in _items(_value(value, SEQUENCE)[0]):
        if tag == DNS_NAME:
            names.append(bytes(content).decode("ascii", "backslashreplace"))
        elif tag == IP_ADDRESS and len(content) in (4, 16):
            addresses.append(ip_address(bytes(content)))
    return tuple(names), tuple(addresses)


def _mayIssue(value: memoryview) -> bool:
    for tag, content, _ in _items(_value(value, SEQUENCE)[0]):
        return tag == BOOLEAN and any(content)
    return False


def _name(content: memoryview) -> tuple[tuple[str, str], ...]:
    pairs = []
    for kind, together, _ in _items(content):
        for tag, attribute, _ in _items(_expect(kind, together, SET)):
            (idTag, identifier, _), (textTag, text, _) = _items(_expect(tag, attribute, SEQUENCE))
            if textTag in TEXTS:
                word = bytes(text).decode(TEXTS[textTag], "backslashreplace")
                pairs.append((_identifier(_expect(idTag, identifier, OID)), word))
    return tuple(pairs)


def _time(tag: int, content: memoryview) -> datetime:
    """Read a moment: RFC 5280 §4.1.2.5 allows two forms, both to the second and in UTC."""
    text = bytes(content).decode("ascii")
    if tag == UTC_TIME:
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    elif tag != GENERALIZED_TIME:
        raise BadCertificate(f"tag {tag:#x} stands where a time belongs")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _identifier(content: memoryview) -> str:
    """Read an object identifier, in dots (X.690 §8.19)."""
    numbers: list[int] = []
    number = 0
    for octet in content:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    first, *others = numbers
    top = min(first // 40, 2)
    return ".".join(map(str, (top, first - 40 * top, *others)))


# Tags, lengths, values.


def _items(content: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Go through what stands one after the other: each one's tag, its content, and the whole of it."""
    while content:
        tag, start, end = _header(content)
        yield tag, content[start:end], content[:end]
        content = content[end:]


def _value(content: memoryview, expected: int) -> tuple[memoryview, memoryview]:
    """Cut off the first value, which has to be of a kind: its content, and what follows."""
    tag, start, end = _header(content)
    return _expect(tag, content[start:end], expected), content[end:]


def _expect(tag: int, content: memoryview, expected: int) -> memoryview:
    if tag != expected:
        raise BadCertificate(f"tag {tag:#x} stands where {expected:#x} belongs")
    return content


def _header(content: memoryview) -> tuple[int, int, int]:
    """Read a tag and a length: the tag, where the content begins, where it ends."""
    tag, length, start = content[0], content[1], 2
    if length > 0x80:
        start += length - 0x80
        if start > 2 + 4:
            raise BadCertificate("a length of more than four bytes")
        length = int.from_bytes(content[2:start], "big")
    elif length == 0x80:
        raise BadCertificate("a length is missing")  # DER has none of the indefinite ones
    if start + length > len(content):
        raise BadCertificate(f"{start + length - len(content)} bytes are missing")
    return tag, start, start + length
