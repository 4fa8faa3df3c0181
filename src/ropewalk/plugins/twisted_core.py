"""The kinds of endpoints that come with the house.

There are no plugins in here: what ``tcp6``, ``systemd``, ``stdio``, ``tls`` and the others mean is known to
`ropewalk.internet.endpoints` itself, so that reading a description looks for no plugins. Only ``haproxy``, which the
engine knows nothing of, is a plugin: `ropewalk.plugins.endpoint_haproxy`.
"""

__all__: list[str] = []
