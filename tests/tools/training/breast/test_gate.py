"""The gate is fitted to some patients and measured on others."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn comes with the training extra only")

from tests.models.making import chest
from tools.training.breast import impostors
from tools.training.breast.gate import CEILINGS, Samples, fit, fit_limits, joined
from tools.training.breast.gate_bundle import fit_without
from tools.training.breast.gate_samples import PARTS, Material


def chests(first: int, count: int) -> Samples:
    return Samples.of([chest(seed, skin_c=31 + seed % 5) for seed in range(first, first + count)])


def of_kind(kind: str, count: int, seed: int = 1) -> Samples:
    rng = np.random.default_rng(seed)
    return Samples.of([impostors.make(impostors.KINDS[kind], rng, chest(index)) for index in range(count)])


NOBODY = -1.0


@pytest.fixture(scope="module")
def known() -> Samples:
    return joined([of_kind(kind, 20) for kind in ("hand", "face", "flat warm plate", "empty room")])


def test_limits_enclose_what_they_were_fitted_to() -> None:
    table = chests(0, 20).table
    limits = fit_limits(table)
    assert all(low <= row[name] <= high for row in table for name, (low, high) in limits.items())
    assert all(limits[name][1] == ceiling for name, ceiling in CEILINGS.items())


def test_unseen_chests_pass_and_unseen_impostors_do_not(known: Samples) -> None:
    gate = fit(chests(0, 40), chests(40, 20), known, seed=1)
    unseen = chests(60, 20)
    assert gate.accepts(unseen.table, unseen.prepared).mean() >= 0.9
    for kind in ("hand", "face", "empty room"):
        others = of_kind(kind, 20, seed=2)
        assert gate.accepts(others.table, others.prepared).mean() <= 0.1, kind


def test_the_same_seed_gives_the_same_gate(known: Samples) -> None:
    one, same = (fit(chests(0, 20), chests(20, 10), known, seed=3) for _ in range(2))
    assert one.threshold == same.threshold
    assert one.limits == same.limits
    np.testing.assert_array_equal(one.layers[0].weight, same.layers[0].weight)


def test_nobody_of_a_part_that_is_left_out_is_fitted_to(monkeypatch: pytest.MonkeyPatch, known: Samples) -> None:
    """Each image holds its owner's part; whoever fits is asked what it was given."""
    owner = np.arange(40)
    marked = Samples(
        [{"part": float(one % PARTS)} for one in owner], np.repeat((owner % PARTS)[:, None], 192, axis=1).astype(float)
    )
    part = dict.fromkeys(impostors.KINDS, owner % PARTS)
    torsos = Samples([{"part": NOBODY}] * 2, np.zeros((2, 192)))
    material = Material(marked, owner, dict.fromkeys(impostors.KINDS, marked), part, torsos)
    given: list[set[float]] = []

    def watching(*samples: Samples | int) -> None:
        given.append({row["part"] for one in samples if isinstance(one, Samples) for row in one.table})

    monkeypatch.setattr("tools.training.breast.gate_bundle.fit", watching)
    for k in range(PARTS):
        fit_without(material, (k,), 1)
        assert k not in given[-1]
        assert len(given[-1] - {NOBODY}) == PARTS - 1


@pytest.mark.parametrize("kind", sorted({**impostors.KINDS, **impostors.NOT_TOLD}))
def test_an_impostor_is_an_image_as_the_sensor_delivers_it(kind: str) -> None:
    made = {**impostors.KINDS, **impostors.NOT_TOLD}[kind]
    one, same = (impostors.make(made, np.random.default_rng(4), chest(1)) for _ in range(2))
    assert one.shape == (24, 32)
    assert one.dtype == np.float32
    assert np.isfinite(one).all()
    np.testing.assert_array_equal(one, same)
