"""The card's figures, each with its interval over patients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from models.anomaly_scores import Network, Statistics
from tools.training.brain.anomaly import baselines, measure
from tools.training.brain.anomaly.measure import Measured
from tools.training.brain.anomaly.reading import Reading
from tools.training.brain.anomaly.slices import Images, Masks, Slices
from tools.training.cards import figure
from tools.training.clusters import auroc_of, cluster_auroc, cluster_auroc_difference, cluster_mean
from tools.training.scores import LEVEL, Estimate, Floats

LGG, CENTRAL = "LGG, unseen patients", "LGG, unseen patients, central slices"
ILL = f"{LGG}, slices with a tumour"
NEEDS_POSITION = (
    "Statistics for each fifth of the head. Not shipped, and no evidence: at run time nobody tells where a single slice lies."
)
Figures = list[dict[str, Any]]


@dataclass(frozen=True)
class Findings:
    """Of the test patients."""

    test: Measured
    baselines: list[baselines.Baseline]
    by_position: Floats
    """Score of each slice with statistics of its own part of the head."""
    dice_from: float
    """Z-score from which a pixel is called tumour, the best one for the validation patients."""
    plain_zs: Images
    """Smoothed z-scores without autoencoders."""
    bright: Images
    """The prepared slices, smoothed as the map is."""


def find(network: Network, statistics: Statistics, train: Slices, test: Slices, dice_from: float) -> Findings:
    """Measure the network, and what is compared with it, on the test patients."""
    healthy = train.only(train.label == 0)
    found = measure.measure(test, network, statistics)
    learnt = measure.residuals(healthy.image, network)
    return Findings(
        test=found,
        baselines=baselines.all_of(train, test),
        by_position=baselines.by_position(learnt, healthy.position, found.residual, test.position),
        dice_from=dice_from,
        plain_zs=baselines.plain_z_maps(healthy.image, test.image),
        bright=baselines.bright_places(test.image),
    )


def metrics(found: Findings, reading: Reading, seed: int) -> Figures:
    """Return the model's own figures."""
    test, used = found.test, found.test.score[reading.used]
    rows = _aurocs("this model", used, test.slices, f"The {reading.used.value} score; {_counts(test.slices)}.", seed)
    rows += [_difference(one.name, used, one.score, test.slices, seed) for one in found.baselines]
    for score, values in test.score.items():
        if score is not reading.used:
            rows += _aurocs(f"{score.value} score of the same network", values, test.slices, "Not used in answers.", seed)
    name = "z-score with statistics by position"
    rows += _aurocs(name, found.by_position, test.slices, NEEDS_POSITION, seed, evidence=False)
    return rows + _operating(test.slices, used, reading, seed) + _pixels(found, seed)


def baseline_figures(found: Findings, seed: int) -> Figures:
    """Return what needs no autoencoder on the same slices."""
    rows: Figures = []
    for one in found.baselines:
        rows += _aurocs(one.name, one.score, found.test.slices, one.note, seed)
    return rows


def explanation(found: Findings, seed: int) -> Figures:
    """Return the pointing games of the residual map and, beside it, of what needs no autoencoder."""
    ways = {
        "highest place of the residual map": found.test.zs,
        "highest place of z-scores without autoencoders, beside it": found.plain_zs,
        "brightest place, beside it": found.bright,
    }
    return [_pointing(method, maps, found.test.slices, seed) for method, maps in ways.items()]


def best_dice_from(validation: Measured) -> float:
    """Return the z-score from which calling a pixel tumour gives the highest mean Dice of slices with a tumour."""
    ill = validation.only(validation.slices.label == 1)
    cuts = [round(float(cut), 2) for cut in np.arange(0.25, 5.01, 0.25)]
    return max(cuts, key=lambda cut: float(_dice(ill.zs >= cut, ill.slices.mask).mean()))


