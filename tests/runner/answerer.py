"""A program for inetd's ``wait``: its standard input is a datagram socket; it answers one datagram."""

import socket

sock = socket.socket(fileno=0)
data, addr = sock.recvfrom(100)
sock.sendto(data.upper(), addr)
