"""What the bytes of challenges and answers mean. No I/O, no clock, no Deferred."""
