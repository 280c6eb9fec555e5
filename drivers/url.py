"""Device URLs: one line of text that says which driver to use, on which wire, and how.

``i2c:1@0x33?driver=adafruit`` has the scheme ``i2c``, the place ``1``, the address ``0x33`` and one option.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import parse_qsl

from drivers.errors import BadDeviceURL

_FORM = re.compile(r"(?P<scheme>[a-z][a-z0-9]*):(?P<rest>.*)", re.DOTALL)
_SCHEMES_WITH_ADDRESS = frozenset({"i2c"})


@dataclass(frozen=True)
class DeviceURL:
    """A parsed device URL. What place and options mean is for the driver to say."""

    scheme: str
    place: str = ""
    address: int | None = None
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def parse(cls, text: str) -> DeviceURL:
        """Take ``text`` apart; raises `BadDeviceURL`."""
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise BadDeviceURL(f"{text!r} is no device URL; it should look like i2c:1@0x33, spi:0.0, sim: or replay:FILE.")
        place, mark, query = match["rest"].partition("?")
        try:
            pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if mark else []
        except ValueError:
            raise BadDeviceURL(f"{text!r}: what follows the question mark should look like name=value&name=value.") from None
        options = dict(pairs)
        if len(options) != len(pairs):
            raise BadDeviceURL(f"{text!r} names an option twice.")
        address = None
        if match["scheme"] in _SCHEMES_WITH_ADDRESS and "@" in place:
            place, _, written = place.partition("@")
            address = _address(text, written)
        return cls(match["scheme"], place, address, MappingProxyType(options))

    def __str__(self) -> str:
        address = "" if self.address is None else f"@{self.address:#04x}"
        options = "&".join(f"{name}={value}" for name, value in self.options.items())
        return f"{self.scheme}:{self.place}{address}{'?' + options if options else ''}"

    def require_options(self, *known: str) -> None:
        """Raise `BadDeviceURL` for an option that is not in ``known``."""
        for name in self.options:
            if name not in known:
                hint = f"it knows {', '.join(known)}" if known else "it knows none"
                raise BadDeviceURL(f"{self} has an option {name!r} that {self.scheme}: does not know here; {hint}.")

    def require_no_place(self) -> None:
        """Raise `BadDeviceURL` where something stands between the colon and the options."""
        if self.place:
            raise BadDeviceURL(f"{self}: nothing follows {self.scheme}: but options.")

    def number(self, what: str, text: str | None = None) -> int:
        """Return ``text``, or the place, as a number; raises `BadDeviceURL` saying that ``what`` is meant."""
        text = self.place if text is None else text
        if not text.isdecimal() or not text.isascii():
            raise BadDeviceURL(f"{self}: {text!r} is no {what}; a whole number is needed.")
        return int(text)


def _address(text: str, written: str) -> int:
    try:
        address = int(written, 0)
    except ValueError:
        raise BadDeviceURL(f"{text!r}: {written!r} is no I2C address; it should look like 0x33.") from None
    if not 0x08 <= address <= 0x77:
        raise BadDeviceURL(f"{text!r}: I2C addresses lie between 0x08 and 0x77, {written} does not.")
    return address
