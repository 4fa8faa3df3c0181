"""A chat server that people can really use: ``ropewalk demo`` starts it, and ``twist chat``.

From the wire inwards: `commands` says what a typed line means, `session` is one person's connection, `door` says who
may come in, `house` knows who is in which room, and `history` remembers what was said. `service` puts them together
as an application does; `program` runs that for somebody at a terminal.
"""
