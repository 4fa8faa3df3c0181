"""``twist ftp``: serve directories by FTP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ropewalk.application import internet, strports
from ropewalk.cred.checkers import AllowAnonymousAccess, FilePasswordDB
from ropewalk.cred.credentials import IAnonymous, IUsernamePassword
from ropewalk.cred.portal import Portal
from ropewalk.cred.strcred import AuthOptionMixin
from ropewalk.protocols.ftp import FTPFactory, FTPRealm
from ropewalk.python import usage
from ropewalk.python.filepath import FilePath

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ropewalk.application.service import IService

__all__ = ["Options", "makeService"]


class Options(usage.Options, AuthOptionMixin):
    """What the command line says."""

    supportedInterfaces = (IAnonymous, IUsernamePassword)
    synopsis = "[options]"
    longdesc = (
        "Guests may look at the root. Users, whom --auth or --password-file know, change the directory of their name "
        "below --home. Without --certificate all of that, passwords too, goes in the clear."
    )
    optParameters = [
        ["port", "p", "2121", "Where to listen: a port, or an endpoint, tcp:2121:interface=127.0.0.1 say."],
        ["root", "r", "/usr/local/ftp", "The directory of guests."],
        ["home", "", "/home", "The directory of the users' directories."],
        ["userAnonymous", "", "anonymous", "The name that guests give."],
        ["passive-ports", "", None, "The ports for data connections: FIRST-LAST. Any by default."],
        ["certificate", "", None, "A PEM file with a certificate, its chain and its key: clients may encrypt."],
    ]
    optFlags = [["require-tls", "", "Clients have to encrypt, both logins and files."]]
    compData = usage.Completions(
        optActions={"root": usage.CompleteDirs(), "home": usage.CompleteDirs(), "certificate": usage.CompleteFiles()}
    )

    def __init__(self, *a: Any, **kw: Any) -> None:
        super().__init__(*a, **kw)
        self.addChecker(AllowAnonymousAccess())

    def opt_password_file(self, filename: str) -> None:
        """A file of users, NAME:PASSWORD on each line. The same as --auth file:FILENAME."""
        self.addChecker(FilePasswordDB(filename))

    def postOptions(self) -> None:
        """Refuse what makes no sense together."""
        if self["require-tls"] and self["certificate"] is None:
            raise usage.UsageError("--require-tls needs --certificate, the one to encrypt with")
        if self["passive-ports"] is not None:
            found = re.fullmatch(r"(\d{1,5})-(\d{1,5})", self["passive-ports"])
            if found is None or not 0 < int(found[1]) <= int(found[2]) < 65536:
                raise usage.UsageError(f"--passive-ports is FIRST-LAST, 50000-50099 say, not {self['passive-ports']}")


def makeService(config: Mapping[str, Any]) -> IService:
    """Make the service that listens."""
    realm = FTPRealm(config["root"], config.get("home") or "/home")
    factory = FTPFactory(Portal(realm, config.get("credCheckers", ())), config["userAnonymous"])
    passive = config.get("passive-ports")
    if passive is not None:
        first, last = map(int, passive.split("-"))
        factory.passivePortRange = range(first, last + 1)
    certificate = config.get("certificate")
    if certificate is not None:
        # Not before: most servers have none, and OpenSSL takes its time to load.
        from ropewalk.internet.ssl import PrivateCertificate, optionsForServerTLS

        pem = FilePath(certificate).getContent()
        factory.contextFactory = optionsForServerTLS(PrivateCertificate.loadPEM(pem))
    factory.tlsForLogins = factory.tlsForData = bool(config.get("require-tls"))
    port = str(config["port"])
    if port.isdigit():
        return internet.TCPServer(int(port), factory)
    return strports.service(port, factory)
