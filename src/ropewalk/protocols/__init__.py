"""Protocols: what is said over connections, with the parts that every one of them needs (`basic`, `policies`)."""
