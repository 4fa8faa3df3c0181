"""The application: the root of a tree of services, with what a process must know to run it."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from ropewalk.persisted import sob
from ropewalk.python.components import Componentized

from .contracts import IProcess, IService
from .tree import MultiService


@implementer(IProcess)
class Process:
    """Who a process shall be.

    Args:
        uid: the number of the user to become, `None` to stay.
        gid: the number of the group to become, `None` to stay.

    Attributes:
        processName: what it shall be called in lists of processes, `None` to leave that.
    """

    processName: str | None = None

    def __init__(self, uid: int | None = None, gid: int | None = None) -> None:
        self.uid = uid
        self.gid = gid


def Application(name: str, uid: int | None = None, gid: int | None = None) -> Componentized:
    """Make the root of a tree of services.

    It is put together from components: ``IService(application)`` and ``IServiceCollection(application)`` give its
    `MultiService`, ``IProcess(application)`` its `Process`, ``sob.IPersistable(application)`` what saves it.
    ``application.setComponent(ILogObserver, observer)`` says where it logs.

    Args:
        name: what it is called; also the first part of the name of the file that it is saved to.
        uid: the number of the user to become once the ports are bound.
        gid: the number of the group, likewise.
    """
    application = Componentized()
    for component in (MultiService(), Process(uid, gid), sob.Persistent(application, name)):
        application.addComponent(component, ignoreClass=True)
    IService(application).setName(name)
    return application


def loadApplication(filename: str, kind: str, passphrase: str | None = None) -> Any:
    """Read an application from a file. The file is a program: load only what you would run.

    Args:
        filename: where it is.
        kind: ``"python"`` for Python source that leaves the application in a global named ``application``, a
            ``.tac`` file as a rule; ``"pickle"`` or ``"source"`` for what ``sob.IPersistable(application).save()``
            wrote. `sob.guessType` tells it from a file's name.
        passphrase: there is no encryption; only `None` is accepted.

    Returns:
        The application, not started.

    Raises:
        sob.NotDefined: the Python source has no global ``application``.
        ValueError: there is no such kind.
        TypeError: a passphrase was given.
        OSError: the file can't be read.
        BaseException: whatever the Python source raises.
    """
    if passphrase is not None:
        raise TypeError(f"passphrase must be None: there are no encrypted applications, {filename!r} can't be one")
    if kind == "python":
        return sob.loadValueFromFile(filename, "application")
    return sob.load(filename, kind)
