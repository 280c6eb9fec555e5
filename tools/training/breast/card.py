"""Writes the breast bundle's card from what was measured. Every number on it comes from here; the words are for people."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import preprocess
from models.answers import Task
from models.breast import MODALITY
from tools.training.breast.crossval import Candidate, Scores
from tools.training.breast.gate import GateReport
from tools.training.breast.thermograms import MIXED_EPOCH, Thermograms
from tools.training.operating import WANTED_SENSITIVITY, Operating, calibrate, fit_platt
from tools.training.scores import LEVEL, Estimate, Floats, Ints, auroc, auroc_difference, auroc_interval, share_interval


class Findings(NamedTuple):
    """Everything that was measured, for the card."""

    data: Thermograms
    nested: Scores
    """Each fold's candidate chosen without it: what is reported."""
    own: Scores
    """Out-of-fold scores of the candidate that is shipped: what it is calibrated on."""
    full_frame: Scores
    """The shipped candidate on whole thermograms that fill the field of view, with face and marker."""
    repeats: Floats
    """[n, REPEATS]: int8 out-of-fold scores of the shipped candidate on random views."""
    operating: Operating
    baselines: dict[str, Floats]
    gate: GateReport
    shipped: Candidate
    seed: int


VERSION = "0.1.0"
ALL_YEARS = "2012-2020"
NO_EVIDENCE = "No evidence of seeing disease: over all years the label follows from the date."
EXPLORED = (
    "Before this procedure was fixed, eight trainings (two networks, two sets of years, two lengths) and one complete run "
    "(without label smoothing: AUROC 0.63) were looked at on the same patients; the interval does not contain that."
)
NOT_SHOWN = (
    "It has not been shown that this model finds cancer, or that it finds anything that the date of the image does not tell.",
    "It has not been tried on an image from a real MLX90640, on another camera, or in another room or clinic.",
    "It has not been compared with mammography, ultrasound or a reading doctor, and no outcome was followed up.",
    "Whether 'sick' was proven by biopsy is not known. Stage, size, side and kind of findings are not known.",
    "Age, skin tone, breast density, implants, earlier surgery, pregnancy and fever were not looked at.",
    "Breast thermography itself has not been shown to replace mammography, or to help where it is added "
    "(FDA safety communication, February 2019).",
)


def write_card(found: Findings) -> dict[str, Any]:
    """Return the whole card, in the order in which a person reads it."""
    return {
        "model": _model(),
        "data": [_data(found)],
        "input": _input(),
        "metrics": _metrics(found),
        "baselines": _baselines(found),
        "calibration": _calibration(found),
        "threshold": _threshold(found),
        "abstain": _abstain(found),
        "risk_coverage": [point._asdict() for point in found.operating.curve],
        "quantisation": _quantisation(found),
        "robustness": _robustness(found),
        "gate": {name: list(limits) for name, limits in found.gate.limits.items()},
        "gate_report": _gate_report(found),
        "training": _training(found),
    }


def _model() -> dict[str, Any]:
    return {
        "name": "breast",
        "version": VERSION,
        "task": Task.SCORE.value,
        "description": "A small int8 convolutional network that scores one 24×32 thermal image of a chest.",
        "licence": "Apache-2.0",
        "intended_use": "To exercise a screening kiosk end to end, and for research. Its answer is one number beside the image "
        "that a doctor reads; it is no diagnosis, and no decision about a person may rest on it.",
        "not_shown": list(NOT_SHOWN),
    }


def _data(found: Findings) -> dict[str, Any]:
    data = found.data
    return {
        "name": "DMR-IR, frontal, static: one thermogram for each patient, raw temperatures, undisputed labels",
        "source": "Database for Mastology Research, Visual Lab, Universidade Federal Fluminense; L. F. Silva et al., "
        "J. Med. Imaging Health Inform. 4(1):92-100, 2014",
        "n": len(data),
        "positives": int((data.label == 1).sum()),
        "n_2013_2015": int(data.mixed.sum()),
        "positives_2013_2015": int((data.label[data.mixed] == 1).sum()),
        "unit": "patients",
        "split_unit": "patient",
        "splits": "four given folds, stratified by label and years; every score is of a patient whom the network did not see; "
        "which network is used for a fold was chosen on the other three",
        "known_bias": "Every image of 2012 is healthy and every one of 2018-2020 is sick; both occur in 2013-2015 alone. Room "
        "temperature, framing and the size of a metal marker change with the date. So figures count on 2013-2015 only, "
        "beside what these confounders reach. Markers were painted over, rows 0 to 20 (faces) cut off, the room made constant.",
        "licence": "offered for research; no image is part of the bundle",
    }


