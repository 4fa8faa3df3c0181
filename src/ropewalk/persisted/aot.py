"""Objects as Python source that people can read and edit: ``app=Instance('module.Class', attribute=1)``.

Three forms: the objects; a tree of the nodes below, in which every reference is a `Ref` or a `Deref`; and the source,
which makes that tree. ``jellyToSource`` goes there and ``unjellyFromSource`` comes back.

What has attributes, or says by ``__getstate__`` or ``__reduce__`` how it is pickled, can be written; what would need
more than one call to be made again (a list with attributes, say) is refused with a `TypeError`.

Reading such source runs it, and it may name any function to call: read only what your own program, or yourself, wrote.
"""

from __future__ import annotations

import copyreg
import re
from collections.abc import Callable
from io import StringIO
from keyword import iskeyword
from math import inf, nan
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from ropewalk.internet.defer import Deferred
from ropewalk.python.reflect import namedAny, namedModule, qual

from .crefutil import NotKnown

__all__ = [
    "AOTJellier",
    "AOTUnjellier",
    "Class",
    "Copyreg",
    "Deref",
    "Function",
    "Instance",
    "InstanceMethod",
    "Module",
    "Named",
    "NoStateObj",
    "NonFormattableDict",
    "Ref",
    "dictToKW",
    "getSource",
    "indentify",
    "jellyToAOT",
    "jellyToSource",
    "prettify",
    "unjellyFromAOT",
    "unjellyFromSource",
]

# Written as they are: their `repr` makes them again.
PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))


# -- The nodes ---------------------------------------------------------------------------------------------------------


class Named:
    """What is found by a name.

    Args:
        name: the full one.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def getSource(self) -> str:
        """Return the source that makes this node."""
        return f"{type(self).__name__}({self.name!r})"


class Class(Named):
    """A class."""


class Function(Named):
    """A function of a module."""


class Module(Named):
    """A module."""


class InstanceMethod:
    """A bound method.

    Args:
        name: the method's.
        klass: the full name of the object's class.
        inst: the object, as a node.
    """

    def __init__(self, name: str, klass: str, inst: Any) -> None:
        self.name = name
        self.klass = klass
        self.instance = inst

    def getSource(self) -> str:
        """Return the source that makes this node."""
        return f"InstanceMethod({self.name!r},{self.klass!r},\n\0{prettify(self.instance)})"


class _NoStateObj:
    """The type of `NoStateObj`."""

    def __repr__(self) -> str:
        return "NoStateObj"


# Says that an instance's state is its attributes.
NoStateObj = _NoStateObj()


class Instance:
    """An object of a class.

    Args:
        className: the class's full name.
        __stateObj__: what its ``__setstate__`` takes, as a node; with it there are no attributes.
        state: its attributes, as nodes.
    """

    def __init__(self, className: str, __stateObj__: Any = NoStateObj, **state: Any) -> None:
        self.klass = className
        self.stateIsDict = __stateObj__ is NoStateObj
        self.state = state if self.stateIsDict else __stateObj__

    def getSource(self) -> str:
        """Return the source that makes this node."""
        if self.stateIsDict:
            try:
                return f"Instance({self.klass!r},{dictToKW(self.state)})"
            except NonFormattableDict:
                pass  # then as one dictionary
        return f"Instance({self.klass!r},{prettify(self.state)})"


class Copyreg:
    """An object that a call makes.

    Args:
        loadfunc: the full name of what is called.
        state: its arguments, as nodes.
    """

    def __init__(self, loadfunc: str, state: Any) -> None:
        self.loadfunc = loadfunc
        self.state = state

    def getSource(self) -> str:
        """Return the source that makes this node."""
        return f"Copyreg({self.loadfunc!r},{prettify(self.state)})"


class Ref:
    """An object that may be referred to from elsewhere; then it has a number.

    Args:
        args: the number and the object's node, or nothing yet.
    """

    def __init__(self, *args: Any) -> None:
        self.refnum, self.obj = args if args else (0, None)

    def setRef(self, num: int) -> None:
        """Give it its number.

        Raises:
            ValueError: it has one.
        """
        if self.refnum:
            raise ValueError(f"this reference has the number {self.refnum!r} already, it can't get {num!r}")
        self.refnum = num

    def setObj(self, obj: Any) -> None:
        """Give it its object's node.

        Raises:
            ValueError: it has one.
        """
        if self.obj is not None:
            raise ValueError(f"this reference is to {self.obj!r} already, it can't be to {obj!r}")
        self.obj = obj

    def getSource(self) -> str:
        """Return the source that makes this node; that of the object if nothing else refers to it.

        Raises:
            RuntimeError: there is no object.
        """
        if self.obj is None:
            raise RuntimeError("a reference to nothing has no source: setObj() comes first")
        if self.refnum:
            return f"Ref({self.refnum!r},\n\0{prettify(self.obj)})"
        return prettify(self.obj)


class Deref:
    """An object that a `Ref` of this number has elsewhere."""

    def __init__(self, num: int) -> None:
        self.refnum = num

    def getSource(self) -> str:
        """Return the source that makes this node."""
        return f"Deref({self.refnum!r})"


# The names of the parameters that `Instance` has itself.
TAKEN = ("self", "className", "__stateObj__")

# -- Nodes to source ---------------------------------------------------------------------------------------------------

# In the text on its way a place where a line begins that shall be indented is a line break and a NUL, which no `repr`
# contains.

# What `indentify` looks at: strings, to be skipped, brackets, and beginnings of lines.
_TOKEN = re.compile(r"""b?'(?:[^'\\]|\\.)*'|b?"(?:[^"\\]|\\.)*"|[\[{(]|[\]})]|\n\0""", re.DOTALL)


