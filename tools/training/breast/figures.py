"""The figures of the breast card, each with its interval, its number of patients and what it says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.training.breast.candidates import CANDIDATES
from tools.training.breast.findings import Findings
from tools.training.breast.thermograms import MIXED_EPOCH
from tools.training.cards import figure
from tools.training.operating import calibrate, fit_platt
from tools.training.scores import Estimate, Floats, Ints, auroc, auroc_difference, auroc_interval, share_interval

ALL_YEARS = "2012-2020"
NO_EVIDENCE = "No evidence of seeing disease: over all years the label follows from the date."
EXPLORED = (
    f"{len(CANDIDATES)} candidates compete in each choice, which the interval does not contain. For version 0.1.0 eight "
    "trainings "
    "and two complete runs (AUROC 0.63 and 0.69) had been looked at on the same patients; this procedure was fixed before "
    "it ran."
)
CROSS_FITTED = "Calibration and threshold for each fold from the other folds; nobody abstains."
CONTROLLED = "Confounders: date, room temperature, framing (three numbers), marker size."
Row = dict[str, Any]


def metrics(found: Findings) -> list[Row]:
    """Return what is said of the model; the score of every patient is of the candidate that was chosen without their fold."""
    data, score, seed = found.data, found.nested.shipped, found.seed
    mixed, label = data.mixed, data.label
    called = cross_fitted_calls(label[mixed], score[mixed], data.fold[mixed])
    sick = label[mixed] == 1
    views = f"One nominal view for each patient; over random views the shipped candidate averages {single_views(found):.2f}."
    return [
        _mixed(found, "auroc", auroc_interval(label[mixed], score[mixed], seed), f"{views} {EXPLORED}"),
        _row("sensitivity", share_interval(called[sick], seed), int(sick.sum()), CROSS_FITTED),
        _row("specificity", share_interval(~called[~sick], seed), int((~sick).sum()), CROSS_FITTED),
        *_beside_the_confounders(found),
        *(
            _mixed(
                found,
                f"auroc minus that of {name}",
                auroc_difference(label[mixed], score[mixed], baseline[mixed], seed),
                "Same patients, same folds. Below 0: the baseline tells more than the model.",
            )
            for name, baseline in found.baselines.items()
        ),
        figure(
            "auroc",
            ALL_YEARS,
            auroc_interval(label, score, seed),
            len(data),
            unit="patients",
            note=NO_EVIDENCE,
            evidence=False,
        ),
    ]


def baselines(found: Findings) -> list[Row]:
    """Return what trivial features reach, and every candidate on its own, since the choice was among them."""
    data, rows = found.data, []
    method = "Logistic regression on this alone, fitted on all years of the other folds."
    for name, score in found.baselines.items():
        rows.append(_mixed(found, "auroc", _auroc(found, score), method, name))
        everyone = auroc_interval(data.label, score, found.seed)
        note = f"{method} {NO_EVIDENCE}"
        rows.append(figure("auroc", ALL_YEARS, everyone, len(data), unit="patients", note=note, evidence=False, subject=name))
    note = "A candidate on all folds, out of fold, in float. The best of several is flattered; see the metrics."
    for candidate, score in found.each.items():
        rows.append(_mixed(found, "auroc", _auroc(found, score), note, candidate.name))
    return rows


def _beside_the_confounders(found: Findings) -> list[Row]:
    controlled = found.controlled
    likelihood = (
        f"{CONTROLLED} The score added to a logistic model of the confounders' own score: likelihood ratio "
        f"{controlled.likelihood_ratio:.2f} with 1 degree of freedom, p = {controlled.p_value:.2f}. The gain is of models "
        "fitted "
        "on other folds than the patient's; out-of-fold scores go into them, so the folds are not wholly apart."
    )
    adjusted = (
        f"{CONTROLLED} What is left of the score after its linear dependence on them among the healthy (Janes & Pepe 2009)."
    )
    matched = f"{CONTROLLED} The {controlled.pairs} pairs whose confounder scores lie within half a standard deviation."
    rows = [
        _mixed(found, "auroc gained over the confounders", controlled.gain, likelihood),
        _mixed(found, "auroc adjusted for the confounders", controlled.adjusted, adjusted),
        _mixed(found, "auroc within matched pairs", controlled.matched, matched),
    ]
    return [row for row in rows if math.isfinite(row["low"])]  # hardly any pair is alike where confounders tell everything


def _auroc(found: Findings, score: Floats) -> Estimate:
    mixed = found.data.mixed
    return auroc_interval(found.data.label[mixed], score[mixed], found.seed)


def _mixed(found: Findings, name: str, estimate: Estimate, note: str, subject: str = "this model") -> Row:
    return _row(name, estimate, int(found.data.mixed.sum()), note, subject)


def _row(name: str, estimate: Estimate, n: int, note: str, subject: str = "this model") -> Row:
    return figure(name, MIXED_EPOCH, estimate, n, unit="patients", note=note, subject=subject)


def single_views(found: Findings) -> float:
    """Return the mean AUROC of 2013-2015 over the sets of random views."""
    mixed = found.data.mixed
    return float(np.mean([auroc(found.data.label[mixed], one) for one in found.repeats[mixed].T]))


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
