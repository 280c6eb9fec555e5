"""Every brain model, with its shipped bundle and the shipped gate, on what is no slice of a head, or no bundle of its own.

Whatever comes, the answer is a `ModelError` or an answer of the model's own: never another exception, never a NaN.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from models.brain_anomaly import AnomalyModel
from models.brain_gate import BrainGate
from models.brain_lesion import LesionModel
from models.brain_type import BrainTypeModel
from models.bundle import MODEL, Bundle, default_bundle, write_sums
from models.errors import BadInput, BundleCorrupt, ModelError
from models.prediction import Outcome
from tools.training.brain.phantom import head_phantom

Assess = Callable[[Any], Any]

NAMES = ("brain-gate", "brain-type", "brain-lesion", "brain-anomaly")
LOADERS: Mapping[str, Callable[[Bundle], Any]] = {
    "brain-gate": BrainGate,
    "brain-type": BrainTypeModel,
    "brain-lesion": LesionModel,
    "brain-anomaly": AnomalyModel,
}


class AcceptsAll:
    """A gate that lets everything through, so that the model behind it sees it."""

    def refusal(self, slice_: NDArray[Any]) -> str | None:
        return None


def opened(name: str) -> Bundle:
    return Bundle.open(default_bundle(name))


def assess_of(name: str, *, gated: bool) -> Assess:
    if name == "brain-gate":
        return BrainGate(opened(name)).refusal
    options: dict[str, Any] = {} if gated else {"gate": AcceptsAll()}
    model: Any = LOADERS[name](opened(name), **options)
    if name == "brain-lesion":
        return lambda pixels: model.assess(dict.fromkeys(model.answered[0], pixels))
    return lambda pixels: model.assess(pixels)


_cache: dict[tuple[str, bool], Assess] = {}


def assess(name: str, gated: bool) -> Assess:
    """Each model is loaded once: nothing in it may change from one slice to the next."""
    if (name, gated) not in _cache:
        _cache[name, gated] = assess_of(name, gated=gated)
    return _cache[name, gated]


def head(seed: int = 3, side: int = 192) -> NDArray[np.float32]:
    return head_phantom(seed, side)[0]


def numbers(answer: Any) -> list[float]:
    """Return every number in an answer, those in its maps and tables too."""
    if answer is None or isinstance(answer, (str, bool, int)):
        return []
    if isinstance(answer, float):
        return [answer]
    if isinstance(answer, np.ndarray):
        return [float(answer.min()), float(answer.max())]
    if isinstance(answer, Mapping):
        return [number for value in answer.values() for number in numbers(value)]
    if isinstance(answer, (tuple, list)):
        return [number for value in answer for number in numbers(value)]
    return [number for one in dataclasses.fields(answer) for number in numbers(getattr(answer, one.name))]


def shipped(name: str) -> Any:
    missing = not default_bundle(name).is_dir()
    return pytest.param(name, marks=pytest.mark.skipif(missing, reason=f"no bundle {name} is shipped with this version"))


every_model = pytest.mark.parametrize("name", [shipped(name) for name in NAMES])
with_and_without_gate = pytest.mark.parametrize("gated", [True, False], ids=["gate", "no gate"])


def with_pixel(value: float) -> NDArray[np.float64]:
    image = head().astype(np.float64)
    image[5, 5] = value
    return image


NO_SLICES = {
    "a list": [[1, 2], [3, 4]],
    "nothing": None,
    "empty": np.zeros((0, 0)),
    "one pixel": np.ones((1, 1)),
    "one row": np.ones((1, 200)),
    "one axis": np.arange(4096.0),
    "a colour photograph": np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8),
    "several slices": np.random.default_rng(0).normal(size=(10, 64, 64)),
    "4,097 columns": np.eye(64, 4097),
    "bool": head() > 0.3,
    "complex": head().astype(np.complex64),
    "objects": head().astype(object),
    "texts": np.full((64, 64), "x"),
    "NaN": with_pixel(np.nan),
    "infinite": with_pixel(np.inf),
    "beyond float32": with_pixel(1e300),
    "constant": np.full((128, 128), 7, np.uint16),
    "all zero": np.zeros((128, 128), np.uint8),
}


@every_model
@with_and_without_gate
@pytest.mark.parametrize("what", NO_SLICES)
def test_what_is_no_slice_raises_bad_input(name: str, gated: bool, what: str) -> None:
    with pytest.raises(BadInput):
        assess(name, gated)(NO_SLICES[what])


def hot_pixel() -> NDArray[np.uint16]:
    image = np.zeros((128, 128), np.uint16)
    image[60, 70] = 4095
    return image


rng = np.random.default_rng(1)
ODD = {
    "one hot pixel": hot_pixel(),
    "inverted": 1 - head(),
    "upside down": head()[::-1],
    "on its side": np.rot90(head()),
    "white noise": rng.normal(size=(256, 256)),
    "a colour photograph in grey": rng.integers(0, 255, (240, 320, 3)).mean(axis=-1),
    "4,096 pixels long": np.tile(head(3, 64), (64, 1)),
    "32 pixels": head(3, 32),
    "one bright column": np.eye(64)[3] * np.ones((64, 1)),
    "negative": -1000 * head() - 5,
    "unsigned 64 bits": (head() * 1e15).astype(np.uint64),
    "big-endian": (head() * 4095).astype(">i2"),
    "half precision": head().astype(np.float16),
    "a mosaic": np.tile(head(3, 64), (6, 6)),
    "writing": (np.indices((200, 200)).sum(axis=0) % 37 < 3).astype(np.uint8),
}


@every_model
@with_and_without_gate
@pytest.mark.parametrize("what", ODD)
def test_an_odd_slice_is_answered_with_numbers_or_refused_with_a_reason(name: str, gated: bool, what: str) -> None:
    answer = assess(name, gated)(ODD[what])
    assert np.isfinite(numbers(answer)).all()
    if name != "brain-gate":
        assert answer.reason.strip().endswith(".")
        if answer.outcome == Outcome.OUT_OF_DOMAIN:
            assert gated, "only the gate says that an image is none of its kind"


@every_model
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pixels=arrays.arrays(
        dtype=st.sampled_from([np.uint8, np.int16, np.uint16, np.float32, np.float64]),
        shape=arrays.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=48),
    )
)
def test_no_array_at_all_brings_a_model_down(name: str, pixels: NDArray[Any]) -> None:
    try:
        answer = assess(name, False)(pixels)
    except ModelError:
        return
    assert np.isfinite(numbers(answer)).all()


@every_model
def test_the_caller_s_pixels_are_left_as_they_were(name: str) -> None:
    image = head()
    assess(name, False)(image)
    np.testing.assert_array_equal(image, head())


@every_model
def test_a_bad_slice_changes_nothing_for_the_next_one(name: str) -> None:
    before = numbers(assess(name, False)(head()))
    with pytest.raises(BadInput):
        assess(name, False)(with_pixel(np.nan))
    assess(name, False)(ODD["white noise"])
    assert numbers(assess(name, False)(head())) == before


@every_model
@pytest.mark.parametrize("gain", [1e-3, 4095.0, 65535.0])
def test_the_unit_of_the_pixels_does_not_matter(name: str, gain: float) -> None:
    """Scaling by another gain rounds differently; a step of int8 more or less is allowed for.

    In the map of brain-type, the evidence for one type less the mean of three, that is a third of 0.29.
    """
    step = 0.1 if name == "brain-type" else 0.05
    one, other = (assess(name, False)(image) for image in (head(), head() * np.float32(gain) + 3))
    np.testing.assert_allclose(numbers(one), numbers(other), rtol=0.15, atol=step)


@every_model
@pytest.mark.parametrize("other", [shipped(name) for name in ("breast", *NAMES)])
def test_a_bundle_of_another_model_is_not_loaded(name: str, other: str) -> None:
    if other == name:
        assert LOADERS[name](opened(name)).card.name == name
        return
    with pytest.raises(ModelError):
        LOADERS[name](opened(other))


@every_model
@pytest.mark.parametrize("kept", [8, 100, 0.3, 0.9])
def test_a_truncated_network_with_right_hashes_is_refused(name: str, kept: float, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(default_bundle(name), tmp_path / "bundle"))
    whole = (folder / MODEL).read_bytes()
    (folder / MODEL).write_bytes(whole[: int(kept if kept > 1 else kept * len(whole))])
    write_sums(folder)
    with pytest.raises(BundleCorrupt):
        LOADERS[name](Bundle.open(folder))