def _aurocs(subject: str, score: Floats, slices: Slices, note: str, seed: int, *, evidence: bool = True) -> Figures:
    rows = []
    for population, chosen in ((LGG, np.ones(len(score), dtype=bool)), (CENTRAL, slices.central)):
        part = slices.only(chosen)
        value = cluster_auroc(part.label, score[chosen], part.patient, seed)
        rows.append(_row("auroc", population, value, part, note, subject, evidence))
    return rows


def _difference(name: str, score: Floats, other: Floats, slices: Slices, seed: int) -> dict[str, Any]:
    value = cluster_auroc_difference(slices.label, score, other, slices.patient, seed)
    note = "Same slices, resampled together. Below 0: the baseline tells more than the model."
    return _row(f"auroc minus that of {name}", LGG, value, slices, note)


def _operating(slices: Slices, score: Floats, reading: Reading, seed: int) -> Figures:
    called, ill = reading.called(score), slices.label == 1
    answered = reading.answered(score)
    rows = []
    for name, right, part in (("sensitivity", called, ill), ("specificity", ~called, ~ill)):
        value = cluster_mean(right[part], slices.patient[part], seed)
        note = f"{int(part.sum())} slices; at the card's threshold, nobody abstains."
        rows.append(_row(name, LGG, value, slices.only(part), note))
    value = cluster_mean(answered, slices.patient, seed)
    return [*rows, _row("coverage", LGG, value, slices, "Share of slices that get an answer.")]


def _pixels(found: Findings, seed: int) -> Figures:
    ill = found.test.slices.label == 1
    part, zs = found.test.slices.only(ill), found.test.zs[ill]
    aurocs = [auroc_of(mask.ravel().astype(np.int64), one.ravel().astype(np.float64)) for mask, one in _seen(part.mask, zs)]
    shown: Masks = np.asarray(part.mask.any(axis=(1, 2)))
    dice = _dice(zs >= found.dice_from, part.mask)
    note = f"{len(part.label)} slices at 64 × 64 pixels of the head's frame; mean over slices."
    cut = f"Pixels with a smoothed z-score from {found.dice_from:g} on, the best for the validation patients. {note}"
    return [
        _row("pixel_auroc", ILL, cluster_mean(np.array(aurocs), part.patient[shown], seed), part.only(shown), note),
        _row("dice", ILL, cluster_mean(dice, part.patient, seed), part, cut),
    ]


def _pointing(method: str, maps: Images, slices: Slices, seed: int) -> dict[str, Any]:
    ill = (slices.label == 1) & slices.mask.any(axis=(1, 2))
    part, seen = slices.only(ill), maps[ill].reshape(int(ill.sum()), -1)
    masks = part.mask.reshape(len(seen), -1)
    hit = masks[np.arange(len(seen)), seen.argmax(axis=1)]
    value = cluster_mean(hit, part.patient, seed)
    return {
        "method": method,
        "population": LGG,
        "value": value.value,
        "low": value.low,
        "high": value.high,
        "level": LEVEL,
        "n": len(np.unique(part.patient)),
        "chance": float(masks.mean()),
        "note": f"{len(hit)} slices with a tumour; a hit lies inside the expert's outline. Chance: a random place of the "
        "square around the head.",
    }


def _seen(masks: Masks, maps: Images) -> list[tuple[Masks, Images]]:
    """A tumour of a pixel or two may be gone at 64 pixels."""
    return [(mask, one) for mask, one in zip(masks, maps, strict=True) if mask.any()]


def _dice(found: Masks, truth: Masks) -> Floats:
    both = found.sum(axis=(1, 2)) + truth.sum(axis=(1, 2))
    return np.asarray(2 * (found & truth).sum(axis=(1, 2)) / np.maximum(both, 1))


def _counts(slices: Slices) -> str:
    return f"{int((slices.label == 1).sum())} slices with and {int((slices.label == 0).sum())} without a tumour"


def _row(
    name: str,
    population: str,
    value: Estimate,
    part: Slices,
    note: str,
    subject: str = "this model",
    evidence: bool = True,
) -> dict[str, Any]:
    n = len(np.unique(part.patient))
    return figure(name, population, value, n, unit="patients", note=note, subject=subject, evidence=evidence)
