"""Services, trees of them, and the application at the root.

A tree is started from its root, `IService(application).startService()`, and stopped there; ``stopService`` returns
a Deferred that fires when everything has stopped.
"""

from __future__ import annotations

from .._doors import publish
from ._services.contracts import IProcess, IService, IServiceCollection, IServiceMaker
from ._services.maker import ServiceMaker
from ._services.root import Application, Process, loadApplication
from ._services.tree import MultiService, Service

__all__ = [
    "Application",
    "IProcess",
    "IService",
    "IServiceCollection",
    "IServiceMaker",
    "MultiService",
    "Process",
    "Service",
    "ServiceMaker",
    "loadApplication",
]

publish(__name__)
