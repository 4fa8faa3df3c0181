"""Names and values of HTTP as constants: they can be looked up, compared, sorted and listed, and nothing else."""

from ropewalk.python.constants import NamedConstant, Names, ValueConstant, Values


class METHOD(Names):
    """What a request wants."""

    GET = NamedConstant()
    PUT = NamedConstant()
    POST = NamedConstant()
    DELETE = NamedConstant()

    @classmethod
    def isIdempotent(cls, method):
        """Whether asking changes nothing."""
        return method is cls.GET


class STATUS(Values):
    """What came of it."""

    OK = ValueConstant("200")
    NO_CONTENT = ValueConstant("204")
    FOUND = ValueConstant("302")
    NOT_MODIFIED = ValueConstant("304")
    NOT_FOUND = ValueConstant("404")

    @classmethod
    def hasBody(cls, status):
        """Whether a body follows."""
        return status not in (cls.NO_CONTENT, cls.NOT_MODIFIED)


if __name__ == "__main__":
    import sys

    for word in sys.argv[1:]:
        try:
            method = METHOD.lookupByName(word)
        except ValueError as problem:
            print(f"no method is called {problem}; there are {list(METHOD.iterconstants())}")
        else:
            print(method, METHOD.isIdempotent(method))
    print([status for status in STATUS.iterconstants() if not STATUS.hasBody(status)])
