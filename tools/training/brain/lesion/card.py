"""Writes the lesion bundle's card from what was measured; the words are for people."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from models import lesion_input
from models.brain_lesion import HIGHEST, MODALITY
from models.lesion_input import CELLS, SERIES, SIDE
from tools.training.brain.lesion import figures
from tools.training.brain.lesion.findings import Data, Findings
from tools.training.brain.lesion.measure import Measured
from tools.training.brain.lesion.reading import WANTED_SENSITIVITY, Reading
from tools.training.operating import Point
from tools.training.reliability import brier

VERSION = "0.3.0"
AIMS = {
    ("auroc", f"{figures.LGG}, t1 + flair + t1c"): 0.95,
    ("auroc", f"{figures.CENTRAL}, t1 + flair + t1c"): 0.90,
    ("dice", f"{figures.LGG}, slices with a tumour, t1 + flair + t1c"): 0.80,
}
"""By name and population of a figure."""
NOT_SHOWN = (
    "It has not been tried on a patient, scanner or hospital outside two public collections, nor on DICOM "
    "images as a scanner sends them: both collections are 8-bit pictures at 192 pixels.",
    "It has seen no healthy person: slices without a tumour are of people who have a lower-grade glioma elsewhere in the head.",
    "It has not been shown what it makes of infarcts, bleedings, MS, abscesses, metastases, operated heads or children.",
    "On post-contrast T1 of meningiomas and pituitary tumours nothing is known about false alarms: that set has no other "
    "slices.",
    "It has not been compared with a radiologist, and nobody has shown that its outline helps one.",
    "An area or volume from its mask has not been checked for following a tumour over time.",
)


class Choices(NamedTuple):
    """What was chosen on the validation patients."""

    kind: str
    """Of quantisation."""
    bytes: int
    mask_from: float
    wobble: float
    readings: dict[tuple[str, ...], Reading]
    curve: tuple[Point, ...]
    validation: dict[tuple[str, ...], Measured]
    quantisation: dict[str, Any]
    """The card's section."""
    drift: dict[str, tuple[float, ...]]


def write_card(data: Data, chosen: Choices, found: Findings, seed: int, training: dict[str, Any]) -> dict[str, Any]:
    """Return the whole card, in the order in which a person reads it."""
    metrics = figures.metrics(found, chosen.readings, seed)
    return {
        "model": _model([*missed(metrics), *NOT_SHOWN]),
        "data": _data(data),
        "input": _input(chosen.kind),
        "metrics": metrics,
        "baselines": figures.baselines(found, seed),
        "calibration": _calibration(chosen, found),
        "threshold": _threshold(chosen),
        "abstain": _abstain(chosen),
        "risk_coverage": [point._asdict() for point in chosen.curve],
        "series": [_fewer(names, chosen, found) for names in chosen.readings if names != SERIES],
        "segmentation": _segmentation(chosen),
        "quantisation": chosen.quantisation,
        "explanation": figures.explanation(found, seed),
        "drift": {name: list(values) for name, values in chosen.drift.items()},
        "training": training,
    }


def missed(metrics: figures.Figures) -> list[str]:
    """Return what was aimed at and not reached."""
    value = {(row["name"], row["population"]): float(row["value"]) for row in metrics}
    return [
        f"{name} above {aim} was aimed at ({population}); {value[name, population]:.3f} was measured."
        for (name, population), aim in AIMS.items()
        if not value[name, population] > aim
    ]


def _model(not_shown: list[str]) -> dict[str, Any]:
    return {
        "name": "brain-lesion",
        "version": VERSION,
        "task": "score",
        "description": "A U-Net on MobileNetV2 that outlines what looks like a tumour in one MR slice of a head, from "
        "pre-contrast T1, FLAIR and post-contrast T1 or some of them, and scores whether the slice shows one. It looks at the "
        "slice and at its mirror image, and gives the mean.",
        "licence": "CC BY-NC-SA 4.0 (weights). They were trained on data that is commonly given as CC BY-NC-SA 4.0; that was "
        "not "
        "verified, and whether weights are a derivative of data is unsettled. So: no commercial use, name the sources, share "
        "alike. The code is Apache-2.0. For a commercial product, train again without the gliomas of LGG.",
        "intended_use": "Research, and to exercise a gateway end to end. It draws a doctor's eye to a place; it is no "
        "diagnosis, "
        "rules nothing out, and no decision about a person may rest on it.",
        "not_shown": not_shown,
    }


