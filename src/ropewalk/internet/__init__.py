"""The engine: reactor, transports, Deferreds, endpoints, and the interfaces between them."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .posixbase import PosixReactorBase

    # At run time a submodule of this name; see there.
    reactor: PosixReactorBase
