"""Writes the breast bundle's card from what was measured. Every number on it comes from here; the words are for people."""

from __future__ import annotations

from typing import Any

import numpy as np

from models import preprocess
from models.answers import Task
from models.breast import MODALITY
from models.explain import PATCH, STEP
from tools.training import quantisation
from tools.training.breast.backend import file_kind
from tools.training.breast.candidates import Kind
from tools.training.breast.figures import baselines, cross_fitted_probability, metrics, single_views
from tools.training.breast.findings import Findings
from tools.training.breast.network import MEMBERS
from tools.training.breast.patients import JUDGED_VIEWS, TRAINING_VIEWS
from tools.training.breast.pointing import NEAR_PX, RADIUS_PX, WARMER_K
from tools.training.operating import WANTED_SENSITIVITY
from tools.training.scores import LEVEL, auroc

VERSION = "0.2.1"
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
        "model": _model(found),
        "data": [_data(found)],
        "input": _input(found),
        "metrics": metrics(found),
        "baselines": baselines(found),
        "calibration": _calibration(found),
        "threshold": _threshold(found),
        "abstain": _abstain(found),
        "risk_coverage": [point._asdict() for point in found.operating.curve],
        "quantisation": _quantisation(found),
        "explanation": [_explanation(found)],
        "drift": {name: list(values) for name, values in found.reference.items()},
        "robustness": _robustness(found),
        "training": _training(found),
    }


def _model(found: Findings) -> dict[str, Any]:
    what = {
        Kind.LOGISTIC: "A logistic regression on six numbers about the left-right difference",
        Kind.IMAGE: f"{MEMBERS} small convolutional networks, whose mean is the score,",
        Kind.BOTH: f"{MEMBERS} small convolutional networks with left-right differences, whose mean is the score,",
    }[found.shipped.kind]
    return {
        "name": "breast",
        "version": VERSION,
        "task": Task.SCORE.value,
        "description": f"{what} for one 24×32 thermal image of a chest.",
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
        "splits": "four given folds, stratified by label and years; every score is of a patient whom the model did not see; "
        "which kind of model is used for a fold was chosen on the other three",
        "known_bias": "Every image of 2012 is healthy and every one of 2018-2020 is sick; both occur in 2013-2015 alone. Room "
        "temperature, framing and the size of a metal marker change with the date. So figures count on 2013-2015 only, "
        "beside what these confounders reach. Markers were painted over, rows 0 to 20 (faces) cut off, the room made constant.",
        "licence": "offered for research; no image is part of the bundle",
    }


def _input(found: Findings) -> dict[str, Any]:
    return {
        "modality": MODALITY,
        "shape": [1, preprocess.ROWS, preprocess.COLUMNS, 2],
        "dtype": str(file_kind(found.shipped)),
        "unit": "°C before preprocessing, float32 [24, 32]",
        "orientation": "row 0 at the top; the patient's right is at the left of the image. A mirrored image cannot be told "
        "from the "
        "image; the driver's fixed orientation guards it",
        "preprocessing": preprocess.WITH_DIFFERENCE,
    }


def _calibration(found: Findings) -> dict[str, Any]:
    mixed = found.data.mixed
    label, score, fold = found.data.label[mixed], found.nested.shipped[mixed], found.data.fold[mixed]
    prevalence = float((label == 1).mean())
    brier = float(((cross_fitted_probability(label, score, fold) - label) ** 2).mean())
    return {
        "slope": round(found.operating.platt.slope, 4),
        "intercept": round(found.operating.platt.intercept, 4),
        "method": "Platt scaling of the shipped kind of file's out-of-fold scores of 2013-2015. The shipped model was then "
        "trained "
        "on all folds; that its scores spread alike is assumed. Where fewer people are ill, the true probability is far lower.",
        "prevalence": prevalence,
        "brier": brier,
        "brier_of_prevalence": prevalence * (1 - prevalence),
    }


def _threshold(found: Findings) -> dict[str, Any]:
    mixed, operating = found.data.mixed, found.operating
    label = found.data.label[mixed]
    called = operating.platt.probability(found.own.shipped[mixed]) >= operating.threshold
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
    sides = [operating.platt.probability(score) >= operating.threshold for score in (own.shipped, own.floating)]
    return quantisation.section(
        str(file_kind(found.shipped)),
        "auroc",
        auroc(label, own.floating[mixed]),
        auroc(label, own.shipped[mixed]),
        sides[0] != sides[1],
        "The shipped kind of model, out of fold, on 2013-2015; decisions on all patients.",
    )


def _explanation(found: Findings) -> dict[str, Any]:
    pointing = found.pointing
    return {
        "method": "occlusion",
        "population": "synthetic: a hot spot planted in a nominal view of each patient, whom the model has not seen",
        "value": pointing.hits.value,
        "low": pointing.hits.low,
        "high": pointing.hits.high,
        "level": LEVEL,
        "n": pointing.n,
        "chance": pointing.chance,
        "note": f"The spot is {WARMER_K:g} K warmer, with a standard deviation of {RADIUS_PX:g} pixels, anywhere on the "
        "chest. The map "
        f"(covers of {PATCH}×{PATCH}, every {STEP} pixels) points at it where its highest place on the body is within "
        f"{NEAR_PX:g} "
        "pixels. Nobody has outlined findings in these thermograms: the figure says where the model looks, nothing of disease.",
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
        "auroc_single_views_2013_2015": single_views(found),
        "auroc_full_frame_2013_2015": auroc(label, found.full_frame.shipped[mixed]),
        "note": "Random framings, blur, noise and offset of the same thermogram: median standard deviation of the probability, "
        "share of views on the other side of the threshold than most views of the patient. full_frame: the whole thermogram "
        "with face and marker fills the field of view.",
    }


def _training(found: Findings) -> dict[str, Any]:
    return {
        "command": f"firstlight train breast --data DIR --out BUNDLE --seed {found.seed}",
        "seed": found.seed,
        "shipped": found.shipped.name,
        "chosen_for_each_fold": list(found.nested.chosen),
        "chosen_by": f"the mean AUROC of 2013-2015 over {JUDGED_VIEWS} views of each patient, on the folds that were not "
        "left out",
        "views": f"{TRAINING_VIEWS} of each patient: random field of view and distance (125 to 165 of 160 columns), "
        "position, stretch "
        "±8 %, blur up to 0.7 px, noise 0.05 to 0.3 K, offset ±1 K; half of them mirrored. The label has no side, so it "
        "holds for "
        "the mirror image too",
    }
