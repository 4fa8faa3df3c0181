"""P82: a list records each result as it stands where the list was put into that chain of callbacks."""

from ropewalk.internet import defer


def addTen(result):
    return result + " ten"


# A callback that was there before the list changes what the list records ...
one, two = defer.Deferred(), defer.Deferred()
one.addCallback(addTen)
defer.DeferredList([one, two]).addCallback(print)
one.callback("one")
two.callback("two")

# ... one that is added later does not.
one, two = defer.Deferred(), defer.Deferred()
both = defer.DeferredList([one, two])
one.addCallback(addTen)
both.addCallback(print)
one.callback("one")
two.callback("two")
