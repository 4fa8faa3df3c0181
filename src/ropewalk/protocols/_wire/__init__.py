"""What the bytes of each protocol mean, a file each, both ways. No I/O, no clock, no Deferred."""
