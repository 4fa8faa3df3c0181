"""*Bytes*: what moves them, and knows nothing of what they say. Begin with `stream`; `descriptor` is what all share."""
