"""Adapters: objects that offer one interface on behalf of another object.

``registerAdapter(Adapter, IFrom, ITo)`` makes ``ITo(thing)`` answer ``Adapter(thing)`` for whatever provides
``IFrom``. The registry is zope.interface's; it is built when the first adapter is registered, so that a
program that only derives from `Adapter` imports nothing.
"""

from __future__ import annotations

from .reflect import namedObject, qual

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from zope.interface import Interface
    from zope.interface.adapter import AdapterRegistry
    from zope.interface.interface import InterfaceClass

__all__ = [
    "ALLOW_DUPLICATES",
    "Adapter",
    "Componentized",
    "ReprableComponentized",
    "getAdapterFactory",
    "getRegistry",
    "proxyForInterface",
    "registerAdapter",
]

# Set to true by programs that register adapters again, to replace the earlier ones instead of being told.
ALLOW_DUPLICATES: bool | int = 0

_registry: AdapterRegistry | None = None  # made by `getRegistry`, once; never unset


def getRegistry() -> AdapterRegistry:
    """Return the registry that interfaces ask when they are called with an object that does not provide them."""
    global _registry
    if _registry is None:
        from zope.interface import providedBy
        from zope.interface.adapter import AdapterRegistry
        from zope.interface.interface import adapter_hooks

        _registry = AdapterRegistry()
        lookup = _registry.lookup1  # type: ignore[attr-defined]  # the stubs miss it

        def adapt(interface: InterfaceClass, thing: object) -> object:
            factory = lookup(providedBy(thing), interface)
            return None if factory is None else factory(thing)

        adapter_hooks.append(adapt)
    return _registry


def registerAdapter(
    adapterFactory: Callable[[Any], Any], origInterface: type | InterfaceClass, *interfaceClasses: type[Interface]
) -> None:
    """Let interfaces be had from objects of another kind.

    Args:
        adapterFactory: called with the object; returns what provides the interfaces.
        origInterface: an interface, or a class for its instances and those of its subclasses.
        interfaceClasses: the interfaces offered, one or more.

    Raises:
        AssertionError: no interface was given.
        TypeError: one of them is not an interface.
        ValueError: there is an adapter from and to the same already, and `ALLOW_DUPLICATES` is not set.
    """
    from zope.interface.interface import InterfaceClass

    if not interfaceClasses:
        raise AssertionError(f"say which interfaces {adapterFactory!r} adapts {origInterface!r} to")
    for interface in interfaceClasses:
        if not isinstance(interface, InterfaceClass):
            raise TypeError(f"adapters lead to interfaces; {interface!r} is not one")

    registry = getRegistry()
    source = _specification(origInterface)
    for interface in interfaceClasses:
        there = registry.registered([source], interface)
        if there is not None and not ALLOW_DUPLICATES:
            raise ValueError(
                f"{there!r} is registered already to adapt {origInterface!r} to {interface!r}; "
                "set components.ALLOW_DUPLICATES to replace it"
            )
    for interface in interfaceClasses:
        registry.register([source], interface, "", adapterFactory)


def getAdapterFactory(fromInterface: type | InterfaceClass, toInterface: type[Interface], default: Any) -> Any:
    """Return what is registered to adapt the one (an interface or a class) to the other, or ``default``."""
    lookup = getRegistry().lookup1  # type: ignore[attr-defined]  # the stubs miss it
    found = lookup(_specification(fromInterface), toInterface)
    return default if found is None else found


def _specification(source: type | InterfaceClass) -> Any:
    """What the registry files an interface or a class under."""
    from zope.interface import implementedBy
    from zope.interface.interface import InterfaceClass

    if isinstance(source, InterfaceClass):
        return source
    return implementedBy(source)  # type: ignore[no-untyped-call]  # so are the stubs


class Adapter:
    """A base for adapters: keeps the adapted object as ``original``.

    Attributes:
        temporaryAdapter: true when a `Componentized` shall make a new one each time it is asked.
        multiComponent: true when a `Componentized` that keeps it shall keep it for every interface
            that it provides and is registered for.
    """

    temporaryAdapter: bool | int = 0
    multiComponent: bool | int = 1

    def __init__(self, original: Any) -> None:
        self.original = original

    def __conform__(self, interface: type[Interface]) -> Any:
        """Offer what the adapted object offers: adapters of an adapter are those of its original."""
        conform = getattr(self.original, "__conform__", None)
        return None if conform is None else conform(interface)

    def isuper(self, iface: type[Interface], adapter: Any) -> Any:
        """Ask the adapted object for the same."""
        return self.original.isuper(iface, adapter)


