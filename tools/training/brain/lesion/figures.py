"""The card's figures: each from findings, with its interval over patients."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.lesion_input import SERIES
from tools.training.brain.data import TYPES
from tools.training.brain.lesion.findings import Findings, Pointing, is_central
from tools.training.brain.lesion.measure import Measured
from tools.training.brain.lesion.reading import Readings
from tools.training.cards import figure
from tools.training.clusters import cluster_auroc, cluster_auroc_difference, cluster_mean
from tools.training.scores import LEVEL, Estimate, Floats

LGG, CENTRAL = "LGG, unseen patients", "LGG, unseen patients, central slices"
JUN_CHENG = "Jun Cheng, unseen patients, post-contrast T1 alone"
MM_PER_PX = 0.49 * 512 / 192
"""Of Jun Cheng's slices: 0.49 mm at 512 pixels (J. Cheng et al., PLoS ONE 10(10):e0140381, 2015), here at 192."""
Figures = list[dict[str, Any]]


def metrics(found: Findings, readings: Readings, seed: int) -> Figures:
    """Return the model's own figures."""
    rows = []
    for names, measured in found.gliomas.items():
        rows += _gliomas(names, measured, seed)
    rows += _operating(found.gliomas[SERIES], readings, seed)
    rows += [_difference(found, "slice position alone", found.position, seed)]
    rows += [_difference(found, "intensity (logistic regression)", found.intensity, seed)]
    return rows + _types(found.types, readings, seed)


def baselines(found: Findings, seed: int) -> Figures:
    """Return what trivial features reach on the same slices."""
    measured = found.gliomas[SERIES]
    central = is_central(measured)
    ways = {
        "slice position alone": (found.position, "Logistic regression on the position in the head and its square."),
        "intensity (logistic regression)": (found.intensity, "Mean, spread, percentiles of each series inside the head."),
    }
    rows = []
    for name, (scores, note) in ways.items():
        for population, chosen in ((LGG, np.ones(len(measured), dtype=bool)), (CENTRAL, central)):
            part = measured.where(chosen)
            value = cluster_auroc(part.label, scores[chosen], part.patient, seed)
            rows.append(_row("auroc", population, value, part, f"{note} Fitted on the training patients.", name))
    ill = measured.where(measured.seen)
    note = "FLAIR above one threshold, opened; the best threshold on the training patients."
    rows.append(_row("dice", f"{LGG}, slices with a tumour", _mean(found.bright, ill, seed), ill, note, "bright FLAIR"))
    return rows


def explanation(found: Findings, seed: int) -> Figures:
    """Return the pointing games."""
    rows = []
    for names, population in ((SERIES, LGG), (("flair",), LGG), (("t1c",), LGG)):
        ill = found.gliomas[names].where(found.gliomas[names].seen)
        game = Pointing(ill.pointed, ill.patient, float(ill.chance.mean()))
        rows.append(_pointing("highest place of the probability map", f"{population}, {_text(names)}", game, seed))
    types = found.types
    game = Pointing(types.pointed, types.patient, float(types.chance.mean()))
    rows.append(_pointing("highest place of the probability map", JUN_CHENG, game, seed))
    rows.append(_pointing("highest place of an occlusion map of the slice's score", LGG, found.occlusion, seed))
    return rows


def _gliomas(names: tuple[str, ...], measured: Measured, seed: int) -> Figures:
    """Return AUROC, Dice and distance for one set of series."""
    series = _text(names)
    rows = []
    for population, part in ((LGG, measured), (CENTRAL, measured.where(is_central(measured)))):
        value = cluster_auroc(part.label, part.score, part.patient, seed)
        note = f"{len(part)} slices, {int(part.label.sum())} with a tumour. Central: position 0.25 to 0.75."
        rows.append(_row("auroc", f"{population}, {series}", value, part, note))
    ill = measured.where(measured.seen)
    with_tumour = f"{LGG}, slices with a tumour, {series}"
    note = f"Mean over {len(ill)} slices; a slice in which nothing is found counts 0."
    rows.append(_row("dice", with_tumour, _mean(ill.dice, ill, seed), ill, note))
    rows.append(_by_patient(measured, series, seed))
    what = "Pixels of the slice at 192 × 192; spacing unknown."
    return rows + _distance(ill, with_tumour, seed, "hausdorff95_px", 1.0, what)


