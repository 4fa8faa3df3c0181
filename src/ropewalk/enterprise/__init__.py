"""Databases for event-driven programs: `adbapi` runs any DB-API 2.0 driver in threads."""
