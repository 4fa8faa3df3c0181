"""Write server.pem, a key with a self-signed certificate for example.com, and public.pem, the certificate alone."""

import sys
from pathlib import Path

from ropewalk.internet.ssl import KeyPair

folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
certificate = KeyPair.generate().selfSignedCert(1, CN="example.com")
(folder / "public.pem").write_bytes(certificate.dump(1))
(folder / "server.pem").write_bytes(certificate.dumpPEM())
(folder / "server.pem").chmod(0o600)
print(certificate.inspect())
