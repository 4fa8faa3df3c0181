"""P86: what blocks goes to a thread; its result comes back to the reactor's."""

from ropewalk.internet import reactor, threads


def largeFibonacciNumber():
    a, b = 0, 1
    for _ in range(9999):
        a, b = b, a + b
    return b


def show(number):
    print("largeFibonacciNumber result =", number % 10**20, "(its last 20 digits)", flush=True)
    reactor.stop()


def start():
    threads.deferToThread(largeFibonacciNumber).addCallback(show)
    print("1st line after the addition of the callback", flush=True)
    print("2nd line after the addition of the callback", flush=True)


if __name__ == "__main__":
    reactor.callWhenRunning(start)
    reactor.run()
