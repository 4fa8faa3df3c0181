"""B40: ask a server to register a user."""

import sys

from basic_client import connect
from registration import RegisterUser

from ropewalk.internet import reactor
from ropewalk.internet.defer import Deferred
from ropewalk.python.log import err, startLogging


async def register():
    protocol = await connect()
    result = await protocol.callRemote(
        RegisterUser, username="alice", publickey=b"ssh-rsa AAAAB3NzaC1yc2 alice@actinium"
    )
    print("Registration result:", result)


def main():
    startLogging(sys.stdout)
    registering = Deferred.fromCoroutine(register())
    registering.addErrback(err, "Failed to register")
    registering.addCallback(lambda ignored: reactor.stop())
    reactor.run()


if __name__ == "__main__":
    main()
