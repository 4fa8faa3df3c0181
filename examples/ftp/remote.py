"""Fetch a file by FTP with a coroutine, and go on where an earlier run was cut off.

remote.py HOST PORT FILE HERE [USER [PASSWORD]]
"""

import sys

from ropewalk.internet.defer import Deferred
from ropewalk.internet.task import react
from ropewalk.protocols.ftp import connect


async def main(reactor, host, port, name, here, user="anonymous", password="ropewalk@"):
    async with await connect(host, user, password, port=int(port), reactor=reactor) as remote:
        for entry in await remote.entries():
            print(entry.name, entry.kind, entry.size)
        with open(here, "ab") as file:
            await remote.download(name, file, offset=file.tell())
            print(f"{file.tell()} bytes in {here}")


react(lambda reactor, *args: Deferred.fromCoroutine(main(reactor, *args)), sys.argv[1:])
