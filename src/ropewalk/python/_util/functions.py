"""Functions: calling them in some manner, and watching them called."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, ParamSpec, TypeVar

    P = ParamSpec("P")
    R = TypeVar("R")


def raises(exception: type[BaseException], f: Callable[..., object], *args: Any, **kwargs: Any) -> bool:
    """Call a function, and say whether it raised this kind of exception. Others go through."""
    try:
        f(*args, **kwargs)
    except exception:
        return True
    return False


def untilConcludes(f: Callable[P, R], *a: P.args, **kw: P.kwargs) -> R:
    """Call a function again and again until it is not interrupted by a signal, and return its result."""
    while True:
        try:
            return f(*a, **kw)
        except InterruptedError:
            continue


def mergeFunctionMetadata(f: Callable[..., object], g: Any) -> Any:
    """Give function ``g`` the name, documentation, module and attributes of ``f``, and return it."""
    for name in ("__name__", "__qualname__", "__doc__", "__module__"):
        try:
            setattr(g, name, getattr(f, name))
        except (AttributeError, TypeError):
            pass  # not every callable has, or lets itself be given, each of them
    try:
        g.__dict__.update(f.__dict__)
    except AttributeError:
        pass
    return g


def runWithWarningsSuppressed(
    suppressedWarnings: Iterable[tuple[tuple[Any, ...], dict[str, Any]]],
    f: Callable[..., Any],
    *args: Any,
    **kwargs: Any,
) -> Any:
    """Call a function with certain warnings left out while it runs.

    Args:
        suppressedWarnings: arguments and keyword arguments of `warnings.filterwarnings`.

    Returns:
        What the function returns.
    """
    with warnings.catch_warnings():
        for positional, keyword in suppressedWarnings:
            warnings.filterwarnings(*positional, **keyword)
        return f(*args, **kwargs)


def spewer(frame: FrameType, s: str, ignored: object) -> None:
    """Print which function is called: for `sys.settrace`."""
    if s not in ("call", "return"):
        return
    code = frame.f_code
    if "self" not in frame.f_locals:
        print(f"function {code.co_name} in {code.co_filename}, line {frame.f_lineno}")
        return
    owner = frame.f_locals["self"]
    # The class by its name and the object by its number: the object may not be ready to be shown.
    kind = type(owner)
    print(f"method {code.co_name} of {kind.__module__}.{kind.__name__} at {id(owner)}")
