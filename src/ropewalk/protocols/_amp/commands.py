"""`Command`: what a call is named, takes, returns, and how it may fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .box import AmpBox
from .errors import InvalidSignature, RemoteAmpError, UnknownRemoteError
from .signature import Step, read, steps, wireName, write

if TYPE_CHECKING:
    from ropewalk.internet.defer import Deferred
    from ropewalk.python.failure import Failure

__all__ = ["Command"]

F = TypeVar("F", bound=Callable[..., Any])

# Where `Command.responder` notes on a function which commands it answers.
ANSWERS = "_ampAnswers"


class CommandType(type):
    """Makes the lists of a command's class what the code below expects, and reads them."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        made: Any = super().__new__(cls, name, bases, namespace)
        if "commandName" not in namespace:
            made.commandName = name.encode("ascii")
        elif not isinstance(made.commandName, bytes):
            raise TypeError(f"the commandName of {name} is bytes, not {made.commandName!r}")

        for each in ("arguments", "response"):
            if each in namespace:
                setattr(made, each, [(wireName(key), argument) for key, argument in namespace[each]])
        made._argumentSteps = steps(made.arguments)
        made._responseSteps = steps(made.response)
        made._keywords = frozenset(each[1] for each in made._argumentSteps)

        # What a class says of errors comes on top of what its bases say.
        for each in ("errors", "fatalErrors"):
            merged: dict[type[BaseException], bytes] = {}
            for base in reversed(bases):
                merged.update(getattr(base, each, {}))
            own = namespace.get(each, {})
            merged.update({kind: wireName(code) for kind, code in dict(own).items()})
            setattr(made, each, merged)
        made.allErrors = {**made.errors, **made.fatalErrors}
        made.reverseErrors = {code: kind for kind, code in made.allErrors.items()}
        return made


class Command(metaclass=CommandType):
    """What one side may ask of the other. Derive from it, and set what is different.

    An instance is one call of it: `BoxDispatcher.callRemote` makes it.

    Attributes:
        commandName: the name by which it travels; that of the class, if it isn't set.
        arguments: what it takes: pairs of name and type. A ``-`` in a name is ``_`` in the keyword.
        response: what it returns: the same.
        errors: the exceptions that a responder may raise, and the code of each: `{NotFound: b"NOT_FOUND"}`. They are
            raised at the caller's with the message as their argument.
        fatalErrors: likewise those after which the responder's side closes the connection.
        allErrors, reverseErrors: both of these together; and the classes by code. Made of them.
        extra: unused. It was always empty.
        requiresAnswer: whether the caller is told how it went. When false, `callRemote` returns `None`.
        commandType, responseType: what the boxes are, there and back.
    """

    commandName: ClassVar[bytes]
    arguments: ClassVar[Any] = []
    response: ClassVar[Any] = []
    extra: ClassVar[list[Any]] = []
    errors: ClassVar[Any] = {}
    fatalErrors: ClassVar[Any] = {}
    allErrors: ClassVar[dict[type[BaseException], bytes]]
    reverseErrors: ClassVar[dict[bytes, type[BaseException]]]
    commandType: ClassVar[Callable[..., AmpBox]] = AmpBox
    responseType: ClassVar[Callable[..., AmpBox]] = AmpBox
    requiresAnswer: bool = True

    _argumentSteps: ClassVar[list[Step]]
    _responseSteps: ClassVar[list[Step]]
    _keywords: ClassVar[frozenset[str]]

    def __init__(self, **kw: Any) -> None:
        self.structured = kw
        for _, name, optional, _, _, _ in self._argumentSteps:
            if not optional and name not in kw:
                raise InvalidSignature(f"{type(self).__name__} is called without {name!r}, which it needs")

    @classmethod
    def makeArguments(cls, objects: dict[str, Any], proto: Any) -> AmpBox:
        """Return the box of a call with these keywords.

        Raises:
            InvalidSignature: there is one that the command doesn't have, or one is missing.
            TypeError, ValueError: as the arguments' types say.
        """
        if not cls._keywords.issuperset(objects):
            strange = min(objects.keys() - cls._keywords)
            raise InvalidSignature(f"{cls.__name__} has no argument {strange!r}: it takes {sorted(cls._keywords)}")
        return write(cls._argumentSteps, objects, cls.commandType(), proto)

    @classmethod
    def parseArguments(cls, box: AmpBox, protocol: Any) -> dict[str, Any]:
        """Return the keywords of a call whose box came.

        Raises:
            MalformedAmpBox: one is missing.
            Exception: as the arguments' types say.
        """
        return read(cls._argumentSteps, box, protocol)

    @classmethod
    def makeResponse(cls, objects: dict[str, Any], proto: Any) -> AmpBox:
        """Return the box of an answer; see `makeArguments`. Keywords that the answer doesn't have are left out."""
        return write(cls._responseSteps, objects, cls.responseType(), proto)

    @classmethod
    def parseResponse(cls, box: AmpBox, protocol: Any) -> dict[str, Any]:
        """Return the keywords of an answer whose box came; see `parseArguments`."""
        return read(cls._responseSteps, box, protocol)

    @classmethod
    def responder(cls, methodfunc: F) -> F:
        """Decorate a method that answers this command, on a `CommandLocator`, an `AMP` say.

        It is called with the arguments as keywords, and returns a dictionary with what the command's ``response`` says;
        or a Deferred of that, or is a coroutine.
        """
        # A function that answers several commands has several decorators. A new tuple each time: a decorator of the
        # program's may have copied it to a function of its own.
        setattr(methodfunc, ANSWERS, (*getattr(methodfunc, ANSWERS, ()), cls))
        return methodfunc

    # What `BoxDispatcher` does with a call. `switching` and `security` have their own.

    def _doCommand(self, proto: Any) -> Deferred[dict[str, Any]] | None:
        """Ask the other side of ``proto``."""
        box = self.makeArguments(self.structured, proto)
        asked: Deferred[dict[str, Any]] | None = proto._ask(self.commandName, box, self.requiresAnswer, self)
        return asked

    def _answered(self, box: AmpBox, proto: Any) -> dict[str, Any]:
        """Return what a caller gets for an answer."""
        return self.parseResponse(box, proto)

    def _abandoned(self, reason: Failure) -> None:
        """Hear that the connection ended before an answer came."""

    def _refused(self, error: RemoteAmpError, proto: Any) -> BaseException:
        """Return what is raised at a caller for an error."""
        kind = self.reverseErrors.get(error.errorCode)
        if kind is not None:
            return kind(error.description)
        return UnknownRemoteError(error.description)
