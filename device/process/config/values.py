"""One validator for each kind of value that can stand in the configuration.

A validator takes what TOML gave and returns the typed value, or raises `ValueError` with "what; remedy". It knows neither
file nor key: `load` adds those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias, TypeVar

T = TypeVar("T")
Validator: TypeAlias = Callable[[object], T]

_QUANTITY = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*([^\d\s.].*?)?\s*")

SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
BYTES = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30}
BIT_RATES = {"kbit/s": 1.0, "Mbit/s": 1000.0}
REFRESH_RATES_HZ = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""The sensor knows no others (MLX90640 datasheet, control register 1)."""


def text(value: object) -> str:
    """A string, whatever stands in it."""
    if not isinstance(value, str):
        raise ValueError(f"a text was expected, not {_kind(value)}; put it in quotes")
    return value


def flag(value: object) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise ValueError(f"true or false was expected, not {_kind(value)}; write it without quotes")
    return value


def identifier(value: object) -> str:
    """A name that may stand in a path of the cloud: lower-case letters, digits and hyphens."""
    name = text(value)
    if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", name):
        raise ValueError(f"{name!r} is no name; use 1 to 63 of a-z, 0-9 and '-', with a letter or digit at both ends")
    return name


def language(value: object) -> str:
    """A language tag: ``en``, ``es``, ``pt-BR``. Whether there is a catalogue for it, the screen knows."""
    tag = text(value)
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", tag):
        raise ValueError(f"{tag!r} is no language; write it like 'en' or 'pt-BR'")
    return tag


def one_of(*choices: str) -> Validator[str]:
    """One of a few words."""

    def validate(value: object) -> str:
        word = text(value)
        if word not in choices:
            raise ValueError(f"{word!r} is not possible; choose {_either(choices)}")
        return word

    return validate


def url(*words: str) -> Validator[str]:
    """``scheme:rest``, such as ``i2c:1@0x33``, or one of ``words``. What a scheme means, its driver knows."""

    def validate(value: object) -> str:
        address = text(value)
        if address not in words and not re.fullmatch(r"[a-z][a-z0-9+.-]*:\S*", address):
            hint = f", or {_either(words)}" if words else ""
            raise ValueError(f"{address!r} names no device; write it like 'i2c:1@0x33', 'spi:0.0', 'sim:'{hint}")
        return address

    return validate


def optional_path(value: object) -> Path | None:
    """A path, or an empty text for none. A relative one starts at the configuration file's folder (see `load`)."""
    name = text(value)
    if "\0" in name:
        raise ValueError("a path cannot hold a NUL character; remove it")
    return Path(name).expanduser() if name else None


def port(value: object) -> int:
    """A TCP port that needs no privilege."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"a port number was expected, not {_kind(value)}; write it without quotes, like 8600")
    if not 1024 <= value <= 65535:
        raise ValueError(f"port {value} cannot be used; choose one from 1024 to 65535")
    return value


def ratio(lowest: float, highest: float) -> Validator[float]:
    """A number without a unit, between two limits, both included."""

    def validate(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"a number was expected, not {_kind(value)}; write it without quotes, like {highest:g}")
        return _within(float(value), lowest, highest, "")

    return validate


def ratio_or(word: str, lowest: float, highest: float) -> Validator[float | None]:
    """A `ratio`, or ``word`` for none."""
    return lambda value: None if value == word else ratio(lowest, highest)(value)


def duration(lowest_s: float, highest_s: float) -> Validator[float]:
    """A time like "20 s", "10 min", "250 ms", in seconds."""
    return lambda value: _within(_quantity(value, SECONDS, "20 s"), lowest_s, highest_s, " s")


def temperature(lowest_c: float, highest_c: float) -> Validator[float]:
    """A temperature like "18 °C". Kelvin is refused: it is for differences here, and taking one for the other is easy."""
    return lambda value: _within(_quantity(value, {"°C": 1.0, "C": 1.0}, "18 °C"), lowest_c, highest_c, " °C")


def temperature_or(word: str, lowest_c: float, highest_c: float) -> Validator[float | None]:
    """A temperature, or ``word`` (then ``None``)."""
    exact = temperature(lowest_c, highest_c)
    return lambda value: None if value == word else exact(value)


def temperature_difference(lowest_k: float, highest_k: float) -> Validator[float]:
    """A difference of temperatures like "0.1 K" or "100 mK", in kelvin."""
    return lambda value: _within(_quantity(value, {"K": 1.0, "mK": 0.001}, "0.1 K"), lowest_k, highest_k, " K")


def refresh_rate(value: object) -> float:
    """A refresh rate like "8 Hz" that the sensor knows."""
    rate = _quantity(value, {"Hz": 1.0}, "8 Hz")
    if rate not in REFRESH_RATES_HZ:
        raise ValueError(f"the sensor knows no {rate:g} Hz; choose {_either([f'{known:g} Hz' for known in REFRESH_RATES_HZ])}")
    return rate


def size(lowest: float, highest: float) -> Validator[int]:
    """A number of bytes like "500 MB" or "2 GiB"."""
    return lambda value: int(_within(_quantity(value, BYTES, "500 MB"), lowest, highest, " B"))


def bit_rate_or(word: str, lowest_kbit_s: float, highest_kbit_s: float) -> Validator[float | None]:
    """A rate like "512 kbit/s" or "2 Mbit/s", in kbit/s, or ``word`` for no limit (then ``None``)."""

    def validate(value: object) -> float | None:
        if value == word:
            return None
        return _within(_quantity(value, BIT_RATES, "512 kbit/s"), lowest_kbit_s, highest_kbit_s, " kbit/s")

    return validate


def _quantity(value: object, units: Mapping[str, float], example: str) -> float:
    if not isinstance(value, str):
        raise ValueError(f"a text with a number and its unit was expected, not {_kind(value)}; write it like {example!r}")
    match = _QUANTITY.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is no number with a unit; write it like {example!r}")
    number, unit = match.groups()
    if unit is None:
        raise ValueError(f"{value!r} has no unit; write it like {example!r}")
    if unit not in units:
        raise ValueError(f"{unit!r} is not a unit of this value; use {_either(list(units))}, like {example!r}")
    return float(number) * units[unit]


def _within(value: float, lowest: float, highest: float, unit: str) -> float:
    if not lowest <= value <= highest:  # NaN falls through as well
        raise ValueError(f"{value:g}{unit} is out of range; choose from {lowest:g}{unit} to {highest:g}{unit}")
    return value


def _either(choices: list[str] | tuple[str, ...]) -> str:
    *others, last = [repr(choice) for choice in choices]
    return f"{', '.join(others)} or {last}" if others else last


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a table"}
    return names.get(type(value), f"a {type(value).__name__}")
