"""The stand-in: while it is on, ``twisted`` is another name of ``ropewalk``.

A program written for Twisted then runs here unchanged. ``twisted.x.y`` and ``ropewalk.x.y`` are one module object,
and that object stands in ``sys.modules`` under both names, so there is one class, one interface, one reactor
whichever name a program, a pickle or a string uses. `install` puts a finder first on ``sys.meta_path``; everything
else follows from two things that it does:

* asked for ``twisted.x``, it imports ``ropewalk.x`` and hands that out;
* asked for ``ropewalk.x``, it lets the usual finders find it and enters the result under the other name too. So names
  that nobody imported as ``twisted...`` (``from twisted.internet import reactor`` asks for
  ``ropewalk.internet.reactor``, because that is what the package calls itself) are there as well.

Taking one of the two names out of ``sys.modules`` takes the module out, as a program that does so expects: the next
import makes a new one. We learn of it when that import comes to the finder; whoever looks without importing asks
`settle` first.

The module is imported at every start of an interpreter whose environment the stand-in is installed in: it imports
nothing that Python has not loaded by then.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.metadata import Distribution, DistributionFinder
    from types import CodeType, FrameType, TracebackType
    from typing import Any

THEIRS = "twisted"
OURS = "ropewalk"

# The release of Twisted whose API this is; what ``twisted.__version__`` says while the stand-in is on.
RELEASE = "26.10.0"

# The extras that release has, so that what depends on ``Twisted[tls]`` is content with us.
EXTRAS = (
    "all-non-platform",
    "conch",
    "conch-nacl",
    "gtk-platform",
    "http2",
    "macos-platform",
    "osx-platform",
    "serial",
    "tls",
    "websocket",
    "windows-platform",
)

# Set for child processes, so that they put the stand-in on as well; `ropewalk._child` reads it.
VARIABLE = "ROPEWALK_STAND_IN"

# Modules whose frames say nothing of why a program failed.
IMPORTING = (__name__, "importlib._bootstrap", "importlib._bootstrap_external")

_finder: Finder | None = None  # set by `install`, never unset

# Names of ``twisted`` modules that were entered in ``sys.modules``. One that is no longer there was taken out by the
# program.
_entered: set[str] = set()


def isOn() -> bool:
    """Whether ``twisted`` is another name of ``ropewalk`` in this process."""
    return _finder is not None


def install(children: bool = True) -> None:
    """Make ``twisted`` another name of ``ropewalk``. Harmless when it is already.

    Args:
        children: let Python processes that this one starts do the same, through two environment variables.

    Raises:
        ImportError: the real Twisted has been imported before; then its classes are in use already.
    """
    global _finder
    if _finder is not None:
        return
    real = sys.modules.get(THEIRS)
    if real is not None:
        where = getattr(real, "__file__", None)
        raise ImportError(
            f"{THEIRS} is imported already, from {where}: Ropewalk can no longer take its place. "
            "Make `import ropewalk.as_twisted` the first line of the program, or start it with `ropewalk run`"
        )

    package = sys.modules[OURS]
    _claimVersion(package)
    _finder = Finder()
    sys.meta_path.insert(0, _finder)
    for name in list(sys.modules):
        if name == OURS or name.startswith(OURS + "."):
            follow(name)
    _findTheirPlugins()
    _explainWhatIsMissing()
    if children:
        _tellChildren()


def _claimVersion(package: ModuleType) -> None:
    """Programs ask ``twisted.__version__`` which API they may use, so the package answers that from here on."""
    from .python.versions import Version

    package.__dict__["ropewalkVersion"] = package.__dict__["__version__"]
    package.__dict__["__version__"] = RELEASE
    major, minor, micro = map(int, RELEASE.split("."))
    package.__dict__["version"] = Version("Twisted", major, minor, micro)


def _findTheirPlugins() -> None:
    """Let the plugin package, if it is loaded already, look in directories named ``twisted/plugins`` as well."""
    plugins = sys.modules.get(OURS + ".plugins")
    if plugins is not None:
        plugins.findTheirs()


def _tellChildren() -> None:
    """Set what child processes inherit: the wish, and a directory whose ``sitecustomize`` reads it as they start."""
    os.environ[VARIABLE] = "1"
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_child")
    before = os.environ.get("PYTHONPATH")
    if before is None or folder not in before.split(os.pathsep):
        os.environ["PYTHONPATH"] = os.pathsep.join([folder, before] if before else [folder])


# -- Both names --------------------------------------------------------------------------------------------------------


def follow(name: str) -> None:
    """Enter what ``sys.modules`` has under one of our names under the other name too.

    For code that puts something there by hand, as installing a reactor does.
    """
    if _finder is not None:
        twin = THEIRS + name[len(OURS) :]
        sys.modules[twin] = sys.modules[name]
        _entered.add(twin)


def settle(name: str) -> None:
    """If the program took one of a module's names out of ``sys.modules``, take out the other.

    For code that looks there without importing. Takes our name of the module.
    """
    twin = THEIRS + name[len(OURS) :]
    if twin in _entered and (name in sys.modules) != (twin in sys.modules):
        sys.modules.pop(name, None)
        sys.modules.pop(twin, None)
        _entered.discard(twin)


class Finder:
    """Finds ``twisted`` modules, and enters each of ours under both names."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.startswith(OURS + "."):
            settle(name)
            return self._ours(name, path, target)
        if name.startswith(THEIRS + "."):
            settle(OURS + name[len(THEIRS) :])
            return self._theirs(name)
        # The package itself is never made anew: it is what says that we stand in.
        return self._theirs(name) if name == THEIRS else None

    def _ours(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        """What the other finders find, with a loader that enters both names."""
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None or finder is self else find(name, path, target)
            if spec is not None:
                if spec.loader is not None and not name.endswith(".__main__"):
                    spec.loader = Both(spec.loader)  # type: ignore[assignment]  # a loader by its methods
                return spec
        if _isAskedBy("_handle_fromlist"):
            # ``from twisted.internet import ssl``. Under its own name Python would take the error for "no such
            # submodule, so it must be an attribute", and go on to say something that helps less.
            raise _notYet(THEIRS + name[len(OURS) :])
        return None

    def _theirs(self, name: str) -> ModuleSpec | None:
        """A spec that hands out our module of the same name."""
        original = OURS + name[len(THEIRS) :]
        if name.endswith(".__main__"):
            # Only ``python -m`` asks for it, to run it: importing it here would run it as well.
            from importlib.util import find_spec

            spec = find_spec(original)
            return None if spec is None else _twinSpec(name, original, spec)
        try:
            __import__(original)
        except ModuleNotFoundError as problem:
            if problem.name != original:
                raise
            if _isAskedBy("find_spec"):
                return None  # `importlib.util.find_spec`: no is an answer
            raise _notYet(name) from None
        # Importing it has entered the name, and Python takes a name that is there by now for a module with a spec of
        # its own, and would load ours a second time. `Twin` enters it again.
        sys.modules.pop(name, None)
        _entered.discard(name)
        module = sys.modules[original]
        # By its type, not `isinstance`: merely asking the reactor for an attribute would choose one.
        return _twinSpec(name, original, module.__spec__ if issubclass(type(module), ModuleType) else None)

    def find_distributions(self, context: DistributionFinder.Context | None = None) -> Iterable[Distribution]:
        """Answer `importlib.metadata` when it is asked for Twisted, but not what is installed in a certain place."""
        wanted = {} if context is None else vars(context)
        if "path" in wanted or (wanted.get("name") or THEIRS).lower() != THEIRS:
            return ()
        return (_distribution(),)

    def invalidate_caches(self) -> None:
        """Nothing is kept."""


class Both:
    """Loads one of our modules, and enters it under both names."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self.loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        # We are not needed any longer, and tools that ask a module for its loader shall find the real one.
        module.__loader__ = self.loader
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        # Before it runs, because what it imports may import it; and after, because it may have put another object in
        # its place.
        follow(name)
        try:
            self.loader.exec_module(module)
        except BaseException:
            twin = THEIRS + name[len(OURS) :]
            sys.modules.pop(twin, None)
            _entered.discard(twin)
            raise
        follow(name)


def _twinSpec(name: str, original: str, real: ModuleSpec | None) -> ModuleSpec:
    """The spec of a ``twisted`` name, made of the spec that the module has under ours."""
    twin: Any = Twin(original, real)
    if real is None:
        return ModuleSpec(name, twin)
    folders = real.submodule_search_locations
    spec = ModuleSpec(name, twin, origin=real.origin, is_package=folders is not None)
    if folders is not None:
        spec.submodule_search_locations = list(folders)
    return spec


class Twin:
    """Loads nothing: puts our module in the place of the empty one that Python made for the other name."""

    def __init__(self, original: str, real: ModuleSpec | None) -> None:
        self.original = original
        self.real = real

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave it to Python, which would write into a module that we gave it."""

    def exec_module(self, module: ModuleType) -> None:
        # After this Python looks the name up in ``sys.modules`` again and takes what it finds.
        if self.original not in sys.modules:
            __import__(self.original)
        follow(self.original)

    def get_code(self, name: str) -> CodeType | None:
        """The module's code, for ``python -m``."""
        loader: Any = None if self.real is None else self.real.loader
        code: CodeType | None = loader.get_code(self.original)
        return code


def _isAskedBy(function: str) -> bool:
    """Whether the import system was entered through this function of its own."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module == __name__:
            pass  # our own frames, between the import system's
        elif not module.startswith("importlib."):
            return False
        elif frame.f_code.co_name == function and module in ("importlib._bootstrap", "importlib.util"):
            return True
        frame = frame.f_back
    return False


# -- What is missing ---------------------------------------------------------------------------------------------------


def ownVersion() -> str:
    """Return Ropewalk's version, whichever the package claims."""
    package = sys.modules[OURS].__dict__
    version: str = package.get("ropewalkVersion", package["__version__"])
    return version


def _notYet(name: str) -> ModuleNotFoundError:
    return ModuleNotFoundError(f"{_excuse(name)} (No module named {name!r})", name=name)


def _excuse(name: str) -> str:
    return f"Ropewalk {ownVersion()} has not got {name} yet"


def _explainWhatIsMissing() -> None:
    """When a program ends because a module of ours lacks a name, say so below a traceback without our frames."""
    show = sys.excepthook

    def excepthook(kind: type[BaseException], value: BaseException, traceback: TracebackType | None) -> None:
        explain(value)
        _leaveOutImporting(traceback)
        show(kind, value, traceback)

    sys.excepthook = excepthook


def _leaveOutImporting(traceback: TracebackType | None) -> None:
    """Take the frames of importing out of a traceback, as Python does when we are not between its own."""
    while traceback is not None:
        following = traceback.tb_next
        if following is not None and following.tb_frame.f_globals.get("__name__") in IMPORTING:
            traceback.tb_next = following.tb_next
        else:
            traceback = following


def explain(problem: BaseException) -> None:
    """Add a note to an error that came of a name that one of our modules has not got.

    ``from twisted.internet.defer import x`` fails inside the interpreter, where nobody can put the words in.
    """
    if isinstance(problem, ImportError) and not isinstance(problem, ModuleNotFoundError):
        # The message is the only place that has the name, in quotes.
        module, missing = problem.name or "", str(problem).partition("cannot import name '")[2].partition("'")[0]
    elif isinstance(problem, AttributeError) and isinstance(problem.obj, ModuleType):
        module, missing = problem.obj.__name__, problem.name or ""
    else:
        return
    if missing and (module + ".").startswith(OURS + "."):
        problem.add_note(f"{_excuse(f'{THEIRS}{module[len(OURS) :]}.{missing}')}, or the name is misspelt.")


# -- The distribution --------------------------------------------------------------------------------------------------


def metadata() -> str:
    """Return the metadata of a distribution that is content to be Twisted, as a wheel has it."""
    lines = [
        "Metadata-Version: 2.1",
        "Name: Twisted",
        f"Version: {RELEASE}",
        f"Summary: Ropewalk {ownVersion()} standing in for Twisted",
        "Requires-Dist: ropewalk",
        *(f"Provides-Extra: {extra}" for extra in EXTRAS),
    ]
    return "\n".join(lines) + "\n"


def _distribution() -> Distribution:
    """The distribution that `importlib.metadata` is given; that module is loaded, because it asks."""
    from importlib.metadata import Distribution

    class StandIn(Distribution):
        """Twisted's place, taken by us."""

        def read_text(self, filename: str) -> str | None:
            return metadata() if filename == "METADATA" else None

        def locate_file(self, path: Any) -> Any:
            from pathlib import Path

            return Path(__file__).parent / path

    return StandIn()
