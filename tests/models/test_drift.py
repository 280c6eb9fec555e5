"""The drift monitor's arithmetic: what it counts, how seldom it is wrong, and what it finds."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray

from models import drift
from models.errors import BadInput
from tests.models.making import chest


def slice_(seed: int = 1, contrast: float = 500.0) -> NDArray[np.int16]:
    """Return a made-up head, int16 [96, 96]."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[-1:1:96j, -1:1:96j]
    head = (rows / 0.8) ** 2 + (columns / 0.65) ** 2 < 1
    grey = 20 + head * (contrast + 100 * np.cos(5 * rows)) + rng.normal(0, 8, head.shape)
    return np.asarray(grey, dtype=np.int16)


def folded(reference: tuple[float, ...], values: NDArray[np.float64]) -> Counter[int]:
    return Counter(drift.cell(reference, float(value)) for value in values)


# -- the statistics


def test_the_statistics_of_a_thermogram_are_those_of_the_body() -> None:
    found = drift.statistics(chest(noise_k=0.0))
    assert 31 < found["body_c"] < 36
    assert 0.4 < found["body_fraction"] < 0.9
    assert found["contrast_k"] == pytest.approx(found["body_c"] - 22.0, abs=0.5)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("body_c", lambda celsius: celsius + np.float32(1.5)),
        ("side_k", lambda celsius: celsius + np.linspace(-1, 1, 32, dtype=np.float32)),
        ("height_k", lambda celsius: celsius + np.linspace(-1, 1, 24, dtype=np.float32)[:, None]),
        ("noise_k", lambda celsius: celsius + np.random.default_rng(5).normal(0, 0.5, celsius.shape).astype(np.float32)),
    ],
)
def test_each_fault_of_a_sensor_moves_its_statistic(name: str, change: object) -> None:
    assert callable(change)
    before, after = drift.statistics(chest()), drift.statistics(change(chest()))
    assert after[name] - before[name] > 0.2


def test_the_statistics_of_a_slice_have_no_unit_and_no_size() -> None:
    once = drift.statistics(slice_())
    assert drift.statistics(10 * slice_()) == pytest.approx(once, rel=1e-3, abs=1e-3)
    assert drift.statistics(np.kron(slice_(), np.ones((2, 2), np.int16))) == pytest.approx(once, rel=0.25, abs=0.02)
    assert once["tissue_fraction"] == pytest.approx(np.pi * 0.8 * 0.65 / 4, abs=0.05)


def test_a_blurred_slice_is_less_sharp() -> None:
    blurred = np.mean([np.roll(slice_(), shift, axis=1) for shift in range(-3, 4)], axis=0)
    assert drift.statistics(blurred)["sharpness"] < 0.8 * drift.statistics(slice_())["sharpness"]


@pytest.mark.parametrize(
    "image", [np.zeros((24, 32)), np.full((24, 32), np.nan, np.float32), np.zeros((5, 5)), np.ones((64, 64))]
)
def test_what_is_no_image_has_no_statistics(image: NDArray[np.float64]) -> None:
    with pytest.raises(BadInput):
        drift.statistics(image)


def test_an_even_thermogram_has_statistics_all_the_same() -> None:
    assert set(drift.statistics(np.full((24, 32), 22.0, np.float32))) == set(drift.statistics(chest()))


# -- quantiles and cells


def test_quantiles_are_values_that_were_seen() -> None:
    values = [3.0, 1.0, 2.0]
    found = drift.quantiles(values)
    assert len(found) == drift.POINTS
    assert found[0] == 1.0
    assert found[-1] == 3.0
    assert set(found) <= set(values)


@pytest.mark.parametrize("values", [[], [1.0, float("nan")], [float("inf")]])
def test_quantiles_of_nothing_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="at least one value, all of them finite"):
        drift.quantiles(values)


