"""While the stand-in is on, ``twisted`` is another name of ``ropewalk``. Each program here runs in its own process."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest


class Done:
    """A program that has ended."""

    def __init__(self, process: subprocess.CompletedProcess[str]) -> None:
        self.status = process.returncode
        self.output = process.stdout
        self.errors = process.stderr

    @property
    def lines(self) -> list[str]:
        assert self.status == 0, self.errors
        return self.output.splitlines()


Runner = Callable[..., Done]


def execute(command: list[str], cwd: Path, **environment: str) -> Done:
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "ROPEWALK_STAND_IN")}
    return Done(
        subprocess.run(
            command, cwd=cwd, env={**env, **environment}, capture_output=True, text=True, timeout=50, check=False
        )
    )


@pytest.fixture
def program(tmp_path: Path) -> Runner:
    """A function that runs a program's text below ``import ropewalk.as_twisted``."""

    def run(text: str, **environment: str) -> Done:
        (tmp_path / "program.py").write_text("import ropewalk.as_twisted\n" + textwrap.dedent(text))
        return execute([sys.executable, "program.py"], tmp_path, **environment)

    return run


def test_bothNamesAreOneModule(program: Runner) -> None:
    """Packages and modules are the same objects, whichever name comes first and however it is imported."""
    assert program(
        """
        import sys
        import twisted.internet.defer, ropewalk.internet.defer
        import ropewalk.internet.protocol, twisted.internet.protocol
        from twisted.internet import error
        import ropewalk.internet.error as ours
        import ropewalk, twisted
        print(twisted is ropewalk, twisted.internet is ropewalk.internet)
        print(sys.modules["twisted.internet.defer"] is ropewalk.internet.defer)
        print(sys.modules["twisted.internet.protocol"] is ropewalk.internet.protocol)
        print(error is ours is sys.modules["twisted.internet.error"])
        theirs = {name[7:] for name in sys.modules if name.partition(".")[0] == "twisted"}
        print(theirs == {name[8:] for name in sys.modules if name.partition(".")[0] == "ropewalk"})
        """
    ).lines == ["True True", "True", "True", "True", "True"]


def test_aModuleIsLoadedOnce(program: Runner) -> None:
    """Importing under both names runs a module's code once, and leaves its own name, loader and spec."""
    assert program(
        """
        import sys
        import twisted.python.filepath as one
        import ropewalk.python.filepath as two
        from twisted.python import filepath as three
        print(one is two is three, one.__name__, one.__spec__.name, type(one.__loader__).__name__)
        print(type(one.__spec__.loader).__name__, one.__package__)
        """
    ).lines == [
        "True ropewalk.python.filepath ropewalk.python.filepath SourceFileLoader",
        "SourceFileLoader ropewalk.python",
    ]


def test_theReactorIsOne(program: Runner) -> None:
    """Importing it under either name decides nothing; once chosen it is the same under both, and runs."""
    assert program(
        """
        import sys
        import twisted.internet.reactor
        from twisted.internet import reactor, selectreactor
        print(sys.modules["twisted.internet.reactor"] is sys.modules["ropewalk.internet.reactor"])
        selectreactor.install()
        import ropewalk.internet.reactor
        print(type(reactor).__name__, reactor is ropewalk.internet.reactor is twisted.internet.reactor)
        reactor.callLater(0, reactor.stop)
        reactor.run()
        print("ran")
        """
    ).lines == ["True", "SelectReactor True", "ran"]


@pytest.mark.parametrize("name", ["twisted", "ropewalk"])
def test_deletingTheReactorUninstallsIt(name: str, program: Runner) -> None:
    """After deleting the reactor's module under either name another can be installed, and is had under both."""
    assert program(
        f"""
        import sys
        from twisted.internet import reactor, selectreactor, pollreactor
        reactor.callLater
        del sys.modules["{name}.internet.reactor"]
        if "{name}" == "ropewalk":
            import ropewalk.internet.reactor
        pollreactor.install()
        from twisted.internet import reactor as second
        import twisted.internet.reactor, ropewalk.internet.reactor
        print(type(second).__name__, second is reactor)
        print(second is sys.modules["twisted.internet.reactor"] is sys.modules["ropewalk.internet.reactor"])
        """
    ).lines == ["PollReactor False", "True"]


