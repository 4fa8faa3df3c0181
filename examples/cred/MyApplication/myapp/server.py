"""CR13, CR14: takes ``--auth`` and a password to try, and says who that is.

    python -m myapp.server --auth special:joe=secret:ann=other joe secret

The type ``special`` comes from the plugin in ``ropewalk/plugins/myapp_plugins.py``, beside this package.
"""

import sys

from ropewalk.cred import strcred
from ropewalk.cred.credentials import IUsernamePassword, UsernamePassword
from ropewalk.cred.portal import Portal
from ropewalk.internet.task import react
from ropewalk.python import usage


class ServerOptions(usage.Options, strcred.AuthOptionMixin):
    # This part is optional; it tells AuthOptionMixin what kinds of credentials the user can give us.
    supportedInterfaces = (IUsernamePassword,)

    def parseArgs(self, name, password):
        self["credentials"] = UsernamePassword(name, password)


class MyRealm:
    def requestAvatar(self, avatarId, mind, *interfaces):
        return interfaces[0], f"the avatar of {avatarId}", lambda: None


async def main(reactor, *words):
    options = ServerOptions()
    options.parseOptions(words)
    print([type(checker).__name__ for checker in options["credCheckers"]])
    portal = Portal(MyRealm(), options["credInterfaces"][IUsernamePassword])
    _, avatar, logout = await portal.login(options["credentials"], None, IUsernamePassword)
    print(avatar)
    logout()


if __name__ == "__main__":
    react(main, sys.argv[1:])
