"""Fixtures for every suite."""

import hypothesis

from support.reactors import reactor as reactor

# A busy machine is no reason to fail: how long an example takes is not what property tests are about.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")
