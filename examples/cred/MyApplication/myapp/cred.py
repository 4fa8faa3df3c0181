"""The application's own way to know its users: names and passwords, given by keywords."""

from zope.interface import implementer

from ropewalk.cred.checkers import ICredentialsChecker
from ropewalk.cred.credentials import IUsernamePassword
from ropewalk.cred.error import UnauthorizedLogin


@implementer(ICredentialsChecker)
class SpecialChecker:
    credentialInterfaces = (IUsernamePassword,)

    def __init__(self, **users):
        self.users = users

    def requestAvatarId(self, credentials):
        if not credentials.checkPassword(self.users.get(credentials.username, "")):
            raise UnauthorizedLogin("special users have special passwords")
        return credentials.username
