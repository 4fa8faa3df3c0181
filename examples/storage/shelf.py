"""A directory as a dictionary of objects; what is read is a copy, a change has to be stored: ``shelf.py DIRECTORY``."""

import sys

from ropewalk.persisted import dirdbm

shelf = dirdbm.Shelf(sys.argv[1])
shelf[b"key"] = [1, 2]
print(shelf[b"key"])
numbers = shelf[b"key"]
numbers.append(3)
print(shelf[b"key"])
shelf[b"key"] = numbers
print(shelf[b"key"])