def _input() -> dict[str, Any]:
    return {
        "modality": MODALITY,
        "shape": [1, preprocess.ROWS, preprocess.COLUMNS, 1],
        "dtype": "int8",
        "unit": "°C before preprocessing, float32 [24, 32]",
        "orientation": "row 0 at the top; the patient's right is at the left of the image",
        "preprocessing": preprocess.NAME,
    }


def _metrics(found: Findings) -> list[dict[str, Any]]:
    data, score, seed = found.data, found.nested.quantised, found.seed
    mixed, label = data.mixed, data.label
    called = cross_fitted_calls(label[mixed], score[mixed], data.fold[mixed])
    sick = label[mixed] == 1
    views = f"One nominal view for each patient; over random views the shipped network averages {_single_views(found):.2f}."
    headline = auroc_interval(label[mixed], score[mixed], seed)
    return [
        _figure("auroc", MIXED_EPOCH, headline, int(mixed.sum()), True, f"{views} {EXPLORED}"),
        *(
            _figure(
                f"auroc minus that of {name}",
                MIXED_EPOCH,
                auroc_difference(label[mixed], score[mixed], baseline[mixed], seed),
                int(mixed.sum()),
                True,
                "Same patients, same folds. Below 0: the baseline tells more than the model.",
            )
            for name, baseline in found.baselines.items()
        ),
        _figure("sensitivity", MIXED_EPOCH, share_interval(called[sick], seed), int(sick.sum()), True, _CROSS_FITTED),
        _figure("specificity", MIXED_EPOCH, share_interval(~called[~sick], seed), int((~sick).sum()), True, _CROSS_FITTED),
        _figure("auroc", ALL_YEARS, auroc_interval(label, score, seed), len(data), False, NO_EVIDENCE),
    ]


_CROSS_FITTED = "Calibration and threshold for each fold from the other folds; nobody abstains."


def _baselines(found: Findings) -> list[dict[str, Any]]:
    data, rows = found.data, []
    method = "Logistic regression on this alone, fitted on all years of the other folds."
    for name, score in found.baselines.items():
        mixed = auroc_interval(data.label[data.mixed], score[data.mixed], found.seed)
        rows.append(_figure("auroc", MIXED_EPOCH, mixed, int(data.mixed.sum()), True, method, name))
        everyone = auroc_interval(data.label, score, found.seed)
        rows.append(_figure("auroc", ALL_YEARS, everyone, len(data), False, f"{method} {NO_EVIDENCE}", name))
    return rows


def _calibration(found: Findings) -> dict[str, Any]:
    mixed = found.data.mixed
    label, score, fold = found.data.label[mixed], found.nested.quantised[mixed], found.data.fold[mixed]
    prevalence = float((label == 1).mean())
    brier = float(((cross_fitted_probability(label, score, fold) - label) ** 2).mean())
    return {
        "slope": round(found.operating.platt.slope, 4),
        "intercept": round(found.operating.platt.intercept, 4),
        "method": "Platt scaling of the int8 network's out-of-fold scores of 2013-2015. The shipped network was then trained "
        "on all folds; that its scores spread alike is assumed. Where fewer people are ill, the true probability is far lower.",
        "prevalence": prevalence,
        "brier": brier,
        "brier_of_prevalence": prevalence * (1 - prevalence),
    }


def _threshold(found: Findings) -> dict[str, Any]:
    mixed, operating = found.data.mixed, found.operating
    label = found.data.label[mixed]
    called = operating.platt.probability(found.own.quantised[mixed]) >= operating.threshold
    return {
        "probability": operating.threshold,
        "reason": f"The highest threshold at which {WANTED_SENSITIVITY:.0%} of the sick patients of 2013-2015 lie above it, "
        "because a missed finding weighs more than a doctor's look at a healthy person's image. On those it was chosen on, "
        f"{called[label == 1].mean():.0%} of the sick and {called[label == 0].mean():.0%} of the healthy lie above it; "
        "the metrics tell what remains on others.",
    }


