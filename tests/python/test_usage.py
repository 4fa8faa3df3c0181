"""Command lines."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.python import usage


@pytest.fixture(autouse=True)
def program(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program under test is called ``prog``."""
    monkeypatch.setattr(sys, "argv", ["/usr/bin/prog"])
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__doc__", None)


class Basic(usage.Options):
    optFlags = [["quiet", "q", None]]
    optParameters = [["user", "u", "root", "Whose"]]


class Full(Basic):
    """Everything at once."""

    optFlags = [["fast", "f", "Act quickly"], ["good", "g", "Act well"], ["long-flag", None, "No short"]]
    optParameters = [
        ["size", "s", 1, "Size", int],
        ["none", "n", None],
        ["port", "p", "80", "Where to listen", usage.portCoerce],
    ]
    arguments: tuple[str, ...] = ()

    def __init__(self) -> None:
        usage.Options.__init__(self)
        self["verbosity"] = 0
        self["symbols"] = []

    def opt_verbose(self) -> None:
        """Say more."""
        self["verbosity"] += 1

    def opt_less_verbose(self) -> None:
        self["verbosity"] -= 1

    def opt_define(self, symbol: str) -> None:
        """Define
        a symbol."""
        self["symbols"].append(symbol)

    opt_v = opt_verbose
    opt_D = opt_define

    def opt_x(self) -> None:
        """Has no long name."""
        self["x"] = True

    def parseArgs(self, *arguments: str) -> None:
        self.arguments = arguments


def parsed(*words: str) -> Full:
    options = Full()
    options.parseOptions(list(words))
    return options


CASES: list[tuple[list[str], dict[str, Any]]] = [
    ([], {"fast": 0, "quiet": 0, "user": "root", "size": 1, "none": None, "port": "80"}),
    (["-f"], {"fast": 1, "good": 0}),
    (["-fg", "-q"], {"fast": 1, "good": 1, "quiet": 1}),
    (["--fast", "--long-flag"], {"fast": 1, "long-flag": 1}),
    (["-u", "joe"], {"user": "joe"}),
    (["-ujoe"], {"user": "joe"}),
    (["-fujoe"], {"user": "joe", "fast": 1}),
    (["--user", "joe"], {"user": "joe"}),
    (["--user=joe=x"], {"user": "joe=x"}),
    (["--user="], {"user": ""}),
    (["--us", "joe"], {"user": "joe"}),
    (["--user", "-f"], {"user": "-f", "fast": 0}),
    (["-u", "a", "-u", "b"], {"user": "b"}),
    (["-s", "3", "-p", "0"], {"size": 3, "port": 0}),
    (["-v", "-vv", "--verbose", "--less-verbose"], {"verbosity": 3}),
    (["-DFOO", "-D", "BAR", "--define=BAZ"], {"symbols": ["FOO", "BAR", "BAZ"]}),
    (["-x"], {"x": True}),
]


@pytest.mark.parametrize(("words", "expected"), CASES)
def test_optionsAreStored(words: list[str], expected: dict[str, Any]) -> None:
    """UO1-UO4, UO8, UO11: flags, parameters, methods; in every form a shell user may type."""
    options = parsed(*words)
    assert {name: options[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        (["a", "b"], ("a", "b")),
        (["-f", "a", "-g"], ("a", "-g")),
        (["--", "-f"], ("-f",)),
        (["-", "-f"], ("-", "-f")),
        ([""], ("",)),
        (["-f", "--", "--"], ("--",)),
    ],
)
def test_argumentsFollowTheOptions(words: list[str], arguments: tuple[str, ...]) -> None:
    """UO9: the first word that is no option ends the options."""
    assert parsed(*words).arguments == arguments


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--nope"], "option --nope not recognized"),
        (["-z"], "option -z not recognized"),
        (["-:"], "option -: not recognized"),
        (["--user"], "option --user requires argument"),
        (["-u"], "option -u requires argument"),
        (["--fast=3"], "option --fast must not have an argument"),
        (["--f", "--=x"], "option -- not recognized"),
        (["--ver=3"], "option --ver not a unique prefix"),
        (["-s", "x"], "Parameter type enforcement failed: --size 'x': invalid literal for int() with base 10: 'x'"),
        (["-p", "65536"], "Parameter type enforcement failed: --port '65536': Port number not in range: 65536"),
    ],
)
def test_mistakesAreToldToTheUser(words: list[str], message: str) -> None:
    """UO6, UO11: as `UsageError`, whose text is for whoever typed it."""
    with pytest.raises(usage.UsageError) as caught:
        parsed(*words)
    assert str(caught.value) == message


