"""Versions of TLS: which of them a policy allows."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from ropewalk.logger._names import Constant, Names

__all__ = ["TLSVersion", "Versions", "between", "ofMethod"]


class TLSVersion(Names):
    """The versions of TLS, from old to new. They compare in that order."""

    SSLv3 = Constant()
    TLSv1_0 = Constant()
    TLSv1_1 = Constant()
    TLSv1_2 = Constant()
    TLSv1_3 = Constant()


# The number of each on the wire (RFC 8446 §5.1), which is also OpenSSL's constant for it.
NUMBERS = {
    TLSVersion.SSLv3: 0x0300,
    TLSVersion.TLSv1_0: 0x0301,
    TLSVersion.TLSv1_1: 0x0302,
    TLSVersion.TLSv1_2: 0x0303,
    TLSVersion.TLSv1_3: 0x0304,
}

# RFC 8996 has put older ones to rest.
LOWEST = TLSVersion.TLSv1_2
HIGHEST = TLSVersion.TLSv1_3


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions that are allowed, both ends included."""

    lowest: Constant
    highest: Constant

    @property
    def numbers(self) -> tuple[int, int]:
        """Their numbers on the wire, which are OpenSSL's as well."""
        return NUMBERS[self.lowest], NUMBERS[self.highest]

    def __str__(self) -> str:
        return f"{self.lowest.name} to {self.highest.name}"


SAFE = Versions(LOWEST, HIGHEST)


def between(
    raiseMinimumTo: Constant | None, insecurelyLowerMinimumTo: Constant | None, lowerMaximumSecurityTo: Constant | None
) -> Versions:
    """Find the versions that a policy asks for by `CertificateOptions`'s arguments.

    Raises:
        ValueError: there are none, or a version is none of `TLSVersion`.
        TypeError: the minimum is to be raised and lowered.
    """
    for name, version in (
        ("raiseMinimumTo", raiseMinimumTo),
        ("insecurelyLowerMinimumTo", insecurelyLowerMinimumTo),
        ("lowerMaximumSecurityTo", lowerMaximumSecurityTo),
    ):
        if version is not None and version not in NUMBERS:
            raise ValueError(f"{name} is one of TLSVersion's, not {version!r}")
    if raiseMinimumTo is not None and insecurelyLowerMinimumTo is not None:
        raise TypeError("raiseMinimumTo and insecurelyLowerMinimumTo exclude each other: give the one that is meant")
    highest = HIGHEST if lowerMaximumSecurityTo is None else lowerMaximumSecurityTo
    if raiseMinimumTo is not None:
        # To "raise" it to less than the minimum is no way of lowering it.
        return _checked(max(raiseMinimumTo, LOWEST), highest, f"raiseMinimumTo={raiseMinimumTo.name}")
    if insecurelyLowerMinimumTo is not None:
        return _checked(insecurelyLowerMinimumTo, highest, f"insecurelyLowerMinimumTo={insecurelyLowerMinimumTo.name}")
    # A maximum below our minimum is the wish for that version alone.
    return Versions(min(LOWEST, highest), highest)


def _checked(lowest: Constant, highest: Constant, argument: str) -> Versions:
    if lowest > highest:
        raise ValueError(f"{argument} leaves no version of TLS: the highest is {highest.name}")
    return Versions(lowest, highest)


# The ``method`` of old, by OpenSSL's numbers: one version each, but for those that negotiate.
METHODS = {
    2: Versions(TLSVersion.SSLv3, TLSVersion.SSLv3),
    3: None,  # SSLv23_METHOD
    4: Versions(TLSVersion.TLSv1_0, TLSVersion.TLSv1_0),
    5: Versions(TLSVersion.TLSv1_1, TLSVersion.TLSv1_1),
    6: Versions(TLSVersion.TLSv1_2, TLSVersion.TLSv1_2),
    7: None,  # TLS_METHOD
    8: None,  # TLS_SERVER_METHOD
    9: None,  # TLS_CLIENT_METHOD
}
METHOD_NAMES = {
    "SSLv3_METHOD": 2,
    "SSLv23_METHOD": 3,
    "TLSv1_METHOD": 4,
    "TLSv1_1_METHOD": 5,
    "TLSv1_2_METHOD": 6,
    "TLS_METHOD": 7,
    "TLS_SERVER_METHOD": 8,
    "TLS_CLIENT_METHOD": 9,
}


def ofMethod(method: int) -> Versions:
    """Find the versions that a ``method`` of pyOpenSSL asks for: one, or all that are safe.

    Raises:
        ValueError: there is no such method.
    """
    if method not in METHODS:
        raise ValueError(f"method is a constant of OpenSSL.SSL such as TLS_METHOD, not {method!r}")
    return METHODS[method] or SAFE


def warnOfMethod(stacklevel: int) -> None:
    """Say that ``method`` is deprecated."""
    warnings.warn(
        "CertificateOptions(method=) is deprecated: raiseMinimumTo, insecurelyLowerMinimumTo and "
        "lowerMaximumSecurityTo say which versions of TLS are meant",
        DeprecationWarning,
        stacklevel=stacklevel + 1,
    )
