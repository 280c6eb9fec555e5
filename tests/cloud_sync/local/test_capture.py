"""Pictures out of files that a device sent, and out of files that are none."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest

from cloud_sync.local.capture import LARGEST_FILE, BadCapture, images_of
from tests.cloud_sync.samples import capture, torso


def packed(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def test_a_capture_becomes_lists_with_none_for_no_value() -> None:
    celsius = torso(warm_spot_k=1.0)
    celsius[0, 0] = np.nan
    images = images_of(capture(celsius))
    assert (images["rows"], images["columns"]) == (24, 32)
    assert images["celsius"][0] is None
    assert images["celsius"][12 * 32 + 16] == pytest.approx(float(celsius[12, 16]), abs=6e-4)
    assert images["asymmetry"][0] is None
    assert images["bad"].index(True) == 3 * 32 + 5
    assert max(value for value in images["map"] if value is not None) == pytest.approx(0.18, abs=0.01)


def test_missing_odd_and_empty_maps_are_left_out() -> None:
    celsius = torso()
    images = images_of(packed(celsius=celsius, map=np.zeros((2, 2)), asymmetry=np.full((24, 32), np.nan), bad=np.zeros(3)))
    assert images["map"] is None
    assert images["asymmetry"] is None
    assert not any(images["bad"])


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "damaged"),
        (b"garbage", "damaged"),
        (capture(torso())[:2000], "damaged"),
        (packed(celsius=np.array([object()], dtype=object)), "damaged"),
        (packed(other=torso()), "no thermogram"),
        (packed(celsius=torso().ravel()), "no thermogram"),
        (packed(celsius=np.zeros((0, 32))), "no thermogram"),
        (packed(celsius=np.zeros((2, 5000))), "no thermogram"),
        (packed(celsius=np.full((24, 32), np.nan)), "no temperatures"),
        (packed(celsius=np.full((24, 32), "warm")), "something else than numbers"),
        (packed(celsius=torso(), map=np.full((24, 32), 1j)), "something else than numbers"),
        (packed(celsius=torso(), bomb=np.zeros(80 << 20, np.uint8)), "unpacks to more"),
        (bytes(LARGEST_FILE + 1), "bytes"),
    ],
)
def test_what_is_no_capture_has_a_sentence(content: bytes, match: str) -> None:
    with pytest.raises(BadCapture, match=match):
        images_of(content)


def test_flipped_bytes_are_damage_and_nothing_else() -> None:
    content = packed(celsius=torso(), map=torso())
    rng = np.random.default_rng(11)
    for _ in range(300):
        broken = bytearray(content)
        for place in rng.integers(0, len(content), 4):
            broken[place] ^= int(rng.integers(1, 256))
        try:
            images_of(bytes(broken))
        except BadCapture:
            continue


def test_a_header_that_promises_more_than_there_is_is_damage() -> None:
    file = io.BytesIO()
    header = (
        b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f4', 'fortran_order': False, 'shape': (900000, 900000), }".ljust(117) + b"\n"
    )
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("celsius.npy", header + bytes(100))
    with pytest.raises(BadCapture):
        images_of(file.getvalue())
