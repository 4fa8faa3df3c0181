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

    here = os.path.dirname(os.path.abspath(__file__))
    spec = PathFinder.find_spec(__name__, [path for path in sys.path if os.path.abspath(path or ".") != here])
    if spec is None or spec.loader is None:
        return
    from importlib.util import module_from_spec

    module = module_from_spec(spec)
    sys.modules[__name__] = module
    spec.loader.exec_module(module)


standIn()
if __name__ == "sitecustomize":
    runNext()
