"""``sendmsg`` and ``recvmsg`` in the place of ``send`` and ``recv``."""

from socket import socketpair

from ropewalk.python.sendmsg import recvmsg, sendmsg

here, there = socketpair()
print("Sent", sendmsg(here, b"Hello, world"), "bytes")
received, ancillary, flags = recvmsg(there, 1024)
print("Received", received)
print("Extra stuff, boring in this case", flags, ancillary)