class Compare(usage.Options):
    def parseArgs(self, origin: str, changed: str) -> None:  # type: ignore[override]  # as documented
        self["origin"], self["changed"] = origin, changed


def test_theNumberOfArgumentsIsChecked() -> None:
    """UO9, B30: what `parseArgs` takes is what there may be."""
    options = Compare()
    options.parseOptions(["a", "b"])
    assert options == {"origin": "a", "changed": "b"}
    for words in ([], ["a"], ["a", "b", "c"]):
        with pytest.raises(usage.UsageError, match="Wrong number of arguments"):
            Compare().parseOptions(words)
    with pytest.raises(usage.UsageError, match="Wrong number of arguments"):
        Basic().parseOptions(["a"])


def test_aMistakeInsideIsNotTheUsers() -> None:
    """A `TypeError` of the program's own is not taken for a wrong number of arguments."""

    class Broken(usage.Options):
        def parseArgs(self, argument: str) -> None:  # type: ignore[override]  # as documented
            raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        Broken().parseOptions(["a"])


def test_postOptionsHasTheLastWord() -> None:
    """UO10, B31: constraints between options."""

    class All(usage.Options):
        optFlags = [["fast", "f", None], ["good", "g", None], ["cheap", "c", None]]

        def postOptions(self) -> None:
            if self["fast"] and self["good"] and self["cheap"]:
                raise usage.UsageError("can't have it all, brother")

    All().parseOptions(["-f", "-g"])
    with pytest.raises(usage.UsageError, match="can't have it all, brother"):
        All().parseOptions(["-f", "-g", "-c"])


def test_theProcesssOwnLineIsTheDefault(monkeypatch: pytest.MonkeyPatch) -> None:
    """UO5: without words, ``sys.argv``."""
    monkeypatch.setattr(sys, "argv", ["prog", "-u", "joe", "-q"])
    options = Basic()
    options.parseOptions()
    assert options == {"quiet": 1, "user": "joe"}


def test_aSubclassMaySayAnOptionAnew() -> None:
    """UO4: another doc, another short name; the old short name still works."""

    class Louder(Basic):
        optFlags = [["quiet", "Q", "Silence"]]

    for word in ("-q", "-Q", "--quiet"):
        options = Louder()
        options.parseOptions([word])
        assert options["quiet"] == 1
    assert "  -Q, --quiet" in str(Louder()) or "  -q, --quiet" in str(Louder())


class Import(usage.Options):
    optParameters = [["module", "m", None, None], ["release", "r", None]]

    def postOptions(self) -> None:
        assert self.parent is not None
        self["seen"] = self.parent["compression"]


class Checkout(usage.Options):
    synopsis = "[checkout options] FILE"
    longdesc = "Gets files."


class CVS(usage.Options):
    subCommands = [
        ["import", "im", Import, "Do an Import"],
        ["checkout", None, Checkout, "Do a Checkout, of which so much is to be said that it takes more than one line"],
        ["diff", None, lambda: Checkout(), None],
    ]
    optParameters = [["compression", "z", 0, "Use compression"], ["repository", "r", None, "Another repository"]]
    posted: str | None = "not yet"

    def postOptions(self) -> None:
        self.posted = self.subCommand


def test_aSubcommandHasItsOwnOptions() -> None:
    """UO7, B27: everything after the command is for its parser, which knows its parent."""
    options = CVS()
    options.parseOptions(["-z", "9", "import", "-m", "M", "-r", "R"])
    assert options.subCommand == options.posted == "import"
    assert options["compression"] == "9"
    assert options.subOptions == {"module": "M", "release": "R", "seen": "9"}
    assert options.subOptions.parent is options


def test_aSubcommandHasAShortName() -> None:
    """UO7: the long one is what the program sees."""
    options = CVS()
    options.parseOptions(["im"])
    assert options.subCommand == "import"


def test_aSubcommandMayBeMissing() -> None:
    """UO7: unless there is a default, none is taken."""
    options = CVS()
    options.parseOptions([])
    assert options.subCommand is None
    assert not hasattr(options, "subOptions")

    class Default(CVS):
        defaultSubCommand = "diff"

    default = Default()
    default.parseOptions(["-z", "1"])
    assert default.subCommand == "diff"
    with pytest.raises(usage.UsageError, match="Unknown command: nope"):
        default.parseOptions(["nope"])


