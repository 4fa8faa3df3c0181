"""What shows the results of tests: one story a file, re-exported by `ropewalk.trial.reporter`."""
