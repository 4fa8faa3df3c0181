"""T01: written before the code: all of them fail, as `calculus.base_1` can do nothing yet."""

from calculus.base_1 import Calculation
from ropewalk.trial import unittest


class CalculationTestCase(unittest.TestCase):
    def test_add(self):
        self.assertEqual(Calculation().add(3, 8), 11)

    def test_subtract(self):
        self.assertEqual(Calculation().subtract(7, 3), 4)

    def test_multiply(self):
        self.assertEqual(Calculation().multiply(12, 5), 60)

    def test_divide(self):
        self.assertEqual(Calculation().divide(12, 5), 2)
