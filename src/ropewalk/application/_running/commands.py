"""The commands of every command line that runs an application: what plugins offer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ropewalk.plugin import getPlugins
from ropewalk.python import usage

from .._services.contracts import IServiceMaker
from .mistakes import Refusal, Status, foreignTraceback, summary

__all__ = ["PluginCommands"]


class PluginCommands:
    """To be mixed into a `usage.Options`: each plugin that makes a service is a subcommand.

    Attributes:
        loadedPlugins: the plugins, by name, once somebody looked for them.
    """

    loadedPlugins: dict[str, Any]

    @property
    def subCommands(self) -> Iterator[tuple[str, None, Callable[[], usage.Options], str]]:
        """What plugins offer, by name. They are looked for when somebody goes through this."""
        self.loadedPlugins = {}
        for plugin in sorted(getPlugins(IServiceMaker), key=lambda plugin: str(plugin.tapname)):
            self.loadedPlugins[plugin.tapname] = plugin
            yield plugin.tapname, None, _optionsOf(plugin), plugin.description


def _optionsOf(plugin: Any) -> Callable[[], usage.Options]:
    """Import a plugin's options when they are wanted, and no earlier."""

    def make() -> usage.Options:
        try:
            options: usage.Options = plugin.options()
        except Exception as problem:
            raise Refusal(
                f"the command {plugin.tapname} does not work here: {summary(problem)}",
                Status.CONFIG,
                foreignTraceback(problem),
            ) from problem
        return options

    return make
