"""Device URLs."""

from __future__ import annotations

import pytest

from drivers.errors import BadDeviceURL
from drivers.url import DeviceURL


@pytest.mark.parametrize(
    ("text", "scheme", "place", "address", "options"),
    [
        ("i2c:1@0x33", "i2c", "1", 0x33, {}),
        ("i2c:1@51", "i2c", "1", 51, {}),
        ("i2c:1", "i2c", "1", None, {}),
        ("i2c:1@0x33?driver=adafruit&rotate=180", "i2c", "1", 0x33, {"driver": "adafruit", "rotate": "180"}),
        ("spi:0.0", "spi", "0.0", None, {}),
        ("sim:", "sim", "", None, {}),
        ("sim:?driver=adafruit", "sim", "", None, {"driver": "adafruit"}),
        ("replay:/a b/me@home.npz", "replay", "/a b/me@home.npz", None, {}),
    ],
)
def test_parts(text: str, scheme: str, place: str, address: int | None, options: dict[str, str]) -> None:
    assert DeviceURL.parse(text) == DeviceURL(scheme, place, address, options)


@pytest.mark.parametrize("text", ["i2c:1@0x33", "i2c:1@0x33?driver=adafruit", "spi:0.0", "sim:", "replay:x.npz?once=yes"])
def test_written_as_it_was_read(text: str) -> None:
    assert str(DeviceURL.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no device URL"),
        ("/dev/i2c-1", "no device URL"),
        ("I2C:1", "no device URL"),
        ("i2c:1@0x33?driver", "name=value"),
        ("i2c:1@0x33?a=1&a=2", "twice"),
        ("i2c:1@there", "0x33"),
        ("i2c:1@0x99", "between 0x08 and 0x77"),
        ("i2c:1@", "0x33"),
    ],
)
def test_nonsense_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadDeviceURL, match=says):
        DeviceURL.parse(text)


def test_unknown_option_names_the_known_ones() -> None:
    url = DeviceURL.parse("i2c:1?diver=adafruit")
    with pytest.raises(BadDeviceURL, match=r"'diver'.*it knows driver, rotate"):
        url.require_options("driver", "rotate")
    with pytest.raises(BadDeviceURL, match="it knows none"):
        url.require_options()


@pytest.mark.parametrize("text", ["i2c:", "i2c:one", "i2c:-1", "i2c:1.5", "i2c:²"])
def test_number(text: str) -> None:
    assert DeviceURL.parse("i2c:12").number("I2C bus") == 12
    with pytest.raises(BadDeviceURL, match="I2C bus"):
        DeviceURL.parse(text).number("I2C bus")
