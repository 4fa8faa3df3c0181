"""CR12: how a protocol logs in and out, after the documents' sketch; who may, the command line says (CR14, CR15).

python pop3_server.py --port 8110 --auth memory:joe:secret
python pop3_server.py --port 8110 --auth file:/etc/mail/users
python pop3_server.py --help-auth
"""

import sys

from zope.interface import Interface, implementer

from ropewalk.cred import credentials, error, portal, strcred
from ropewalk.internet import defer, protocol, reactor
from ropewalk.protocols import basic
from ropewalk.python import log, usage


class IMailbox(Interface):
    """What the protocol needs of a user's mail."""

    def deleteMessage(index):
        """Delete a message; IndexError if there is no such one."""


class POP3(basic.LineReceiver):
    mbox = None

    def __init__(self, portal):
        self.portal = portal
        self._userIs = None
        self._onLogout = None

    def connectionMade(self):
        self.successResponse("ready")

    def lineReceived(self, line):
        command, _, argument = line.decode("utf-8", "replace").partition(" ")
        steps = {"USER": self.do_USER, "PASS": self.do_PASS, "DELE": self.do_DELE, "QUIT": self.do_QUIT}
        steps.get(command.upper(), self.unknown)(argument)

    def do_DELE(self, i):
        if self.mbox is None:
            self.failResponse("log in first")
            return
        try:
            self.mbox.deleteMessage(int(i) - 1)
        except (ValueError, IndexError):
            self.failResponse("no such message")
        else:
            self.successResponse("deleted")

    def do_USER(self, user):
        self._userIs = user
        self.successResponse("USER accepted, send PASS")

    def do_PASS(self, password):
        if self._userIs is None:
            self.failResponse("USER required before PASS")
            return
        user = self._userIs
        self._userIs = None
        d = defer.maybeDeferred(self.authenticateUserPASS, user, password)
        d.addCallback(self._cbMailbox, user)
        d.addErrback(self._ebMailbox)

    def authenticateUserPASS(self, user, password):
        if self.portal is not None:
            return self.portal.login(credentials.UsernamePassword(user, password), None, IMailbox)
        raise error.UnauthorizedLogin()

    def _cbMailbox(self, ial, user):
        interface, avatar, logout = ial

        if interface is not IMailbox:
            self.failResponse("Authentication failed")
            log.err("_cbMailbox() called with an interface other than IMailbox")
            return

        self.mbox = avatar
        self._onLogout = logout
        self.successResponse("Authentication succeeded")
        log.msg("Authenticated login for " + user)

    def _ebMailbox(self, failure):
        # What else went wrong is the program's mistake, and is logged; the peer learns nothing of it.
        if not failure.check(error.LoginFailed):
            log.err(failure)
        self.failResponse("Authentication failed")

    def do_QUIT(self, _):
        self.successResponse("goodbye")
        self.transport.loseConnection()

    def unknown(self, _):
        self.failResponse("unknown command")

    def connectionLost(self, reason):
        if self._onLogout is not None:
            self._onLogout()

    def successResponse(self, text):
        self.sendLine(b"+OK " + text.encode())

    def failResponse(self, text):
        self.sendLine(b"-ERR " + text.encode())


class POP3Factory(protocol.Factory):
    def __init__(self, portal):
        self.portal = portal

    def buildProtocol(self, address):
        return POP3(self.portal)


@implementer(IMailbox)
class Mailbox:
    def __init__(self):
        self.messages = ["Hello", "Are you there?"]

    def deleteMessage(self, index):
        if index < 0:
            raise IndexError(index)
        del self.messages[index]


@implementer(portal.IRealm)
class MailRealm:
    """Whoever comes has two messages."""

    def requestAvatar(self, avatarId, mind, *interfaces):
        if IMailbox not in interfaces:
            raise NotImplementedError("no interface")
        name = avatarId.decode() if isinstance(avatarId, bytes) else avatarId
        return IMailbox, Mailbox(), lambda: log.msg(f"{name} is gone")


class Options(usage.Options, strcred.AuthOptionMixin):
    supportedInterfaces = (credentials.IUsernamePassword,)
    optParameters = [["port", "p", 8110, "Server port number", usage.portCoerce]]

    def postOptions(self):
        if "credCheckers" not in self:
            raise usage.UsageError("who may log in? Say it with --auth; --help-auth shows how")


def main():
    options = Options()
    try:
        options.parseOptions()
    except usage.UsageError as problem:
        sys.exit(f"{sys.argv[0]}: {problem}")
    log.startLogging(sys.stdout)
    reactor.listenTCP(options["port"], POP3Factory(portal.Portal(MailRealm(), options["credCheckers"])))
    reactor.run()


if __name__ == "__main__":
    main()
