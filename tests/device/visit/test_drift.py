"""What the kiosk counts of its visits for the model's drift: after them, once for each patient, and never at their cost."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from device.store.errors import StoreFailing
from device.visit.archive import Archive
from device.visit.drift import OUTCOME
from models import drift
from models.drift import SCORE, Reference
from models.prediction import Outcome, Prediction
from tests.device.visit.booth import ANA, BEN, Booth, FixedModel
from tests.device.visit.conftest import MakeBooth
from tests.models.making import chest

BUNDLE = "0" * 64
"""What `FixedModel` says it is."""
REFERENCE = Reference(BUNDLE, drift.reference_of([chest(seed) for seed in range(10)], [0.1, 0.5]), 128)


def counted(booth: Booth) -> dict[str, int]:
    """Return the images in all cells of each statistic, and of each outcome."""
    found: dict[str, int] = {}
    for tally in booth.archive.tallies(BUNDLE):
        name = tally.cell if tally.statistic == OUTCOME else tally.statistic
        found[name] = found.get(name, 0) + tally.times
    return found


def periods(booth: Booth) -> list[str]:
    return list(dict.fromkeys(tally.period for tally in booth.archive.tallies(BUNDLE)))


def test_a_visit_is_counted_once_in_each_statistic(make_booth: MakeBooth) -> None:
    booth = make_booth(reference=REFERENCE)
    booth.visit()
    assert counted(booth) == dict.fromkeys([*REFERENCE.quantiles, Outcome.BELOW_THRESHOLD], 1)


def test_an_image_that_was_refused_has_no_score(make_booth: MakeBooth) -> None:
    booth = make_booth(reference=REFERENCE, model=FixedModel(Outcome.OUT_OF_DOMAIN))
    booth.visit()
    assert counted(booth)[Outcome.OUT_OF_DOMAIN] == 1
    assert SCORE not in counted(booth)


def test_a_patient_counts_once_a_week(make_booth: MakeBooth) -> None:
    booth = make_booth(reference=REFERENCE)
    for card in (ANA, ANA, BEN):
        booth.visit(card)
    assert counted(booth)[SCORE] == 2
    booth.time.jump(timedelta(weeks=1))
    booth.visit(ANA)
    assert counted(booth)[SCORE] == 3
    assert periods(booth) == ["2026-W47", "2026-W48"]


def test_without_a_date_the_boot_is_counted_by(make_booth: MakeBooth) -> None:
    booth = make_booth(reference=REFERENCE)
    booth.time.synchronised = False
    booth.visit()
    (period,) = periods(booth)
    assert period == f"boot-{booth.time.now().boot_id}"


def test_only_what_the_card_knows_is_counted(make_booth: MakeBooth) -> None:
    booth = make_booth(reference=Reference(BUNDLE, {"body_c": REFERENCE.quantiles["body_c"], "iron": (0.0,) * 11}, 128))
    booth.visit()
    assert set(counted(booth)) == {"body_c", Outcome.BELOW_THRESHOLD}


def test_a_card_without_a_drift_section_still_counts_its_answers(make_booth: MakeBooth) -> None:
    booth = make_booth(reference=Reference(BUNDLE, {}, 128))
    booth.visit()
    assert counted(booth) == {Outcome.BELOW_THRESHOLD: 1}


class Failing:
    """A model that raises, as one with a damaged weight may."""

    def assess(self, celsius: NDArray[np.float32]) -> Prediction:
        raise RuntimeError("no answer")


def test_without_an_answer_nothing_is_counted(make_booth: MakeBooth) -> None:
    booth = make_booth(reference=REFERENCE, model=Failing())
    assert booth.visit()["prediction"] is None
    assert counted(booth) == {}
    without = make_booth("without")
    without.visit()
    assert without.archive.tallies(BUNDLE) == []


def test_a_store_that_fails_then_costs_the_count_and_not_the_visit(
    make_booth: MakeBooth, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def failing(self: Archive, bundle: str, cells: object) -> None:
        raise StoreFailing("the disk does not answer")

    booth = make_booth(reference=REFERENCE)
    monkeypatch.setattr(Archive, "tally", failing)
    assert booth.visit()["result"] == "nothing_unusual"
    monkeypatch.undo()
    assert counted(booth) == {}
    booth.visit(ANA)
    assert counted(booth)[SCORE] == 1, "who was not counted is counted the next time"


def test_the_picture_is_kept_no_longer_than_until_it_is_counted(make_booth: MakeBooth) -> None:
    booth = make_booth(reference=REFERENCE)
    booth.visit()
    assert not booth.kiosk.drift._waiting
    assert "P-" not in repr(booth.kiosk.drift)
