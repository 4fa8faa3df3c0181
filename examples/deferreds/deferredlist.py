"""P81: wait for several results, whether they succeed or fail."""

from ropewalk.internet import defer


def printResult(results):
    for success, value in results:
        if success:
            print("Success:", value)
        else:
            print("Failure:", value.getErrorMessage())


first, second, third = defer.Deferred(), defer.Deferred(), defer.Deferred()
# The list takes care of failures, so nobody will be told that they went unhandled.
defer.DeferredList([first, second, third], consumeErrors=True).addCallback(printResult)

first.callback("one")
second.errback(Exception("bang!"))
third.callback("three")
