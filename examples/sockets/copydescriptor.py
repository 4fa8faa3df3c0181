"""Send a file descriptor over a UNIX socket: whoever receives it has a copy of it, under another number."""

from os import pipe, read, write
from socket import SOL_SOCKET, socketpair
from struct import pack, unpack

from ropewalk.python.sendmsg import SCM_RIGHTS, recvmsg, sendmsg

here, there = socketpair()
reader, writer = pipe()

# At least a byte of data has to go with it.
sendmsg(here, b"\0", [(SOL_SOCKET, SCM_RIGHTS, pack("i", reader))])
data, ancillary, flags = recvmsg(there, 1024)
(duplicate,) = unpack("i", ancillary[0][2])

# Both read from the same pipe.
write(writer, b"Hello, world")
print(f"Read from original ({reader}): {read(reader, 6)!r}")
print(f"Read from duplicate ({duplicate}): {read(duplicate, 6)!r}")
