from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.brain_type import NAME, BrainTypeModel, TypeOutcome, evidence_for, prepared
from models.bundle import CARD, Bundle, default_bundle, write_sums
from models.errors import BadInput, BundleCorrupt, BundleMissing, ModelError, WrongModality
from models.golden import Golden
from models.interpreter import Network
from models.mr_slice import checked
from tools.training import toml
from tools.training.brain.phantom import head_phantom

TYPES = ("meningioma", "glioma", "pituitary")


class AnyGate:
    """Accepts everything, or refuses everything for one reason."""

    def __init__(self, reason: str | None = None) -> None:
        self._reason = reason

    def refusal(self, slice_: NDArray[Any]) -> str | None:
        return self._reason


@pytest.fixture(scope="module")
def model() -> BrainTypeModel:
    return BrainTypeModel(Bundle.open(default_bundle(NAME)), gate=AnyGate())


def with_card(folder: Path, change: Callable[[dict[str, Any]], None]) -> Bundle:
    """Return the shipped bundle with a changed card and right hashes."""
    path = Path(shutil.copytree(default_bundle(NAME), folder / NAME))
    card = tomllib.loads((path / CARD).read_text(encoding="utf-8"))
    change(card)
    (path / CARD).write_text(toml.dumps(card), encoding="utf-8")
    write_sums(path)
    return Bundle.open(path)


def oblong(seed: int = 1) -> NDArray[np.float32]:
    """Return a phantom of 180 rows and 140 columns."""
    return head_phantom(seed, 192)[0][6:186, 26:166]


def test_a_slice_gets_a_type_with_probabilities_and_a_map_on_its_own_grid(model: BrainTypeModel) -> None:
    reading = model.assess(oblong())
    assert reading.outcome in (TypeOutcome.ANSWERED, TypeOutcome.ABSTAINED)
    assert tuple(reading.probabilities) == TYPES
    assert sum(reading.probabilities.values()) == pytest.approx(1)
    assert reading.label == max(reading.probabilities, key=lambda name: reading.probabilities[name])
    assert reading.evidence is not None
    assert reading.evidence.shape == (180, 140)
    assert reading.evidence.dtype == np.float32
    assert (reading.model, reading.bundle_sha256) == (NAME, Bundle.open(default_bundle(NAME)).sha256)
    assert str(reading.label) in reading.reason


def test_the_evidence_is_the_whole_of_the_answer(model: BrainTypeModel) -> None:
    logits, evidence = model.outputs(prepared(checked(oblong(3)), model.side)[0])
    maps = [evidence_for(evidence, k).mean() for k in range(3)]
    assert maps == pytest.approx(list(logits - logits.mean()), abs=0.3)
    assert sum(maps) == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32, np.float64])
def test_the_type_and_the_unit_of_pixels_do_not_matter(model: BrainTypeModel, dtype: Any) -> None:
    pixels = oblong(2)
    usual = model.assess(np.rint(pixels * 250)).probabilities
    other = model.assess((np.rint(pixels * 250) * (1 if dtype == np.uint8 else 40)).astype(dtype)).probabilities
    assert list(other.values()) == pytest.approx(list(usual.values()), abs=0.02)


def test_what_the_gate_refuses_gets_no_answer() -> None:
    model = BrainTypeModel(Bundle.open(default_bundle(NAME)), gate=AnyGate("it shows a hand"))
    reading = model.assess(oblong())
    assert reading.outcome is TypeOutcome.OUT_OF_DOMAIN
    assert reading.label is None
    assert reading.evidence is None
    assert not reading.probabilities
    assert "it shows a hand" in reading.reason


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((192, 192), np.float32),
        np.full((192, 192), 700, np.int16),
        np.full((192, 192), np.nan, np.float32),
        np.zeros((3, 192, 192), np.float32),
        np.ones((16, 16), np.float32),
        np.ones((192, 192), np.complex64),
        np.ones((192, 192), np.bool_),
        np.where(np.eye(192) > 0, np.inf, 1.0),
    ],
    ids=["black", "constant", "nan", "volume", "tiny", "complex", "bool", "infinite"],
)
def test_what_is_no_slice_is_refused_in_words(model: BrainTypeModel, pixels: NDArray[Any]) -> None:
    for ask in (model.assess, lambda given: model.occlusion(given, "glioma")):
        with pytest.raises(BadInput, match="slice"):
            ask(pixels)


def test_a_slice_with_a_single_bright_pixel_does_not_crash(model: BrainTypeModel) -> None:
    pixels = np.zeros((192, 192), np.float32)
    pixels[90, 90] = 1
    assert model.assess(pixels).evidence is not None


@pytest.mark.parametrize(("least", "outcome"), [(0.0, TypeOutcome.ANSWERED), (1.0, TypeOutcome.ABSTAINED)])
def test_an_answer_needs_the_cards_least_probability(tmp_path: Path, least: float, outcome: TypeOutcome) -> None:
    def change(card: dict[str, Any]) -> None:
        card["abstain"]["least_probability"] = least

    reading = BrainTypeModel(with_card(tmp_path, change), gate=AnyGate()).assess(oblong())
    assert reading.outcome is outcome
    assert reading.label in TYPES
    assert f"{least:.2f}" in reading.reason


def test_a_high_temperature_makes_all_types_alike(tmp_path: Path) -> None:
    def change(card: dict[str, Any]) -> None:
        card["calibration"]["temperature"] = 1e4

    reading = BrainTypeModel(with_card(tmp_path, change), gate=AnyGate()).assess(oblong())
    assert list(reading.probabilities.values()) == pytest.approx([1 / 3] * 3, abs=0.01)


def test_the_occlusion_map_lies_on_the_slice_and_is_flat_outside_of_the_head(model: BrainTypeModel) -> None:
    pixels = head_phantom(4, 128)[0]
    fall = model.occlusion(pixels, "glioma")
    assert fall.shape == pixels.shape
    assert fall.dtype == np.float32
    assert np.abs(fall).max() > 0
    assert not fall[:4].any()


def test_a_label_that_the_model_does_not_know_has_no_map(model: BrainTypeModel) -> None:
    with pytest.raises(ValueError, match="knows meningioma, glioma, pituitary, and not metastasis"):
        model.occlusion(oblong(), "metastasis")


@pytest.mark.parametrize(
    ("section", "key", "value", "error"),
    [
        ("classes", "labels", ["meningioma", "glioma"], BundleCorrupt),
        ("input", "shape", [1, 64, 64, 1], BundleCorrupt),
        ("input", "modality", "breast-thermogram", WrongModality),
        ("input", "preprocessing", "scaled-head-square-2", WrongModality),
    ],
)
def test_a_card_that_does_not_fit_the_network_or_this_version_is_refused(
    tmp_path: Path, section: str, key: str, value: Any, error: type[ModelError]
) -> None:
    def change(card: dict[str, Any]) -> None:
        card[section][key] = value

    with pytest.raises(error, match=NAME):
        BrainTypeModel(with_card(tmp_path, change), gate=AnyGate())


def test_the_breast_bundle_is_of_another_modality() -> None:
    with pytest.raises(WrongModality, match="breast-thermogram"):
        BrainTypeModel(Bundle.open(default_bundle("breast")), gate=AnyGate())


def test_a_bundle_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing, match="nowhere"):
        BrainTypeModel.load(tmp_path / "nowhere")


def test_the_shipped_network_gives_its_golden_outputs() -> None:
    bundle = Bundle.open(default_bundle(NAME))
    golden = Golden.of(bundle)
    assert golden is not None
    golden.check(Network(bundle.model))
