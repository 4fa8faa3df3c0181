"""AMP, a file for each side of it. `ropewalk.protocols.amp` is the door.

``box`` is what travels (its bytes are in `ropewalk.protocols._wire.boxes`), ``arguments`` what is in it, ``commands``
what it means. ``locators`` find who answers, ``dispatch`` asks and answers; ``protocol`` joins all that to a transport,
and ``descriptors``, ``switching`` and ``security`` are what else can pass over it: files, another protocol, TLS.
"""
