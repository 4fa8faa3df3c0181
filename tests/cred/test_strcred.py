"""Checkers come from words of the command line; what is wrong with those is said to who typed them."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.cred.checkers import AllowAnonymousAccess, FilePasswordDB, InMemoryUsernamePasswordDatabaseDontUse
from ropewalk.cred.credentials import IAnonymous, IUsernameHashedPassword, IUsernamePassword, UsernamePassword
from ropewalk.cred.strcred import (
    AuthOptionMixin,
    ICheckerFactory,
    InvalidAuthArgumentString,
    InvalidAuthType,
    StrcredException,
    UnsupportedInterfaces,
    findCheckerFactories,
    findCheckerFactory,
    makeChecker,
    notSupportedWarning,
)
from ropewalk.plugins import __path__ as pluginFolders
from ropewalk.python import usage
from support.outcomes import outcome


class AnyOptions(usage.Options, AuthOptionMixin):
    """Of an application that takes what comes."""


class PasswordOptions(usage.Options, AuthOptionMixin):
    """Of an application that knows passwords only."""

    supportedInterfaces = (IUsernamePassword,)


class NoOptions(usage.Options, AuthOptionMixin):
    supportedInterfaces = ()


def parse(options: Any, *words: str) -> str:
    """Parse a command line; return what was written."""
    options.authOutput = io.StringIO()
    try:
        options.parseOptions(list(words))
    except SystemExit:
        pass  # Help was asked for.
    text: str = options.authOutput.getvalue()
    return text


def test_types() -> None:
    """The types that come with Ropewalk are found, and are what they say (CR13)."""
    factories = {factory.authType: factory for factory in findCheckerFactories()}
    assert {"anonymous", "file", "memory", "passwd", "unix"} <= factories.keys()
    for factory in factories.values():
        assert ICheckerFactory.providedBy(factory)
        assert factory.authHelp.strip()
        assert "\n" not in factory.argStringFormat
    assert findCheckerFactory("file") is factories["file"]


def test_makeChecker(tmp_path: Path) -> None:
    """What comes after the colon is the factory's; it may hold colons, or be missing."""
    checker = makeChecker("memory:joe:secret:ann:other")
    assert isinstance(checker, InMemoryUsernamePasswordDatabaseDontUse)
    assert checker.users == {"joe": "secret", "ann": "other"}
    assert isinstance(makeChecker("anonymous"), AllowAnonymousAccess)
    users = tmp_path / "users"
    users.touch()
    assert makeChecker(f"file:{users}").filename == str(users)


@pytest.mark.parametrize("description", ["nope", "nope:x", "", ":x", "FILE:x", " file:x"])
def test_noSuchType(description: str) -> None:
    """A type that there is not is an error of its own."""
    with pytest.raises(InvalidAuthType) as refused:
        makeChecker(description)
    assert isinstance(refused.value, StrcredException)
    assert refused.value.args == (description.partition(":")[0],)


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("memory:joe", "these are 1 words"),
        ("memory:joe:secret:ann", "these are 3 words"),
        ("file", "requires a filename"),
        ("file:", "requires a filename"),
        ("passwd", "requires a filename"),
    ],
)
def test_badArguments(description: str, said: str) -> None:
    """What is not for the type is refused; the message has no passwords in it."""
    with pytest.raises(InvalidAuthArgumentString, match=said) as refused:
        makeChecker(description)
    assert "secret" not in str(refused.value)


def test_auth() -> None:
    """CR14: the checkers are in the options, in order, and by the credentials that they check."""
    options = AnyOptions()
    parse(options, "--auth", "memory:joe:secret", "--auth=anonymous")
    first, second = options["credCheckers"]
    assert options["credInterfaces"] == {
        IUsernamePassword: [first],
        IUsernameHashedPassword: [first],
        IAnonymous: [second],
    }
    assert outcome(first.requestAvatarId(UsernamePassword(b"joe", b"secret"))) == "joe"


def test_supportedInterfaces() -> None:
    """CR14: of the credentials, those that the application has no use for are left out."""
    options = PasswordOptions()
    parse(options, "--auth", "memory:joe:secret")
    assert list(options["credInterfaces"]) == [IUsernamePassword]
    assert options.supportsInterface(IUsernamePassword)
    assert not options.supportsInterface(IAnonymous)
    assert AnyOptions().supportsInterface(IAnonymous)
    assert not options.supportsCheckerFactory(findCheckerFactory("anonymous"))
    with pytest.raises(UnsupportedInterfaces):
        options.addChecker(AllowAnonymousAccess())
    assert options["credCheckers"] == options["credInterfaces"][IUsernamePassword]


