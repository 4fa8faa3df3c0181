"""Behind `ropewalk.enterprise.adbapi`: the pool, one call of it (`job`), and what drivers can beyond DB-API."""
