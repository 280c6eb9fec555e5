"""The whole way from °C to a prediction with the shipped bundle, and every kind of input and bundle that must be refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.breast import BreastModel
from models.bundle import MODEL, default_bundle, write_sums
from models.errors import BadInput, BundleCorrupt, BundleMissing, CardIncomplete, WrongModality
from models.prediction import Outcome
from tests.models.making import BROKEN, at, chest, copy, with_card


@pytest.fixture(scope="module")
def model() -> BreastModel:
    return BreastModel.load(default_bundle("breast"))


def test_a_chest_gets_a_probability_a_map_and_a_reason(model: BreastModel) -> None:
    prediction = model.assess(chest())
    assert prediction.outcome in (Outcome.ABOVE_THRESHOLD, Outcome.BELOW_THRESHOLD, Outcome.ABSTAINED)
    assert prediction.probability is not None
    assert 0 < prediction.probability < 1
    assert prediction.occlusion is not None
    assert prediction.occlusion.shape == (24, 32)
    assert prediction.occlusion.dtype == np.float32
    assert np.abs(prediction.occlusion).max() > 0
    low, high = prediction.abstain
    assert low <= prediction.threshold <= high
    assert (prediction.model, prediction.version) == (model.card.name, model.card.version)
    assert len(prediction.bundle_sha256) == 64
    assert prediction.reason.endswith(".")


def test_the_same_image_gets_the_same_answer(model: BreastModel) -> None:
    first, second = model.assess(chest()), BreastModel.load(default_bundle("breast"), threads=2).assess(chest())
    assert first.probability == second.probability
    assert first.occlusion is not None
    assert second.occlusion is not None
    np.testing.assert_array_equal(first.occlusion, second.occlusion)


def test_an_offset_of_the_sensor_changes_next_to_nothing(model: BreastModel) -> None:
    one, other = model.assess(chest()).probability, model.assess(chest() + np.float32(0.7)).probability
    assert one == pytest.approx(other, abs=0.02)


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(chest() + np.float32(273.15), id="kelvin"),
        pytest.param(chest() * np.float32(1.8) + np.float32(32), id="fahrenheit"),
        pytest.param(np.full((24, 32), 33.0, np.float32), id="constant"),
        pytest.param(np.full((24, 32), 22.0, np.float32), id="empty room"),
        pytest.param(chest().max() + chest().min() - chest(), id="inverted"),
        pytest.param(np.random.default_rng(1).uniform(20, 36, (24, 32)).astype(np.float32), id="noise"),
    ],
)
def test_what_is_no_chest_gets_no_score(model: BreastModel, image: np.ndarray) -> None:
    prediction = model.assess(image)
    assert prediction.outcome is Outcome.OUT_OF_DOMAIN
    assert prediction.probability is None
    assert prediction.occlusion is None
    assert prediction.reason.startswith("This is not a chest as the model knows them: ")


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(chest().T, id="shape"),
        pytest.param(chest().astype(np.float64), id="dtype"),
        pytest.param(np.full((24, 32), np.nan, np.float32), id="NaN"),
        pytest.param(None, id="None"),
    ],
)
def test_what_is_no_image_is_refused(model: BreastModel, image: Any) -> None:
    with pytest.raises(BadInput):
        model.assess(image)
    with pytest.raises(BadInput):
        model.score(image)


@pytest.mark.parametrize(("path", "value"), [("input.modality", "brain-mr"), ("input.preprocessing", "body-relative-2")])
def test_a_bundle_for_something_else_is_refused(tmp_path: Path, path: str, value: str) -> None:
    def change(card: dict[str, Any]) -> None:
        table, key = at(card, path)
        table[key] = value

    with pytest.raises(WrongModality, match=value):
        BreastModel.load(with_card(tmp_path, change))


def test_a_card_with_another_shape_than_its_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleCorrupt, match="its card says"):
        BreastModel.load(with_card(tmp_path, lambda card: card["input"].update(shape=[1, 32, 24, 1])))


def test_a_network_of_another_shape_is_refused(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    shutil.copy(BROKEN / "four-pixels.tflite", bundle / MODEL)
    write_sums(bundle)
    with pytest.raises(BundleCorrupt, match="has the shapes"):
        BreastModel.load(bundle)


def test_a_card_without_the_limits_of_the_gate_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CardIncomplete, match="coherence"):
        BreastModel.load(with_card(tmp_path, lambda card: card["gate"].pop("coherence")))


def test_a_damaged_bundle_is_refused(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / MODEL).write_bytes((bundle / MODEL).read_bytes()[:-10])
    with pytest.raises(BundleCorrupt):
        BreastModel.load(bundle)


def test_a_missing_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing):
        BreastModel.load(tmp_path / "nothing")
