from __future__ import annotations

import numpy as np

from models import head
from models.mr_slice import checked, scaled
from tools.training.brain.phantom import head_phantom


def test_a_phantom_is_a_slice_with_its_lesion_inside_the_head() -> None:
    image, lesion = head_phantom(3, 128)
    frame = head.find(scaled(checked(image)))
    rows, columns = np.nonzero(lesion)
    assert image.dtype == np.float32
    assert image.min() >= 0
    assert image.max() <= 1
    assert lesion.any()
    assert frame.top < rows.min()
    assert rows.max() < frame.bottom
    assert frame.left < columns.min()
    assert columns.max() < frame.right
    assert image[lesion].mean() > 2 * image[~lesion].mean()


def test_the_same_seed_gives_the_same_phantom_and_another_seed_another() -> None:
    assert np.array_equal(head_phantom(1)[0], head_phantom(1)[0])
    assert not np.array_equal(head_phantom(1)[0], head_phantom(2)[0])


def test_a_phantom_without_a_lesion_is_the_same_head() -> None:
    with_lesion, mask = head_phantom(5)
    without, none = head_phantom(5, lesion=False)
    assert not none.any()
    assert np.abs(with_lesion - without)[mask].min() > 0.1
