"""A reactor that is carried along by a main loop which knows nothing of it: here one that polls a keyboard's worth of
events sixty times a second, as a game does. Start: ``python carried.py``
"""

# ruff: noqa: E402  # a reactor is installed before it is imported

import queue

from ropewalk.internet import _threadedselect

_threadedselect.install()

from ropewalk.internet import reactor, threads


class Game:
    """A main loop, as a toolkit might have it. The only thing a reactor needs of it is `callAfter`."""

    def __init__(self):
        self.calls = queue.SimpleQueue()
        self.frames = 0
        self.going = True

    def callAfter(self, func):
        self.calls.put(func)

    def quit(self):
        self.going = False

    def mainLoop(self):
        while self.going:
            try:
                self.calls.get(timeout=1 / 60)()
            except queue.Empty:
                self.frames += 1  # nothing to do: draw


def ask():
    print("looking up a name while the game goes on")
    threads.deferToThread(sum, range(1000)).addCallback(done)


def done(result):
    print("the answer is", result)
    reactor.callLater(0.1, reactor.stop)


game = Game()
reactor.callWhenRunning(ask)
reactor.addSystemEventTrigger("after", "shutdown", game.quit)
reactor.interleave(game.callAfter)
game.mainLoop()
print("drew", "some frames" if game.frames else "nothing")
