"""P85: a Deferred makes nothing asynchronous: this function blocks, and its Deferred has fired when it returns."""

import time

from ropewalk.internet import defer

TARGET = 10000


def largeFibonacciNumber():
    a, b = 0, 1
    for i in range(TARGET - 1):
        a, b = b, a + b
        if i % 100 == 0:
            print(f"Progress: calculating the {i}th Fibonacci number")
    return defer.succeed(b)


def digits(number):
    """The number as text. Its digits come in halves: Python refuses to print very long integers at once."""
    high, low = divmod(number, 10**1500)
    return f"{high}{low:01500d}"


started = time.perf_counter()
result = largeFibonacciNumber()
print(f"Total time taken for largeFibonacciNumber call: {time.perf_counter() - started:.3f} seconds")

print("Adding the callback now.")
result.addCallback(lambda number: print(f"The {TARGET}th Fibonacci number is {digits(number)}"))
