"""What is measured of a brain-type network on patients whom it has not seen, each number with its interval over patients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.brain_type import evidence_for
from models.interpreter import Network
from tools.training.brain.data import TYPES
from tools.training.brain.type import answers, pointing
from tools.training.brain.type.pictures import Pictures
from tools.training.cards import figure
from tools.training.clusters import cluster_macro_auroc, cluster_mean
from tools.training.scores import Estimate, Floats, Ints, share_interval

TEST = "test: patients who were neither trained on nor chosen on"
Outputs = Callable[[NDArray[np.float32]], tuple[Floats, NDArray[np.float32]]]
"""Pictures of 0 to 1 [n, side, side] → logits [n, types] and evidence [n, rows, columns, types]."""


@dataclass(frozen=True)
class Scored:
    """One split and what a network gives for it."""

    pictures: Pictures
    logits: Floats
    evidence: NDArray[np.float32]

    @classmethod
    def by(cls, outputs: Outputs, pictures: Pictures) -> Scored:
        return cls(pictures, *outputs(pictures.image))

    @property
    def label(self) -> Ints:
        return self.pictures.label

    @property
    def right(self) -> NDArray[np.bool_]:
        return np.asarray(self.logits.argmax(axis=1) == self.label)


@dataclass(frozen=True)
class Reading:
    """How the logits are turned into answers, as chosen on the validation patients."""

    temperature: float
    chosen: answers.Point
    curve: tuple[answers.Point, ...]

    @classmethod
    def chosen_on(cls, validation: Scored) -> Reading:
        temperature = answers.fit_temperature(validation.label, validation.logits)
        curve = answers.risk_coverage(validation.label, answers.probabilities(validation.logits, temperature))
        return cls(temperature, answers.choose_least(curve), curve)

    def probabilities(self, scored: Scored) -> Floats:
        return answers.probabilities(scored.logits, self.temperature)


def outputs_of(model: bytes) -> Outputs:
    """Return the outputs of a network as a kiosk runs it."""
    network = Network(model)

    def run(image: NDArray[np.float32]) -> tuple[Floats, NDArray[np.float32]]:
        found = [network.all(2 * one - 1) for one in image]
        logits = next(index for index, array in enumerate(found[0]) if array.ndim == 2)
        return (
            np.concatenate([one[logits] for one in found]).astype(np.float64),
            np.concatenate([one[1 - logits] for one in found]),
        )

    return run


def macro_auroc(label: Ints, probability: Floats) -> float:
    """Return the mean over types of the AUROC of one type against the others."""
    from sklearn.metrics import roc_auc_score

    return float(np.mean([roc_auc_score(label == k, probability[:, k]) for k in range(probability.shape[1])]))


def figures(test: Scored, reading: Reading, seed: int) -> list[dict[str, Any]]:
    """Return the card's ``metrics``: of slices, of types, of patients, and of what is answered."""
    probability, patient = reading.probabilities(test), test.pictures.patient
    patients = len(np.unique(patient))
    auroc = cluster_macro_auroc(test.label, probability, patient, seed)
    behind = f"{len(test.label)} slices of {patients} patients; 10,000 resamplings of patients, each with all of theirs. "
    behind += _errors(test)
    found = [
        figure("accuracy", TEST, cluster_mean(test.right, patient, seed), patients, unit="patients", note=behind),
        figure("macro_auroc", TEST, auroc, patients, unit="patients", note=behind),
    ]
    for k, name in enumerate(TYPES):
        own = test.label == k
        recall = cluster_mean(test.right[own], patient[own], seed)
        count = len(np.unique(patient[own]))
        found.append(figure(f"recall of {name}", TEST, recall, count, unit="patients", note=f"{own.sum()} slices."))
    return [*found, _vote(test, probability, seed), *_answered(test, probability, reading, seed)]


def _errors(test: Scored) -> str:
    """Return in words whose slices are called wrongly."""
    wrong = test.pictures.patient[~test.right]
    names, counts = np.unique(wrong, return_counts=True)
    if not len(names):
        return "No slice is called wrongly."
    return f"{len(wrong)} slices of {len(names)} patients are called wrongly, {counts.max()} of them of one patient."