class Componentized:
    """An object put together from components, one for each interface it shall provide.

    ``IThing(componentized)`` finds the component kept for ``IThing``. When there is none but an adapter from this
    class is registered, that is made and kept (unless it is a temporary one), so that it can have state.
    """

    persistenceVersion = 1

    def __init__(self) -> None:
        # Components by the full name of their interface: a name survives pickling.
        self._adapterCache: dict[str, Any] = {}

    def locateAdapterClass(self, klass: type, interfaceClass: type[Interface], default: Any) -> Any:
        """Return the adapter registered from a class to an interface, or ``default``."""
        return getAdapterFactory(klass, interfaceClass, default)

    def setAdapter(self, interfaceClass: type[Interface], adapterClass: Callable[[Componentized], Any]) -> None:
        """Keep a component for an interface, made by calling ``adapterClass`` with this object."""
        self.setComponent(interfaceClass, adapterClass(self))

    def addAdapter(self, adapterClass: Callable[[Componentized], Any], ignoreClass: bool | int = 0) -> Any:
        """Make a component, `addComponent` it, and return it."""
        component = adapterClass(self)
        self.addComponent(component, ignoreClass)
        return component

    def setComponent(self, interfaceClass: type[Interface], component: Any) -> None:
        """Keep a component for an interface."""
        self._adapterCache[qual(interfaceClass)] = component

    def addComponent(self, component: Any, ignoreClass: bool | int = 0) -> None:
        """Keep a component for each interface that it provides and its class is registered to adapt this one to.

        Args:
            ignoreClass: keep it for all that it provides.
        """
        from zope.interface import providedBy

        for interface in providedBy(component):
            if ignoreClass or self.locateAdapterClass(type(self), interface, None) is type(component):
                self.setComponent(interface, component)

    def unsetComponent(self, interfaceClass: type[Interface]) -> None:
        """Forget the component of an interface. Raises `KeyError` when there is none."""
        del self._adapterCache[qual(interfaceClass)]

    def removeComponent(self, component: Any) -> list[Any]:
        """Forget a component altogether, and return the interfaces it was kept for."""
        names = [name for name, kept in self._adapterCache.items() if kept is component]
        for name in names:
            del self._adapterCache[name]
        return [namedObject(name) for name in names]

    def getComponent(self, interface: Any, default: Any = None) -> Any:
        """Return the component for an interface, made by a registered adapter if need be, or ``default``."""
        try:
            return self._adapterCache[qual(interface)]
        except KeyError:
            pass
        # `__adapt__`, not a call of the interface: that would come back here through `__conform__`.
        component = interface.__adapt__(self)
        if component is None or component is self:
            return default if component is None else component
        if not getattr(component, "temporaryAdapter", False):
            self.setComponent(interface, component)
            if getattr(component, "multiComponent", False):
                self.addComponent(component)
        return component

    def __conform__(self, interface: type[Interface]) -> Any:
        return self.getComponent(interface)


class ReprableComponentized(Componentized):
    """A `Componentized` whose ``repr`` shows its components."""

    def __repr__(self) -> str:
        from pprint import pformat

        return f"{pformat(self._adapterCache)}\n"


def proxyForInterface(iface: type[Interface], originalAttribute: str = "original") -> type[Any]:
    """Return a new class whose instances provide an interface by handing everything on to another object.

    Subclass it to change some of what the interface says and leave the rest.

    Args:
        iface: every name in it, inherited ones too, becomes an attribute that reads, sets and deletes that
            of the other object.
        originalAttribute: where instances keep the other object, which their constructor is given.

    Raises:
        TypeError: ``iface`` is not an interface.
    """
    from zope.interface import implementer
    from zope.interface.interface import InterfaceClass

    if not isinstance(iface, InterfaceClass):
        raise TypeError(f"only an interface can be proxied; {iface!r} is not one")

    def __init__(self: Any, original: Any) -> None:
        setattr(self, originalAttribute, original)

    contents: dict[str, Any] = {"__init__": __init__}
    for name in iface:
        contents[name] = _Forwarded(name, originalAttribute)
    proxy: type[Any] = type(f"(Proxy for {qual(iface)})", (), contents)
    implementer(iface)(proxy)
    return proxy


class _Forwarded:
    """An attribute of a proxy: that of the same name on its original."""

    def __init__(self, name: str, originalAttribute: str) -> None:
        self.name = name
        self.originalAttribute = originalAttribute

    def __get__(self, proxy: Any, owner: Any = None) -> Any:
        if proxy is None:
            # Asked for on the class, as tools that list methods do.
            return self
        return getattr(getattr(proxy, self.originalAttribute), self.name)

    def __set__(self, proxy: Any, value: Any) -> None:
        setattr(getattr(proxy, self.originalAttribute), self.name, value)

    def __delete__(self, proxy: Any) -> None:
        delattr(getattr(proxy, self.originalAttribute), self.name)
