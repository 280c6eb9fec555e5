"""No patient is ever in the training and in the scored part, and no choice sees the patients that it is scored on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tools.training.breast.making import SHARED
from tools.training.breast.candidates import CANDIDATES, Candidate, Kind
from tools.training.breast.crossval import CrossValidation
from tools.training.breast.patients import Patients
from tools.training.breast.thermograms import load, usable_for_scores

FOLDS, EACH = 4, 6


class Recorder:
    """A backend that learns nothing but who it was shown: each image holds its patient's number."""

    def __init__(self) -> None:
        self.seen_by: list[set[int]] = []
        self.scored: list[tuple[set[int], set[int]]] = []
        self.names: list[str] = []

    def fit(self, candidate: Candidate, inputs: NDArray[np.float32], label: NDArray[np.int64], name: str) -> Any:
        assert len(inputs) == len(label)
        self.names.append(name)
        self.seen_by.append({int(one) for one in inputs[..., 0, 0, 0].ravel()})
        return self.seen_by[-1]

    def score(self, model: set[int], inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        self.scored.append((model, {int(one) for one in inputs[..., 0, 0, 0].ravel()}))
        return np.array([float(one) for one in inputs[:, 0, 0, 0]])

    def convert(self, candidate: Candidate, model: set[int], examples: NDArray[np.float32], name: str) -> bytes:
        assert {int(one) for one in examples[..., 0, 0, 0].ravel()} <= model
        return name.encode()


@pytest.fixture
def patients() -> Patients:
    number = np.arange(FOLDS * EACH)
    images = np.broadcast_to(number[:, None, None, None, None], (len(number), 5, 24, 32, 2)).astype(np.float32)
    return Patients(images, images[:, :3], number % 2, number % FOLDS, number // FOLDS > 1)


def test_nobody_is_scored_by_a_model_that_saw_them(patients: Patients) -> None:
    recorder = Recorder()
    validation = CrossValidation(patients, recorder)
    for k in range(FOLDS):
        validation.choose((k,))
    validation.floating(validation.choose(()), patients.nominal)
    assert recorder.scored
    for seen, scored in recorder.scored:
        assert not seen & scored


def test_the_choice_for_a_fold_is_made_without_it(patients: Patients) -> None:
    recorder = Recorder()
    CrossValidation(patients, recorder).choose((2,))
    kept_out = set(np.flatnonzero(patients.fold == 2).tolist())
    for seen, scored in recorder.scored:
        assert not (seen | scored) & kept_out


def test_a_candidate_of_the_mixed_years_sees_no_others(patients: Patients) -> None:
    recorder = Recorder()
    validation = CrossValidation(patients, recorder)
    mixed = set(np.flatnonzero(patients.mixed).tolist())
    for candidate in CANDIDATES:
        validation.fitted(candidate, (0,))
        assert (recorder.seen_by[-1] <= mixed) == candidate.mixed_only


def test_each_model_is_fitted_once_and_has_a_name_of_its_own(patients: Patients) -> None:
    recorder = Recorder()
    validation = CrossValidation(patients, recorder)
    for _ in range(2):
        for k in range(FOLDS):
            validation.choose((k,))
        validation.choose(())
        validation.fitted(CANDIDATES[0], ())
    assert len(recorder.names) == len(set(recorder.names)) == len(CANDIDATES) * (6 + 4) + 1


def test_all_three_kinds_compete() -> None:
    assert {candidate.kind for candidate in CANDIDATES} == set(Kind)
    assert len({candidate.name for candidate in CANDIDATES}) == len(CANDIDATES)


def test_the_given_folds_hold_each_patient_once_and_only_usable_ones() -> None:
    if not SHARED.is_dir():
        pytest.skip("the thermograms are not part of the project, and are not beside this checkout")
    data = usable_for_scores(load(SHARED))
    assert len(np.unique(data.patient)) == len(data) == 128
    assert set(np.unique(data.fold)) == {0, 1, 2, 3}
    assert set(np.unique(data.label)) == {0, 1}
    assert int(data.mixed.sum()) == 53
    assert set(data.label[data.epoch == "2012"]) == {0}
    assert set(data.label[data.epoch == "2018-2020"]) == {1}
    assert not {198, 278} & set(data.patient.tolist()), "disputed labels"
