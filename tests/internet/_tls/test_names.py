"""Distinguished names."""

from __future__ import annotations

import pytest

from ropewalk.internet.ssl import DN, DistinguishedName


def test_longAndShortNames() -> None:
    """A field has a long name and a short one, as an attribute, a keyword and a key; text becomes bytes."""
    name = DistinguishedName(CN="example.com", organizationName=b"Acme")
    name.L = "Köln"
    assert name == {"commonName": b"example.com", "organizationName": b"Acme", "localityName": "Köln".encode()}
    assert name.commonName == name.CN == b"example.com"


def test_unsetFieldsAreNotThere() -> None:
    """A field that is not set is an attribute that is not there."""
    with pytest.raises(AttributeError, match="ST"):
        _ = DN(CN="x").ST


@pytest.mark.parametrize("act", [lambda: DN(foo="1"), lambda: setattr(DN(), "foo", "1")])
def test_unknownFields(act: object) -> None:
    """A field that X.509 names don't have is refused, and those are named that they have."""
    with pytest.raises(AttributeError, match=r"'foo' is no field .* organizationName"):
        act()  # type: ignore[operator]  # a function it is


def test_forPeople() -> None:
    """It shows itself in a line, and as a table."""
    name = DN(commonName="example.com", C="DE")
    assert repr(name) == str(name) == "<DN 'commonName': b'example.com', 'countryName': b'DE'>"
    assert name.inspect() == "               Common Name: example.com\n              Country Name: DE"