def _abstain(found: Findings) -> dict[str, Any]:
    operating = found.operating
    low, high = operating.band
    kept, everyone = operating.kept, operating.curve[0]
    verdict = "lowers" if kept.risk < everyone.risk else "does not lower"
    return {
        "low": low,
        "high": high,
        "reason": "Within one standard deviation (median over patients) of what the score varies between views of the same "
        "person, so where another picture may well give the other answer; at least three quarters of the patients keep an "
        f"answer. On 2013-2015 {kept.coverage:.0%} get one, and abstaining {verdict} the mean of both error rates "
        f"({kept.risk:.2f} instead of {everyone.risk:.2f}, out of fold). The whole curve is under risk_coverage.",
    }


def _quantisation(found: Findings) -> dict[str, Any]:
    mixed, operating, own = found.data.mixed, found.operating, found.own
    label = found.data.label[mixed]
    sides = [operating.platt.probability(score) >= operating.threshold for score in (own.quantised, own.floating)]
    return {
        "kind": "int8 weights, activations, input and output",
        "metric": f"auroc, {MIXED_EPOCH}",
        "float": auroc(label, own.floating[mixed]),
        "quantised": auroc(label, own.quantised[mixed]),
        "allowed_loss": 0.005,
        "decisions_flipped": int((sides[0] != sides[1]).sum()),
        "decisions": len(found.data),
        "largest_score_difference": float(np.abs(own.quantised - own.floating).max()),
        "note": "The shipped kind of network, out of fold, float against int8.",
    }


def _robustness(found: Findings) -> dict[str, Any]:
    mixed, operating = found.data.mixed, found.operating
    probability = operating.platt.probability(found.repeats)
    above = (probability >= operating.threshold).mean(axis=1)
    label = found.data.label[mixed]
    return {
        "views": found.repeats.shape[1],
        "spread_of_probability": float(np.median(probability.std(axis=1))),
        "answers_that_change": float(np.minimum(above, 1 - above).mean()),
        "auroc_single_views_2013_2015": _single_views(found),
        "auroc_full_frame_2013_2015": auroc(label, found.full_frame.quantised[mixed]),
        "note": "Random framings, blur, noise and offset of the same thermogram: median standard deviation of the probability, "
        "share of views on the other side of the threshold than most views of the patient. full_frame: the whole thermogram "
        "with face and marker fills the field of view.",
    }


def _single_views(found: Findings) -> float:
    """Return the mean AUROC of 2013-2015 over the sets of random views."""
    mixed = found.data.mixed
    return float(np.mean([auroc(found.data.label[mixed], one) for one in found.repeats[mixed].T]))


def _gate_report(found: Findings) -> dict[str, Any]:
    return {
        "chests_accepted": found.gate.accepted,
        **{f"refused: {kind}": share for kind, share in found.gate.refused.items()},
        "note": "Limits for each quarter of the patients were fitted on the other three. 'Chest upside down' passes: the gate "
        "does not know up from down. Impostors are generated; real hands, faces, backs and bellies were not to be had, and "
        "a back or a belly will probably pass. No image of a clothed person was tried.",
    }


def _training(found: Findings) -> dict[str, Any]:
    return {
        "command": f"firstlight train breast --data DIR --out BUNDLE --seed {found.seed}",
        "shipped": found.shipped.name,
        "chosen_for_each_fold": list(found.nested.chosen),
        "views": "random field of view and distance (125 to 165 of 160 columns), position, stretch ±8 %, blur up to 0.7 px, "
        "noise 0.05 to 0.3 K, offset ±1 K, mirrored at random (the label has no side)",
    }


def cross_fitted_calls(label: Ints, score: Floats, fold: Ints) -> NDArray[np.bool_]:
    """Return whether each patient lies above the threshold that the other folds choose."""
    called = np.zeros(len(label), dtype=bool)
    for k in np.unique(fold):
        platt, threshold = calibrate(label[fold != k], score[fold != k])
        called[fold == k] = platt.probability(score[fold == k]) >= threshold
    return called


def cross_fitted_probability(label: Ints, score: Floats, fold: Ints) -> Floats:
    """Return each patient's probability by the calibration of the other folds."""
    probability = np.zeros(len(label))
    for k in np.unique(fold):
        probability[fold == k] = fit_platt(label[fold != k], score[fold != k]).probability(score[fold == k])
    return probability


def _figure(
    name: str, population: str, estimate: Estimate, n: int, evidence: bool, note: str, subject: str = "this model"
) -> dict[str, Any]:
    return {
        "name": name,
        "subject": subject,
        "population": population,
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "level": LEVEL,
        "n": n,
        "unit": "patients",
        "evidence": evidence,
        "note": note,
    }
