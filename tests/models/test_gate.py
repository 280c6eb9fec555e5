"""Simulated chests pass the gate as a kiosk sees them; everything else that could be generated does not."""

from __future__ import annotations

import numpy as np
import pytest

from models.bundle import Bundle, default_bundle
from models.errors import CardIncomplete
from models.gate import Gate, features
from tests.models.making import SHARED, chest
from tools.training.breast import impostors


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate(Bundle.open(default_bundle("breast")).card.gate)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(
    "torso",
    [
        {},
        {"distance": 0.9},
        {"distance": 1.15},
        {"x": 0.06},
        {"skin_c": 31.5},
        {"skin_c": 35.0},
        {"asymmetry_k": 1.5},
        {"vessels_k": 0.0},
        {"room_c": 18.0},
        {"room_c": 25.0},
        {"noise_k": 0.3},
    ],
)
def test_a_simulated_chest_passes(gate: Gate, torso: dict[str, float], seed: int) -> None:
    assert gate.refusal(chest(seed, **torso)) is None


RECOGNISED = sorted(set(impostors.MAKERS) - {"chest upside down"})


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", RECOGNISED)
def test_an_impostor_is_refused(gate: Gate, kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert gate.refusal(impostors.make(kind, rng, chest(seed))) is not None


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (np.full((24, 32), 22.0, np.float32), "as warm as skin"),
        (np.full((24, 32), 33.0, np.float32), "no body stands out|mostly noise"),
        (chest() + np.float32(273.15), "not in °C"),
        (chest() * np.float32(1.8) + np.float32(32), "not in °C"),
    ],
)
def test_the_refusal_says_why(gate: Gate, image: np.ndarray, reason: str) -> None:
    refusal = gate.refusal(image)
    assert refusal is not None
    assert any(part in refusal for part in reason.split("|"))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("celsius", [-40.0, 0.0, 22.0, 300.0])
def test_a_constant_image_has_finite_features(celsius: float) -> None:
    assert all(np.isfinite(value) for value in features(np.full((24, 32), celsius, np.float32)).values())


def test_limits_must_name_exactly_the_features() -> None:
    limits = dict(Bundle.open(default_bundle("breast")).card.gate)
    with pytest.raises(CardIncomplete, match="wrong: sharpness"):
        Gate({**limits, "sharpness": (0.0, 1.0)})
    del limits["coherence"]
    with pytest.raises(CardIncomplete, match="wrong: coherence"):
        Gate(limits)


def test_thermograms_of_chests_pass(gate: Gate) -> None:
    """The card's figure is from held-out patients; this only makes sure that the shipped limits are those."""
    if not SHARED.is_dir():
        pytest.skip("the thermograms are not part of the project, and are not beside this checkout")
    from tools.training.breast.thermograms import load
    from tools.training.breast.views import full_frame

    rng = np.random.default_rng(0)
    accepted = [gate.refusal(full_frame(celsius, rng)) is None for celsius in load(SHARED).celsius]
    assert np.mean(accepted) >= 0.98
