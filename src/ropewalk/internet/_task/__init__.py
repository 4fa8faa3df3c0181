"""Work spread over time: a story a file, put on show by `ropewalk.internet.task`."""
