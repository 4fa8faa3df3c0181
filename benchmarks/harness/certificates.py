"""Certificates for the servers that speak TLS: made on first use, by the `openssl` command, for localhost."""

from __future__ import annotations

import os
import shutil
import subprocess

from .build import BUILD
from .children import MeasureError

KEYS = {
    "rsa": ["-newkey", "rsa:2048"],
    "p256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
}
"""What a certificate is signed by, and how `openssl req` is asked for such a key."""


def pem(kind: str) -> str:
    """Path of a file with a key of this kind, and a certificate that it has signed itself.

    Raises:
        MeasureError: there is no `openssl` command, or it refuses.
    """
    path = BUILD / f"{kind}.pem"
    if path.exists():
        return str(path)
    if shutil.which("openssl") is None:
        raise MeasureError("TLS needs a certificate, and there is no openssl to make it (apt-get install openssl)")
    BUILD.mkdir(exist_ok=True)
    key, certificate, both = (BUILD / f"{kind}.{os.getpid()}.{part}" for part in ("key", "crt", "both"))
    command = ["openssl", "req", "-x509", "-nodes", "-days", "365", "-subj", "/CN=localhost", *KEYS[kind]]
    command += ["-keyout", str(key), "-out", str(certificate)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise MeasureError(f"openssl made no certificate: {done.stderr.strip()}")
    both.write_text(key.read_text() + certificate.read_text())
    both.replace(path)  # at once, for somebody else may be doing the same
    key.unlink()
    certificate.unlink()
    return str(path)
