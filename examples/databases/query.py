"""F9: ask a database how old somebody is, without blocking the reactor.

Names may be given:  python examples/databases/query.py joe eve
"""

import sys

from ropewalk.enterprise import adbapi
from ropewalk.internet import defer, reactor


def fill(connection):
    connection.executescript("create table users (name, age); insert into users values ('joe', 42)")


# A database in memory is its connection's own: so there is one connection, and it is filled when it is opened.
dbpool = adbapi.ConnectionPool("sqlite3", ":memory:", cp_max=1, cp_openfun=fill)


# equivalent of cursor.execute(statement), return cursor.fetchall():
def getAge(user):
    return dbpool.runQuery("SELECT age FROM users WHERE name = ?", (user,))


def printResult(rows):
    if rows:
        print(rows[0][0], "years old")
    else:
        print("No such user")


def stop(_):
    reactor.stop()


answers = [getAge(user).addCallback(printResult) for user in sys.argv[1:] or ["joe"]]
defer.gatherResults(answers).addBoth(stop)
reactor.run()
