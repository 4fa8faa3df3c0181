"""The usual plugin that makes a service: names of a module, which is imported when it is needed."""

from __future__ import annotations

from typing import Any

from zope.interface import implementer

from ropewalk.plugin import IPlugin
from ropewalk.python.reflect import namedAny

from .contracts import IServiceMaker


@implementer(IPlugin, IServiceMaker)
class ServiceMaker:
    """A plugin that says which module makes a service. The module is imported for its users only.

    Args:
        name: what this is called in programs.
        module: the full name of a module with a class ``Options`` and a function ``makeService(options)``.
        description: a line for users.
        tapname: the word that users type.
    """

    def __init__(self, name: str, module: str, description: str, tapname: str) -> None:
        self.name = name
        self.module = module
        self.description = description
        self.tapname = tapname

    @property
    def options(self) -> Any:
        """The module's ``Options``."""
        return namedAny(self.module).Options

    @property
    def makeService(self) -> Any:
        """The module's ``makeService``."""
        return namedAny(self.module).makeService
