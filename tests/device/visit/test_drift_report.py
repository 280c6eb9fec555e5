"""What a technician reads about drift, from too few patients to a fault of the sensor."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import numpy as np
import pytest

from device import health
from device.health import Status
from device.process.time import VirtualTimekeeper
from device.store.tallies import Tally
from device.visit.drift import OUTCOME
from device.visit.drift_report import _WORDS, drift_report
from models import drift
from models.drift import REFUSED, SCORE, Reference
from models.prediction import Outcome
from tests.models.making import chest

WEEK, NEXT = "2026-W47", "2026-W48"
NOW = VirtualTimekeeper().now()
RNG = np.random.default_rng(7)
REFERENCE = Reference(
    "b" * 64, {"body_c": drift.quantiles(RNG.normal(33, 1, 128)), SCORE: drift.quantiles(RNG.random(128))}, 128
)


def week(n: int, body_c: float = 33.0, *, period: str = WEEK, refused: int = 0, seed: int = 1) -> list[Tally]:
    """Return the counts of a week with ``n`` patients."""
    rng = np.random.default_rng(seed)
    cells = Counter(drift.cell(REFERENCE.quantiles["body_c"], value) for value in rng.normal(body_c, 1, n))
    scores = Counter(drift.cell(REFERENCE.quantiles[SCORE], value) for value in rng.random(n - refused))
    found = [Tally(period, "body_c", str(cell), times) for cell, times in cells.items()]
    found += [Tally(period, SCORE, str(cell), times) for cell, times in scores.items()]
    found.append(Tally(period, OUTCOME, Outcome.BELOW_THRESHOLD, n - refused))
    return [*found, Tally(period, OUTCOME, Outcome.OUT_OF_DOMAIN, refused)] if refused else found


def test_before_the_first_patient() -> None:
    assert drift_report(REFERENCE, [], NOW).summary == "no patient counted yet; 20 in a week are needed"


def test_a_card_that_says_nothing_of_its_training_is_not_watched() -> None:
    report = drift_report(Reference("b" * 64, {}, 128), week(30), NOW)
    assert (report.drifted, report.summary[:11]) == (False, "not watched")


def test_few_patients_are_counted_and_not_judged() -> None:
    report = drift_report(REFERENCE, week(19, body_c=45.0), NOW)
    assert not report.drifted
    assert report.summary == "week 2026-W47 so far: 19 of the 20 patients that are needed to say anything"
    assert report.figures["patients"] == 19


def test_a_week_like_the_training() -> None:
    report = drift_report(REFERENCE, week(60), NOW)
    assert report.summary == "week 2026-W47 so far, 60 patients: pictures and scores as in training"
    assert set(report.figures["statistics"]) == {"body_c", SCORE, REFUSED}
    assert json.loads(json.dumps(report.figures)) == report.figures


@pytest.mark.parametrize(("body_c", "words"), [(37.0, "bodies are warmer (at least"), (29.0, "bodies are colder (at least")])
def test_a_sensor_that_reads_wrong_is_found_and_says_what_to_do(body_c: float, words: str) -> None:
    row = health.drift_row(REFERENCE, week(60, body_c), NOW)
    assert (row.part, row.status) == ("model drift", Status.WARNING)
    assert words in row.summary
    assert "reflected_c" in row.remedy
    assert "tell the clinic" in row.remedy
    assert health.drift_row(REFERENCE, week(60), NOW).status is Status.OK


def test_a_lens_through_which_nothing_looks_like_a_chest() -> None:
    report = drift_report(REFERENCE, week(60, refused=50), NOW)
    assert report.drifted
    assert "takes more pictures for no chest" in report.summary
    assert report.figures["outcomes"] == {"below_threshold": 10, "out_of_domain": 50}


def test_on_monday_the_last_week_is_still_told() -> None:
    time = VirtualTimekeeper()
    time.jump(timedelta(weeks=1))
    both = [*week(60, 37.0), *week(3, period=NEXT)]
    assert drift_report(REFERENCE, both, time.now()).summary.startswith("week 2026-W47, 60 patients: bodies are warmer")
    after = [*week(60, 37.0), *week(40, period=NEXT, seed=2)]
    assert drift_report(REFERENCE, after, time.now()).summary.startswith("week 2026-W48 so far, 40 patients: pictures and")


def test_what_was_two_periods_ago_is_told_no_more() -> None:
    older = [*week(60, 37.0), *week(3, period="2026-W48"), *week(3, period="2026-W49")]
    assert not drift_report(REFERENCE, older, NOW).drifted


def test_a_boot_without_a_date_is_judged_as_one_that_goes_on() -> None:
    report = drift_report(REFERENCE, week(60, 40.0, period="boot-1"), NOW)
    assert report.summary.startswith("since a start without a date, 60 patients: bodies are warmer")


def test_a_finished_week_finds_more_than_a_running_one() -> None:
    time = VirtualTimekeeper()
    time.jump(timedelta(weeks=1))
    running = drift_report(REFERENCE, week(60), NOW).figures["statistics"]["body_c"]["chance"]
    finished = drift_report(REFERENCE, week(60), time.now()).figures["statistics"]["body_c"]["chance"]
    assert finished < running


def test_there_are_words_for_every_statistic_of_a_thermogram() -> None:
    assert {*drift.statistics(chest()), SCORE, REFUSED} == set(_WORDS)


def test_counts_that_are_none_are_left_out() -> None:
    """A store that was changed by hand, or by a later version with other cells."""
    report = drift_report(REFERENCE, [*week(60), Tally(WEEK, "body_c", "warm", 5)], NOW)
    assert report.figures["statistics"]["body_c"]["n"] == 60
