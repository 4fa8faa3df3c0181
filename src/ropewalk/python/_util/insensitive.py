"""A dictionary without case."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, MutableMapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class InsensitiveDict(MutableMapping):  # type: ignore[type-arg]  # its keys are anything, text or bytes without case
    """A dictionary whose text and bytes keys are the same in upper and lower case."""

    def __init__(self, dict: Mapping[Any, Any] | None = None, preserve: bool | int = 1) -> None:
        """Make a dictionary.

        Args:
            dict: what is in it first.
            preserve: whether keys are given back as they were last set; otherwise in lower case.
        """
        self.data: OrderedDict[Any, tuple[Any, Any]] = OrderedDict()  # key in lower case: (key as given, value)
        self.preserve = preserve
        if dict is not None:
            self.update(dict)

    @staticmethod
    def _folded(key: Any) -> Any:
        return key.lower() if isinstance(key, (str, bytes)) else key

    def __getitem__(self, key: Any) -> Any:
        try:
            return self.data[self._folded(key)][1]
        except KeyError:
            raise KeyError(key) from None

    def __setitem__(self, key: Any, value: Any) -> None:
        folded = self._folded(key)
        self.data[folded] = (key if self.preserve else folded, value)

    def __delitem__(self, key: Any) -> None:
        del self.data[self._folded(key)]

    def __contains__(self, key: object) -> bool:
        return self._folded(key) in self.data

    def __iter__(self) -> Iterator[Any]:
        return iter([key for key, _ in self.data.values()])

    def __len__(self) -> int:
        return len(self.data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Mapping):
            return NotImplemented
        return {self._folded(key): self[key] for key in self} == {self._folded(key): other[key] for key in other}

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"InsensitiveDict({{{', '.join(f'{key!r}: {value!r}' for key, value in self.items())}}})"

    def copy(self) -> InsensitiveDict:
        return InsensitiveDict(self, self.preserve)

    # Lists, not views, and the names these had on Python 2: both are what was promised.

    def keys(self) -> list[Any]:  # type: ignore[override]
        return list(self)

    def values(self) -> list[Any]:  # type: ignore[override]
        return [value for _, value in self.data.values()]

    def items(self) -> list[tuple[Any, Any]]:  # type: ignore[override]
        return list(self.data.values())

    has_key = __contains__

    def iterkeys(self) -> Iterator[Any]:
        return iter(self)

    def itervalues(self) -> Iterator[Any]:
        return iter(self.values())

    def iteritems(self) -> Iterator[tuple[Any, Any]]:
        return iter(self.items())

    # Written out because `MutableMapping` takes these by position only, and callers name them.

    def update(self, dict: Mapping[Any, Any]) -> None:  # type: ignore[override]  # the documented signature
        for key in dict:
            self[key] = dict[key]

    def setdefault(self, key: Any, default: Any) -> Any:  # type: ignore[override]  # the documented signature
        if key not in self:
            self[key] = default
        return self[key]
