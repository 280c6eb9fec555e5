from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.brain_lesion import HIGHEST, LesionAnswer, LesionModel, score
from models.bundle import CARD, Bundle, default_bundle, write_sums
from models.errors import BadInput, CardIncomplete, WrongModality
from models.lesion_input import SERIES
from models.prediction import Outcome
from tools.training import toml
from tools.training.brain.phantom import head_phantom


class Accepts:
    """A gate that accepts everything, so that these tests are of the lesion model."""

    def refusal(self, slice_: NDArray[Any]) -> str | None:
        return None


class Refuses:
    """A gate that refuses one series, known by its largest value."""

    def __init__(self, largest: float) -> None:
        self._largest = largest

    def refusal(self, slice_: NDArray[Any]) -> str | None:
        return "it is a banana" if float(slice_.max()) == self._largest else None


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Bundle.open(default_bundle("brain-lesion"))


@pytest.fixture(scope="module")
def model(bundle: Bundle) -> LesionModel:
    return LesionModel(bundle, gate=Accepts())


def three(seed: int = 3, *, lesion: bool = True, rows: int = 192) -> dict[str, NDArray[np.float32]]:
    """Return a made-up head: the lesion is dark in T1, bright in FLAIR, faint after contrast."""
    image, mask = head_phantom(seed, rows, lesion=lesion)
    faint = np.where(mask, image * 0.5, image).astype(np.float32)
    return {"t1": faint, "flair": image, "t1c": faint}


@pytest.fixture(scope="module")
def answer(model: LesionModel) -> LesionAnswer:
    return model.assess(three(), spacing_mm=(0.9, 0.8))


def test_an_answer_names_its_bundle_and_lies_on_the_slices_grid(bundle: Bundle, answer: LesionAnswer) -> None:
    assert answer.bundle_sha256 == bundle.sha256
    assert (answer.model, answer.version) == (bundle.card.name, bundle.card.version)
    assert answer.series == SERIES
    assert answer.probability_map is not None
    assert answer.mask is not None
    assert answer.probability_map.shape == answer.mask.shape == (192, 192)
    assert answer.probability_map.dtype == np.float32
    assert answer.probability_map.min() >= 0
    assert answer.probability_map.max() <= 1
    assert answer.probability is not None
    assert f"{answer.probability:.2f}" in answer.reason


def test_the_area_is_the_masks_and_needs_a_spacing(model: LesionModel, answer: LesionAnswer) -> None:
    assert answer.mask is not None
    assert answer.area_px == int(answer.mask.sum())
    assert answer.area_mm2 == pytest.approx(answer.area_px * 0.72)
    assert model.assess(three()).area_mm2 is None


def test_a_lesion_scores_above_the_same_head_without_it_and_is_outlined_where_it_is(model: LesionModel) -> None:
    higher, inside = 0, 0
    for seed in range(6):
        image, mask = head_phantom(seed, 192)
        shown = {"flair": image}
        bare = {"flair": head_phantom(seed, 192, lesion=False)[0]}
        logits, raw = model.logits(shown)
        higher += raw > model.logits(bare)[1]
        inside += bool(mask[np.unravel_index(int(logits.argmax()), logits.shape)])
    assert higher >= 5
    assert inside >= 4


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float64])
def test_every_dtype_and_unit_gives_nearly_the_same_answer(model: LesionModel, dtype: type) -> None:
    series = three()
    high = 255 if dtype == np.uint8 else 2000
    changed: dict[str, NDArray[Any]] = {name: (pixels * high).astype(dtype) for name, pixels in series.items()}
    assert model.logits(changed)[1] == pytest.approx(model.logits(series)[1], abs=0.5)


def test_an_oblong_slice_keeps_its_grid(model: LesionModel) -> None:
    series = {name: np.pad(pixels, ((0, 0), (30, 50))) for name, pixels in three().items()}
    answer = model.assess(series)
    assert answer.mask is not None
    assert answer.mask.shape == (192, 272)
    assert not answer.mask[:, :30].any()
    whole = model.assess(three()).mask
    assert whole is not None
    assert (answer.mask[:, 30:222] == whole).mean() > 0.995


def test_single_series_are_answered_with_their_own_calibration(model: LesionModel) -> None:
    flair = three()["flair"]
    named, alone = model.assess({"flair": flair}), model.assess(flair, name="flair")
    assert named.series == alone.series == ("flair",)
    assert named.probability == alone.probability
    assert named.threshold != model.assess(three()).threshold


def test_every_set_of_series_on_the_card_is_answered(model: LesionModel) -> None:
    series = three()
    for names in model.answered:
        assert model.assess({name: series[name] for name in names}).series == names


