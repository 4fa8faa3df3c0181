"""A directory for child processes: on their ``PYTHONPATH``, it makes them put the stand-in on as they start."""