class NonFormattableDict(Exception):
    """A dictionary can't be written as keyword arguments: a key is no name."""


def dictToKW(d: dict[Any, Any]) -> str:
    """Write a dictionary as keyword arguments, sorted.

    Raises:
        NonFormattableDict: a key isn't text, or no name for an argument.
    """
    for key in d:
        # Names in source are normalized, so that of a name in other letters than ASCII's another might come back.
        if not isinstance(key, str) or not (key.isascii() and key.isidentifier()) or iskeyword(key) or key in TAKEN:
            raise NonFormattableDict(f"{key!r} can't be the name of an argument")
    return "".join(f"\n\0{key}={prettify(value)}," for key, value in sorted(d.items()))


def prettify(obj: Any) -> str:
    """Write a node as source whose lines aren't indented yet.

    Raises:
        TypeError: it isn't one.
    """
    if hasattr(obj, "getSource"):
        source: str = obj.getSource()
        return source
    if type(obj) in PLAIN:
        return repr(obj)
    if type(obj) is dict:
        return "{" + "".join(f"\n\0{prettify(key)}:{prettify(value)}," for key, value in obj.items()) + _end(obj, "}")
    if type(obj) is list:
        return "[" + "".join(f"\n\0{prettify(item)}," for item in obj) + _end(obj, "]")
    if type(obj) is tuple:
        return "(" + "".join(f"\n\0{prettify(item)}," for item in obj) + _end(obj, ")")
    raise TypeError(f"{obj!r} is no node: jellyToAOT() makes one of it")


def _end(content: Any, bracket: str) -> str:
    return f"\n\0{bracket}" if content else bracket


def indentify(s: str) -> str:
    """Indent the lines of what `prettify` returned, by two spaces for each bracket that is open."""
    depth = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal depth
        token = match[0]
        if token in "([{":
            depth += 1
        elif token in ")]}":
            depth -= 1
        return "\n" + "  " * depth if token == "\n\0" else token

    return _TOKEN.sub(replace, s)


def getSource(ao: Any) -> str:
    """Write a node as source that binds ``app``."""
    return indentify("app=" + prettify(ao))


