"""The whole way from °C to a prediction with the shipped bundle, and every kind of input and bundle that must be refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.breast import BreastModel
from models.bundle import MODEL, Bundle, default_bundle, write_sums
from models.chest_gate import ChestGate
from models.errors import BadInput, BundleCorrupt, BundleMissing, WrongModality, WrongTask
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


@pytest.mark.parametrize(("path", "value"), [("input.modality", "brain-mr"), ("input.preprocessing", "body-relative-9")])
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


def test_a_card_for_more_channels_than_the_network_takes_is_refused(tmp_path: Path) -> None:
    other = {"body-relative-1": "body-relative-2", "body-relative-2": "body-relative-1"}

    def change(card: dict[str, Any]) -> None:
        card["input"]["preprocessing"] = other[card["input"]["preprocessing"]]

    with pytest.raises(BundleCorrupt, match="has the shapes"):
        BreastModel.load(with_card(tmp_path, change))


@pytest.mark.parametrize("name", ["chest-gate", "brain-type"])
def test_the_bundle_of_another_model_is_refused(name: str) -> None:
    if not default_bundle(name).is_dir():
        pytest.skip(f"the bundle {name} is not there")
    with pytest.raises((WrongModality, WrongTask, BundleCorrupt)):
        BreastModel.load(default_bundle(name))


def test_the_model_asks_the_gate_that_it_is_given() -> None:
    gate = ChestGate.load()
    gate.threshold = 1.1
    prediction = BreastModel(Bundle.open(default_bundle("breast")), gate=gate).assess(chest())
    assert prediction.outcome is Outcome.OUT_OF_DOMAIN
    assert "not warm and cold where a chest is" in prediction.reason


def test_a_mirrored_view_is_answered_and_its_map_is_the_mirrored_one(model: BreastModel) -> None:
    """Nobody can tell a chest from its mirror image: the driver's orientation is what guards left and right."""
    image = chest(asymmetry_k=1.5)
    one, other = model.assess(image), model.assess(np.ascontiguousarray(image[:, ::-1]))
    assert other.outcome is not Outcome.OUT_OF_DOMAIN
    assert one.occlusion is not None
    assert other.occlusion is not None
    assert one.occlusion.shape == other.occlusion.shape
    assert "mirror" in str(model.card.document["robustness"]) or "mirror" in str(model.card.document["training"])


def test_without_a_prevalence_nothing_is_said_about_people_here(model: BreastModel) -> None:
    prediction = model.assess(chest())
    assert prediction.prevalence is None
    assert prediction.ill_here is None


def test_with_a_prevalence_the_answer_says_what_it_means_here() -> None:
    here = BreastModel(Bundle.open(default_bundle("breast")), prevalence=0.006)
    prediction = here.assess(chest())
    assert prediction.prevalence == 0.006
    if prediction.outcome is Outcome.ABSTAINED:
        assert prediction.ill_here is None
    else:
        assert prediction.ill_here is not None
        value, low, high = prediction.ill_here
        assert 0 < low <= value <= high < 0.05, "far below the probability of the people the model was made with"
    refused = here.assess(np.full((24, 32), 22.0, np.float32))
    assert refused.ill_here is None


def test_a_damaged_bundle_is_refused(tmp_path: Path) -> None:
    bundle = copy(tmp_path)
    (bundle / MODEL).write_bytes((bundle / MODEL).read_bytes()[:-10])
    with pytest.raises(BundleCorrupt):
        BreastModel.load(bundle)


def test_a_missing_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing):
        BreastModel.load(tmp_path / "nothing")
