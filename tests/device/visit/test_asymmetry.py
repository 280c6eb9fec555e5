"""The measured difference against scenes whose difference is known, through every part of the stated budget."""

from __future__ import annotations

import numpy as np
import pytest

from device.visit import asymmetry
from device.visit.asymmetry import Asymmetry, measure_asymmetry
from tests.device.visit.scenes import Image, thermograms, torso

NOISE_K = 0.1


def scene(difference_k: float, midline: float = 15.5, plane_off_px: float = 0.0) -> Image:
    """A body whose outline is symmetrical about ``midline``, and whose temperatures are about a plane beside it.

    The patient's left, at the right of the picture, is ``difference_k`` warmer.
    """
    rows, columns = np.mgrid[0:24, 0:32].astype(float)
    from_plane = columns - midline - plane_off_px
    skin = 32.5 + 1.2 * np.exp(-((abs(from_plane) - 5) ** 2 + (rows - 14) ** 2) / 18) - 0.06 * abs(from_plane)
    skin += 0.8 * np.cos(from_plane) * np.exp(-((rows - 9) ** 2) / 8) + difference_k * (0.5 + 0.5 * np.tanh(2 * from_plane))
    half_width = 11.0 + 2.0 * np.exp(-((rows - 14) ** 2) / 30)
    cover = np.clip(half_width - abs(columns - midline) + 0.5, 0, 1)
    return np.asarray(22.0 + cover * (skin - 22.0))


def measured(image: Image, *, flat_field: bool = True) -> Asymmetry:
    found = measure_asymmetry(image, NOISE_K, flat_field=flat_field)
    assert found is not None
    return found


@pytest.mark.parametrize("difference_k", [-1.0, -0.3, 0.0, 0.3, 1.0])
@pytest.mark.parametrize("midline", [13.5, 15.5, 16.8])
def test_a_known_difference_is_found_with_its_sign(difference_k: float, midline: float) -> None:
    found = measured(scene(difference_k, midline))
    assert found.difference_k == pytest.approx(difference_k, abs=0.05)
    assert found.left_c - found.right_c == pytest.approx(found.difference_k, abs=1e-9)


@pytest.mark.parametrize(("flat_field", "sensor_k"), [(True, asymmetry.FLAT_FIELD_U_K), (False, asymmetry.NON_UNIFORMITY_U_K)])
def test_the_error_lies_within_the_uncertainty_as_often_as_it_should(flat_field: bool, sensor_k: float) -> None:
    rng = np.random.default_rng(1)
    errors = []
    for _ in range(400):
        true_k = rng.uniform(-1.0, 1.0)
        image = scene(true_k, rng.uniform(14.5, 16.5), rng.normal(0, asymmetry.MIDLINE_U_PX))
        image[:, 16:] += rng.normal(0, sensor_k)
        image += rng.normal(0, NOISE_K, image.shape)
        found = measured(image, flat_field=flat_field)
        errors.append((found.difference_k - true_k) / found.uncertainty_k)
    within = np.mean(np.abs(errors) <= 1), np.mean(np.abs(errors) <= 2)
    assert 0.60 <= within[0] <= 0.80, f"68 % are expected within one standard uncertainty, {within[0]:.0%} were"
    assert within[1] >= 0.93
    assert abs(np.mean(errors)) < 0.15, "no bias"


def test_without_a_flat_field_the_sensor_itself_is_the_largest_part() -> None:
    assert measured(scene(0.3), flat_field=False).uncertainty_k > 0.29
    assert measured(scene(0.3)).uncertainty_k < 0.15


def test_more_noise_is_more_uncertainty() -> None:
    quiet = measure_asymmetry(scene(0.3), 0.1, flat_field=True)
    loud = measure_asymmetry(scene(0.3), 3.0, flat_field=True)
    assert quiet is not None
    assert loud is not None
    assert loud.uncertainty_k > quiet.uncertainty_k


def test_the_map_shows_where_and_is_its_own_negative_on_the_other_side() -> None:
    warm = scene(0.0)
    warm[14, 21] += 2.0
    found = measured(warm)
    assert divmod(int(np.nanargmax(found.map)), 32) == (14, 21)
    assert found.map[14, 10] == pytest.approx(-2.0, abs=0.2)
    assert np.isnan(found.map[:4]).all(), "chin and arms are left out"
    assert np.isnan(found.map[:, 0]).all(), "off the body there is nothing"


def test_the_simulated_torso_is_warmer_where_it_says() -> None:
    left_warmer = measured(torso(asymmetry_k=1.0)).difference_k - measured(torso()).difference_k
    assert 0.1 < left_warmer <= 1.0, "only the breast is warmer, not the whole side"


def test_an_empty_room_and_a_side_alone_are_no_comparison() -> None:
    assert measure_asymmetry(np.full((24, 32), 22.0), NOISE_K, flat_field=True) is None
    edge = np.full((24, 32), 22.0)
    edge[:, :4] = 33.0
    assert measure_asymmetry(edge, NOISE_K, flat_field=True) is None


def test_every_real_body_can_be_compared() -> None:
    found = [measure_asymmetry(image, NOISE_K, flat_field=True) for image in thermograms()]
    differences = np.array([each.difference_k for each in found if each is not None])
    assert differences.size == len(found)
    assert np.median(np.abs(differences)) < 0.5
    assert np.abs(differences).max() < 3.0