def jellyToSource(obj: Any, file: Any = None) -> str | None:
    """Write an object as source.

    Args:
        file: takes the source as bytes, in UTF-8, with ``write``; `None` to have it returned.

    Raises:
        TypeError: something in it can't be written.
    """
    source = getSource(jellyToAOT(obj))
    if file is None:
        return source
    file.write(source.encode() if not isinstance(file, StringIO) else source)
    return None


# -- Objects to nodes --------------------------------------------------------------------------------------------------


def jellyToAOT(obj: Any) -> Any:
    """Make the node of an object, and of all it refers to.

    Raises:
        TypeError: something in it can't be written.
    """
    return AOTJellier().jelly(obj)


class AOTJellier:
    """Makes nodes of objects, once.

    Attributes:
        prepared: the references made so far, with their objects, by the objects' ids.
    """

    def __init__(self) -> None:
        # The objects are kept as long as this: else another one might get the id of one that is gone.
        self.prepared: dict[int, tuple[Any, Ref]] = {}
        self._count = 0

    def prepareForRef(self, aoref: Ref, object: Any) -> None:
        """Note a reference: when the object is met again, it is the one to refer to."""
        self.prepared[id(object)] = (object, aoref)

    def jelly(self, obj: Any) -> Any:
        """Make the node of the root."""
        return self.jellyToAO(obj)

    def jellyToAO(self, obj: Any) -> Any:
        """Make the node of an object.

        Raises:
            TypeError: it can't be written.
        """
        kind = type(obj)
        if kind in PLAIN:
            return obj
        if isinstance(obj, MethodType):
            return InstanceMethod(obj.__name__, qual(type(obj.__self__)), self.jellyToAO(obj.__self__))
        if isinstance(obj, ModuleType):
            return Module(obj.__name__)
        if isinstance(obj, type):
            return Class(_findable(obj))
        if isinstance(obj, FunctionType) or (isinstance(obj, BuiltinFunctionType) and obj.__module__):
            return Function(_findable(obj))

        if id(obj) in self.prepared:
            return self._again(self.prepared[id(obj)][1])
        ref = Ref()
        self.prepareForRef(ref, obj)
        if kind is list:
            ref.setObj([self.jellyToAO(item) for item in obj])
        elif kind is tuple:
            ref.setObj(tuple(self.jellyToAO(item) for item in obj))
        elif kind is dict:
            ref.setObj({self.jellyToAO(key): self.jellyToAO(value) for key, value in obj.items()})
        else:
            ref.setObj(self._made(obj))
        return ref

    def _again(self, ref: Ref) -> Deref:
        if not ref.refnum:
            self._count += 1
            ref.setRef(self._count)
        return Deref(ref.refnum)

    def _made(self, obj: Any) -> Instance | Copyreg:
        """The node of an object that a class or a function makes."""
        reduce = copyreg.dispatch_table.get(type(obj))
        reduced = obj.__reduce_ex__(2) if reduce is None else reduce(obj)
        if isinstance(reduced, str):
            raise TypeError(f"{obj!r} can't be written as source: it is known only by the name {reduced!r}")
        make, args, state, *more = (*reduced, None) if len(reduced) == 2 else reduced
        several = any(items is not None and list(items) for items in more)
        if make is copyreg.__newobj__ and len(args) == 1 and not several:  # type: ignore[attr-defined]
            return self._instance(obj, _findable(type(obj)), state)
        if several or state:
            raise TypeError(f"{obj!r} of {type(obj)!r} can't be written as source: it takes more than one call to make")
        return Copyreg(_findable(make), tuple(self.jellyToAO(arg) for arg in args))

    def _instance(self, obj: Any, name: str, state: Any) -> Instance:
        if hasattr(obj, "__setstate__"):
            return Instance(name, self.jellyToAO(state))
        if state is not None and not isinstance(state, dict):
            raise TypeError(f"{obj!r} of {type(obj)!r} can't be written as source: its state needs a __setstate__")
        node = Instance(name)
        node.state = {key: self.jellyToAO(value) for key, value in (state or {}).items()}
        return node