def _data(data: Data) -> list[dict[str, Any]]:
    lgg = [*data.train, *data.val, *data.test]
    people = [len({one.patient for one in part}) for part in (data.train, data.val, data.test)]
    splits = f"{people[0]} patients to train on, {people[1]} to choose on, {people[2]} to test on, all as the manifest says"
    return [
        {
            "name": "LGG: lower-grade gliomas of The Cancer Genome Atlas, slices with three series and outlines on FLAIR",
            "source": "M. Buda, A. Saha, M. A. Mazurowski, Comput. Biol. Med. 109:218-225, 2019",
            "n": sum(people),
            "positives": len({one.patient for one in lgg if one.tumour}),
            "unit": "patients",
            "slices": len(lgg),
            "slices_with_tumour": sum(one.tumour for one in lgg),
            "split_unit": "patient",
            "splits": splits,
            "known_bias": "Everybody has a glioma. Slices with a tumour lie in the middle of the head: position alone tells "
            "much, "
            "so central slices are reported too. In some patients a missing series was replaced by FLAIR by who published "
            "them.",
            "licence": "commonly given as CC BY-NC-SA 4.0; not verified; no image is part of the bundle",
        },
        {
            "name": "Jun Cheng: post-contrast T1 with a meningioma, a glioma or a pituitary tumour, with outlines",
            "source": "J. Cheng et al., PLoS ONE 10(10):e0140381, 2015; figshare 1512427",
            "n": len(data.types_train) + len(data.types_test),
            "positives": len(data.types_train) + len(data.types_test),
            "unit": "slices",
            "split_unit": "patient",
            "splits": f"{len(data.types_train)} slices to train on (their patients are not transcribed, but nobody is in "
            f"another "
            f"split); {len(data.types_test)} slices of {len({one.patient for one in data.types_test})} patients to test on",
            "known_bias": "Every slice has a tumour and was picked because of it. Axial, coronal and sagittal are mixed. These "
            "slices do not count for the slice's score while training: who comes from here always has a tumour.",
            "licence": "commonly given as CC BY 4.0; not verified; no image is part of the bundle",
        },
    ]


def _input(kind: str) -> dict[str, Any]:
    return {
        "modality": MODALITY,
        "shape": [1, SIDE, SIDE, len(SERIES)],
        "dtype": "int16" if "16" in kind else "int8",
        "unit": "none: each series is scaled by its own percentiles, then −1 to 1; a series that is not given is −1",
        "orientation": "row 0 at the top; which side is left does not matter (it looks at the slice and its mirror image)",
        "preprocessing": lesion_input.NAME,
    }


def _calibration(chosen: Choices, found: Findings) -> dict[str, Any]:
    validation, reading = chosen.validation[SERIES], chosen.readings[SERIES]
    patients = len(np.unique(validation.patient))
    return {
        "slope": reading.slope,
        "intercept": reading.intercept,
        "method": f"Platt scaling of the shipped network's scores of {len(validation)} slices of {patients} validation "
        f"patients; "
        "Brier scores are of the test patients. Where fewer slices have a tumour, the true probability is lower.",
        "prevalence": float(validation.label.mean()),
        **_brier(reading, found.gliomas[SERIES]),
    }


def _brier(reading: Reading, test: Measured) -> dict[str, float]:
    share = float(test.label.mean())
    return {"brier": brier(test.label, reading.probability(test.score)), "brier_of_prevalence": share * (1 - share)}


def _threshold(chosen: Choices) -> dict[str, Any]:
    return {
        "probability": chosen.readings[SERIES].threshold,
        "reason": f"The highest at which {WANTED_SENSITIVITY:.0%} of the validation slices with a tumour are called: a slice "
        f"that "
        "is called wrongly costs a glance at an outline, one that is missed costs more.",
    }


def _abstain(chosen: Choices) -> dict[str, Any]:
    reading = chosen.readings[SERIES]
    return {
        "low": reading.low,
        "high": reading.high,
        "reason": f"One standard deviation ({chosen.wobble:.2f} in the score) between views of the same slice, shifted, "
        f"widened or "
        "mirrored, around the threshold: another cut of the same head may give the other answer. At most a quarter of the "
        "validation slices; what other widths cost is the risk-coverage curve.",
    }


def _fewer(names: tuple[str, ...], chosen: Choices, found: Findings) -> dict[str, Any]:
    reading, validation = chosen.readings[names], chosen.validation[names]
    return {
        "names": list(names),
        "slope": reading.slope,
        "intercept": reading.intercept,
        "threshold": reading.threshold,
        "low": reading.low,
        "high": reading.high,
        "prevalence": float(validation.label.mean()),
        **_brier(reading, found.gliomas[names]),
    }


def _segmentation(chosen: Choices) -> dict[str, Any]:
    return {
        "mask_from": chosen.mask_from,
        "reason": "Of 0.01 to 0.7 the probability with the highest mean Dice on validation slices with a tumour.",
        "output": f"[1, {CELLS}, {CELLS}, 1] logits over the square around the head, enlarged to the slice's grid",
        "slice_score": f"mean of the {HIGHEST} highest logits",
    }
