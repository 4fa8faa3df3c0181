"""Adapters: interfaces had from objects that do not provide them."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest
from zope.interface import Attribute, Interface, implementer

from ropewalk.python import components
from ropewalk.python.components import Adapter, Componentized, ReprableComponentized, proxyForInterface, registerAdapter


class IName(Interface):
    """Has a name."""

    name = Attribute("the name")

    def greet(whom: str) -> str:
        """Greet somebody."""


class ILoudName(IName):
    """Has a name, and shouts it."""


class IAge(Interface):
    """Has an age."""


class IService(Interface):
    """Something to adapt from."""


@implementer(IService)
class Service:
    pass


class SpecialService(Service):
    pass


@implementer(IName)
class ServiceName(Adapter):
    name = "service"

    def greet(self, whom: str) -> str:
        return f"hello {whom}"


class LouderName(ServiceName):
    pass


@implementer(IAge)
class ServiceAge(Adapter):
    pass


registerAdapter(ServiceName, IService, IName)
registerAdapter(LouderName, SpecialService, IName)
registerAdapter(ServiceAge, IService, IAge)


def test_anInterfaceIsHadThroughItsAdapter() -> None:
    """F197, CO2, CO3: after ``registerAdapter(A, IFrom, ITo)``, ``ITo(thing)`` is ``A(thing)``."""
    service = Service()
    adapted: Any = IName(service)
    assert type(adapted) is ServiceName
    assert adapted.original is service


def test_whatProvidesItIsNotAdapted() -> None:
    """F198, CO4: an object that provides the interface is its own answer."""
    name = ServiceName(None)
    assert IName(name) is name


def test_aSubclassOverridesAdapters() -> None:
    """F199: an adapter for a subclass wins over the one for the interface it inherits."""
    assert type(IName(SpecialService())) is LouderName


def test_severalAdaptersForOneSource() -> None:
    """F199: one interface is adapted to several others."""
    assert type(IName(Service())) is ServiceName
    assert type(IAge(Service())) is ServiceAge


def test_withoutAnAdapterThereIsAnError() -> None:
    """Adapting what nobody registered raises, or gives the default."""
    with pytest.raises(TypeError):
        IName(object())
    assert IName(object(), None) is None


def test_getAdapterFactory() -> None:
    """The registered factory is found for interfaces and classes; otherwise the default."""
    assert components.getAdapterFactory(IService, IName, None) is ServiceName
    assert components.getAdapterFactory(SpecialService, IName, None) is LouderName
    assert components.getAdapterFactory(Service, IKept, 7) == 7


def test_registeringTwiceIsRefused() -> None:
    """A second adapter from and to the same is an error, and leaves the first."""

    class Thing:
        pass

    registerAdapter(ServiceName, Thing, IName)
    with pytest.raises(ValueError, match="ALLOW_DUPLICATES"):
        registerAdapter(LouderName, Thing, IName, IAge)
    assert type(IName(Thing())) is ServiceName
    assert IAge(Thing(), None) is None


def test_duplicatesCanBeAllowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``ALLOW_DUPLICATES`` the later adapter replaces the earlier."""

    class Thing:
        pass

    monkeypatch.setattr(components, "ALLOW_DUPLICATES", 1)
    registerAdapter(ServiceName, Thing, IName)
    registerAdapter(LouderName, Thing, IName)
    assert type(IName(Thing())) is LouderName


def test_registeringNeedsInterfaces() -> None:
    """No interface, or something that is none, is told at once."""
    with pytest.raises(AssertionError, match="which interfaces"):
        registerAdapter(Adapter, Service)
    with pytest.raises(TypeError, match="not one"):
        registerAdapter(Adapter, Service, Service)


def test_anAdapterOffersWhatItsOriginalOffers() -> None:
    """Components of the adapted object are had through the adapter too."""
    whole = Componentized()
    name = ServiceName(None)
    whole.setComponent(IName, name)
    assert IName(ServiceAge(whole)) is name


class IKept(Interface):
    """Adapted from Componentized, and kept."""


class IPassing(Interface):
    """Adapted from Componentized anew each time."""


