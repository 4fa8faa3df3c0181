"""Who answers a command: methods that are decorated for it, or, in the older way, methods of a certain name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from zope.interface import implementer

from ropewalk.internet.defer import Deferred, fail
from ropewalk.python.failure import Failure

from .box import AmpBox
from .commands import ANSWERS, Command
from .errors import BadLocalReturn, RemoteAmpError
from .interfaces import IResponderLocator

__all__ = ["CommandLocator", "Responder", "SimpleStringLocator", "deferred"]

Responder = Callable[[AmpBox], Any]


@implementer(IResponderLocator)
class CommandLocator:
    """Has methods that answer commands: those decorated with `Command.responder`.

    A method may be a coroutine, or return a Deferred. The last one for a command counts, one of a derived class before
    those of its bases.
    """

    # By the command's name: the command, and the function that answers it.
    _answers: ClassVar[dict[bytes, tuple[type[Command], Callable[..., Any]]]] = {}
    _hasOwnLookup: ClassVar[bool] = False

    def __init_subclass__(cls, **kw: Any) -> None:
        super().__init_subclass__(**kw)
        cls._answers = answers = {}
        for base in reversed(cls.__mro__):
            for function in vars(base).values():
                for command in getattr(function, ANSWERS, ()) if callable(function) else ():
                    answers[command.commandName] = command, function
        cls._hasOwnLookup = cls.lookupFunction is not CommandLocator.lookupFunction

    def locateResponder(self, name: bytes) -> Responder | None:
        """Return what answers the commands of a name, as a function from box to box; `None` when nothing does."""
        if self._hasOwnLookup:
            return self.lookupFunction(name)
        found = self._answers.get(name)
        return None if found is None else partial(respond, self, *found)

    def lookupFunction(self, name: bytes) -> Responder | None:
        """Do what `locateResponder` does; override that one, not this."""
        found = self._answers.get(name)
        return None if found is None else partial(respond, self, *found)


@implementer(IResponderLocator)
class SimpleStringLocator:
    """Has methods that answer commands by their names: that of ``Sum`` is ``amp_SUM``. It takes a box and returns one.

    Attributes:
        baseDispatchPrefix: what the names begin with.
    """

    baseDispatchPrefix: bytes = b"amp_"

    def locateResponder(self, name: bytes) -> Responder | None:
        """Return the method for a name; `None` when there is none."""
        try:
            method = (self.baseDispatchPrefix + name.upper()).decode("ascii")
        except UnicodeDecodeError:
            return None
        found: Responder | None = getattr(self, method, None)
        return found


def respond(locator: CommandLocator, command: type[Command], function: Callable[..., Any], box: AmpBox) -> Any:
    """Answer one command.

    Returns:
        The box of the answer, or a Deferred of it, which fails with `RemoteAmpError` for what the command lists.

    Raises:
        Exception: anything else went wrong, which is not for the peer to know.
    """
    keywords = command.parseArguments(box, locator)
    try:
        result = function(locator, **keywords)
    except Exception as error:
        refusal = refusalOf(command, error)
        if refusal is None:
            raise
        return fail(refusal)  # not raised: its traceback would lead to this frame, and that to it
    if type(result) is not dict and (later := deferred(result)) is not None:
        return later.addCallbacks(partial(pack, locator, command, function), partial(refuse, command))
    return pack(locator, command, function, result)


def deferred(result: Any) -> Deferred[Any] | None:
    """Return the Deferred of a result that comes later, or has failed; `None` for one that is there."""
    if isinstance(result, Deferred):
        return result
    if isinstance(result, Failure):
        return fail(result)
    if hasattr(result, "__await__"):
        return Deferred.fromCoroutine(result)
    return None


def pack(locator: CommandLocator, command: type[Command], function: Callable[..., Any], result: Any) -> AmpBox:
    """Return the box for what a responder returned.

    Raises:
        BadLocalReturn: it doesn't fit.
    """
    try:
        return command.makeResponse(result, locator)
    except Exception:
        name = getattr(function, "__qualname__", repr(function))
        raise BadLocalReturn(
            f"{name} returned {result!r}, which is no answer to {command.__name__}", Failure()
        ) from None


def refuse(command: type[Command], failure: Failure) -> Failure:
    """Turn a failure that the command lists into what the peer is told of it."""
    refusal = refusalOf(command, failure.value)
    return failure if refusal is None else Failure(refusal)


def refusalOf(command: type[Command], error: BaseException) -> RemoteAmpError | None:
    """Return what the peer is told of an error; `None` when the command doesn't list it."""
    for kind, code in command.allErrors.items():
        if isinstance(error, kind):
            return RemoteAmpError(code, str(error), kind in command.fatalErrors)
    return None
