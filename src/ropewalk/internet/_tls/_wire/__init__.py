"""What the bytes of TLS say, as far as we read them: where records end, what a client offers, certificates."""
