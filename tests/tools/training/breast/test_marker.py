"""The metal marker is found, measured and gone."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("scipy", reason="scipy comes with the training extra only")

from tests.tools.training.breast.making import thermogram, with_marker
from tools.training.breast.marker import find_marker, paint_over


@pytest.mark.parametrize("side", [6, 10, 16, 20])
def test_a_marker_is_found_with_its_size(side: int) -> None:
    image = with_marker(thermogram(1), side, row=90, column=72)
    found = find_marker(image)
    assert abs(int(found.sum()) - side**2) <= 0.25 * side**2
    assert found[90 : 90 + side, 72 : 72 + side].mean() > 0.8


@pytest.mark.parametrize("side", [6, 10, 16])
def test_a_painted_marker_leaves_the_skin_that_was_under_it(side: int) -> None:
    image = thermogram(1)
    painted = paint_over(with_marker(image, side, row=95, column=74))
    place = (slice(90, 119), slice(68, 100))
    assert float(np.abs(painted - image)[place].max()) < 0.8
    np.testing.assert_array_equal(painted[:80], image[:80])


def test_an_image_without_a_marker_stays_as_it_is() -> None:
    image = thermogram(1)
    assert not find_marker(image).any()
    np.testing.assert_array_equal(paint_over(image), image)
