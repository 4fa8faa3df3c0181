"""PEM texts taken apart."""

from __future__ import annotations

import pytest

from ropewalk.internet._tls._wire import pem
from support.certificates import authority, pemOf


def test_keyAndChain() -> None:
    """Key and certificates are found in their order, and as they stand."""
    text = pemOf(authority().issue_cert("a.example"))
    assert [block.label for block in pem.blocks(text)] == [b"EC PRIVATE KEY", b"CERTIFICATE"]
    assert b"".join(block.whole for block in pem.blocks(text)) == text


def test_otherTextIsPassedOver() -> None:
    """Explanations between the blocks, as ``openssl`` writes them, don't matter; nor do the ends of lines."""
    text = b"subject=CN = a\r\n" + authority().cert_pem.bytes().replace(b"\n", b"\r\n") + b"\r\nthe end"
    (block,) = pem.certificates(text)
    assert pem.encode(pem.CERTIFICATE, block.der) == authority().cert_pem.bytes()


def test_nothing() -> None:
    """A text without PEM has no blocks, and no key."""
    assert pem.blocks(b"hello") == []
    assert pem.key(b"hello") is None


def test_encryptedKeyIsNamed() -> None:
    """An encrypted key says that it is, and how to decrypt it."""
    old = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"
    new = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"
    for text in (old, new):
        (block,) = pem.blocks(text)
        with pytest.raises(pem.BadPEM, match="openssl pkey"):
            _ = block.der


def test_damagedBlockIsNamed() -> None:
    """A block that is no base64 says so."""
    (block,) = pem.blocks(b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n")
    with pytest.raises(pem.BadPEM, match="no base64"):
        _ = block.der


def test_textIsTakenForBytes() -> None:
    """A PEM file that was opened for text is read like one that was opened for bytes."""
    words = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    assert pem.blocks(words) == pem.blocks(words.encode())
    assert len(pem.blocks(words)) == 1
