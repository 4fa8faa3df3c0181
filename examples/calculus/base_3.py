# -*- test-case-name: calculus.test.test_base_3 -*-
"""T04: the calculator that takes what a user typed, and raises `TypeError` for what is no number."""

from .calculation import Calculation as Calculation