HELP = """\
Usage: prog [options]
Options:
  -D, --define=       Define a symbol.
  -f, --fast          Act quickly
  -g, --good          Act well
      --help          Display this help and exit.
      --less-verbose
      --long-flag     No short
  -n, --none=
  -p, --port=         Where to listen [default: 80]. Must be an int between 0
                      and 65535.
  -q, --quiet
  -s, --size=         Size [default: 1]
  -u, --user=         Whose [default: root]
  -v, --verbose       Say more.
      --version       Display Ropewalk version and exit.
"""


def trimmed(text: str) -> str:
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def test_theHelpListsEverything() -> None:
    """UO12: in columns, sorted, with defaults and what values may be."""
    assert trimmed(str(Full())) == HELP


@pytest.mark.parametrize(("path", "name"), [("/bin/prog", "prog"), ("myprogram.py", "myprogram"), ("a.b.tac", "a.b")])
def test_theProgramsName(monkeypatch: pytest.MonkeyPatch, path: str, name: str) -> None:
    """UO12: the help calls the program by its file's name without the extension."""
    monkeypatch.setattr(sys, "argv", [path])
    assert usage.Options().getSynopsis() == f"Usage: {name} [options]"


def test_theHelpOfTheDocuments() -> None:
    """B33, UO12: the documents' block, with the default that their program has."""

    def oneTwoThree(text: str) -> int:
        number = int(text)
        if number not in (1, 2, 3):
            raise ValueError("Not in range")
        return number

    oneTwoThree.coerceDoc = "Must be 1, 2 or 3."  # type: ignore[attr-defined]

    class Choice(usage.Options):
        optParameters = [["one_choice", "o", 1, None, oneTwoThree]]

    assert "  -o, --one_choice=  [default: 1]. Must be 1, 2 or 3.\n" in str(Choice())
    with pytest.raises(usage.UsageError, match="Not in range"):
        Choice().parseOptions(["-o", "5"])


def test_theHelpFitsTheTerminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """COLUMNS says how wide it is; nonsense does no harm."""
    monkeypatch.setenv("COLUMNS", "50")
    assert max(map(len, CVS().getUsage().splitlines())) <= 50
    for nonsense in ("", "0", "-5", "wide"):
        monkeypatch.setenv("COLUMNS", nonsense)
        assert CVS().getUsage() == CVS().getUsage(80)
    assert CVS().getUsage(5)


def test_theHelpOfSubcommands(capsys: pytest.CaptureFixture[str]) -> None:
    """UO7: they are listed, and each has its own, under the name of the program."""
    assert (
        CVS()
        .getUsage()
        .endswith(
            "Commands:\n"
            "    checkout      Do a Checkout, of which so much is to be said that it takes\n"
            "                  more than one line\n"
            "    diff          \n"
            "    import        Do an Import\n"
        )
    )
    with pytest.raises(SystemExit) as caught:
        CVS().parseOptions(["checkout", "--help"])
    assert caught.value.code == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Usage: prog [options] checkout [checkout options] FILE\nOptions:\n")
    assert printed.endswith("\n\nGets files.\n\n")


