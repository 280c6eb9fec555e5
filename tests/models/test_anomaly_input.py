from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.anomaly_input import SIDE, normalised, prepared
from models.errors import BadInput
from tools.training.brain.phantom import head_phantom


def test_a_slice_becomes_a_square_of_its_own_z_scores() -> None:
    image, frame = prepared(head_phantom(1, 160, lesion=False)[0][10:150])
    assert image.shape == (SIDE, SIDE)
    assert image.dtype == np.float32
    assert (image.min(), image.max()) == (-1.0, pytest.approx(1.0, abs=0.3))
    assert abs(float(np.median(image[16:48, 16:48]))) < 0.35, "most of the tissue is about 0"
    assert frame.bottom - frame.top <= 140


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float64])
def test_neither_the_type_nor_the_unit_of_the_pixels_counts(dtype: Any) -> None:
    pixels = np.rint(head_phantom(2, 160)[0] * 200)
    expected, _ = prepared(pixels.astype(np.float32))
    gain = 1 if dtype == np.uint8 else 17
    found, _ = prepared((pixels * gain).astype(dtype))
    assert np.abs(found - expected).max() < 1e-3


def test_a_lesion_does_not_change_what_the_rest_looks_like() -> None:
    healthy, ill = (prepared(head_phantom(4, 192, lesion=lesion)[0])[0] for lesion in (False, True))
    apart = np.abs(ill - healthy)
    assert np.median(apart) < 0.03
    assert apart.max() > 0.3


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((64, 64), dtype=np.float32),
        np.zeros((64, 64, 3), dtype=np.uint8),
        np.full((64, 64), np.nan),
        np.ones((8, 8)),
        "a slice",
    ],
    ids=["constant", "colour", "no numbers", "tiny", "text"],
)
def test_what_is_no_slice_is_refused(pixels: Any) -> None:
    with pytest.raises(BadInput):
        prepared(pixels)


def test_grey_without_any_spread_is_not_divided_by_nothing() -> None:
    flat = normalised(np.zeros((SIDE, SIDE), dtype=np.float32))
    assert np.array_equal(flat, np.zeros((SIDE, SIDE), dtype=np.float32))
    half = np.zeros((SIDE, SIDE), dtype=np.float32)
    half[:, 32:] = 0.5
    assert np.isfinite(normalised(half)).all()
    assert normalised(half)[0, 63] == 0
