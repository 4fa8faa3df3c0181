"""*When*: turns, delayed calls, triggers, signals, threads, names. `core` puts them together, `drivers` calls turns."""
