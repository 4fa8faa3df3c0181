"""The pytest plugin: test cases give the verdicts that they give under ``trial``, and functions may wait, too.

pytest runs `ropewalk.trial.unittest` test cases by itself. What it does not know is put right here: a ``todo`` test
that passes is no failure, a base class without tests has none, temporary paths are among pytest's own.

A test function, or fixture, under ``@pytest.mark.ropewalk`` may be a coroutine or return a Deferred: the reactor runs
until it is over. Other async tests are left to other plugins (pytest-asyncio, anyio).

pytest imports this module whenever it starts, so nothing else of the package is imported before it is needed.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest.fixtures import FixtureDef, SubRequest

# Its frames stand between pytest and a test; pytest leaves them out of tracebacks.
__unittest = True
__tracebackhide__ = True

MARKER = "ropewalk"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        f"{MARKER}(timeout=120): run a test function that is a coroutine, or returns a Deferred, on Ropewalk's reactor",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what stands in for the tests of a test case that has none: our ``runTest``."""
    items[:] = [item for item in items if not _isStandIn(item)]


def _isStandIn(item: pytest.Item) -> bool:
    cases = sys.modules.get("ropewalk.trial.unittest")
    if cases is None or item.name != "runTest":
        return False
    cls = getattr(item, "cls", None)
    return cls is not None and getattr(cls, "runTest", None) is cases.SynchronousTestCase.runTest


# Test cases


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let the temporary paths of a test case be among pytest's."""
    module: Any = sys.modules.get("ropewalk.trial._cases.synchronous")
    # There is no public way to it from an item; it is missing when the plugin that makes it is switched off.
    factory: pytest.TempPathFactory | None = getattr(item.config, "_tmp_path_factory", None)
    if module is None or factory is None:
        return (yield)
    module.temporaryRoot = lambda: str(factory.mktemp("trial"))
    try:
        return (yield)
    finally:
        module.temporaryRoot = None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A ``todo`` test that passes counts as one that was expected to fail: it does not fail the run."""
    report = yield
    todo = getattr(item, "_ropewalkTodo", None)
    if call.when == "call" and todo is not None and report.passed:
        report.wasxfail = todo.reason
    return report


# Functions


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test function under our marker until it is over."""
    marker = pyfuncitem.get_closest_marker(MARKER)
    if marker is None:
        return None
    from ._cases import logged
    from ._cases.leftovers import Leftovers

    names = pyfuncitem._fixtureinfo.argnames
    leftovers = Leftovers()
    with logged.collecting() as errors:
        _finish(pyfuncitem.obj, {name: pyfuncitem.funcargs[name] for name in names}, _patience(marker))
    dirt = leftovers.clear()
    for failure in [*errors, *([dirt] if dirt is not None else [])]:
        failure.raiseException()
    return True


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: FixtureDef[Any], request: SubRequest) -> Generator[None, Any, Any]:
    """Run a fixture under our marker that is a coroutine, or an asynchronous generator."""
    marker = request.node.get_closest_marker(MARKER)
    original = fixturedef.func
    if marker is None or not (inspect.iscoroutinefunction(original) or inspect.isasyncgenfunction(original)):
        return (yield)
    function: Callable[..., Any] = original
    if inspect.ismethod(original) and request.instance is not None:
        function = original.__func__.__get__(request.instance)
    if inspect.isasyncgenfunction(original):
        fixturedef.func = _generating(function, _patience(marker))  # type: ignore[misc]  # put back below
    else:
        fixturedef.func = _waiting(function, _patience(marker))  # type: ignore[misc]
    try:
        return (yield)
    finally:
        fixturedef.func = original  # type: ignore[misc]


def _waiting(function: Callable[..., Any], seconds: float) -> Callable[..., Any]:
    """A fixture that returns when a coroutine does."""

    @functools.wraps(function)
    def fixture(**arguments: Any) -> Any:
        return _finish(function, arguments, seconds)

    return fixture


def _generating(function: Callable[..., AsyncGenerator[Any, None]], seconds: float) -> Callable[..., Any]:
    """A fixture that yields what an asynchronous generator does, and later runs it to its end."""

    @functools.wraps(function)
    def fixture(**arguments: Any) -> Generator[Any, None, None]:
        generator = function(**arguments)

        async def step() -> Any:
            return await anext(generator)

        async def end() -> None:
            async for _ in generator:
                raise RuntimeError(f"the fixture {function.__name__} yields more than once")

        yield _finish(step, {}, seconds)
        _finish(end, {}, seconds)

    return fixture


def _patience(marker: pytest.Mark) -> float:
    from .util import DEFAULT_TIMEOUT_DURATION

    return float(marker.kwargs.get("timeout", DEFAULT_TIMEOUT_DURATION))


def _finish(function: Callable[..., Any], arguments: dict[str, Any], seconds: float) -> Any:
    """Call a function; if it returns a coroutine or a Deferred, wait for it. Return or raise the outcome."""
    from ropewalk.internet.defer import Deferred, TimeoutError
    from ropewalk.python.failure import Failure

    from ._cases import waiting

    def late() -> BaseException:
        return TimeoutError(f"{getattr(function, '__qualname__', function)} still running at {seconds} secs")

    found = function(**arguments)
    if inspect.iscoroutine(found):
        found = waiting.outcomeInside(functools.partial(Deferred.fromCoroutine, found), seconds, late)
    elif isinstance(found, Deferred):
        found = waiting.outcome(found, seconds, late)
    if isinstance(found, Failure):
        found.raiseException()
    return found