def _by_patient(measured: Measured, series: str, seed: int) -> dict[str, Any]:
    who = np.unique(measured.patient)
    sums = [measured.where(measured.patient == one) for one in who]
    volume = np.array([2 * one.shared.sum() / max(one.found.sum() + one.truth.sum(), 1) for one in sums])
    note = "All slices of a patient as one volume, those without a tumour included; mean over patients."
    population = f"{LGG}, {series}"
    return figure("dice_per_patient", population, cluster_mean(volume, who, seed), len(who), unit="patients", note=note)


def _distance(ill: Measured, population: str, seed: int, name: str, scale: float, what: str) -> Figures:
    """Return the mean distance between outlines; no figure at all where nothing was found in any slice."""
    both = ill.where(np.isfinite(ill.distance_px))
    if not len(both):
        return []
    value = cluster_mean(both.distance_px * scale, both.patient, seed)
    median = float(np.median(both.distance_px)) * scale
    note = f"{what} Mean over {len(both)} slices, median {median:.2f}; in {len(ill) - len(both)} more nothing was found."
    return [_row(name, population, value, both, note)]


def _operating(measured: Measured, readings: Readings, seed: int) -> Figures:
    """Return what threshold and band do on the test patients, with all series."""
    reading = readings[SERIES]
    called, answered = reading.called(measured.score), reading.answered(measured.score)
    ill = measured.seen
    parts: tuple[tuple[str, NDArray[np.bool_], NDArray[np.bool_], str], ...] = (
        ("sensitivity", ill, called, "Slices with a tumour at or above the threshold; nobody abstains."),
        ("specificity", ~ill, ~called, "Slices without a tumour below the threshold; nobody abstains."),
        ("coverage", np.ones_like(ill), answered, "Slices outside the abstention band."),
        ("accuracy_of_answers", answered, called == ill, "Right among slices outside the abstention band."),
    )
    rows = []
    for name, chosen, value, note in parts:
        part = measured.where(chosen)
        rows.append(
            _row(name, f"{LGG}, {_text(SERIES)}", _mean(value[chosen], part, seed), part, f"{note} {len(part)} slices.")
        )
    return rows


def _difference(found: Findings, name: str, other: Floats, seed: int) -> dict[str, Any]:
    part = found.gliomas[SERIES]
    central = is_central(part)
    middle = part.where(central)
    value = cluster_auroc_difference(middle.label, middle.score, other[central], middle.patient, seed)
    return _row(f"auroc minus that of {name}", CENTRAL, value, middle, "Same slices, resampled together.")


def _types(types: Measured, readings: Readings, seed: int) -> Figures:
    rows = []
    for kind in (None, *TYPES):
        part = types if kind is None else types.where(types.kind == kind)
        population = JUN_CHENG if kind is None else f"{JUN_CHENG}, {kind}"
        rows.append(_row("dice", population, _mean(part.dice, part, seed), part, f"Mean over {len(part)} slices."))
        what = "Nominal 0.49 mm at 512 pixels, as published for the whole set."
        rows += _distance(part, population, seed, "hausdorff95_mm", MM_PER_PX, what)
    called = readings[("t1c",)].called(types.score)
    note = "Every slice of this set has a tumour, so nothing is known about false alarms."
    return [*rows, _row("sensitivity", JUN_CHENG, _mean(called, types, seed), types, note, evidence=False)]


def _pointing(method: str, population: str, game: Pointing, seed: int) -> dict[str, Any]:
    value = cluster_mean(game.hit, game.patient, seed)
    return {
        "method": method,
        "population": population,
        "value": value.value,
        "low": value.low,
        "high": value.high,
        "level": LEVEL,
        "n": len(np.unique(game.patient)),
        "chance": game.chance,
        "note": f"{len(game.hit)} slices with a tumour; a hit lies inside the expert's outline. Chance: a random place of the "
        "square around the head.",
    }


def _mean(values: NDArray[Any], part: Measured, seed: int) -> Estimate:
    return cluster_mean(values, part.patient, seed)


def _row(
    name: str,
    population: str,
    value: Estimate,
    part: Measured,
    note: str,
    subject: str = "this model",
    evidence: bool = True,
) -> dict[str, Any]:
    n = len(np.unique(part.patient))
    return figure(name, population, value, n, unit="patients", note=note, subject=subject, evidence=evidence)


def _text(names: tuple[str, ...]) -> str:
    return " + ".join(names)