def test_theLongDescriptionIsTheModulesIfNotGiven(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program describes itself in its docstring."""
    monkeypatch.setattr(sys.modules["__main__"], "__doc__", "Serves\nfiles.\n\nAnd more.")
    assert Basic().getUsage().endswith("\n\nServes files.\n\nAnd more.\n")


def test_theVersionIsPrinted(capsys: pytest.CaptureFixture[str]) -> None:
    """A subclass usually prints its own."""
    with pytest.raises(SystemExit) as caught:
        parsed("--version")
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("Ropewalk version: ")


def test_synonymsOfHelp(capsys: pytest.CaptureFixture[str]) -> None:
    """``opt_h = usage.Options.opt_help`` is a common idiom."""

    class Short(usage.Options):
        opt_h = usage.Options.opt_help

        def getSynopsis(self) -> str:
            return "Usage: mine"

    with pytest.raises(SystemExit):
        Short().parseOptions(["-h"])
    assert capsys.readouterr().out.startswith("Usage: mine\nOptions:\n  -h, --help ")


def test_optionsAreToldApartByIdentity() -> None:
    """They are dicts, yet keys of dicts: the parent of a subcommand may be."""
    one, other = Basic(), Basic()
    assert one == other
    assert hash(one) != hash(other)
    assert one.opts is one


def test_aMethodThatTakesTwoValuesIsAMistake() -> None:
    """Found when the options are made."""

    class Two(usage.Options):
        def opt_two(self, a: str, b: str) -> None:
            """Too much."""

    with pytest.raises(usage.UsageError, match="Invalid Option function for two"):
        Two()


def test_optionalAndAnyArgumentsAreOne() -> None:
    """A method with a default or ``*args`` takes a value."""

    class Loose(usage.Options):
        def opt_default(self, value: str = "x") -> None:
            self["default"] = value

        def opt_any(self, *values: str) -> None:
            self["any"] = values

    options = Loose()
    options.parseOptions(["--default", "a", "--any", "b"])
    assert options == {"default": "a", "any": ("b",)}


def test_anEntryWithTooMuchIsAMistake() -> None:
    """It names the entry."""

    class Long(usage.Options):
        optFlags = [["a", "b", "c", "d"]]

    with pytest.raises(ValueError, match="at most 3 values"):
        Long()


@pytest.mark.parametrize("value", ["0", "80", "65535"])
def test_portsAreNumbers(value: str) -> None:
    """From 0 to 65535."""
    assert usage.portCoerce(value) == int(value)


@pytest.mark.parametrize("value", ["-1", "65536", "http", ""])
def test_otherNumbersAreNoPorts(value: str) -> None:
    """On both sides of the range."""
    with pytest.raises(ValueError):
        usage.portCoerce(value)


def test_aCoercedParameterNeedsAValue() -> None:
    """For those who dispatch themselves."""
    options = Basic()
    usage.CoerceParameter(options, int).dispatch("n", "3")
    assert options["n"] == 3
    with pytest.raises(usage.UsageError, match="'n' requires an argument"):
        usage.CoerceParameter(options, int).dispatch("n", None)


@given(st.lists(st.text(alphabet="-=:fguvsDx1 ", max_size=6), max_size=5))
def test_anyLineIsParsedOrRefused(words: list[str]) -> None:
    """Whatever is typed: options, or a `UsageError`."""
    try:
        assert isinstance(parsed(*words).arguments, tuple)
    except usage.UsageError:
        return


class Completing(usage.Options):
    optFlags = [["fast", "f", "Act [quickly]: now"], ["good", None, "It's good"]]
    optParameters = [["user", "u", None, "Who"], ["file", "F", None, None], ["color", None, "red", "Which"]]
    compData = usage.Completions(
        descriptions={"good": "Be good"},
        multiUse=["fast"],
        mutuallyExclusive=[("fast", "good")],
        optActions={
            "file": usage.CompleteFiles("*.txt"),
            "color": usage.CompleteList(["red", "green"], descr="a color"),
        },
        extraActions=[usage.CompleteList(["left", "right"]), usage.CompleteDirs(repeat=True)],
    )


class Commands(usage.Options):
    optFlags = [["main", "m", "Main flag"]]
    subCommands = [["one", "o", Completing, "Do one"], ["two", None, usage.Options, "Do two"]]


def answered(options: usage.Options, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    with pytest.raises(SystemExit) as caught:
        options.parseOptions([*words])
    assert caught.value.code == 0
    return capsys.readouterr().out.splitlines()


LINES: list[tuple[list[str], list[str]]] = [
    ([""], ["one", "two"]),
    (["t"], ["two"]),
    (["-"], ["--help", "-m", "--main", "--version"]),
    (["--m"], ["--main"]),
    (["-m", ""], ["one", "two"]),
    (["one", "--"], ["--color=", "--fast", "--file=", "--good", "--help", "--user=", "--version"]),
    (["o", "--fast", "--"], ["--color=", "--fast", "--file=", "--help", "--user=", "--version"]),
    (["one", "--good", "--"], ["--color=", "--file=", "--help", "--user=", "--version"]),
    (["one", "--color", ""], ["red", "green"]),
    (["one", "--color=g"], ["--color=green"]),
    (["one", "--color", "=", "g"], ["green"]),
    (["one", "--color", "="], ["red", "green"]),
    (["one", "--color", "red", "l"], ["left"]),
    (["one", "r"], ["right"]),
    (["two", "--he"], ["--help"]),
]


@pytest.mark.parametrize(("words", "expected"), LINES)
def test_bashGetsCandidates(words: list[str], expected: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """UO13: options that still make sense, values, subcommands, arguments."""
    assert answered(Commands(), capsys, *words, "--_shell-completion", f"bash:{len(words)}") == expected


def test_fishGetsDescriptions(capsys: pytest.CaptureFixture[str]) -> None:
    """UO13: after a tab."""
    assert answered(Commands(), capsys, "", "--_shell-completion", "fish:1") == ["one\tDo one", "two\tDo two"]


def test_filesAreCandidates(tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that match, and the directories that lead to others."""
    (tmp_path / "a.txt").touch()
    (tmp_path / "b.log").touch()
    (tmp_path / ".hidden.txt").touch()
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "c.txt").touch()
    monkeypatch.chdir(tmp_path)

    def files(*words: str) -> list[str]:
        return answered(Completing(), capsys, *words, "--_shell-completion", f"bash:{len(words)}")

    assert files("-F", "") == ["a.txt", "dir/"]
    assert files("-F", "dir/") == ["dir/c.txt"]
    assert files("-F", f"{tmp_path}/a") == [f"{tmp_path}/a.txt"]
    assert files("-F", "nowhere/") == []
    assert files("left", "") == files("left", "dir", "") == ["dir/"]
    assert files("-u", "b") == ["b.log"]