@pytest.mark.parametrize(
    ("options", "words", "said"),
    [
        (PasswordOptions, ["--auth", "anonymous"], "not supported: this application has no use for .*IAnonymous"),
        (NoOptions, ["--auth", "memory:a:b"], "no use for .*IUsernamePassword, .*IUsernameHashedPassword"),
        (PasswordOptions, ["--auth", "nope:x"], "not recognized: nope. There are: file, memory, passwd, unix"),
        (NoOptions, ["--auth", "nope:x"], "There are: none of use here"),
        (AnyOptions, ["--auth", "memory:a"], "Auth plugin memory: 'memory' takes names and passwords"),
        (AnyOptions, ["--auth"], "requires argument"),
        (AnyOptions, ["--help-auth-type", "nope"], "Invalid auth type: nope"),
    ],
)
def test_usageErrors(options: Any, words: list[str], said: str) -> None:
    """Whatever is wrong is an error of usage, with a sentence."""
    with pytest.raises(usage.UsageError, match=said):
        parse(options(), *words)


def test_helpAuth() -> None:
    """CR15: the types that the application has a use for are listed."""
    assert parse(PasswordOptions(), "--help-auth").splitlines() == [
        "Usage: --auth AuthType[:ArgString]",
        "For detailed help: --help-auth-type AuthType",
        "",
        "  AuthType\tArgString format",
        "  ========\t================",
        "  file    \tLocation of a FilePasswordDB-formatted file.",
        "  memory  \tA colon-separated list (name:password:...)",
        "  passwd  \tLocation of a passwd(5)-formatted file.",
        "  unix    \tNo argstring required.",
        "",
    ]


def test_helpAuthType() -> None:
    """CR15: the help of a type is shown in all its lines, with a warning if the application has no use for it."""
    text = parse(PasswordOptions(), "--help-auth-type", "passwd")
    assert text.startswith(
        "Usage: --auth passwd[:ArgString]\nArgString format: Location of a passwd(5)-formatted file.\n\n  The"
    )
    assert "\n  colon, the password's hash" in text
    assert notSupportedWarning not in text
    assert notSupportedWarning in parse(PasswordOptions(), "--help-auth-type", "anonymous")


def test_optionsAreDescribed() -> None:
    """The three options stand in the application's own help."""
    text = str(PasswordOptions())
    assert "Specify an authentication method for the server." in text
    assert "--help-auth-type=" in text


SPECIAL = '''
from zope.interface import implementer
from ropewalk import plugin
from ropewalk.cred.credentials import IUsernamePassword
from ropewalk.cred.strcred import ICheckerFactory

class SpecialChecker:
    credentialInterfaces = (IUsernamePassword,)
    def __init__(self, **words): self.words = words

@implementer(ICheckerFactory, plugin.IPlugin)
class SpecialCheckerFactory:
    authType = "special"
    argStringFormat = "A colon-separated key=value list."
    authHelp = """Some help text
    goes here ..."""
    credentialInterfaces = (IUsernamePassword,)

    def generateChecker(self, argstring=""):
        return SpecialChecker(**dict(word.split("=") for word in argstring.split(":")))

theSpecialCheckerFactory = SpecialCheckerFactory()
'''


@pytest.fixture
def special(tmp_path: Path) -> Iterator[None]:
    """An application's own type, in a directory of plugins that is not ours."""
    (tmp_path / "myapp_plugins.py").write_text(SPECIAL)
    pluginFolders.append(str(tmp_path))
    yield
    pluginFolders.remove(str(tmp_path))
    sys.modules.pop("ropewalk.plugins.myapp_plugins", None)


@pytest.mark.usefixtures("special")
def test_ownType() -> None:
    """CR13: the documents' SpecialCheckerFactory is found; ``special:a=b`` makes a checker with ``a='b'``."""
    options = PasswordOptions()
    parse(options, "--auth", "special:a=b:c=d")
    assert options["credCheckers"][0].words == {"a": "b", "c": "d"}
    assert "  special \tA colon-separated key=value list." in parse(PasswordOptions(), "--help-auth")
    assert "\n  Some help text\n  goes here ...\n" in parse(PasswordOptions(), "--help-auth-type", "special")


@pytest.mark.usefixtures("special")
def test_ownTypeRaises() -> None:
    """What goes wrong in somebody's plugin is said to who typed the line."""
    with pytest.raises(usage.UsageError, match="Auth plugin special: dictionary update sequence"):
        parse(PasswordOptions(), "--auth", "special:nonsense")


def test_checkersOfFiles(tmp_path: Path) -> None:
    """A file that is not there yet is told of, and may come."""
    factory = findCheckerFactory("file")
    written = io.StringIO()
    factory.errorOutput = written
    try:
        checker = factory.generateChecker(str(tmp_path / "later"))
    finally:
        del factory.errorOutput
    assert written.getvalue() == f"Warning: not a valid file: {tmp_path / 'later'}\n"
    assert isinstance(checker, FilePasswordDB)
