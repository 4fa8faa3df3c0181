"""P84: ``maybeDeferred`` calls what may answer at once or later, and always gives a Deferred."""

import sys

from ropewalk.internet import defer, reactor

USERS = {"Alice", "Angus", "Agnes"}
delay = float(sys.argv[1]) if len(sys.argv) > 1 else 2


def isValidNow(user):
    return user in USERS


def isValidLater(user):
    answer = defer.Deferred()
    reactor.callLater(delay, answer.callback, user in USERS)
    return answer


def authenticate(isValid, user):
    def tell(valid):
        print(f"{user}: User is {'' if valid else 'not '}authenticated", flush=True)

    return defer.maybeDeferred(isValid, user).addCallback(tell)


authenticate(isValidNow, "Alice")
authenticate(isValidNow, "Mallory")
authenticate(isValidLater, "Angus").addCallback(lambda _: reactor.stop())
reactor.run()
