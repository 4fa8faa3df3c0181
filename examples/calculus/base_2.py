# -*- test-case-name: calculus.test.test_base_2,calculus.test.test_base_2b -*-
"""T02: the calculator for those who type numbers only."""


class Calculation:
    def add(self, a, b):
        return a + b

    def subtract(self, a, b):
        return a - b

    def multiply(self, a, b):
        return a * b

    def divide(self, a, b):
        return a // b
