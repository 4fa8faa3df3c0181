"""The shared box of byte tools: readers that turn bytes into pieces of meaning, and the errors they raise.

No I/O, no clock, no Deferred. Every reader speaks alike: ``feed(data)``; ``next()``, which returns an event or
`NEED_DATA`; and has a limit on all that a peer can make it keep. Imports the standard library only.
"""