def test_aReactorInstalledByHandIsUnderBothNames(program: Runner) -> None:
    """A program sees in ``sys.modules`` that a reactor was installed, and can take it out there."""
    assert program(
        """
        import sys
        from twisted.internet import selectreactor
        print("twisted.internet.reactor" in sys.modules)
        selectreactor.install()
        print("twisted.internet.reactor" in sys.modules)
        del sys.modules["twisted.internet.reactor"]
        import twisted.internet.reactor
        print(twisted.internet.reactor)
        """
    ).lines == ["False", "True", "<the reactor, chosen at its first use>"]


def test_deletingAModuleMakesANewOne(program: Runner) -> None:
    """A module taken out of ``sys.modules`` under one name is loaded anew, for both."""
    assert program(
        """
        import sys
        import twisted.python.util as first
        del sys.modules["twisted.python.util"]
        import twisted.python.util as second
        del sys.modules["ropewalk.python.util"]
        import ropewalk.python.util as third
        import twisted.python.util as fourth
        print(first is second, second is third, third is fourth)
        """
    ).lines == ["False False True"]


def test_thePackageStaysWhenItsNameIsTakenOut(program: Runner) -> None:
    """A program that clears everything named ``twisted`` out of ``sys.modules`` still has the stand-in."""
    assert program(
        """
        import sys, twisted.python.util
        for name in list(sys.modules):
            if name.partition(".")[0] == "twisted":
                del sys.modules[name]
        import twisted.python.util
        print(twisted.__version__, twisted is sys.modules["ropewalk"])
        """
    ).lines == ["26.10.0 True"]


def test_stringsAndPicklesUseEitherName(program: Runner, tmp_path: Path) -> None:
    """`namedAny`, `Failure.check` and pickles written under either name find the same class."""
    for package in ("twisted", "ropewalk"):
        pickled = f"c{package}.python.versions\nVersion\n.".encode()
        assert isinstance(pickled, bytes)
        (tmp_path / f"{package}.pickle").write_bytes(pickled)
    assert (
        program(
            """
        import pickle
        from twisted.python.reflect import namedAny
        from twisted.python.failure import Failure
        from twisted.internet.error import ConnectionDone
        one, two = (pickle.load(open(f"{name}.pickle", "rb")) for name in ("twisted", "ropewalk"))
        print(one is two is namedAny("twisted.python.versions.Version") is namedAny("ropewalk.python.versions.Version"))
        failure = Failure(ConnectionDone())
        print(bool(failure.check("twisted.internet.error.ConnectionDone")))
        print(bool(failure.check("ropewalk.internet.error.ConnectionDone")))
        """
        ).lines
        == ["True"] * 3
    )


def test_ourPicklesNeedNoStandIn() -> None:
    """What is pickled names our modules, so it is read without the stand-in as well."""
    from ropewalk.python.versions import Version

    assert b"ropewalk.python.versions" in pickle.dumps(Version)


def test_theVersionIsTheOneWeOffer(program: Runner) -> None:
    """Programs and packages that ask which Twisted this is get an answer they can compare."""
    assert program(
        """
        import importlib.metadata, twisted
        print(twisted.__version__, twisted.version.major, twisted.version)
        print(importlib.metadata.version("Twisted"), importlib.metadata.version("twisted"))
        print("tls" in importlib.metadata.metadata("Twisted").get_all("Provides-Extra"))
        """
    ).lines == ["26.10.0 26 [Twisted, version 26.10.0]", "26.10.0 26.10.0", "True"]