def test_a_set_of_series_that_was_not_measured_is_refused(model: LesionModel) -> None:
    series = three()
    with pytest.raises(BadInput, match=r"not measured with t1 \+ flair"):
        model.assess({"flair": series["flair"], "t1": series["t1"]})


def test_an_array_without_a_name_is_refused(model: LesionModel) -> None:
    with pytest.raises(BadInput, match="which series"):
        model.assess(three()["flair"])


def test_a_name_beside_named_series_is_refused(model: LesionModel) -> None:
    with pytest.raises(BadInput, match="names already"):
        model.assess(three(), name="flair")


def test_an_unknown_name_is_refused(model: LesionModel) -> None:
    with pytest.raises(BadInput, match="t2"):
        model.assess(three()["flair"], name="t2")


def test_series_of_different_shapes_are_refused(model: LesionModel) -> None:
    series = three()
    with pytest.raises(BadInput, match="different shapes"):
        model.assess({**series, "t1": series["t1"][:-1]})


@pytest.mark.parametrize("spacing", [(0.0, 1.0), (1.0, -1.0), (float("nan"), 1.0), (float("inf"), 1.0)])
def test_an_impossible_spacing_is_refused(model: LesionModel, spacing: tuple[float, float]) -> None:
    with pytest.raises(BadInput, match="spacing"):
        model.assess(three(), spacing_mm=spacing)


def test_no_numbers_are_refused(model: LesionModel) -> None:
    series = three()
    series["flair"][3, 4] = np.nan
    with pytest.raises(BadInput, match="no numbers"):
        model.assess(series)


def test_a_constant_series_is_refused(model: LesionModel) -> None:
    with pytest.raises(BadInput, match="shows nothing"):
        model.assess({**three(), "t1": np.full((192, 192), 7.0, dtype=np.float32)})


def test_a_colour_picture_is_refused(model: LesionModel) -> None:
    with pytest.raises(BadInput, match="one grey image"):
        model.assess(np.zeros((64, 64, 3), dtype=np.uint8), name="t1c")


def test_what_the_gate_refuses_has_no_probability_and_no_map(bundle: Bundle) -> None:
    series = {**three(), "t1c": np.eye(192, dtype=np.float32) * 77}
    answer = LesionModel(bundle, gate=Refuses(77.0)).assess(series)
    assert answer.outcome is Outcome.OUT_OF_DOMAIN
    assert answer.probability is None
    assert answer.probability_map is None
    assert answer.mask is None
    assert answer.area_px is None
    assert answer.reason == "The series t1c is not a brain slice as the model knows them: it is a banana."


def test_the_score_is_the_mean_of_the_highest_cells() -> None:
    cells = np.full((72, 72), -5.0, dtype=np.float32)
    cells[10:14, 20:24] = np.arange(16, dtype=np.float32).reshape(4, 4)
    assert score(cells) == pytest.approx(np.arange(16)[-HIGHEST:].mean())


def test_a_bundle_of_another_modality_is_refused() -> None:
    with pytest.raises(WrongModality, match="breast-thermogram"):
        LesionModel(Bundle.open(default_bundle("breast")), gate=Accepts())


def broken_card(tmp_path: Path, change: Any) -> Path:
    """Copy the shipped bundle with a changed card and right hashes."""
    folder = Path(shutil.copytree(default_bundle("brain-lesion"), tmp_path / "bundle"))
    card = tomllib.loads((folder / CARD).read_text(encoding="utf-8"))
    change(card)
    (folder / CARD).write_text(toml.dumps(card), encoding="utf-8")
    write_sums(folder)
    return folder


def test_a_card_without_a_threshold_for_the_mask_is_incomplete(tmp_path: Path) -> None:
    path = broken_card(tmp_path, lambda card: card["segmentation"].pop("mask_from"))
    with pytest.raises(CardIncomplete, match=r"segmentation\.mask_from"):
        LesionModel.load(path, gate=Accepts())


def test_a_card_with_series_in_another_order_is_incomplete(tmp_path: Path) -> None:
    def exchange(card: dict[str, Any]) -> None:
        card["series"][0]["names"] = ["t1c", "flair"]

    with pytest.raises(CardIncomplete, match="in this order"):
        LesionModel.load(broken_card(tmp_path, exchange), gate=Accepts())


def test_a_card_whose_band_of_a_series_misses_its_threshold_is_incomplete(tmp_path: Path) -> None:
    def miss(card: dict[str, Any]) -> None:
        card["series"][0].update(low=0.9, high=0.95, threshold=0.3)

    with pytest.raises(CardIncomplete, match="do not enclose the threshold"):
        LesionModel.load(broken_card(tmp_path, miss), gate=Accepts())
