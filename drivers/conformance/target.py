"""What is under test: a device URL, the protocols that it implements, and the defects that its package is known for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drivers.errors import BadDeviceURL
from drivers.url import DeviceURL


class Kind(StrEnum):
    """A protocol of `drivers.protocols`; the values are the names of the fixtures."""

    CARD_READER = "card_reader"
    THERMAL_CAMERA = "thermal_camera"
    PHOTO_CAMERA = "photo_camera"
    INDICATOR = "indicator"


DEFAULT = ("sim:", "none:", "sim:?driver=adafruit", "sim:?driver=mfrc522")
"""What is tested in an ordinary run: all that needs no hardware."""

_SCHEMES: dict[str, tuple[Kind, ...]] = {
    "sim": tuple(Kind),
    "spi": (Kind.CARD_READER,),
    "i2c": (Kind.THERMAL_CAMERA,),
    "replay": (Kind.THERMAL_CAMERA,),
    "picamera": (Kind.PHOTO_CAMERA,),
    "gpio": (Kind.INDICATOR,),
    "none": (Kind.INDICATOR,),
}
_ADAPTERS = {"adafruit": Kind.THERMAL_CAMERA, "mfrc522": Kind.CARD_READER}

KNOWN_DEFECTS: dict[str, dict[str, str]] = {
    "mfrc522": {
        "test_a_uid_is_read_whole[7]": "7-byte UIDs are cut to their first part, so they collide",
        "test_a_uid_is_read_whole[10]": "10-byte UIDs are cut to their first part, so they collide",
        "test_cards_that_begin_alike_are_told_apart": "7-byte UIDs collide",
        "test_two_cards_are_refused": "two cards look like none, or like an unreadable one",
        "test_a_random_uid_is_refused": "random UIDs are taken for lasting ones",
        "test_a_missing_reader_is_not_an_empty_field": "a missing reader looks like no card",
        "test_an_empty_field_takes_a_few_milliseconds": "finding no card takes 2,013 transfers",
    },
}
"""Package → test → defect. The test is then expected to fail, and its passing would be news."""


@dataclass(frozen=True)
class Target:
    """One device URL as one protocol."""

    url: str
    kind: Kind

    @property
    def simulated(self) -> bool:
        """Whether nobody needs to stand in front of it."""
        return DeviceURL.parse(self.url).scheme in ("sim", "none")

    @property
    def replayed(self) -> bool:
        return DeviceURL.parse(self.url).scheme == "replay"

    def defect(self, test: str) -> str | None:
        """Why ``test`` is expected to fail here, or ``None``."""
        driver = DeviceURL.parse(self.url).options.get("driver", "")
        return KNOWN_DEFECTS.get(driver, {}).get(test)


def targets(url: str) -> list[Target]:
    """The protocols that ``url`` can be opened as; raises `BadDeviceURL`."""
    parsed = DeviceURL.parse(url)
    if parsed.scheme not in _SCHEMES:
        raise BadDeviceURL(f"{url!r}: there is no device of the kind {parsed.scheme}:; there are {', '.join(_SCHEMES)}.")
    adapter = parsed.options.get("driver")
    kinds = (_ADAPTERS[adapter],) if adapter in _ADAPTERS else _SCHEMES[parsed.scheme]
    return [Target(url, kind) for kind in kinds]
