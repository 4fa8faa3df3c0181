"""PEM files, taken apart: what stands between ``-----BEGIN X-----`` and ``-----END X-----``.

Spec: RFC 7468.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["BadPEM", "Block", "blocks", "certificates", "encode", "key"]

CERTIFICATE = b"CERTIFICATE"
# OpenSSL's older names for one.
CERTIFICATES = (CERTIFICATE, b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE")
KEY = b"PRIVATE KEY"
LINE = 64

BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,64})-----[ \t]*\r?\n(.*?)-----END \1-----[ \t]*(?:\r?\n|\Z)", re.DOTALL)


class BadPEM(ValueError):
    """A text that has no such thing in PEM as was looked for."""


@dataclass(frozen=True, slots=True)
class Block:
    """One thing in a PEM text.

    Attributes:
        label: what it says it is, ``b"CERTIFICATE"`` say.
        whole: all of it, ``BEGIN`` and ``END`` lines included, with a line's end after it.
        body: what stands between the two.
    """

    label: bytes
    whole: bytes
    body: bytes

    @property
    def der(self) -> bytes:
        """Its content, decoded.

        Raises:
            BadPEM: it is encrypted, or no base64.
        """
        if b":" in self.body or self.label == b"ENCRYPTED PRIVATE KEY":
            raise BadPEM(f"the {self.label.decode().lower()} is encrypted; decrypt it first: openssl pkey -in FILE")
        try:
            return binascii.a2b_base64(self.body)
        except binascii.Error as problem:
            raise BadPEM(f"the {self.label.decode().lower()} is no base64: {problem}") from None


def blocks(text: bytes | str) -> list[Block]:
    """Find everything in a PEM text, in its order. What stands between is ignored, as all readers do."""
    if isinstance(text, str):
        text = text.encode("utf-8")  # programs read it from files that are open for text, too
    return [Block(found[1], found[0].rstrip() + b"\n", found[2]) for found in BLOCK.finditer(text)]


def certificates(text: bytes) -> list[Block]:
    """Find the certificates in a PEM text, in their order."""
    return [block for block in blocks(text) if block.label in CERTIFICATES]


def key(text: bytes) -> Block | None:
    """Find the first private key in a PEM text; `None` when there is none."""
    for block in blocks(text):
        if block.label.endswith(KEY):
            return block
    return None


def encode(label: bytes, der: bytes) -> bytes:
    """Write something in PEM."""
    text = binascii.b2a_base64(der, newline=False)
    lines = [text[start : start + LINE] for start in range(0, len(text), LINE)]
    return b"\n".join([b"-----BEGIN " + label + b"-----", *lines, b"-----END " + label + b"-----", b""])


def join(parts: Iterable[bytes]) -> bytes:
    """Put PEM texts one after the other."""
    return b"".join(part if part.endswith(b"\n") else part + b"\n" for part in parts)
