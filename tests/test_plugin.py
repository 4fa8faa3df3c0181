"""Plugins are found where they may be, without importing what is known, and without those that are broken."""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from zope.interface import Interface

from ropewalk.plugin import IPlugin, getCache, getPlugIns, getPlugins, pluginPackagePaths
from ropewalk.python import log
from ropewalk.python.components import registerAdapter

PACKAGE = "plughost"


class IAdapted(Interface):
    """Something that materials can be adapted to."""


HOST = """
from zope.interface import Interface

class IMaterial(Interface): pass
class IStrongMaterial(IMaterial): pass
class ILiquid(Interface): pass
"""

PLUGINS_PACKAGE = """
from ropewalk.plugin import pluginPackagePaths
__path__.extend(pluginPackagePaths(__name__))
__all__ = []
"""

METALS = '''
"""Metals."""
from zope.interface import implementer, provider
from ropewalk.plugin import IPlugin
from plughost.interfaces import ILiquid, IMaterial, IStrongMaterial

@implementer(IPlugin, IMaterial)
class Metal:
    """A metal."""
    def __init__(self, name): self.name = name

@implementer(IPlugin, IStrongMaterial)
class Strong(Metal): pass

@provider(IPlugin, ILiquid)
class Mercury: pass

@implementer(IMaterial)
class NoPlugin: pass

steel, brass, notAPlugin = Strong("steel"), Metal("brass"), NoPlugin()
'''

WOOD = """
from plughost.plugins.metals import Metal
oak = Metal("oak")
"""


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Path]]:
    """A package with a plugin package, and another directory on ``sys.path`` for more plugins."""
    host, elsewhere = tmp_path / "host", tmp_path / "elsewhere"
    package = host / PACKAGE
    (package / "plugins").mkdir(parents=True)
    (elsewhere / PACKAGE / "plugins").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "interfaces.py").write_text(HOST)
    (package / "plugins" / "__init__.py").write_text(PLUGINS_PACKAGE)
    (package / "plugins" / "metals.py").write_text(METALS)
    monkeypatch.setattr(sys, "path", [str(host), str(elsewhere), *sys.path])
    yield package / "plugins", elsewhere / PACKAGE / "plugins"
    forget()


def forget() -> None:
    """As in a new process: the plugins are not imported."""
    for name in list(sys.modules):
        if name.split(".")[0] == PACKAGE:
            del sys.modules[name]


def plugins() -> ModuleType:
    __import__(f"{PACKAGE}.plugins")
    return sys.modules[f"{PACKAGE}.plugins"]


def interface(name: str) -> Any:
    __import__(f"{PACKAGE}.interfaces")
    return getattr(sys.modules[f"{PACKAGE}.interfaces"], name)


def names(of: str = "IMaterial") -> list[str]:
    return sorted(plugin.name for plugin in getPlugins(interface(of), plugins()))


