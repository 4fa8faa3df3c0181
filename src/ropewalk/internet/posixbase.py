"""Reactors over descriptors: the core with the transports that POSIX systems have."""

from __future__ import annotations

from .base import ReactorBase

__all__ = ["PosixReactorBase"]


class PosixReactorBase(ReactorBase):
    """See `ropewalk.internet.interfaces.IReactorTCP` and kin."""

    def listenTCP(self, port, factory, backlog=50, interface=""):
        from . import tcp

        listener = tcp.Port(port, factory, backlog, interface, self)
        listener.startListening()
        return listener

    def connectTCP(self, host, port, factory, timeout=30.0, bindAddress=None):
        from . import tcp

        connector = tcp.Connector(host, port, factory, timeout, bindAddress, self)
        connector.connect()
        return connector
