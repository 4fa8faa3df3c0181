"""Names and passwords come as text and as bytes. Text is the same as its UTF-8."""

from __future__ import annotations

import hmac

__all__ = ["asBytes", "same"]


def asBytes(text: bytes | str) -> bytes:
    """Return bytes as they are, and text in UTF-8."""
    # A lone surrogate, which a peer's bytes may have been decoded to, is not an error: it is a wrong password.
    # What is neither is refused with a TypeError; `bytes` alone would take a number for a length.
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else bytes(memoryview(text))


def same(one: object, other: object) -> bool:
    """Whether two secrets are the same, in a time that does not depend on where they differ."""
    if not isinstance(one, bytes | str) or not isinstance(other, bytes | str):
        return False
    return hmac.compare_digest(asBytes(one), asBytes(other))