def _vote(test: Scored, probability: Floats, seed: int) -> dict[str, Any]:
    names = np.unique(test.pictures.patient)
    rows = [test.pictures.patient == name for name in names]
    right = np.array([probability[row].mean(axis=0).argmax() == test.label[row][0] for row in rows])
    note = "The mean of the probabilities of all slices of a patient, who has one tumour."
    return figure("accuracy of the patient's vote", TEST, share_interval(right, seed), len(names), unit="patients", note=note)


def _answered(test: Scored, probability: Floats, reading: Reading, seed: int) -> list[dict[str, Any]]:
    answered = probability.max(axis=1) >= reading.chosen.least_probability
    patient = test.pictures.patient
    count = len(np.unique(patient[answered]))
    rule = (
        f"An answer needs the probability {reading.chosen.least_probability:.3f}, which was chosen on the validation patients."
    )
    return [
        figure("coverage", TEST, cluster_mean(answered, patient, seed), len(np.unique(patient)), unit="patients", note=rule),
        figure(
            "accuracy of the answers",
            TEST,
            cluster_mean(test.right[answered], patient[answered], seed),
            count,
            unit="patients",
            note=f"{answered.sum()} slices that get an answer.",
        ),
    ]


def confusion(test: Scored) -> list[list[int]]:
    """Return how many slices of each type (rows) were called each type (columns), in the order of `TYPES`."""
    called = test.logits.argmax(axis=1)
    return [[int(((test.label == true) & (called == k)).sum()) for k in range(len(TYPES))] for true in range(len(TYPES))]


def explanations(test: Scored, seed: int) -> list[dict[str, Any]]:
    """Return the card's ``explanation`` of the evidence map: in the tumour, and within half a cell of it."""
    called = test.logits.argmax(axis=1)
    maps = np.stack([evidence_for(one, int(k)) for one, k in zip(test.evidence, called, strict=True)])
    learnt = (
        "In training, evidence outside the outlined tumour and its surroundings was penalised; these patients were not in it."
    )
    return [
        pointing_game("evidence map (class activation)", maps, test.pictures, tolerance, seed, learnt)
        for tolerance in (0, pointing.TOLERANCE)
    ]


def pointing_game(
    method: str, maps: NDArray[np.float32], pictures: Pictures, tolerance: int, seed: int, note: str
) -> dict[str, Any]:
    """Return one entry of the card's ``explanation`` for maps of the type that was named, right or wrong."""
    share = cluster_mean(pointing.hits(maps, pictures.mask, tolerance), pictures.patient, seed)
    where = (
        f"in the outlined tumour or at most {tolerance} of {pictures.image.shape[1]} px beside it"
        if tolerance
        else "in the outlined tumour"
    )
    return {
        "method": f"{method}, {where}",
        "population": f"{TEST}, {len(pictures)} slices",
        "value": share.value,
        "low": share.low,
        "high": share.high,
        "level": 0.95,
        "n": len(np.unique(pictures.patient)),
        "chance": pointing.chance(pictures.mask, pictures.image, tolerance),
        "note": note,
    }


def baseline(name: str, test: Pictures, probability: Floats, seed: int, note: str) -> list[dict[str, Any]]:
    """Return accuracy and macro-AUROC of another way to tell the type, on the same slices."""
    patients = len(np.unique(test.patient))
    right = cluster_mean(probability.argmax(axis=1) == test.label, test.patient, seed)
    auroc = _auroc_or_half(test, probability, seed)
    return [
        figure(metric, TEST, estimate, patients, unit="patients", note=note, subject=name)
        for metric, estimate in (("accuracy", right), ("macro_auroc", auroc))
    ]


def _auroc_or_half(test: Pictures, probability: Floats, seed: int) -> Estimate:
    if (probability == probability[0]).all():
        return Estimate(0.5, 0.5, 0.5)
    return cluster_macro_auroc(test.label, probability, test.patient, seed)
