"""What is at an FTP server, and a file from it: with Deferreds, as programs of old do it.

ftpclient.py HOST PORT [FILE [USER [PASSWORD]]]
"""

import sys

from ropewalk.internet.defer import Deferred
from ropewalk.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from ropewalk.internet.protocol import Protocol
from ropewalk.internet.task import react
from ropewalk.protocols.ftp import FTPClient, FTPFileListProtocol


class Printing(Protocol):
    """Prints the text that it gets."""

    def dataReceived(self, data):
        sys.stdout.write(data.decode())


def look(client, name):
    """Print where we are, what is there, and a file; then say good-bye."""
    listing = FTPFileListProtocol()
    client.pwd().addCallback(lambda lines: print(lines[-1]))
    client.list(".", listing).addCallback(lambda _: [print(file["filename"], file["size"]) for file in listing.files])
    done = client.retrieveFile(name, Printing()) if name else Deferred()
    if not name:
        done.callback(None)
    return done.addCallback(lambda _: client.quit())


def main(reactor, host, port, name="", user="anonymous", password="ropewalk@"):
    connecting = connectProtocol(TCP4ClientEndpoint(reactor, host, int(port)), FTPClient(user, password))
    return connecting.addCallback(look, name)


react(main, sys.argv[1:])
