"""Every interface of `ropewalk.internet.interfaces`, one topic a file."""
