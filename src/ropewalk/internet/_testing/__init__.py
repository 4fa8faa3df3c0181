"""Stand-ins for transports, reactors and protocols: a story a file, put on show by `ropewalk.internet.testing`."""
