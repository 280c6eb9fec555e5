"""Typed access to the tables of a card, with errors that name the missing key."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from models.errors import CardIncomplete

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)
_WORD = re.compile(r"[a-z][a-z0-9-]{0,63}")


class Fields:
    """One TOML table and the dotted path that leads to it. Every accessor raises `CardIncomplete` with that path."""

    def __init__(self, table: Mapping[str, Any], where: str, path: str = "") -> None:
        self._table = table
        self._where = where
        self._path = path

    def has(self, key: str) -> bool:
        return key in self._table

    def names(self) -> tuple[str, ...]:
        return tuple(self._table)

    def text(self, key: str) -> str:
        value = self._value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.unusable(key, "must be a text that says something")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._value(key)
        if not isinstance(value, list) or not value or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.unusable(key, "must be a list of texts, and not an empty one")
        return tuple(value)

    def word(self, key: str) -> str:
        """Return a text that may name a folder: small letters, digits and hyphens."""
        value = self.text(key)
        if not _WORD.fullmatch(value):
            raise self.unusable(key, "must be made of small letters, digits and hyphens, and begin with a letter")
        return value

    def choice(self, key: str, kind: type[ChoiceT]) -> ChoiceT:
        value = self.text(key)
        if value not in list(kind):
            raise self.unusable(key, f"is {value!r}; it must be one of {', '.join(kind)}")
        return kind(value)

    def number(self, key: str) -> float:
        return self._finite(key, self._value(key))

    def numbers(self, key: str) -> tuple[float, ...]:
        value = self._value(key)
        if not isinstance(value, list) or not value:
            raise self.unusable(key, "must be a list of numbers, and not an empty one")
        return tuple(self._finite(key, item) for item in value)

    def probability(self, key: str) -> float:
        value = self.number(key)
        if not 0.0 <= value <= 1.0:
            raise self.unusable(key, f"is {value:g}; it must lie between 0 and 1")
        return value

    def count(self, key: str, *, least: int = 1) -> int:
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.unusable(key, f"must be a whole number, at least {least}")
        return value

    def counts(self, key: str) -> tuple[int, ...]:
        value = self._value(key)
        if not isinstance(value, list) or not value or not all(type(item) is int and item > 0 for item in value):
            raise self.unusable(key, "must be a list of whole numbers above 0")
        return tuple(value)

    def flag(self, key: str) -> bool:
        value = self._value(key)
        if not isinstance(value, bool):
            raise self.unusable(key, "must be true or false")
        return value

    def table(self, key: str) -> Fields:
        value = self._value(key)
        if not isinstance(value, dict):
            raise self.unusable(key, "must be a table")
        return Fields(value, self._where, self._name(key))

    def tables(self, key: str) -> tuple[Fields, ...]:
        value = self._value(key)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            raise self.unusable(key, "must be a list of tables, and not an empty one")
        return tuple(Fields(item, self._where, f"{self._name(key)}[{index}]") for index, item in enumerate(value))

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Return the whole table, each key of which must be ``[lowest, highest]``."""
        found = {}
        for key, value in self._table.items():
            if not isinstance(value, list) or len(value) != 2:
                raise self.unusable(key, "must be [lowest, highest]")
            low, high = (self._finite(key, item) for item in value)
            if low > high:
                raise self.unusable(key, f"is empty: {low:g} is above {high:g}")
            found[key] = (low, high)
        return found

    def unusable(self, key: str, why: str) -> CardIncomplete:
        """Return the error that says ``why`` the value of ``key`` cannot be used."""
        return CardIncomplete(f"{self._where}: {self._name(key)} {why}")

    def _value(self, key: str) -> Any:
        if key not in self._table:
            raise CardIncomplete(f"{self._where} lacks {self._name(key)}; a bundle without it is not used. Complete the card")
        return self._table[key]

    def _finite(self, key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise self.unusable(key, "must be a finite number")
        return float(value)

    def _name(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key
