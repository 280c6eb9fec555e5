from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.errors import BadInput
from models.mr_slice import LARGEST, SMALLEST, checked, scaled, square

Lengths = st.integers(SMALLEST, 160)


def noise(rows: int, columns: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).gamma(2, 100, (rows, columns)).astype(np.float32)


@settings(max_examples=60, deadline=None)
@given(rows=Lengths, columns=Lengths, seed=st.integers(0, 99), gain=st.floats(1e-6, 1e6), offset=st.floats(-1e3, 1e3))
def test_neither_gain_nor_offset_of_a_scanner_reaches_a_network(
    rows: int, columns: int, seed: int, gain: float, offset: float
) -> None:
    image = noise(rows, columns, seed).astype(np.float64)
    changed = scaled(checked(image * gain + offset * gain))
    np.testing.assert_allclose(changed, scaled(checked(image)), atol=2e-3)


DTYPES = ["u1", "i1", "<u2", ">u2", "<i2", ">i2", "<u4", "<i4", "<u8", "<i8", "f2", "<f4", ">f4", "f8"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_integer_and_float_dtype_gives_the_same_picture(dtype: str) -> None:
    image = np.random.default_rng(0).integers(0, 128, (40, 50))
    found = scaled(checked(image.astype(dtype)))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, scaled(checked(image)))


@settings(max_examples=60, deadline=None)
@given(rows=Lengths, columns=Lengths, seed=st.integers(0, 99))
def test_a_scaled_slice_fills_0_to_1_and_keeps_the_order_of_its_pixels(rows: int, columns: int, seed: int) -> None:
    image = noise(rows, columns, seed)
    found = scaled(checked(image))
    assert found.min() == 0.0
    assert found.max() == 1.0
    assert (np.diff(found.ravel()[np.argsort(image, axis=None)]) >= 0).all()


def test_a_few_hot_pixels_do_not_darken_the_rest() -> None:
    image = noise(64, 64)
    hot = image.copy()
    hot[3, 4:9] = 1e6
    np.testing.assert_allclose(np.median(scaled(checked(hot))), np.median(scaled(checked(image))), atol=0.01)


def test_one_bright_pixel_on_black_is_still_seen() -> None:
    image = np.zeros((64, 64), np.uint16)
    image[10, 20] = 5
    found = scaled(checked(image))
    assert found[10, 20] == 1.0
    assert found.sum() == 1.0


@settings(max_examples=60, deadline=None)
@given(rows=Lengths, columns=Lengths, side=st.sampled_from([16, 64, 128, 256]))
def test_a_slice_is_padded_around_its_middle_and_not_stretched(rows: int, columns: int, side: int) -> None:
    found = square(np.ones((rows, columns), np.float32), side)
    assert found.shape == (side, side)
    longest = max(rows, columns)
    expected = rows * columns / longest**2
    assert found.mean() == pytest.approx(expected, abs=2.5 / min(side, longest))
    assert 0.0 <= found.min() <= found.max() <= 1.0 + 1e-6
    for across, length in ((found.mean(axis=0), columns), (found.mean(axis=1), rows)):
        middle = float((across * np.arange(side)).sum() / across.sum())
        assert middle == pytest.approx((side - 1) / 2, abs=side / longest), length


def test_channels_are_padded_and_resized_alike() -> None:
    image = np.stack([noise(40, 60, seed) for seed in range(3)], axis=-1)
    found = square(image, 32)
    assert found.shape == (32, 32, 3)
    np.testing.assert_array_equal(found[..., 1], square(np.ascontiguousarray(image[..., 1]), 32))


def test_the_caller_s_pixels_are_not_changed() -> None:
    image = noise(40, 40)
    before = image.copy()
    found = checked(image)
    found[:] = 0
    np.testing.assert_array_equal(image, before)


def test_a_mask_is_ignored() -> None:
    image = noise(40, 40)
    found = checked(np.ma.masked_less(image, 100))
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, image)


def test_a_read_only_slice_and_a_view_with_steps_are_read() -> None:
    image = noise(80, 80)
    image.setflags(write=False)
    np.testing.assert_array_equal(checked(image[::2, ::-1]), image[::2, ::-1])


def with_pixel(value: float, dtype: str = "f8") -> NDArray[Any]:
    image = noise(40, 40).astype(dtype)
    image[5, 5] = value
    return image


@pytest.mark.parametrize(
    ("image", "says"),
    [
        pytest.param(noise(40, 40).tolist(), "shape list", id="a list"),
        pytest.param(None, "shape NoneType", id="nothing"),
        pytest.param(np.zeros(40), r"shape \(40,\)", id="one axis"),
        pytest.param(np.zeros((40, 40, 3), np.uint8), r"shape \(40, 40, 3\)", id="a colour photograph"),
        pytest.param(np.zeros((3, 40, 40)), r"shape \(3, 40, 40\)", id="several slices"),
        pytest.param(np.float32(3), "shape", id="a number"),
        pytest.param(np.zeros((0, 0)), "32 to 4096", id="empty"),
        pytest.param(np.zeros((1, 1)), "32 to 4096", id="one pixel"),
        pytest.param(noise(31, 40), "32 to 4096", id="too few rows"),
        pytest.param(np.zeros((LARGEST + 1, 40), np.uint8), "32 to 4096", id="too many rows"),
        pytest.param(noise(40, 40) > 100, "dtype bool", id="bool"),
        pytest.param(noise(40, 40).astype(complex), "dtype complex", id="complex"),
        pytest.param(noise(40, 40).astype(object), "dtype object", id="objects"),
        pytest.param(noise(40, 40).astype(str), "dtype <U", id="texts"),
        pytest.param(np.zeros((40, 40), "M8[s]"), "dtype datetime", id="times"),
        pytest.param(with_pixel(np.nan), "1 of 1600 pixels", id="NaN"),
        pytest.param(with_pixel(np.inf), "1 of 1600 pixels", id="infinite"),
        pytest.param(with_pixel(-np.inf), "1 of 1600 pixels", id="minus infinite"),
        pytest.param(with_pixel(np.inf, "f2"), "1 of 1600 pixels", id="infinite in half precision"),
        pytest.param(with_pixel(1e300), "no scanner", id="beyond float32"),
        pytest.param(with_pixel(-3e38, "f4"), "no scanner", id="so large that a difference overflows"),
        pytest.param(np.full((40, 40), 7, np.int16), "is 7; it shows nothing", id="constant"),
        pytest.param(2**60 + np.arange(1600).reshape(40, 40), "shows nothing", id="constant once it is float32"),
    ],
)
def test_what_is_no_slice_is_refused_with_the_reason(image: Any, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        checked(image)
