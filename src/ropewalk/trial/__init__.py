"""Trial: tests for code that is driven by events, and the command that runs them.

`ropewalk.trial.unittest` has the test cases, which run under ``trial``, ``python -m unittest`` and pytest alike;
`ropewalk.trial.runner` finds and runs them, `ropewalk.trial.reporter` shows what came of it.
"""
