"""An FTP server: `ftp.py PACKAGE ROOT`, the same program for Ropewalk and for Twisted.

Anybody may log in with any password, and has the directory of his name below ROOT. Prints the port, serves until
killed.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from zope.interface import implementer

_, package, root = sys.argv

reactor: Any = import_module(f"{package}.internet.reactor")
ftp: Any = import_module(f"{package}.protocols.ftp")
cred: Any = import_module(f"{package}.cred.credentials")
checkers: Any = import_module(f"{package}.cred.checkers")
portal: Any = import_module(f"{package}.cred.portal")


@implementer(checkers.ICredentialsChecker)
class Anybody:
    """Lets everybody in."""

    credentialInterfaces = (cred.IUsernamePassword,)

    def requestAvatarId(self, credentials: Any) -> Any:
        return credentials.username


factory = ftp.FTPFactory(portal.Portal(ftp.FTPRealm(root, root), [Anybody()]))
port = reactor.listenTCP(0, factory, interface="127.0.0.1")
print(port.getHost().port, flush=True)
reactor.run()
