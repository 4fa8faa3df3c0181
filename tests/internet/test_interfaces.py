"""The interfaces are all there, carry their documentation, and hold for the classes that claim them."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from zope.interface import Invalid, implementedBy, implementer
from zope.interface.interface import InterfaceClass, Method
from zope.interface.verify import verifyClass

import ropewalk.internet
import ropewalk.protocols
from ropewalk.internet import interfaces
from ropewalk.internet._interfaces import later

INTERFACES = [value for value in vars(interfaces).values() if isinstance(value, InterfaceClass)]

# Datagram ports are `FileDescriptor`s by the documented order of classes, and so claim to be streams, which they are
# not: one writes to somebody. What they really implement is checked.
EXCUSED = {
    "udp.Port": {"ITransport"},
    "udp.MulticastPort": {"ITransport"},
    "unix.DatagramPort": {"ITransport", "IUDPTransport", "IConsumer"},
    "unix.ConnectedDatagramPort": {"ITransport", "IUDPTransport", "IUNIXDatagramTransport"},
}


# Modules that only other systems can import, or those with a toolkit.
ELSEWHERE = {
    *("kqreactor", "cfreactor", "iocpreactor", "win32eventreactor"),
    *("gireactor", "glib2reactor", "gtk2reactor", "gtk3reactor", "qtreactor", "wxreactor"),
}


def publicModules() -> Iterator[ModuleType]:
    """Every public module of the engine and the protocols that this platform can import."""
    for package in (ropewalk.internet, ropewalk.protocols):
        for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            leaf = found.name.rpartition(".")[2]
            # Importing `reactor` and giving it to `vars` would choose one.
            if not leaf.startswith("_") and leaf != "reactor":
                try:
                    yield importlib.import_module(found.name)
                except ImportError:
                    assert leaf in ELSEWHERE, found.name


def claims() -> list[Any]:
    """Every class of ours with each interface that it claims."""
    classes = {
        cls: None
        for module in publicModules()
        for cls in vars(module).values()
        if inspect.isclass(cls) and cls.__module__.startswith("ropewalk.")
    }
    return [
        pytest.param(cls, interface, id=f"{cls.__module__}.{cls.__name__}-{interface.__name__}")
        for cls in classes
        for interface in implementedBy(cls)
        if interface.__name__ not in EXCUSED.get(f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}", ())
    ]


@pytest.mark.parametrize(("cls", "interface"), claims())
def test_classKeepsItsWord(cls: type, interface: InterfaceClass) -> None:
    """A class that says it implements an interface has its methods, with fitting arguments (F003)."""
    assert verifyClass(interface, cls)


@pytest.mark.parametrize("interface", INTERFACES, ids=lambda interface: interface.__name__)
def test_isDocumented(interface: InterfaceClass) -> None:
    """Every interface and each of its methods and attributes says what it is for."""
    assert interface.__doc__
    for name in interface.names():
        assert interface[name].__doc__, name


@pytest.mark.parametrize("interface", INTERFACES, ids=lambda interface: interface.__name__)
def test_isAtHomeInItsModule(interface: InterfaceClass) -> None:
    """The public module is where an interface says it comes from, where pickles find it, and in its ``__all__``."""
    assert interface.__module__ == "ropewalk.internet.interfaces"
    assert interface.__name__ in interfaces.__all__
    assert pickle.loads(pickle.dumps(interface)) is interface


def test_methodsHaveNoSelf() -> None:
    """Interfaces are written as callers see them."""
    for interface in INTERFACES:
        for name in interface.names():
            method = interface[name]
            if isinstance(method, Method):
                assert method.positional[:1] != ("self",), method


def test_families() -> None:
    """An interface that says more than another extends it."""
    for narrow, wide in (
        (interfaces.ITCPTransport, interfaces.ITransport),
        (interfaces.ITLSTransport, interfaces.ITCPTransport),
        (interfaces.INegotiated, interfaces.ISSLTransport),
        (interfaces.IUNIXTransport, interfaces.ITransport),
        (interfaces.IMulticastTransport, interfaces.IUDPTransport),
        (interfaces.IPushProducer, interfaces.IProducer),
        (interfaces.IReadWriteDescriptor, interfaces.ILoggingContext),
        (interfaces.IReactorThreads, interfaces.IReactorFromThreads),
        (interfaces.IResolver, interfaces.IResolverSimple),
    ):
        assert narrow.extends(wide)


class TestBinding:
    """A binding is a value that never changes."""

    def test_isAValue(self) -> None:
        """Equal when everything is; hashable; pickles; says what it is."""
        one, other = interfaces.Binding("::1", 80, reusePort=True), interfaces.Binding("::1", 80, False, True)
        assert one == other
        assert hash(one) == hash(other)
        assert one != interfaces.Binding("::1", 80)
        assert one != "::1"
        assert pickle.loads(pickle.dumps(one)) == one
        assert repr(one) == "Binding(address='::1', port=80, reuseAddress=False, reusePort=True)"

    def test_neverChanges(self) -> None:
        """An attempt to change it says what to do instead."""
        with pytest.raises(AttributeError, match="make a new one"):
            interfaces.Binding().port = 80


class TestLater:
    """What is declared by name, before the interfaces are there, holds once they are."""

    @pytest.fixture
    def withoutDoor(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The interfaces, as if nobody had imported them yet."""
        monkeypatch.delitem(sys.modules, later.DOOR)
        monkeypatch.setattr(later, "_waiting", [])

    @pytest.mark.usefixtures("withoutDoor")
    def test_waitsForTheInterfaces(self) -> None:
        """A declaration is carried out when the interfaces are imported, not before."""

        @later.implementer(later.ITransport, later.IConsumer)
        class Early:
            pass

        assert not interfaces.ITransport.implementedBy(Early)
        sys.modules[later.DOOR] = interfaces
        later.carryOut()
        assert interfaces.ITransport.implementedBy(Early)
        assert interfaces.IConsumer.implementedBy(Early)

    def test_atOnceWhenTheyAreThere(self) -> None:
        """With the interfaces loaded a declaration holds at once."""

        @later.implementer(later.IProducer)
        class Late:
            pass

        assert interfaces.IProducer.implementedBy(Late)

    def test_onlyInterfacesStandForThemselves(self) -> None:
        """A name that is no interface's is missed where it is asked for."""
        assert later.IProtocol == "IProtocol"
        with pytest.raises(AttributeError):
            later.Protocol  # noqa: B018 (the access itself is tested)

    def test_beforeAnythingIsLoaded(self) -> None:
        """In a fresh process protocols load no interface, and provide theirs as soon as somebody asks."""
        program = """
import sys
from ropewalk.internet.protocol import Protocol, Factory
from ropewalk.protocols.basic import LineReceiver
assert "zope.interface" not in sys.modules
class Mine(LineReceiver): pass
from ropewalk.internet.interfaces import IConsumer, ILoggingContext, IProtocol, IProtocolFactory
assert IProtocol.providedBy(Mine()) and ILoggingContext.providedBy(Mine())
assert IProtocolFactory.providedBy(Factory())
assert type(IConsumer(Mine())).__name__ == "ProtocolToConsumerAdapter"
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr


def test_usersMayImplement() -> None:
    """A class of a user's that implements an interface is seen to, and one that doesn't quite is caught."""

    @implementer(interfaces.IProtocolFactory)
    class Mine:
        def buildProtocol(self, addr: Any) -> None: ...
        def doStart(self) -> None: ...
        def doStop(self) -> None: ...

    assert verifyClass(interfaces.IProtocolFactory, Mine)

    class Half:
        def doStart(self) -> None: ...
        def doStop(self) -> None: ...

    with pytest.raises(Invalid, match="buildProtocol"):
        verifyClass(interfaces.IProtocolFactory, Half, tentative=True)
