"""SIP, a file for each part. `ropewalk.protocols.sip` is the door, `ropewalk.protocols._wire.sip` how its text reads.

``addresses``, ``vias`` and ``messages`` are values; ``parser`` cuts messages out of bytes. ``base`` sends and takes
them over UDP, ``proxy`` passes them on, ``registrar`` knows who is where, with a ``registry`` and ``authorizers``.
"""
