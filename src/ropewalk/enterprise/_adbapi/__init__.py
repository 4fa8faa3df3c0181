"""Behind `ropewalk.enterprise.adbapi`: the pool, its parts, one call of it (`job`), what drivers can beyond DB-API."""
