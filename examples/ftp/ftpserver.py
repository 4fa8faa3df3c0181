"""An FTP server: guests look at the working directory, users change what is theirs below /home.

    ftpserver.py [PORT [PASSWORDS [HOMES]]]

PASSWORDS is a file with a line NAME:PASSWORD for each user. Passwords and files go in the clear: set the factory's
`contextFactory` for TLS.
"""

import sys

from ropewalk.cred.checkers import AllowAnonymousAccess, FilePasswordDB
from ropewalk.cred.portal import Portal
from ropewalk.internet import reactor
from ropewalk.internet.endpoints import TCP4ServerEndpoint
from ropewalk.protocols.ftp import FTPFactory, FTPRealm


def main(port="2121", passwords="passwords", homes="/home"):
    portal = Portal(FTPRealm("./", homes), [AllowAnonymousAccess(), FilePasswordDB(passwords)])
    listening = TCP4ServerEndpoint(reactor, int(port)).listen(FTPFactory(portal))
    listening.addCallback(lambda listener: print(f"serving at port {listener.getHost().port}", flush=True))
    listening.addErrback(failed)
    reactor.run()


def failed(failure):
    print(failure.getErrorMessage(), file=sys.stderr)
    reactor.callWhenRunning(reactor.stop)


main(*sys.argv[1:])