def test_whatIsMissingSaysSo(program: Runner) -> None:
    """A module that is not there yet is a ModuleNotFoundError with a sentence, however it is asked for."""
    assert program(
        """
        import importlib.util
        try:
            import twisted.nosuch.deeper
        except ModuleNotFoundError as error:
            print(error.name, "|", error)
        try:
            from twisted.internet import nosuch
        except ImportError as error:
            print(error.name, "|", error)
        print(importlib.util.find_spec("twisted.nosuch"), importlib.util.find_spec("twisted.internet") is not None)
        """
    ).lines == [
        "twisted.nosuch | Ropewalk 0.1.0 has not got twisted.nosuch yet (No module named 'twisted.nosuch')",
        (
            "twisted.internet.nosuch | Ropewalk 0.1.0 has not got twisted.internet.nosuch yet "
            "(No module named 'twisted.internet.nosuch')"
        ),
        "None True",
    ]


def test_tracebacksDoNotShowUs(program: Runner, tmp_path: Path) -> None:
    """A traceback goes from the program to what failed, without the frames in between that import."""
    done = program("import twisted.nosuch\n")
    assert done.errors.splitlines()[:-1] == [
        "Traceback (most recent call last):",
        f'  File "{tmp_path / "program.py"}", line 2, in <module>',
        "    import twisted.nosuch",
    ]
    plugin = tmp_path / "twisted" / "plugins" / "failing.py"
    plugin.parent.mkdir(parents=True)
    plugin.write_text("1 // 0\n")
    done = program("import twisted.plugins.failing\n")
    assert [line for line in done.errors.splitlines() if line.startswith("  File")] == [
        f'  File "{tmp_path / "program.py"}", line 2, in <module>',
        f'  File "{plugin}", line 1, in <module>',
    ]


@pytest.mark.parametrize("line", ["from twisted.internet.defer import nosuch", "defer.nosuch"])
def test_aMissingNameIsExplained(line: str, program: Runner) -> None:
    """A program that ends because a module of ours lacks a name says below the traceback that we have not got it."""
    done = program(f"from twisted.internet import defer\n{line}\n")
    assert done.status == 1
    last = done.errors.splitlines()[-1]
    assert last == "Ropewalk 0.1.0 has not got twisted.internet.defer.nosuch yet, or the name is misspelt."


def test_brokenImportsAreNotHidden(program: Runner, tmp_path: Path) -> None:
    """Other people's missing modules and attributes are reported as Python reports them."""
    done = program("import nosuchmodule\n")
    assert done.errors.splitlines()[-1] == "ModuleNotFoundError: No module named 'nosuchmodule'"
    done = program("import os\nos.nosuch\n")
    assert done.errors.splitlines()[-1] == "AttributeError: module 'os' has no attribute 'nosuch'"


def test_childrenInheritIt(program: Runner) -> None:
    """Python processes that the program starts have it on too, and so have theirs."""
    assert program(
        """
        import subprocess, sys
        grandchild = "import twisted; print(twisted.__name__)"
        child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
        subprocess.run([sys.executable, "-c", child], check=True)
        """
    ).lines == ["ropewalk"]


def test_theUsersPythonpathIsKept(program: Runner, tmp_path: Path) -> None:
    """Children look where they would have looked, and see nothing of how they got the stand-in."""
    assert program(
        """
        import subprocess, sys
        child = "import sys; print(sys.path[1:3], *[path for path in sys.path if '_child' in path])"
        subprocess.run([sys.executable, "-c", child])
        """,
        PYTHONPATH=os.pathsep.join(["/first", "/second"]),
    ).lines == ["['/first', '/second']"]


def test_multiprocessingInheritsIt(program: Runner) -> None:
    """Spawned workers import the program's ``twisted`` names."""
    assert program(
        """
        import multiprocessing
        from twisted.python.versions import Version
        def work(version):
            return version.major
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.apply(work, [Version("P", 7, 0, 0)]))
        """
    ).lines == ["7"]


