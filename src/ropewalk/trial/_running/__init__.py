"""Find tests and run them: one story a file, re-exported by `ropewalk.trial.runner`."""