def test_zshGetsArguments(capsys: pytest.CaptureFixture[str]) -> None:
    """UO13: code for ``_arguments``, as zsh's own completion for this kind of program evaluates it."""
    assert answered(Completing(), capsys, "", "--_shell-completion", "zsh:2") == [
        "#compdef prog",
        "",
        '_arguments -s -A "-*" \\',
        "'::(left right)' \\",
        "'*::_directories' \\",
        "'--color=[Which]:a color:(red green)' \\",
        "'(--good)*-f[Act \\[quickly\\]: now]' \\",
        "'(--good)*--fast[Act \\[quickly\\]: now]' \\",
        "'(--file)-F[file]:file (*.txt):_files -g \"*.txt\"' \\",
        "'(-F)--file=[file]:file (*.txt):_files -g \"*.txt\"' \\",
        "'(--fast -f)--good[Be good]' \\",
        "'--help[Display this help and exit.]' \\",
        "'(--user)-u[Who]:user:_files' \\",
        "'(-u)--user=[Who]:user:_files' \\",
        "'--version[Display Ropewalk version and exit.]' \\",
        "&& return 0",
    ]


def test_zshGetsWholeDescriptions(capsys: pytest.CaptureFixture[str]) -> None:
    """UO13: a colon in what an argument is does not end its description."""

    class Colon(usage.Options):
        compData = usage.Completions(extraActions=[usage.CompleteList(["a"], descr="what: one of a list")])

    assert "':what\\: one of a list:(a)' \\" in answered(Colon(), capsys, "", "--_shell-completion", "zsh:2")


def test_zshGetsSubcommands(capsys: pytest.CaptureFixture[str]) -> None:
    """UO13: their names, or the options of the one that was typed."""
    lines = answered(Commands(), capsys, "", "--_shell-completion", "zsh:2")
    assert "'*::subcmd:->subcmd' \\" in lines
    assert lines[-6:] == [
        "_zsh_subcmds_array=(",
        "'one:Do one'",
        "'two:Do two'",
        ")",
        "",
        '_describe "sub-command" _zsh_subcmds_array',
    ]
    lines = answered(Commands(), capsys, "one", "", "--_shell-completion", "zsh:3")
    assert "'(--fast -f)--good[Be good]' \\" in lines


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_aShellGetsItsScript(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What to evaluate in the shell's start-up file names the program."""
    lines = answered(Basic(), capsys, "--_shell-completion", f"{shell}:script")
    assert any("prog" in line and "complet" in line for line in lines)
    assert any(f"--_shell-completion {shell}:" in line for line in lines)


@pytest.mark.parametrize(
    ("completer", "begun", "found"),
    [
        (usage.CompleteUsernames(), "roo", "root"),
        (usage.CompleteGroups(), "roo", "root"),
        (usage.CompleteHostnames(), "local", "localhost"),
        (usage.CompleteUserAtHost(), "roo", "root@"),
        (usage.CompleteUserAtHost(), "me@local", "me@localhost"),
        (usage.CompleteNetInterfaces(), "l", "lo"),
        (usage.CompleteMultiList(["a", "b"]), "a,", "a,b"),
    ],
)
def test_completersKnowTheSystem(completer: usage.Completer, begun: str, found: str) -> None:
    """Users, groups, hosts, interfaces: what this machine has."""
    assert found in completer.candidates(begun)
    assert completer.zshAction("x")


def test_aPlainCompleterSaysWhatIsWanted() -> None:
    """And nothing else."""
    completer = usage.Completer("a secret")
    assert completer.wanted("option") == "a secret"
    assert usage.Completer().wanted("option") == "option"
    assert completer.candidates("") == []
    assert completer.zshAction("x") == ""
