"""Puts the stand-in on in a process whose parent had it on, and then does what another ``sitecustomize`` wants.

Any Python may come by here: another version, or an environment without Ropewalk. Those pass untouched, so this file
keeps to what every Python 3 understands.
"""

import os
import sys


def standIn() -> None:
    """Put the stand-in on if this Python has it."""
    if sys.version_info < (3, 11) or not os.environ.get("ROPEWALK_STAND_IN"):
        return
    try:
        from ropewalk import _standin
    except ImportError:
        return
    _standin.install()


def runNext() -> None:
    """Run the ``sitecustomize`` that would have run if this one were not in front of it."""
    from importlib.machinery import PathFinder

    # The program that starts now has no use for this directory. Its own children find it in their PYTHONPATH.
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
    sys.path_importer_cache.pop(here, None)
    spec = PathFinder.find_spec(__name__, sys.path)
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec

    module = module_from_spec(spec)
    sys.modules[__name__] = module
    spec.loader.exec_module(module)


standIn()
if __name__ == "sitecustomize":
    runNext()
