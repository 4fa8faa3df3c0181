"""P29: the smallest program: a reactor that waits, and uses no CPU while it does. Ctrl-C ends it."""

from ropewalk.internet import reactor

reactor.run()
