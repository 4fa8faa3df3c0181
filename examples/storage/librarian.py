"""A directory as a dictionary of bytes, a file for each key: ``librarian.py DIRECTORY``."""

import sys

from ropewalk.persisted import dirdbm

books = dirdbm.DirDBM(sys.argv[1])
books[b"librarian"] = b"ook"
print(books[b"librarian"])
print(list(books.keys()))
print(len(list(dirdbm.DirDBM(sys.argv[1]).items())), "in the directory")
del books[b"librarian"]
print(list(books.items()))
