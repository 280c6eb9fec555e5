"""What a sensor of 32×24 pixels loses against a camera of 160×120: the same features and the same regression at both.

Rows 0 to 20 (faces) are cut off and the markers painted over for both; the coarse one is also given the sensor's noise.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from models.preprocess import ROOM, middle_of, relative, with_difference
from tools.training.breast import asymmetry, logistic
from tools.training.breast.patients import Images, prepare_all
from tools.training.breast.thermograms import MIXED_EPOCH, Thermograms, load, usable_for_scores
from tools.training.breast.views import NOMINAL, PADDING, view
from tools.training.progress import Say
from tools.training.run import seed_of
from tools.training.scores import DRAWS, LEVEL, Floats, auroc_difference, auroc_interval

FINE = (120, 160)
PERCENTILES = (5, 25, 75, 95)


def measure(data_dir: Path, *, seed: int, progress: Say = print) -> dict[str, Any]:
    """Return the table ``breast-resolution``: AUROC at both resolutions and their difference, for two sets of features."""
    data = usable_for_scores(load(data_dir))
    prepared = prepare_all(data)
    rng = np.random.default_rng(seed_of(seed, "resolution"))
    seen = {
        "160×120": [with_body(fine(image)) for image in prepared],
        "32×24, 0.1 K of noise": [with_body(view(image, NOMINAL, rng)) for image in prepared],
    }
    rows = []
    for name, table in {"left-right asymmetry": asymmetry.features, "asymmetry and spread of temperatures": both}.items():
        scores = {size: logistic.out_of_fold(table(np.stack(images)), data.label, data.fold) for size, images in seen.items()}
        rows += _rows(name, scores, data, seed)
        progress(f"measured {name}")
    return {
        "rows": rows,
        "protocol": {
            "model": "logistic regression on the same features, in the same units, at both resolutions",
            "split": "by patient, the four given folds",
            "interval": f"{LEVEL:.0%}, {DRAWS:,} resamplings of patients, both resolutions together",
            "seed": seed,
            "note": "Whatever the resolution, little is seen in 2013-2015, so this says that the small sensor loses nothing "
            "that these features could use, and not that they suffice.",
        },
    }


def fine(prepared: Images) -> Images:
    """Return what the nominal view shows, in the thermogram's own pixels, [120, 160]: as wide and high, not averaged."""
    inner = prepared[PADDING:, PADDING:-PADDING]
    rows = np.linspace(0, NOMINAL.width * 0.75 - 1, FINE[0]).round().astype(int)
    columns = (
        np.linspace((inner.shape[1] - NOMINAL.width) / 2, (inner.shape[1] + NOMINAL.width) / 2 - 1, FINE[1]).round().astype(int)
    )
    return np.asarray(inner[np.ix_(rows, columns)])


def with_body(celsius: Images) -> Images:
    image = relative(celsius)
    return with_difference(image, middle_of(image > ROOM))


def both(inputs: Images) -> Floats:
    """Return the asymmetry features and the percentiles of the body's temperatures about its median, [n, 10]."""
    spread = [np.percentile(image[image > ROOM], PERCENTILES) for image in inputs[..., 0]]
    return np.concatenate([asymmetry.features(inputs), np.array(spread)], axis=1)


def _rows(name: str, scores: dict[str, Floats], data: Thermograms, seed: int) -> list[dict[str, Any]]:
    rows = []
    for population, chosen in (
        (MIXED_EPOCH, data.mixed),
        ("2012-2020, no evidence: the date tells the label", data.mixed | True),
    ):
        label = data.label[chosen]
        found = {size: auroc_interval(label, score[chosen], seed) for size, score in scores.items()}
        (fine_size, fine_score), (coarse_size, coarse_score) = scores.items()
        difference = auroc_difference(label, coarse_score[chosen], fine_score[chosen], seed)
        for what, estimate in {**found, f"{coarse_size} minus {fine_size}": difference}.items():
            rows.append(
                {
                    "features": name,
                    "population": population,
                    "measured at": what,
                    "auroc": [round(one, 4) for one in estimate],
                    "patients": int(chosen.sum()),
                }
            )
    return rows
