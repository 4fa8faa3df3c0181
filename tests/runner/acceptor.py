"""A program for inetd's ``wait``: its standard input is a listening socket; it serves one connection."""

import os
import socket

listening = socket.socket(fileno=0)
connection, _ = listening.accept()
connection.sendall(b"accepted by %d" % os.getpid())
connection.close()
