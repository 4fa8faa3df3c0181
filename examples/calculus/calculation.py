"""Whole-number arithmetic that takes what a user typed."""


class Calculation:
    def add(self, a, b):
        a, b = integers(a, b)
        return a + b

    def subtract(self, a, b):
        a, b = integers(a, b)
        return a - b

    def multiply(self, a, b):
        a, b = integers(a, b)
        return a * b

    def divide(self, a, b):
        a, b = integers(a, b)
        return a // b


def integers(*words):
    """Numbers of words (or numbers); TypeError names the words that are none."""
    try:
        return [int(word) for word in words]
    except ValueError:
        raise TypeError(f"cannot make integers of {words!r}") from None
