"""Commands: what ``ropewalk``, ``twistd``, ``twist``, ``trial`` and ``pyhtmlizer`` start."""
