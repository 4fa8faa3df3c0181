"""A connection that is made again whenever it is lost."""
