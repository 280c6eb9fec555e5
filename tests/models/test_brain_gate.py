from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.brain_gate import REFUSALS, SIDE, TURNED, BrainGate, Verdicts, prepared, softmax
from models.bundle import CARD, MODEL, Bundle, default_bundle, write_sums
from models.errors import BadInput, BundleCorrupt, CardIncomplete, WrongModality, WrongTask
from tools.training import toml
from tools.training.brain.gate import drawn, patterns
from tools.training.brain.gate.collect import DICOM_KINDS
from tools.training.brain.gate.views import delivered

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data" / "mri"
LIMITS = Verdicts(least=0.5, most_turned=0.9)


@pytest.fixture(scope="module")
def gate() -> BrainGate:
    return BrainGate.load()


@pytest.fixture(scope="module")
def brains() -> list[NDArray[np.uint8]]:
    """Return 60 slices of test patients, of both data sets."""
    if not (SHARED / "seg_lgg").is_dir():
        pytest.skip("there are no brain slices beside this checkout (../shared/data/mri)")
    from tools.training.brain.gate.material import SHOWN, heads

    found = heads(SHARED, "test", SHOWN)
    lgg = [one.channels()[..., k % 3] for k, one in enumerate(found.lgg[:: len(found.lgg) // 30][:30])]
    return [*(one.grey() for one in found.jun_cheng[:: len(found.jun_cheng) // 30][:30]), *lgg]


@pytest.mark.parametrize(
    ("probabilities", "says"),
    [
        pytest.param([0.9, 0.05, 0.02, 0.02, 0.01], None, id="proper"),
        pytest.param([0.06, 0.5, 0.2, 0.2, 0.04], None, id="perhaps turned, not surely"),
        pytest.param([0.02, 0.9, 0.02, 0.02, 0.04], REFUSALS[0], id="turned"),
        pytest.param([0.1, 0.1, 0.6, 0.1, 0.1], REFUSALS[1], id="inverted"),
        pytest.param([0.1, 0.1, 0.1, 0.6, 0.1], REFUSALS[2], id="badly framed"),
        pytest.param([0.1, 0.1, 0.1, 0.1, 0.6], REFUSALS[3], id="something else"),
        pytest.param([0.1, 0.3, 0.3, 0.2, 0.1], REFUSALS[1], id="neither a head nor turned: what else is likeliest"),
    ],
)
def test_probabilities_are_read_as_a_reason(probabilities: list[float], says: str | None) -> None:
    found = LIMITS.refusal(np.array(probabilities))
    assert (found is None) == (says is None)
    assert says is None or (found or "").startswith(says)
    assert bool(LIMITS.accepted(np.array(probabilities))) == (says is None)


def test_verdicts_over_many_images_are_those_over_each() -> None:
    many = np.random.default_rng(0).dirichlet(np.ones(5), 200)
    np.testing.assert_array_equal(LIMITS.accepted(many), [LIMITS.refusal(one) is None for one in many])


def test_logits_of_any_size_become_probabilities() -> None:
    found = softmax(np.array([[1e4, 0, -1e4, 3, 3], [0, 0, 0, 0, 0]], dtype=np.float32))
    np.testing.assert_allclose(found.sum(axis=-1), 1)
    np.testing.assert_allclose(found[1], 0.2)


def test_what_the_network_sees_has_its_size_and_range() -> None:
    found = prepared(np.random.default_rng(0).normal(size=(100, 300)))
    assert found.shape == (SIDE, SIDE)
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.max() <= 1 + 1e-6


def test_slices_of_patients_it_has_not_seen_pass(gate: BrainGate, brains: list[NDArray[np.uint8]]) -> None:
    refused = [gate.refusal(one) for one in brains]
    assert sum(one is not None for one in refused) <= 1, refused


@pytest.mark.parametrize("scale", [1 / 255, 16.0, 257.0])
def test_depth_and_unit_of_a_slice_do_not_matter(gate: BrainGate, brains: list[NDArray[np.uint8]], scale: float) -> None:
    for one in brains[::10]:
        changed = one.astype(np.float64) * scale + 3
        np.testing.assert_allclose(gate.probabilities(changed), gate.probabilities(one), atol=0.1)


def test_a_mirrored_slice_passes_because_nobody_could_tell(gate: BrainGate, brains: list[NDArray[np.uint8]]) -> None:
    """Left and right of a head look alike; which is which stands in the DICOM header, and has to be read there."""
    refused = [gate.refusal(np.ascontiguousarray(one[:, ::-1])) for one in brains]
    assert sum(one is not None for one in refused) <= 1, refused


def test_an_inverted_slice_is_refused_in_those_words(gate: BrainGate, brains: list[NDArray[np.uint8]]) -> None:
    said = [gate.refusal(255 - one) or "" for one in brains]
    assert all(said), "an inverted slice passed"
    assert sum(one.startswith(REFUSALS[1]) for one in said) >= 0.9 * len(said)


def test_most_heads_on_their_side_are_refused_in_those_words(gate: BrainGate, brains: list[NDArray[np.uint8]]) -> None:
    said = [gate.refusal(np.rot90(one)) or "" for one in brains]
    assert sum(one.startswith(REFUSALS[0]) for one in said) >= 0.8 * len(said)


@pytest.mark.parametrize("kind", [*drawn.MAKERS, *patterns.MAKERS])
def test_nearly_all_drawn_impostors_are_refused(gate: BrainGate, kind: str) -> None:
    """How many pass stands on the card, kind by kind: round things and limbs are the hardest."""
    make = {**drawn.MAKERS, **patterns.MAKERS}[kind]
    rng = np.random.default_rng(2026)
    images = [make(rng) if kind in ("almost constant", "hot pixels") else delivered(make(rng), rng) for _ in range(25)]
    passed = [number for number, image in enumerate(images) if gate.refusal(image) is None]
    assert len(passed) <= 2


def test_it_gives_the_same_answer_again(gate: BrainGate) -> None:
    image = np.random.default_rng(4).normal(size=(80, 90))
    np.testing.assert_array_equal(gate.probabilities(image), gate.probabilities(image))
    np.testing.assert_array_equal(gate.probabilities(image), BrainGate.load(threads=2).probabilities(image))


def test_what_is_no_slice_is_no_refusal_but_bad_input(gate: BrainGate) -> None:
    with pytest.raises(BadInput, match="shape"):
        gate.refusal(np.zeros((64, 64, 3), np.uint8))


def changed_card(folder: Path, change: Callable[[dict[str, Any]], None]) -> Bundle:
    made = Path(shutil.copytree(default_bundle("brain-gate"), folder / "bundle"))
    card = tomllib.loads((made / CARD).read_text(encoding="utf-8"))
    change(card)
    (made / CARD).write_text(toml.dumps(card), encoding="utf-8")
    write_sums(made)
    return Bundle.open(made)


def test_a_card_without_the_limit_for_turned_heads_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(CardIncomplete, match=TURNED):
        BrainGate(changed_card(tmp_path, lambda card: card.pop("gate")))


def test_a_card_without_a_threshold_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(CardIncomplete, match="threshold"):
        BrainGate(changed_card(tmp_path, lambda card: card.pop("threshold")))


def test_a_card_for_another_kind_of_image_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(WrongModality, match="breast-thermogram"):
        BrainGate(changed_card(tmp_path, lambda card: card["input"].update(modality="breast-thermogram")))


def test_another_model_is_no_gate() -> None:
    with pytest.raises((WrongModality, WrongTask)):
        BrainGate.load(default_bundle("breast"))


def test_a_network_for_another_size_is_refused(tmp_path: Path) -> None:
    made = Path(shutil.copytree(default_bundle("brain-gate"), tmp_path / "bundle"))
    shutil.copy(Path(__file__).parent / "broken" / "four-pixels.tflite", made / MODEL)
    write_sums(made)
    with pytest.raises(BundleCorrupt, match="shapes"):
        BrainGate(Bundle.open(made))


def test_real_dicom_files_are_read_by_their_pixels_alone(gate: BrainGate) -> None:
    """Slices of a healthy head pass; a mosaic and part of a head do not; a truncated file is no slice for anybody."""
    pydicom = pytest.importorskip("pydicom", reason="pydicom comes with the extras dev and mri only")
    if not (SHARED / "dicom").is_dir():
        pytest.skip("there are no DICOM files beside this checkout (../shared/data/mri/dicom)")
    said: dict[str, list[str | None]] = {}
    for pattern in (*DICOM_KINDS, "pydicom_MR_small*.dcm"):
        for path in sorted((SHARED / "dicom").glob(pattern)):
            pixels = pydicom.dcmread(path).pixel_array
            said.setdefault(pattern, []).extend(gate.refusal(one) for one in (pixels if pixels.ndim == 3 else [pixels]))
    healthy = said["example_dicom_structural_*.dcm"]
    assert len(healthy) == 13
    assert sum(one is not None for one in healthy) <= 1, healthy
    assert all(said["dcm_qa_siemens_*.dcm"] + said["dcm_qa_nih_*.dcm"]), "a mosaic passed"
    assert all(said["pydicom_MR_small*.dcm"]), "a piece of a spine passed"
    with pytest.raises(ValueError, match="pixel data"):
        _ = pydicom.dcmread(SHARED / "dicom" / "pydicom_MR_truncated.dcm").pixel_array
