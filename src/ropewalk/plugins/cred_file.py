"""``--auth file:FILE``: users from a file, with hashes of their passwords, or the passwords."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from zope.interface import implementer

from ropewalk.cred.checkers import FilePasswordDB
from ropewalk.cred.credentials import IUsernameHashedPassword, IUsernamePassword
from ropewalk.cred.strcred import ICheckerFactory, InvalidAuthArgumentString
from ropewalk.plugin import IPlugin

__all__ = ["FileCheckerFactory", "fileCheckerFactoryHelp", "invalidFileWarning", "theFileCheckerFactory"]

fileCheckerFactoryHelp = """
The users are the lines of a file, 'name:password'. In place of the password
there may be its hash: python -m ropewalk.cred.passwords NAME makes such lines.
Log-ins by challenge and response, Digest and CRAM-MD5, need the password itself.
"""

invalidFileWarning = "Warning: not a valid file"


@implementer(ICheckerFactory, IPlugin)
class FileCheckerFactory:
    """Makes checkers that read a file.

    Attributes:
        errorOutput: if the file is not there yet, that is written there.
    """

    authType = "file"
    authHelp = fileCheckerFactoryHelp
    argStringFormat = "Location of a FilePasswordDB-formatted file."
    credentialInterfaces = (IUsernamePassword, IUsernameHashedPassword)
    errorOutput: TextIO = sys.stderr

    def generateChecker(self, argstring: str) -> FilePasswordDB:
        """Make a checker.

        Args:
            argstring: where the file is.

        Raises:
            InvalidAuthArgumentString: it says nothing.
        """
        if not argstring:
            raise InvalidAuthArgumentString("'file' requires a filename: --auth file:FILE")
        if not os.path.isfile(argstring):
            # It may come later: it is read at each login.
            print(f"{invalidFileWarning}: {argstring}", file=self.errorOutput)
        return FilePasswordDB(argstring)


theFileCheckerFactory = FileCheckerFactory()
