from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.errors import BadInput
from models.lesion_input import CELLS, SERIES, SIDE, Cut, checked, head, prepare


def disc(rows: int, columns: int, centre: tuple[int, int], radius: int) -> NDArray[np.float32]:
    """Return a bright disc on a dark ground, with a slow gradient inside."""
    y, x = np.mgrid[:rows, :columns]
    inside = np.hypot(y - centre[0], x - centre[1]) < radius
    return np.where(inside, 100 + x, 0).astype(np.float32)


def test_the_cut_is_the_heads_square_with_a_margin() -> None:
    cut = head(checked({"flair": disc(200, 240, (90, 130), 60)}))
    assert (cut.rows, cut.columns) == (200, 240)
    assert cut.side == round(119 * 1.06)
    assert cut.top + cut.side / 2 == pytest.approx(90, abs=1.5)
    assert cut.left + cut.side / 2 == pytest.approx(130, abs=1.5)


def test_a_small_head_is_not_blown_up_beyond_half_of_the_slice() -> None:
    assert head(checked({"flair": disc(200, 200, (100, 100), 20)})).side == 100


def test_a_series_with_a_bright_ground_does_not_hide_the_head() -> None:
    dark = disc(200, 200, (100, 100), 60)
    bright = dark.copy()
    bright[dark == 0] = 90
    bright[0, :] = 0  # so that the ground is not the darkest
    assert head(checked({"t1": bright, "flair": dark})) == head(checked({"flair": dark}))


def test_a_missing_series_is_dark_and_the_order_is_fixed() -> None:
    series = checked({"t1c": disc(200, 200, (100, 100), 60)})
    image = prepare(series, head(series))
    assert image.shape == (SIDE, SIDE, len(SERIES))
    assert image[..., SERIES.index("t1c")].max() > 0.9
    assert not image[..., [SERIES.index("t1"), SERIES.index("flair")]].any()


@pytest.mark.parametrize("cut", [Cut(20, 30, 120, 200, 240), Cut(-10, 150, 130, 200, 240), Cut(60, -40, 300, 200, 240)])
def test_a_place_comes_back_to_where_it_was(cut: Cut) -> None:
    truth = np.zeros((200, 240), dtype=np.float32)
    truth[90:115, 175:200] = 1
    cells = cut.out(truth, CELLS)
    back = cut.back(cells)
    inside = np.zeros_like(truth)
    inside[max(cut.top, 0) : cut.top + cut.side, max(cut.left, 0) : cut.left + cut.side] = 1
    expected = truth * inside
    found = back >= 0.5
    if not expected.any():
        assert not found.any()
        return
    overlap = 2 * (found & (expected > 0)).sum() / (found.sum() + expected.sum())
    assert overlap > 0.9
    centre = [axis.mean() for axis in np.nonzero(found)]
    assert np.allclose(centre, [axis.mean() for axis in np.nonzero(expected)], atol=0.6)


def test_what_lies_outside_the_cut_is_what_was_said() -> None:
    back = Cut(50, 50, 100, 200, 200).back(np.ones((CELLS, CELLS), dtype=np.float32), -20.0)
    assert (back[:50] == -20).all()
    assert (back[50:150, 50:150] == 1).all()


def test_a_wider_cut_keeps_its_middle() -> None:
    assert Cut(50, 60, 100, 200, 200).wider(1.2) == Cut(40, 50, 120, 200, 200)


def test_no_series_is_refused() -> None:
    with pytest.raises(BadInput, match="no series at all"):
        checked({})


def test_an_unknown_series_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match=r"t2.*t1, flair, t1c"):
        checked({"t2": disc(64, 64, (32, 32), 20)})


def test_series_of_different_shapes_are_refused() -> None:
    with pytest.raises(BadInput, match=r"flair 64×64, t1c 64×65"):
        checked({"flair": disc(64, 64, (32, 32), 20), "t1c": disc(64, 65, (32, 32), 20)})


def test_a_slice_without_tissue_is_kept_whole() -> None:
    speck = np.zeros((100, 120), dtype=np.float32)
    speck[50, 60] = 1000.0
    cut = head(checked({"t1": speck}))
    assert cut.side >= 60