def _findable(obj: Any) -> str:
    """The name by which something is found again."""
    name = qual(obj) if isinstance(obj, type) else f"{obj.__module__}.{obj.__qualname__}"
    try:
        found = namedAny(name)
    except Exception:
        found = None
    if found is not obj:
        raise TypeError(f"{obj!r} can't be written as source: {name!r} doesn't lead to it")
    return name


# -- Source to objects -------------------------------------------------------------------------------------------------


def unjellyFromSource(stringOrFile: Any) -> Any:
    """Run source that binds ``app`` to a node, and make the object of it.

    Args:
        stringOrFile: text, bytes, or an open file of either.

    Raises:
        ValueError: it binds no ``app``.
        BaseException: whatever running it raises.
    """
    source = stringOrFile.read() if hasattr(stringOrFile, "read") else stringOrFile
    names: dict[str, Any] = {cls.__name__: cls for cls in NODES}
    names.update(inf=inf, nan=nan)
    exec(compile(source, "<application source>", "exec", dont_inherit=True), names)
    if "app" not in names:
        raise ValueError("the source doesn't say what 'app' is: it begins with app= as a rule")
    return unjellyFromAOT(names["app"])


NODES = (Class, Copyreg, Deref, Function, Instance, InstanceMethod, Module, Ref)


def unjellyFromAOT(aot: Any) -> Any:
    """Make the object of a node."""
    return AOTUnjellier().unjelly(aot)