@pytest.fixture
def logged() -> Iterator[list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    log.addObserver(events.append)
    yield events
    log.removeObserver(events.append)


def test_pluginsAreFoundByInterface(places: tuple[Path, Path]) -> None:
    """PL1, PL2: objects and classes that provide IPlugin and the interface, or one that extends it, are found."""
    assert names() == ["brass", "steel"]
    assert names("IStrongMaterial") == ["steel"]
    assert [plugin.__name__ for plugin in getPlugins(interface("ILiquid"), plugins())] == ["Mercury"]
    assert getPlugIns is getPlugins


def test_adaptersCount(places: tuple[Path, Path]) -> None:
    """A plugin that can be adapted to the interface is found, adapted."""
    registerAdapter(lambda plugin: f"adapted {plugin.name}", interface("IStrongMaterial"), IAdapted)
    assert list(getPlugins(IAdapted, plugins())) == ["adapted steel"]


def test_otherDirectoriesCount(places: tuple[Path, Path]) -> None:
    """PL3, PL5, PL8: a directory of that name elsewhere on the path holds plugins, from the moment one is put there."""
    assert names() == ["brass", "steel"]
    (places[1] / "wood.py").write_text(WOOD)
    assert names() == ["brass", "oak", "steel"]


def test_aDirectoryThatIsAPackageDoesNotCount(places: tuple[Path, Path]) -> None:
    """PL3: with an ``__init__.py`` it is another package, and nothing in it is found."""
    (places[1] / "wood.py").write_text(WOOD)
    (places[1] / "__init__.py").touch()
    assert names() == ["brass", "steel"]
    assert str(places[1]) not in pluginPackagePaths(f"{PACKAGE}.plugins")


def test_whatIsKnownIsNotImported(places: tuple[Path, Path]) -> None:
    """A second process reads the cache, and imports only the modules it takes plugins from."""
    (places[1] / "wood.py").write_text(WOOD)
    names()
    forget()
    cache = getCache(plugins())
    assert sorted(cache) == ["metals", "wood"]
    assert f"{PACKAGE}.plugins.metals" not in sys.modules
    metals = cache["metals"]
    assert (metals.moduleName, metals.description) == (f"{PACKAGE}.plugins.metals", "Metals.")
    found = {plugin.name: plugin for plugin in metals.plugins}
    assert sorted(found) == ["Mercury", "brass", "steel"]
    assert found["brass"].description == "A metal."
    assert found["brass"].provided == [IPlugin, interface("IMaterial")]
    assert "IStrongMaterial" in repr(found["steel"])
    assert f"{PACKAGE}.plugins.metals" not in sys.modules
    assert found["steel"].getComponent(interface("ILiquid"), default=7) == 7
    assert found["steel"].load().name == "steel"


def test_aChangedModuleIsLookedAtAgain(places: tuple[Path, Path]) -> None:
    """PL6: the cache is true for a file's time and size; a change to either makes it new."""
    names()
    forget()
    path = places[0] / "metals.py"
    path.write_text(path.read_text() + 'tin = Metal("tin")\n')
    assert names() == ["brass", "steel", "tin"]


def test_aRemovedModuleIsGone(places: tuple[Path, Path]) -> None:
    """PL6, PL8: what was in a file that vanished is not found, and its entry leaves the cache."""
    (places[1] / "wood.py").write_text(WOOD)
    names()
    (places[1] / "wood.py").unlink()
    (places[1] / "stone.py").write_text("")
    assert names() == ["brass", "steel"]
    assert list(json.loads((places[1] / "dropin.cache").read_text())["modules"]) == ["stone"]


def test_aBrokenModuleIsLoggedOnce(places: tuple[Path, Path], logged: list[dict[str, Any]]) -> None:
    """Its error is logged the first time; the other plugins are found each time. Changed, it gets another chance."""
    broken = places[1] / "broken.py"
    broken.write_text("1 // 0\n")
    assert names() == names() == ["brass", "steel"]
    assert [event["failure"].type for event in logged if event.get("isError")] == [ZeroDivisionError]
    broken.write_text(WOOD)
    assert names() == ["brass", "oak", "steel"]


def test_aPluginThatVanishedIsLoggedOnce(places: tuple[Path, Path], logged: list[dict[str, Any]]) -> None:
    """PL6: a plugin that the cache has and its module has not is reported once, and does not hide the others."""
    names()
    forget()
    cache = places[0] / "dropin.cache"
    cache.write_text(cache.read_text().replace('"brass"', '"gone"'))
    assert names() == names() == ["steel"]
    assert len([event for event in logged if event.get("isError")]) == 1


def test_packagesAreModulesToo(places: tuple[Path, Path]) -> None:
    """A plugin module may be a directory with an ``__init__.py``; other files are no modules."""
    (places[1] / "wood").mkdir()
    (places[1] / "wood" / "__init__.py").write_text(WOOD)
    (places[1] / "not-a-name.py").write_text("1 // 0")
    (places[1] / "notes.txt").write_text("notes")
    assert names() == ["brass", "oak", "steel"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_aReadOnlyDirectoryIsSlowerAndRight(places: tuple[Path, Path], logged: list[dict[str, Any]]) -> None:
    """PL6: where no cache can be written the same plugins are found."""
    places[0].chmod(0o500)
    try:
        assert names() == ["brass", "steel"]
    finally:
        places[0].chmod(0o700)


def test_aCacheThatCannotBeWrittenIsSaidOnce(places: tuple[Path, Path], logged: list[dict[str, Any]]) -> None:
    """Something in the cache's place does not keep plugins from being found; it is logged once."""
    (places[0] / "dropin.cache").mkdir()
    assert names() == names() == ["brass", "steel"]
    assert [path.name for path in places[0].iterdir() if path.name.startswith("dropin.cache.")] == []
    said = [event for event in logged if "cannot write" in " ".join(map(str, event["message"]))]
    assert len(said) == 1


class Trap:
    """Something whose unpickling is noticed."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, ("sprung",)


@pytest.mark.parametrize(
    "content",
    [
        pickle.dumps(Trap()),
        b"",
        b"\xff",
        b"[]",
        b'{"form": 1}',
        b'{"form": 1, "modules": []}',
        b'{"form": 1, "modules": {"metals": 5}}',
        b'{"form": 99, "modules": {}}',
    ],
)
def test_foreignCachesAreNotTrusted(content: bytes, places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else stands in the cache's place is not run, and is replaced."""
    monkeypatch.chdir(places[0])
    (places[0] / "dropin.cache").write_bytes(content)
    assert names() == ["brass", "steel"]
    assert not (places[0] / "sprung").exists()
    assert json.loads((places[0] / "dropin.cache").read_text())["form"] == 1


@pytest.mark.parametrize(
    "damage", [("plugins", 5), ("plugins", [5]), ("plugins", [{"name": "steel"}]), ("description", None)]
)
def test_damagedEntriesAreMadeAnew(damage: tuple[str, Any], places: tuple[Path, Path]) -> None:
    """An entry for the right file that lacks something is not believed."""
    names()
    cache = places[0] / "dropin.cache"
    content = json.loads(cache.read_text())
    key, value = damage
    if value is None:
        del content["modules"]["metals"][key]
    else:
        content["modules"]["metals"][key] = value
    cache.write_text(json.dumps(content))
    assert names() == ["brass", "steel"]


def test_ourOwnPackage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PL4, PL7: without a package, plugins are those of Ropewalk's own; looking for them renews its cache."""
    from ropewalk import plugins

    (tmp_path / "ropewalk" / "plugins").mkdir(parents=True)
    (tmp_path / "ropewalk" / "plugins" / "droppedin.py").write_text(
        "from zope.interface import provider\n"
        "from ropewalk.plugin import IPlugin\n"
        "@provider(IPlugin)\n"
        "class found: pass\n"
    )
    monkeypatch.setattr(plugins, "__path__", [*plugins.__path__, str(tmp_path / "ropewalk" / "plugins")])
    assert "found" in [getattr(plugin, "__name__", "") for plugin in getPlugins(IPlugin)]
    sys.modules.pop("ropewalk.plugins.droppedin", None)
