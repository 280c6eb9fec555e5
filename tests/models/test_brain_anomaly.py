from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.anomaly_scores import Score, Statistics
from models.brain_anomaly import NAME, STATISTICS, AnomalyModel, Autoencoders
from models.bundle import CARD, Bundle, default_bundle, write_sums
from models.errors import BadInput, BundleCorrupt, CardIncomplete, WrongModality
from models.prediction import Outcome
from tools.training import toml
from tools.training.brain.phantom import head_phantom


class AnyGate:
    """Accepts everything, or refuses everything for one reason."""

    def __init__(self, reason: str | None = None) -> None:
        self._reason = reason

    def refusal(self, slice_: NDArray[Any]) -> str | None:
        return self._reason


@pytest.fixture(scope="module")
def model() -> AnomalyModel:
    return AnomalyModel.load(default_bundle(NAME), gate=AnyGate())


def changed(folder: Path, change: Callable[[dict[str, Any]], None] = lambda card: None) -> Path:
    """Return a copy of the shipped bundle with a changed card and right hashes."""
    path = Path(shutil.copytree(default_bundle(NAME), folder / NAME))
    card = tomllib.loads((path / CARD).read_text(encoding="utf-8"))
    change(card)
    (path / CARD).write_text(toml.dumps(card), encoding="utf-8")
    write_sums(path)
    return path


def test_a_slice_is_answered_with_scores_and_a_map_on_its_own_grid(model: AnomalyModel) -> None:
    answer = model.assess(head_phantom(1, 180)[0][5:, 20:170])
    assert answer.outcome in (Outcome.BELOW_THRESHOLD, Outcome.ABOVE_THRESHOLD, Outcome.ABSTAINED)
    assert answer.score == answer.scores[model.used]
    assert set(answer.scores) == set(Score)
    assert answer.probability is not None
    assert 0 < answer.probability < 1
    assert answer.residual_map is not None
    assert answer.residual_map.shape == (175, 150)
    assert answer.residual_map.dtype == np.float32
    assert (answer.model, answer.bundle_sha256) == (NAME, Bundle.open(default_bundle(NAME)).sha256)
    assert f"{answer.probability:.2f}" in answer.reason


def test_the_map_is_brighter_in_a_lesion_than_without_it(model: AnomalyModel) -> None:
    higher = 0
    for seed in range(6):
        ill, mask = head_phantom(seed, 192)
        with_it, without = (model.assess(pixels).residual_map for pixels in (ill, head_phantom(seed, 192, lesion=False)[0]))
        assert with_it is not None
        assert without is not None
        higher += bool(with_it[mask].mean() > without[mask].mean() + 0.2)
    assert higher >= 5


def test_the_same_slice_gets_the_same_answer(model: AnomalyModel) -> None:
    pixels = head_phantom(2, 192)[0]
    assert model.assess(pixels).scores == model.assess(pixels).scores


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32, np.float64])
def test_neither_the_type_nor_the_unit_of_the_pixels_counts(model: AnomalyModel, dtype: Any) -> None:
    pixels = np.rint(head_phantom(2, 192)[0] * 200)
    usual = model.assess(pixels).score
    assert model.assess((pixels * (1 if dtype == np.uint8 else 30)).astype(dtype)).score == pytest.approx(usual, rel=0.02)


def test_what_the_gate_refuses_is_out_of_domain_and_has_no_score() -> None:
    refusing = AnomalyModel.load(default_bundle(NAME), gate=AnyGate("light and dark are exchanged in it"))
    answer = refusing.assess(head_phantom(1, 192)[0])
    assert answer.outcome is Outcome.OUT_OF_DOMAIN
    assert (answer.score, answer.probability, answer.residual_map, dict(answer.scores)) == (None, None, None, {})
    assert answer.reason == "This is not a brain slice as the model knows them: light and dark are exchanged in it."


@pytest.mark.parametrize(
    "pixels",
    [np.ones((64, 64)), np.zeros((64, 64, 3)), np.full((64, 64), np.inf), np.zeros((64, 64), dtype=complex), None],
    ids=["constant", "colour", "infinite", "complex", "nothing"],
)
def test_what_is_no_slice_is_refused_before_the_gate_sees_it(pixels: Any) -> None:
    class NeverAsked:
        def refusal(self, slice_: NDArray[Any]) -> str | None:
            raise AssertionError("the gate was asked")

    with pytest.raises(BadInput):
        AnomalyModel.load(default_bundle(NAME), gate=NeverAsked()).assess(pixels)


@pytest.mark.parametrize(
    "pixels",
    [
        1 - head_phantom(1, 192)[0],
        np.rot90(head_phantom(1, 192)[0], 2),
        np.random.default_rng(1).normal(0, 1, (100, 60)),
        np.eye(64) * 1000,
    ],
    ids=["inverted", "upside down", "noise", "a line"],
)
def test_without_a_gate_strange_images_still_get_finite_numbers(model: AnomalyModel, pixels: NDArray[Any]) -> None:
    answer = model.assess(pixels)
    assert answer.probability is not None
    assert np.isfinite([*answer.scores.values(), answer.probability]).all()
    assert answer.residual_map is not None
    assert np.isfinite(answer.residual_map).all()


def test_a_bundle_of_another_kind_is_refused() -> None:
    with pytest.raises(WrongModality, match="this needs brain-mr-slice"):
        AnomalyModel.load(default_bundle("breast"), gate=AnyGate())


def test_a_bundle_for_another_preprocessing_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda card: card["input"].update(preprocessing="wiener-zscore-96"))
    with pytest.raises(WrongModality, match="install the bundle that belongs to this version"):
        AnomalyModel.load(path, gate=AnyGate())


def test_a_card_with_an_unknown_score_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CardIncomplete, match="used"):
        AnomalyModel.load(changed(tmp_path, lambda card: card["score"].update(used="a feeling")), gate=AnyGate())


def test_a_card_with_another_shape_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleCorrupt, match="its network takes"):
        AnomalyModel.load(changed(tmp_path, lambda card: card["input"].update(shape=[1, 96, 96, 1])), gate=AnyGate())


def test_a_bundle_without_statistics_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path)
    (path / STATISTICS).unlink()
    write_sums(path)
    with pytest.raises(BundleCorrupt, match="no statistics"):
        AnomalyModel.load(path, gate=AnyGate())


def test_a_network_of_another_model_is_refused() -> None:
    with pytest.raises(BundleCorrupt, match="one image and one latent"):
        Autoencoders(Bundle.open(default_bundle("breast")).model)


def test_the_statistics_are_averages_over_enough_slices_to_show_nobody() -> None:
    content = Bundle.open(default_bundle(NAME)).files[STATISTICS]
    assert Statistics.unpacked(content, STATISTICS).slices >= 1000
