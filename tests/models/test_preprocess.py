"""What reaches the network does not depend on the sensor's offset or on the room, and what is no image is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.errors import BadInput
from models.preprocess import body_mask, checked, relative
from tests.models.making import chest


@pytest.mark.parametrize("offset_k", [-1.0, 0.5, 1.0])
def test_an_offset_of_the_sensor_vanishes(offset_k: float) -> None:
    image = chest()
    np.testing.assert_allclose(relative(image + np.float32(offset_k)), relative(image), atol=1e-5)


def test_the_temperature_of_the_room_vanishes() -> None:
    cold, warm = relative(chest(room_c=18.0)), relative(chest(room_c=24.5))
    inside = body_mask(chest(room_c=18.0)) & body_mask(chest(room_c=24.5))
    outside = ~body_mask(chest(room_c=18.0)) & ~body_mask(chest(room_c=24.5))
    assert np.abs(cold - warm)[outside].max() == 0.0
    assert np.median(np.abs(cold - warm)[inside]) < 0.02


def test_the_scale_is_four_kelvin_around_the_bodys_median() -> None:
    image = chest()
    body = body_mask(image)
    prepared = relative(image)
    assert np.median(prepared[body]) == pytest.approx(0.0, abs=1e-6)
    np.testing.assert_allclose(4 * prepared[body], np.clip(image[body] - np.median(image[body]), -4, 4), atol=1e-5)
    assert prepared.dtype == np.float32


def test_the_body_is_the_torso() -> None:
    image = chest(noise_k=0.0)
    body = body_mask(image)
    assert body[8:20, 8:24].all()
    assert not body[12:, :2].any()
    assert not body[12:, -2:].any()


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((32, 24), np.float32), r"shape \(32, 24\)"),
        (np.zeros((24, 32, 1), np.float32), "shape"),
        (np.zeros(768, np.float32), "shape"),
        ([[30.0] * 32] * 24, "shape list"),
        (None, "shape NoneType"),
        (np.zeros((24, 32), np.float64), "dtype float64"),
        (np.zeros((24, 32), np.uint16), "dtype uint16"),
        (np.full((24, 32), np.nan, np.float32), "768 of 768 pixels"),
        (np.full((24, 32), np.inf, np.float32), "768 of 768 pixels"),
        (np.full((24, 32), -273.15, np.float32), "no temperatures"),
        (np.full((24, 32), 3e38, np.float32), "no temperatures"),
        (np.full((24, 32), 3450, np.float32), "no temperatures"),
    ],
)
def test_what_is_no_thermal_image_is_refused(image: Any, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        checked(image)


def test_a_single_pixel_that_is_no_number_is_refused() -> None:
    image = chest()
    image[3, 4] = np.nan
    with pytest.raises(BadInput, match="1 of 768 pixels"):
        checked(image)
