"""The plugins that come with the house: commands, reactors, reporters."""

from __future__ import annotations

import sys

import pytest

from ropewalk.application.reactors import OWN, IReactorInstaller, getReactorTypes, installReactor
from ropewalk.application.service import IServiceMaker
from ropewalk.plugin import getPlugins
from ropewalk.plugins import twisted_core, twisted_reactors, twisted_trial
from ropewalk.python.reflect import namedAny
from ropewalk.python.usage import Options
from ropewalk.trial.itrial import IReporter

COMMANDS = {plugin.tapname: plugin for plugin in getPlugins(IServiceMaker)}


@pytest.mark.parametrize("name", ["inetd", "portforward", "procmon", "socks"])
def test_commandsAreThere(name: str) -> None:
    """twist and twistd have the documented commands (TW8)."""
    assert name in COMMANDS


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_commandsWork(name: str) -> None:
    """Each command has a description, options with a help, and makes a service."""
    plugin = COMMANDS[name]
    assert plugin.description.strip()
    options = plugin.options()
    assert isinstance(options, Options)
    assert "--help" in str(options)
    assert callable(plugin.makeService)


class TestReactors:
    def test_everyDocumentedNameIsThere(self) -> None:
        """The reactors of the reference release are plugins under their names, with their short names."""
        shortNames = {getattr(twisted_reactors, name).shortName for name in twisted_reactors.__all__}
        assert shortNames >= {"default", "select", "poll", "epoll", "kqueue", "cf", "asyncio", "wx", "gi", "gtk3"}
        assert shortNames >= {"gtk2", "glib2", "win32", "iocp"}

    def test_arePlugins(self) -> None:
        """Who looks for plugins finds the house's reactors, too."""
        assert set(getPlugins(IReactorInstaller)) >= {getattr(twisted_reactors, n) for n in twisted_reactors.__all__}

    def test_areListedOnce(self) -> None:
        """The house's reactors come first, and none twice."""
        names = [installer.shortName for installer in getReactorTypes()]
        assert names[: len(OWN)] == [installer.shortName for installer in OWN]
        assert len(names) == len(set(names))

    @pytest.mark.skipif(sys.platform != "linux", reason="names those that Linux hasn't")
    @pytest.mark.parametrize("name", ["cf", "iocp", "kqueue", "win32er"])
    def test_thoseThatCannotBeHadSayWhy(self, name: str) -> None:
        """Installing one of them is an error that says what to use in its place."""
        installer = getattr(twisted_reactors, name)
        with pytest.raises(ImportError, match="take the default reactor"):
            installReactor(installer.shortName)


class TestReporters:
    def test_everyDocumentedNameIsThere(self) -> None:
        """The reporters have the names, words and letters that the reference release has."""
        assert {one.longOpt: one.shortOpt for one in twisted_trial.REPORTERS} == {
            "verbose": "v",
            "bwverbose": "o",
            "summary": "s",
            "text": "t",
            "timing": None,
            "subunit": None,
        }

    @pytest.mark.parametrize("reporter", twisted_trial.REPORTERS, ids=lambda one: one.longOpt)
    def test_areClasses(self, reporter: twisted_trial._Reporter) -> None:
        """Each names a class that is a reporter."""
        assert IReporter.implementedBy(namedAny(f"{reporter.module}.{reporter.klass}"))
        assert reporter in getPlugins(IReporter)


def test_endpointsNeedNoPlugins() -> None:
    """The kinds of endpoints are built in; the module is there for those who import it."""
    assert twisted_core.__all__ == []
