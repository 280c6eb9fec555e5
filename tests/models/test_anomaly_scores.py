from __future__ import annotations

import dataclasses
import io
from typing import Any

import numpy as np
import pytest

from models.anomaly_input import SIDE
from models.anomaly_scores import CELLS, FEWEST_SLICES, Image, Score, Statistics, features, mahalanobis, scores
from models.errors import BundleCorrupt

FEATURES = CELLS * CELLS


def standard(slices: int = FEWEST_SLICES) -> Statistics:
    """Return statistics by which a residual is its own z-score."""
    ones = np.ones((SIDE, SIDE), dtype=np.float32)
    return Statistics(0 * ones, ones, np.zeros(FEATURES, np.float32), np.eye(FEATURES, dtype=np.float32), slices)


def flat(image: Image) -> tuple[Image, Image]:
    """Return nothing but grey, and the mean of each column as a latent."""
    return np.zeros_like(image), image.mean(axis=0)


def test_each_score_is_what_it_says() -> None:
    image = np.zeros((SIDE, SIDE), dtype=np.float32)
    image[16:48, 8:40] = 0.5
    found, zs = scores(image, flat, standard())
    assert found[Score.RESIDUAL] == pytest.approx(0.5 * np.sqrt(32 * 32 / SIDE**2))
    assert found[Score.LATENT] == pytest.approx(np.linalg.norm(image.mean(axis=0)))
    assert found[Score.MAHALANOBIS] == pytest.approx(0.5 * np.sqrt(16))
    assert found[Score.Z_SCORE] == pytest.approx(0.5, abs=0.01)
    row, column = np.unravel_index(zs.argmax(), zs.shape)
    assert 16 <= row < 48
    assert 8 <= column < 40


def test_what_is_darker_than_expected_does_not_raise_the_z_score() -> None:
    dark = np.zeros((SIDE, SIDE), dtype=np.float32)
    dark[20:40, 20:40] = -1
    assert scores(dark, flat, standard())[0][Score.Z_SCORE] == pytest.approx(0, abs=1e-6)


def test_a_place_that_always_varies_counts_less() -> None:
    spot = np.zeros((SIDE, SIDE), dtype=np.float32)
    spot[20:40, 20:40] = 1
    usual = standard()
    varying = dataclasses.replace(usual, deviation=np.where(spot > 0, np.float32(4), np.float32(1)))
    assert scores(spot, flat, varying)[0][Score.Z_SCORE] == pytest.approx(0.25, abs=0.01)


def test_the_mahalanobis_distance_counts_in_standard_deviations() -> None:
    quarter = (np.eye(FEATURES) / 4).astype(np.float32)
    wide = dataclasses.replace(standard(), precision=quarter)
    residual = np.full((SIDE, SIDE), -1, dtype=np.float32)
    assert mahalanobis(features(residual), wide) == pytest.approx(np.sqrt(FEATURES) / 2)


def test_statistics_survive_their_file_and_the_same_ones_give_the_same_bytes() -> None:
    read = Statistics.unpacked(standard().packed(), "here")
    assert all(np.array_equal(value, vars(standard())[name]) for name, value in vars(read).items())
    assert standard().packed() == standard().packed()


def packed(**changes: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **{**vars(standard()), **changes})
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no statistics"),
        (b"", "no statistics"),
        (standard().packed()[:200], "no statistics"),
        (packed(slices=np.array("many")), "no statistics"),
        (packed(mean=np.zeros((32, 32))), "other statistics"),
        (packed(deviation=np.zeros((SIDE, SIDE))), "other statistics"),
        (packed(precision=np.full((FEATURES, FEATURES), np.nan)), "other statistics"),
        (standard(FEWEST_SLICES - 1).packed(), f"at least {FEWEST_SLICES}"),
    ],
    ids=["missing", "empty", "truncated", "text", "shape", "no deviation", "no numbers", "of few people"],
)
def test_other_statistics_are_refused(content: bytes | None, said: str) -> None:
    with pytest.raises(BundleCorrupt, match=said):
        Statistics.unpacked(content, "statistics.npz")
