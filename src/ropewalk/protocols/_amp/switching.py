"""A command after which the connection speaks another protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.internet.error import ConnectionLost
from ropewalk.python.failure import Failure

from .box import AmpBox, FollowedBox
from .commands import Command

if TYPE_CHECKING:
    from ropewalk.internet.defer import Deferred
    from ropewalk.internet.interfaces import IProtocol

    from .errors import RemoteAmpError

__all__ = ["ProtocolSwitchCommand"]


class ProtocolSwitchCommand(Command):
    """A command that is answered, and then both sides speak something else. Derive from it as from `Command`.

    Its responder returns the protocol that takes over there. From the call on, no other box can be sent here
    (`ProtocolSwitched` is raised); if the peer says no, boxes can be sent again.

    Args:
        _protoToSwitchToFactory: makes the protocol that takes over here, once the answer has come; its
            ``clientConnectionFailed`` is called when that doesn't come to pass, its ``clientConnectionLost`` when the
            connection is over. In both the connector is `None`.
        kw: as for any command.
    """

    def __init__(self, _protoToSwitchToFactory: Any, **kw: Any) -> None:
        self.protoToSwitchToFactory = _protoToSwitchToFactory
        super().__init__(**kw)

    @classmethod
    def makeResponse(cls, innerProto: IProtocol, proto: Any) -> AmpBox:  # type: ignore[override]  # it is no dictionary
        """Return the box of the answer, after which the responder's protocol takes over.

        Raises:
            TypeError: what the responder returned is no protocol.
        """
        if not hasattr(innerProto, "makeConnection"):
            raise TypeError(f"the responder of {cls.__name__} has to return a protocol")
        return FollowedBox(lambda sender: sender._switchTo(innerProto))

    def _doCommand(self, proto: Any) -> Deferred[dict[str, Any]] | None:
        asked = super()._doCommand(proto)
        # A command that wants no answer is not answered, and then nobody knows when to switch.
        if asked is not None and not asked.called:
            proto.boxSender._lock()
        return asked

    def _answered(self, box: AmpBox, proto: Any) -> dict[str, Any]:
        sender = proto.boxSender
        sender._switchTo(
            self.protoToSwitchToFactory.buildProtocol(sender.transport.getPeer()), self.protoToSwitchToFactory
        )
        return {}

    def _refused(self, error: RemoteAmpError, proto: Any) -> BaseException:
        proto.boxSender._unlock()
        self._abandoned(Failure(ConnectionLost(f"the peer did not switch protocols: {error}")))
        return super()._refused(error, proto)

    def _abandoned(self, reason: Failure) -> None:
        self.protoToSwitchToFactory.clientConnectionFailed(None, reason)