class AOTUnjellier:
    """Makes objects of nodes, once.

    What can be filled after it was made (lists, dictionaries, instances) is known by its number before its content is
    made, which may refer to it. What can't be (tuples, methods, what a call makes) waits for content that isn't there.

    Attributes:
        references: the objects that have a number, by it.
        afterActions: what is called when all objects are there, with its argument in a list.
    """

    def __init__(self) -> None:
        self.references: dict[int, Any] = {}
        self.afterActions: list[tuple[Callable[[Any], object], list[Any]]] = []
        self._unknown = 0  # how many objects are waited for

    def unjelly(self, ao: Any) -> Any:
        """Make the object of the root.

        Raises:
            ValueError: a `Deref` has a number that no `Ref` has, or an object can't be made before it is there.
        """
        holder: list[Any] = [None]
        self.unjellyInto(holder, 0, ao)
        if self._unknown:
            lost = [num for num, found in self.references.items() if isinstance(found, NotKnown)]
            raise ValueError(f"these references lead nowhere, or in a circle that can't be made again: {lost!r}")
        for act, argument in self.afterActions:
            act(argument[0])
        return holder[0]

    def unjellyInto(self, obj: Any, loc: Any, ao: Any) -> Any:
        """Make the object of a node and put it into a container; later, if it can't be made yet."""
        made = self.unjellyAO(ao)
        obj[loc] = made
        if isinstance(made, NotKnown):
            made.addDependant(obj, loc)
        return made

    def unjellyAttribute(self, instance: Any, attrName: str, ao: Any) -> Any:
        """Make the object of a node, and make it an attribute."""
        return self.unjellyInto(instance.__dict__, attrName, ao)

    def unjellyLater(self, node: Any) -> Deferred[Any]:
        """Return a Deferred of a node's object, fired when it is there."""
        later: Deferred[Any] = Deferred()
        self._tell(self.unjellyAO(node), later.callback)
        return later

    def callAfter(self, callable: Callable[[Any], object], result: Any) -> None:
        """Have something called with an object when everything is there."""
        argument = [result]
        if isinstance(result, NotKnown):
            result.addDependant(argument, 0)
        self.afterActions.append((callable, argument))

    def unjellyAO(self, ao: Any) -> Any:
        """Make the object of a node, or a `NotKnown` in its place when it can't be made yet.

        Raises:
            TypeError: it is no node.
        """
        match ao:
            case Ref():
                return self._numbered(ao.refnum, ao.obj) if ao.refnum else self.unjellyAO(ao.obj)
            case Deref():
                return self._referred(ao.refnum)
            case list() | dict() | Instance():
                made = _empty(ao)
                self._fill(made, ao)
                return made
            case tuple():
                return self._tuple(ao)
            case Module():
                return namedModule(ao.name)
            case Named():
                return namedAny(ao.name)
            case InstanceMethod():
                return self._made(ao.instance, lambda instance: getattr(instance, ao.name))
            case Copyreg():
                return self._made(ao.state, lambda args: namedAny(ao.loadfunc)(*args))
        if type(ao) in PLAIN:
            return ao
        raise TypeError(f"{ao!r} is no node")

    def _numbered(self, num: int, node: Any) -> Any:
        if isinstance(node, list | dict | Instance):
            made = _empty(node)
            self._know(num, made)
            self._fill(made, node)
            return made
        made = self.unjellyAO(node)
        self._tell(made, lambda known: self._know(num, known))
        return made

    def _know(self, num: int, made: Any) -> None:
        waiting = self.references.get(num)
        self.references[num] = made
        if isinstance(waiting, NotKnown):
            self._resolve(waiting, made)

    def _referred(self, num: int) -> Any:
        if num not in self.references:
            self.references[num] = self._notKnown()
        return self.references[num]

    def _fill(self, made: Any, node: Any) -> None:
        match node:
            case list():
                made.extend([None] * len(node))
                for index, item in enumerate(node):
                    self.unjellyInto(made, index, item)
            case dict():
                for key, value in node.items():
                    # A `NotKnown` says that it is no key.
                    self.unjellyInto(made, self.unjellyAO(key), value)
            case _ if node.stateIsDict and not hasattr(made, "__setstate__"):
                for name, value in node.state.items():
                    self.unjellyAttribute(made, name, value)
            case _ if node.state is not None:
                state = self.unjellyAO(node.state)
                take = made.__setstate__ if hasattr(made, "__setstate__") else made.__dict__.update
                # At once if possible: whoever contains this may need it whole, for its hash say.
                if self._unknown:
                    self.callAfter(take, state)
                else:
                    take(state)

    def _tuple(self, nodes: tuple[Any, ...]) -> Any:
        items: list[Any] = [None] * len(nodes)
        for index, node in enumerate(nodes):
            self.unjellyInto(items, index, node)
        unknown = [item for item in items if isinstance(item, NotKnown)]
        if not unknown:
            return tuple(items)
        later = self._notKnown()

        def count(_item: Any) -> None:
            unknown.pop()
            if not unknown:
                self._resolve(later, tuple(items))

        # Asked after `items` was: when the last of them is told, all are in their places.
        for item in list(unknown):
            self._tell(item, count)
        return later

    def _made(self, node: Any, make: Callable[[Any], Any]) -> Any:
        """Make an object of another node's object: now, or when that is there."""
        made = self.unjellyAO(node)
        if not isinstance(made, NotKnown):
            return make(made)
        later = self._notKnown()
        self._tell(made, lambda known: self._resolve(later, make(known)))
        return later

    def _notKnown(self) -> NotKnown:
        self._unknown += 1
        return NotKnown()

    def _resolve(self, waiting: NotKnown, made: Any) -> None:
        self._unknown -= 1
        waiting.resolveDependants(made)

    def _tell(self, made: Any, hear: Callable[[Any], object]) -> None:
        """Call something with an object: now, or when it is there."""
        if isinstance(made, NotKnown):
            made.addDependant(_Told(hear), 0)
        else:
            hear(made)


class _Told:
    """A container, to a `NotKnown`, that calls something with what is put into it."""

    def __init__(self, hear: Callable[[Any], object]) -> None:
        self._hear = hear

    def __setitem__(self, key: int, value: Any) -> None:
        self._hear(value)


def _empty(node: list[Any] | dict[Any, Any] | Instance) -> Any:
    if not isinstance(node, Instance):
        return type(node)()
    cls = namedAny(node.klass)
    return cls.__new__(cls)
