"""A checker of one's own: users in a database, with hashes of their passwords. The service is that of cred.py."""

import sqlite3
import sys

from zope.interface import implementer

from cred import TodoFactory, TodoRealm
from ropewalk.cred.checkers import ICredentialsChecker
from ropewalk.cred.credentials import IUsernamePassword
from ropewalk.cred.error import UnauthorizedLogin
from ropewalk.cred.passwords import hashPassword, verifyPassword
from ropewalk.cred.portal import Portal
from ropewalk.internet import reactor
from ropewalk.internet.threads import deferToThread


@implementer(ICredentialsChecker)
class DatabaseChecker:
    """Asks a table of names and hashes."""

    credentialInterfaces = (IUsernamePassword,)

    def __init__(self, path):
        self.path = path
        # Compared with when there is no such user: whoever guesses names learns nothing from the time it takes.
        self.nobodys = hashPassword("nobody")

    async def requestAvatarId(self, credentials):
        if not await deferToThread(self.check, credentials.username, credentials.password):
            raise UnauthorizedLogin("not in the database, or not with this password")
        return credentials.username

    def check(self, name, password):
        """Runs in a thread: the database may be slow, and hashing is, on purpose."""
        with sqlite3.connect(self.path) as database:
            row = database.execute("SELECT hash FROM users WHERE name = ?", [name.decode()]).fetchone()
        return verifyPassword(password, row[0] if row else self.nobodys) and row is not None


def prepare(path, **users):
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY, hash TEXT)")
        rows = [(name, hashPassword(password)) for name, password in users.items()]
        database.executemany("INSERT OR REPLACE INTO users VALUES (?, ?)", rows)


if __name__ == "__main__":
    path, port = sys.argv[1], int(sys.argv[2])
    prepare(path, joe="secret", ann="other")
    reactor.listenTCP(port, TodoFactory(Portal(TodoRealm(), [DatabaseChecker(path)])))
    reactor.run()
