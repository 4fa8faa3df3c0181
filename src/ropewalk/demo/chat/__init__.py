"""A chat server that people can really use: ``ropewalk demo`` starts it.

From the wire inwards: `commands` says what a typed line means, `session` is one person's connection, `house` knows
who is in which room, `history` remembers what was said, and `server` puts them together and takes them down again.
"""
