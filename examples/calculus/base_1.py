# -*- test-case-name: calculus.test.test_base_1 -*-
"""T01: the calculator before it can do anything; its tests are there, and fail."""


class Calculation:
    def add(self, a, b):
        pass

    def subtract(self, a, b):
        pass

    def multiply(self, a, b):
        pass

    def divide(self, a, b):
        pass
