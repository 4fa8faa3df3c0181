"""Distinguished names: who a certificate is for and who signed it, as X.509 says it."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["DN", "DistinguishedName"]

# The fields that a name has here, by object identifier (RFC 5280 §4.1.2.4, RFC 2985 for the mail address). A
# certificate may have more; what they are called isn't agreed upon, and nobody decides by them.
FIELDS = {
    "2.5.4.3": "commonName",
    "2.5.4.6": "countryName",
    "1.2.840.113549.1.9.1": "emailAddress",
    "2.5.4.7": "localityName",
    "2.5.4.10": "organizationName",
    "2.5.4.11": "organizationalUnitName",
    "2.5.4.8": "stateOrProvinceName",
}
IDENTIFIERS = {name: identifier for identifier, name in FIELDS.items()}

SHORT = {
    "C": "countryName",
    "CN": "commonName",
    "L": "localityName",
    "O": "organizationName",
    "OU": "organizationalUnitName",
    "ST": "stateOrProvinceName",
}

LABELS = {
    "commonName": "Common Name",
    "countryName": "Country Name",
    "emailAddress": "Email Address",
    "localityName": "Locality Name",
    "organizationName": "Organization Name",
    "organizationalUnitName": "Organizational Unit Name",
    "stateOrProvinceName": "State Or Province Name",
}
# So that the colons of an inspection stand in one column.
WIDTH = 26


class DistinguishedName(dict[str, bytes]):
    """A name in X.509: a dictionary of its fields, which are attributes as well, under long and short names.

    The fields are ``commonName`` (``CN``), ``organizationName`` (``O``), ``organizationalUnitName`` (``OU``),
    ``localityName`` (``L``), ``stateOrProvinceName`` (``ST``), ``countryName`` (``C``) and ``emailAddress``. Values are
    UTF-8 bytes; text is encoded when it is set.

    Raises:
        AttributeError: a field that is none of these was set, or one was asked for that is not set.
    """

    __slots__ = ()

    def __init__(self, **kw: str | bytes) -> None:
        super().__init__()
        for name, value in kw.items():
            setattr(self, name, value)

    @classmethod
    def _ofPairs(cls, pairs: Iterable[tuple[str, str]]) -> DistinguishedName:
        """Make one of pairs of an object identifier and a text. Of a field that is there twice the first counts."""
        name = cls()
        for identifier, text in pairs:
            if identifier in FIELDS:
                name.setdefault(FIELDS[identifier], text.encode("utf-8", "surrogateescape"))
        return name

    def _pairs(self) -> list[tuple[str, str]]:
        return [(IDENTIFIERS[field], value.decode("utf-8")) for field, value in self.items()]

    def __getattr__(self, name: str) -> bytes:
        try:
            return self[SHORT.get(name, name)]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: str | bytes) -> None:
        field = SHORT.get(name, name)
        if field not in IDENTIFIERS:
            known = ", ".join(sorted({*IDENTIFIERS, *SHORT}))
            raise AttributeError(f"{name!r} is no field of a distinguished name; there are {known}")
        self[field] = value.encode("utf-8") if isinstance(value, str) else bytes(value)

    def __repr__(self) -> str:
        return f"<DN {dict.__repr__(self)[1:-1]}>"

    __str__ = __repr__

    def inspect(self) -> str:
        """Return the fields that are set as lines for people."""
        return "\n".join(
            f"{label.rjust(WIDTH)}: {self[field].decode('utf-8', 'replace')}"
            for field, label in LABELS.items()
            if field in self
        )


DN = DistinguishedName
