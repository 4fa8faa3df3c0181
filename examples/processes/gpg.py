"""P78: a program that is talked to through more descriptors than the usual three: a passphrase at 3, its status at 4.

Usage: gpg.py PASSPHRASE < message.gpg
"""

import sys

from ropewalk.internet import defer, protocol, reactor


class GPGProtocol(protocol.ProcessProtocol):
    def __init__(self, crypttext, passphrase):
        self.crypttext = crypttext
        self.passphrase = passphrase
        self.plaintext = b""
        self.status = b""
        self.deferred = defer.Deferred()

    def connectionMade(self):
        self.transport.writeToChild(3, self.passphrase)
        self.transport.closeChildFD(3)
        self.transport.writeToChild(0, self.crypttext)
        self.transport.closeChildFD(0)

    def childDataReceived(self, childFD, data):
        if childFD == 1:
            self.plaintext += data
        elif childFD == 4:
            self.status += data

    def processEnded(self, reason):
        if reason.value.exitCode == 0:
            self.deferred.callback(self)
        else:
            self.deferred.errback(reason)


def decrypt(crypttext, passphrase):
    gpg = GPGProtocol(crypttext, passphrase)
    command = ["gpg", "--decrypt", "--passphrase-fd", "3", "--status-fd", "4", "--batch"]
    descriptors = {0: "w", 1: "r", 2: 2, 3: "w", 4: "r"}
    reactor.spawnProcess(gpg, command[0], command, env=None, childFDs=descriptors)
    return gpg.deferred


def show(gpg):
    print("status:", gpg.status.decode().strip())
    print("plaintext:", gpg.plaintext.decode().strip(), flush=True)


def explain(failure):
    print("gpg failed with exit code", failure.value.exitCode, flush=True)


decrypting = decrypt(sys.stdin.buffer.read() or b"nothing", sys.argv[1].encode())
decrypting.addCallbacks(show, explain).addCallback(lambda _: reactor.stop())
reactor.run()