@implementer(IKept)
class Kept(Adapter):
    pass


class Passing(Adapter):
    temporaryAdapter = True


registerAdapter(Kept, Componentized, IKept)
registerAdapter(Passing, Componentized, IPassing)


class TestComponentized:
    """An object put together from components."""

    def test_setAndUnset(self) -> None:
        """CO9: a component is had through its interface until it is unset."""
        whole, name = Componentized(), ServiceName(None)
        whole.setComponent(IName, name)
        assert IName(whole) is name
        whole.unsetComponent(IName)
        assert IName(whole, None) is None
        with pytest.raises(KeyError):
            whole.unsetComponent(IName)

    def test_adaptersAreKept(self) -> None:
        """CO9: an adapter made on demand keeps its state, unless it is a temporary one."""
        whole = Componentized()
        assert IKept(whole) is IKept(whole)
        assert IPassing(whole) is not IPassing(whole)

    def test_setAdapterMakesTheComponent(self) -> None:
        """The class is called with the whole."""
        whole = Componentized()
        whole.setAdapter(IName, ServiceName)
        found: Any = whole.getComponent(IName)
        assert found.original is whole

    def test_addComponentHeedsTheRegistry(self) -> None:
        """A component is kept for what it is registered for, or for all it provides when told so."""
        whole, name = Componentized(), ServiceName(None)
        whole.addComponent(name)
        assert whole.getComponent(IName) is None
        whole.addComponent(name, ignoreClass=True)
        assert whole.getComponent(IName) is name
        kept = whole.addAdapter(Kept)
        assert whole.getComponent(IKept) is kept

    def test_removeComponent(self) -> None:
        """Removing one tells which interfaces it was kept for."""
        whole, name = Componentized(), ServiceName(None)
        whole.setComponent(IName, name)
        whole.setComponent(IAge, name)
        assert set(whole.removeComponent(name)) == {IName, IAge}
        assert whole.removeComponent(name) == []
        assert whole.getComponent(IName, 5) == 5

    def test_itPickles(self) -> None:
        """Components survive a pickle."""
        whole = Componentized()
        whole.setComponent(IName, ServiceName("original"))
        again: Any = pickle.loads(pickle.dumps(whole)).getComponent(IName)
        assert again.original == "original"

    def test_itCanShowItsComponents(self) -> None:
        """`ReprableComponentized` shows them."""
        whole = ReprableComponentized()
        whole.setComponent(IName, "the component")
        assert "the component" in repr(whole)


class TestProxy:
    """`proxyForInterface` hands everything on."""

    def test_methodsAndAttributes(self) -> None:
        """What the interface says, inherited names too, is read, set and deleted on the original."""
        original: Any = ServiceName(None)
        proxy = proxyForInterface(ILoudName)(original)
        assert proxy.greet("you") == "hello you"
        proxy.name = "changed"
        assert original.name == "changed"
        del proxy.name
        assert proxy.name == "service"
        assert ILoudName.providedBy(proxy)

    def test_subclassesChangeSomeOfIt(self) -> None:
        """An overriding method reaches the original's through ``super``."""

        class Polite(proxyForInterface(IName)):  # type: ignore[misc]  # a class made at run time
            def greet(self, whom: str) -> str:
                return f"{super().greet(whom)}, dear"

        assert Polite(ServiceName(None)).greet("you") == "hello you, dear"

    def test_theOriginalsPlaceCanBeChosen(self) -> None:
        """``originalAttribute`` names where it is kept."""
        assert vars(proxyForInterface(IName, "_wrapped")(5)) == {"_wrapped": 5}

    def test_onlyInterfaces(self) -> None:
        """A class cannot be proxied."""
        with pytest.raises(TypeError, match="only an interface"):
            proxyForInterface(Service)


def test_importingItLoadsNoZope() -> None:
    """A server that derives from `Adapter` and adapts nothing loads no zope.interface."""
    code = f"""
import sys
sys.path[:0] = {sys.path!r}
from ropewalk.python.components import Adapter
Adapter(1)
print("zope.interface" in sys.modules)
"""
    command = [sys.executable, "-S", "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout.strip() == "False"