def test_a_cards_section_has_every_statistic_and_the_score() -> None:
    section = drift.reference_of([chest(seed) for seed in range(5)], [0.1, 0.2, 0.3])
    assert set(section) == {*drift.statistics(chest()), drift.SCORE}
    assert section[drift.SCORE][-1] == 0.3
    assert drift.SCORE not in drift.reference_of([chest()], []), "a gate that is a rule has no score"


def test_every_value_has_its_cell() -> None:
    reference = tuple(float(n) for n in range(11))
    assert [drift.cell(reference, value) for value in (-1, 0, 0.5, 1, 9.5, 10, 11)] == [0, 1, 2, 3, 20, 21, 22]
    assert drift.cell(reference, 1.0000000001) == 3, "the last bits of a number are no difference"


def test_the_training_itself_is_at_no_distance_whatever_its_ties() -> None:
    rng = np.random.default_rng(3)
    for values in (rng.normal(size=1000), rng.integers(0, 4, 1000).astype(float), np.ones(50)):
        reference = drift.quantiles(values)
        assert drift.distance(reference, folded(reference, values)) == pytest.approx(0.0, abs=1e-12)


def test_the_sign_tells_where_the_images_went() -> None:
    reference = drift.quantiles(np.random.default_rng(3).normal(size=1000))
    assert drift.distance(reference, folded(reference, np.full(30, -9.0))) == 1.0
    assert drift.distance(reference, folded(reference, np.full(30, 9.0))) == -1.0
    lower = drift.distance(reference, folded(reference, np.random.default_rng(4).normal(-1, 1, 3000)))
    assert lower == pytest.approx(0.383, abs=0.05), "a shift by one standard deviation"


# -- what is chance


def shifted(rng: np.random.Generator, n: int, units: int, by: float = 0.0, statistics: int = 8) -> bool:
    """Return whether a kiosk with ``n`` images calls any statistic drifted whose card rests on ``units`` people."""
    found = []
    for _ in range(statistics):
        reference = drift.quantiles(rng.normal(size=units))
        gap = drift.distance(reference, folded(reference, rng.normal(by, 1, n)))
        found.append(drift.Shift("any", n, gap, drift.bound(n, units, statistics, running=False)))
    return any(one.certain > 0 for one in found)


@pytest.mark.parametrize("n", [20, 60])
def test_nothing_is_certain_where_nothing_has_changed(n: int) -> None:
    """The bound promises one period in a hundred; 80 of them have more than five with a probability below 0.001."""
    rng = np.random.default_rng(11)
    assert sum(shifted(rng, n, 128) for _ in range(80)) <= 5


def test_nothing_is_certain_though_it_is_looked_at_after_every_image() -> None:
    rng, alarms = np.random.default_rng(12), 0
    for _ in range(20):
        reference = drift.quantiles(rng.normal(size=128))
        counts = folded(reference, values := rng.normal(size=120))
        for n in range(len(values), drift.FEWEST - 1, -1):
            alarms += abs(drift.distance(reference, counts)) > drift.bound(n, 128, 8, running=True)
            counts[drift.cell(reference, float(values[n - 1]))] -= 1
    assert alarms == 0


def test_a_gross_fault_is_found_with_few_images_and_a_small_one_with_many() -> None:
    rng = np.random.default_rng(13)
    reference = drift.quantiles(rng.normal(size=128))

    def drifted(n: int, by: float, *, running: bool = False) -> bool:
        gap = drift.distance(reference, folded(reference, rng.normal(by, 1, n)))
        return drift.Shift("any", n, gap, drift.bound(n, 128, 8, running=running)).drifted

    assert drifted(25, 4.0, running=True)
    assert not drifted(19, 4.0), "too few to say anything"
    assert drifted(80, 2.0)
    assert not drifted(1000, 0.1), "people differ; that is no fault"


def test_a_running_week_needs_more_than_a_finished_one() -> None:
    for n in (20, 50, 500):
        assert drift.bound(n, 128, 8, running=True) > drift.bound(n, 128, 8, running=False)
    assert drift.bound(500, 128, 8, running=False) < drift.bound(50, 128, 8, running=False)
