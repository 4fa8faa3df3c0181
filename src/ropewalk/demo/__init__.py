"""Programs that come with Ropewalk: to try it in a minute, and to read."""
