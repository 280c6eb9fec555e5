"""Writes the anomaly bundle's card from what was measured; the words are for people."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from models import anomaly_input
from models.anomaly_input import SIDE
from models.anomaly_scores import SMOOTHING_PX
from models.brain_anomaly import MODALITY, NAME
from tools.training.brain.anomaly import figures
from tools.training.brain.anomaly.figures import Findings
from tools.training.brain.anomaly.measure import Measured
from tools.training.brain.anomaly.reading import HEALTHY_BELOW, Reading
from tools.training.brain.anomaly.slices import Slices
from tools.training.operating import Point
from tools.training.reliability import brier

VERSION = "0.1.1"
NOT_SHOWN = (
    "It has seen no healthy person: its slices without a tumour are of people who have a lower-grade glioma elsewhere in the "
    "head, where pressure, swelling or an outline drawn too small may reach into them.",
    "It has not been shown to find anything but lower-grade gliomas; infarcts, bleedings, MS, abscesses and malformations were "
    "not looked at, although a model of what is usual is often said to find them.",
    "It has not been tried on another sequence than FLAIR, on other scanners or hospitals, on children or on operated heads.",
    "It has not been compared with a radiologist, and nobody has shown that its map helps one.",
    "A slice's place in the head is not known at run time; how the score depends on it was not taken out.",
)


class Choices(NamedTuple):
    """What was chosen on the validation patients."""

    kind: str
    dtype: str
    bytes: int
    reading: Reading
    curve: tuple[Point, ...]
    wobble: float
    dice_from: float
    validation: Measured
    tried: list[dict[str, Any]]
    """Each kind of quantisation with its AUROC by score."""
    quantisation: dict[str, Any]
    drift: dict[str, tuple[float, ...]]


Splits = tuple[Slices, Slices, Slices]
"""Training, validation, test."""


def write_card(splits: Splits, chosen: Choices, found: Findings, seed: int, training: dict[str, Any]) -> dict[str, Any]:
    """Return the whole card, in the order in which a person reads it."""
    return {
        "model": _model(),
        "data": [_data(splits)],
        "input": _input(chosen),
        "metrics": figures.metrics(found, chosen.reading, seed),
        "baselines": figures.baseline_figures(found, seed),
        "score": _score(chosen),
        "calibration": _calibration(chosen, found),
        "threshold": _threshold(chosen),
        "abstain": _abstain(chosen),
        "risk_coverage": [point._asdict() for point in chosen.curve],
        "localisation": _localisation(chosen),
        "quantisation": chosen.quantisation,
        "compression": chosen.tried,
        "explanation": figures.explanation(found, seed),
        "drift": {name: list(values) for name, values in chosen.drift.items()},
        "training": training,
    }


def _model() -> dict[str, Any]:
    return {
        "name": NAME,
        "version": VERSION,
        "task": "score",
        "description": "Two autoencoders (generator and discriminator, DAEGAN) that learnt FLAIR slices without a tumour; what "
        "they cannot reproduce of a slice is its residual, and scored.",
        "licence": "CC BY-NC-SA 4.0 (weights). They were trained on data that is commonly given as CC BY-NC-SA 4.0; that was "
        "not verified, and whether weights are a derivative of data is unsettled. So: no commercial use, name the sources, "
        "share alike. The code is Apache-2.0.",
        "intended_use": "Research, and to exercise a gateway end to end, beside a model that was taught what a tumour looks "
        "like. It is no diagnosis, rules nothing out, and no decision about a person may rest on it.",
        "not_shown": list(NOT_SHOWN),
    }


def _data(splits: Splits) -> dict[str, Any]:
    people = [len(np.unique(part.patient)) for part in splits]
    healthy = [int((part.label == 0).sum()) for part in splits]
    ill = [int((part.label == 1).sum()) for part in splits]
    return {
        "name": "LGG: FLAIR slices of lower-grade gliomas of The Cancer Genome Atlas, with outlines",
        "source": "M. Buda, A. Saha, M. A. Mazurowski, Comput. Biol. Med. 109:218-225, 2019",
        "n": sum(people),
        "positives": sum(len(np.unique(part.patient[part.label == 1])) for part in splits),
        "unit": "patients",
        "slices_without_tumour": healthy,
        "slices_with_tumour": ill,
        "split_unit": "patient",
        "splits": f"the autoencoders learnt from the {healthy[0]} slices without a tumour of {people[0]} patients and from no "
        f"other; {people[1]} patients to choose on, {people[2]} to test on, all as the manifest says",
        "known_bias": "Everybody has a glioma: 'without a tumour' means that none was outlined in this slice. Slices with a "
        "tumour lie in the middle of the head: position alone tells much, so central slices are reported too. Preprocessing, "
        "the smoothing of the map and the sign of the residual were chosen looking at training and validation patients.",
        "licence": "commonly given as CC BY-NC-SA 4.0; not verified. No image is part of the bundle; its statistics are "
        f"averages over the {healthy[0]} training slices",
    }


def _input(chosen: Choices) -> dict[str, Any]:
    return {
        "modality": MODALITY,
        "shape": [1, SIDE, SIDE, 1],
        "dtype": chosen.dtype,
        "unit": "none: robust z-score of the slice's own tissue, three standard deviations are 1",
        "orientation": "row 0 at the top; which side is left does not matter (training mirrored half of the slices)",
        "preprocessing": anomaly_input.NAME,
    }


def _score(chosen: Choices) -> dict[str, Any]:
    return {
        "used": chosen.reading.used.value,
        "reason": "The one with the highest AUROC on the validation patients, before quantisation. The z-score is of "
        "x − D(G(x)), pixel by pixel, smoothed with a standard deviation of "
        f"{SMOOTHING_PX:g} of {SIDE} pixels; higher: brighter than expected.",
    }


def _calibration(chosen: Choices, found: Findings) -> dict[str, Any]:
    validation, reading = chosen.validation.slices, chosen.reading
    test = found.test.slices
    prevalence = float(test.label.mean())
    return {
        "slope": reading.slope,
        "intercept": reading.intercept,
        "method": f"Platt scaling of the shipped network's scores of {len(validation.label)} slices of "
        f"{len(np.unique(validation.patient))} validation patients; Brier scores are of the test patients, of whose slices "
        f"{prevalence:.3f} have a tumour. Where fewer slices have one, the true probability is lower.",
        "prevalence": float(validation.label.mean()),
        "brier": brier(test.label, reading.probability(found.test.score[reading.used])),
        "brier_of_prevalence": prevalence * (1 - prevalence),
    }


def _threshold(chosen: Choices) -> dict[str, Any]:
    return {
        "probability": chosen.reading.threshold,
        "reason": f"{HEALTHY_BELOW:.0%} of the validation patients' slices without a tumour lie below it, as the shipped "
        "network scores them: no slice with a tumour is needed for it. The metrics tell what it brings on other patients.",
    }


def _abstain(chosen: Choices) -> dict[str, Any]:
    reading = chosen.reading
    score = chosen.validation.score[reading.used]
    answered = float(reading.answered(score).mean())
    everyone = chosen.curve[0]
    return {
        "low": reading.low,
        "high": reading.high,
        "reason": f"Within one standard deviation ({chosen.wobble:.3f}, median) of what the score varies between views of the "
        f"same slice, but at least three quarters of the slices keep an answer: on validation patients {answered:.0%} do. The "
        f"curve under risk_coverage tells what the band's width changes; without it the mean of both error rates is "
        f"{everyone.risk:.2f} there.",
    }


def _localisation(chosen: Choices) -> dict[str, Any]:
    return {
        "dice_from": chosen.dice_from,
        "note": "Smoothed z-score from which a pixel is called tumour in the figure 'dice'; the best for the validation "
        "patients. Nothing is outlined at run time.",
    }
