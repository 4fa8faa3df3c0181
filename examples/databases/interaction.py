"""F9: several statements in one transaction, in a function that may block because it runs in a thread.

Names may be given:  python examples/databases/interaction.py joe eve
"""

import sys

from ropewalk.enterprise import adbapi
from ropewalk.internet import defer, reactor


def fill(connection):
    connection.executescript("create table users (name, age); insert into users values ('joe', 42)")


dbpool = adbapi.ConnectionPool("sqlite3", ":memory:", cp_max=1, cp_openfun=fill)


def _getAge(txn, user):
    # this will run in a thread, we can use blocking calls
    txn.execute("SELECT * FROM users")
    # ... other cursor commands called on txn ...
    txn.execute("SELECT age FROM users WHERE name = ?", (user,))
    result = txn.fetchall()
    if result:
        return result[0][0]
    return None


def getAge(user):
    return dbpool.runInteraction(_getAge, user)


def printResult(age):
    if age is not None:
        print(age, "years old")
    else:
        print("No such user")


def stop(_):
    reactor.stop()


answers = [getAge(user).addCallback(printResult) for user in sys.argv[1:] or ["joe"]]
defer.gatherResults(answers).addBoth(stop)
reactor.run()