def test_anotherSitecustomizeRunsToo(program: Runner, tmp_path: Path) -> None:
    """A ``sitecustomize`` that the user has still runs in the children."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "sitecustomize.py").write_text("print('mine', __name__)\n")
    assert program(
        """
        import subprocess, sys
        child = "import sitecustomize, twisted; print(twisted.__name__, sitecustomize.__file__)"
        subprocess.run([sys.executable, "-c", child])
        """,
        PYTHONPATH=str(tmp_path / "mine"),
    ).lines == [
        "mine sitecustomize",  # of the program itself
        "mine sitecustomize",  # of the child
        f"ropewalk {tmp_path / 'mine' / 'sitecustomize.py'}",
    ]


def test_tooLate(tmp_path: Path) -> None:
    """When the real Twisted is imported already the stand-in refuses, and says what to do."""
    (tmp_path / "twisted").mkdir()
    (tmp_path / "twisted" / "__init__.py").touch()
    (tmp_path / "late.py").write_text("import twisted\nimport ropewalk.as_twisted\n")
    done = execute([sys.executable, "late.py"], tmp_path)
    assert done.status == 1
    assert "first line of the program" in done.errors.splitlines()[-1]
    assert str(tmp_path / "twisted") in done.errors


def test_itWinsOverARealTwisted(program: Runner, tmp_path: Path) -> None:
    """A Twisted that is installed, but not yet imported, is not looked at."""
    (tmp_path / "twisted").mkdir()
    (tmp_path / "twisted" / "__init__.py").write_text("raise SystemExit('the real one')\n")
    assert program("import twisted; print(twisted.__name__)").lines == ["ropewalk"]


def test_pluginsWrittenForTwisted(program: Runner, tmp_path: Path) -> None:
    """Plugins in ``twisted/plugins`` directories are found beside those in ``ropewalk/plugins``."""
    for package in ("twisted", "ropewalk"):
        folder = tmp_path / package / "plugins"
        folder.mkdir(parents=True)
        (folder / f"for_{package}.py").write_text(
            f"from zope.interface import provider\n"
            f"from {package}.plugin import IPlugin\n"
            f"@provider(IPlugin)\n"
            f"class {package.title()}: pass\n"
        )
    find = """
        from twisted.plugin import IPlugin, getPlugins
        print(sorted({getattr(plugin, "__name__", "") for plugin in getPlugins(IPlugin)} & {"Twisted", "Ropewalk"}))
        """
    assert program(find).lines == ["['Ropewalk', 'Twisted']"]
    (tmp_path / "late.py").write_text(
        "import ropewalk.plugins, ropewalk.as_twisted\n"
        "from ropewalk.plugin import IPlugin, getPlugins\n"
        "print(sorted({getattr(plugin, '__name__', '') for plugin in getPlugins(IPlugin)} & {'Twisted', 'Ropewalk'}))\n"
    )
    assert execute([sys.executable, "late.py"], tmp_path).lines == ["['Ropewalk', 'Twisted']"]


def test_withoutItTwistedIsNotThere(tmp_path: Path) -> None:
    """Importing Ropewalk alone gives nobody a ``twisted``, nor plugins written for it."""
    (tmp_path / "plain.py").write_text(
        "import sys, ropewalk.internet.defer, ropewalk.plugins\n"
        "print([name for name in sys.modules if name.startswith('twisted')])\n"
    )
    assert execute([sys.executable, "plain.py"], tmp_path).lines == ["[]"]


def test_itIsLight(tmp_path: Path) -> None:
    """Putting it on loads next to nothing: an environment may have it on in every process."""
    code = (
        "import sys; before = set(sys.modules); import ropewalk.as_twisted\n"
        "print(*sorted(set(sys.modules) - before - {n for n in sys.modules if n.startswith('twisted')}))"
    )
    loaded = set(execute([sys.executable, "-c", code], tmp_path).lines[0].split())
    assert {name for name in loaded if not name.startswith("ropewalk")} <= {
        "__future__",
        "importlib",
        "importlib._bootstrap",
        "importlib._bootstrap_external",
        "importlib.machinery",
        "types",
        "warnings",
    }
    assert len(loaded) < 20
