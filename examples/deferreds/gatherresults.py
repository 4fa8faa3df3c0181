"""P83: wait for all results when each must succeed."""

from ropewalk.internet import defer

one, two = defer.Deferred(), defer.Deferred()
defer.gatherResults([one, two], consumeErrors=True).addCallback(print)

one.callback("one")
print("still waiting for two")
two.callback("two")
