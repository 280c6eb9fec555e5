"""The card of a brain-type bundle: what is known in advance, and where the measured parts go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.brain_type import MODALITY, NAME, PREPROCESSING
from tools.training.brain.data import TYPES
from tools.training.brain.type import answers
from tools.training.brain.type.measure import Reading

VERSION = "0.3.0"
AIMS = {"accuracy": 0.90, "macro_auroc": 0.97}


@dataclass(frozen=True)
class Findings:
    """Everything that was measured, in the shape in which a card holds it."""

    reading: Reading
    kind: str
    """Of quantisation, in words."""
    slices: Mapping[str, int]
    """In each split."""
    patients: Mapping[str, int]
    """In each split whose patients are known."""
    metrics: Sequence[Mapping[str, Any]]
    baselines: Sequence[Mapping[str, Any]]
    calibration: Mapping[str, float]
    """``ece``, ``ece_before``, ``nll``, ``nll_before`` on the test patients, and the same of the validation patients."""
    quantisation: Mapping[str, Any]
    explanation: Sequence[Mapping[str, Any]]
    drift: Mapping[str, Sequence[float]]
    confusion: Sequence[Sequence[int]]
    elsewhere: Mapping[str, Any]
    """What it does with slices that it was not made for."""
    side: int
    dtype: str
    training: Mapping[str, Any]


def write_card(found: Findings) -> dict[str, Any]:
    """Return the card's sections."""
    chosen = found.reading.chosen
    return {
        "model": _model(found),
        "data": [_data(found)],
        "input": _input(found),
        "classes": {"labels": list(TYPES)},
        "calibration": {
            "temperature": found.reading.temperature,
            "method": "One temperature on the validation patients (Guo et al., ICML 2017). ece and nll: of the test patients; "
            "ece over ten bins of equal width. A probability holds among these three types at the shares that they have in the "
            "data, and not in a clinic's own mix, which knows other tumours and none.",
            **found.calibration,
        },
        "abstain": {
            "least_probability": chosen.least_probability,
            "reason": _why(chosen),
        },
        "risk_coverage": [point._asdict() for point in found.reading.curve],
        "metrics": list(found.metrics),
        "baselines": list(found.baselines),
        "quantisation": dict(found.quantisation),
        "explanation": list(found.explanation),
        "confusion": {
            "population": "test: slices of each type (rows), as they were called (columns), before any abstention",
            "labels": list(TYPES),
            **{name: list(row) for name, row in zip(TYPES, found.confusion, strict=True)},
        },
        "elsewhere": dict(found.elsewhere),
        "drift": {name: list(values) for name, values in found.drift.items()},
        "training": dict(found.training),
    }


def _why(chosen: answers.Point) -> str:
    """Return why this probability was chosen, and whether what was wanted was reached."""
    reached = (
        f"On the validation patients {chosen.coverage:.0%} of the slices get an answer then, {chosen.risk:.1%} of them wrong"
    )
    if chosen.risk <= answers.WANTED_RISK:
        return f"{reached}: the widest coverage of those tried with at most {answers.WANTED_RISK:.0%} wrong."
    useful = f"among coverages of at least {answers.LEAST_COVERAGE:.0%} none has at most {answers.WANTED_RISK:.0%} wrong"
    return f"{reached}: {useful}, so the strictest of these was chosen."


def _model(found: Findings) -> dict[str, Any]:
    return {
        "name": NAME,
        "version": VERSION,
        "task": "classes",
        "description": f"A MobileNetV2, cut after block 13's expansion, fine-tuned on {found.side}×{found.side} slices, held "
        f"as {found.kind}: meningioma, glioma or pituitary tumour, and a map of where the answer comes from.",
        "licence": "Apache-2.0 (pretrained weights: Apache-2.0; trained on data that is commonly given as CC BY 4.0)",
        "intended_use": "For research: a second look at one contrast-enhanced T1 slice in which a radiologist sees a tumour of "
        "one of three types. It is no diagnosis, and no decision about a person may rest on it.",
        "not_shown": [
            "It cannot tell that there is no tumour: it has seen nothing but tumours, and names a type for any head.",
            "It knows three types. Metastases, lymphomas, schwannomas, abscesses, demyelination: all get one of them.",
            "It has been measured on 23 patients of two hospitals; scanners, sequences and patients elsewhere differ.",
            "One slice is read. Several slices, other sequences, age and symptoms, which a radiologist uses, are not.",
            "Every picture had been saved as JPEG with at most 192 pixels along a side; original DICOM slices were not tried.",
            "Type by histology is assumed to be right as published. Grade and molecular markers are not known.",
            *_missed(found.metrics),
        ],
    }


def _missed(metrics: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what was aimed at and not reached."""
    value = {row["name"]: row["value"] for row in metrics}
    return [
        f"{name.replace('_', '-')} above {aim} on unseen patients was aimed at; {value[name]:.3f} was measured."
        for name, aim in AIMS.items()
        if not value[name] > aim
    ]


def _data(found: Findings) -> dict[str, Any]:
    n, known = found.slices, found.patients
    return {
        "name": "Jun Cheng's brain tumour data set: T1-weighted slices after contrast agent",
        "source": "J. Cheng et al., PLoS ONE 10(10):e0140381, 2015 (figshare 1512427); Nanfang Hospital and General Hospital "
        "of Tianjin Medical University, 2005-2010",
        "n": known["val"] + known["test"],
        "positives": 0,
        "unit": "patients",
        "split_unit": "patient",
        "splits": f"train {n['train']} slices (patients not transcribed, none of them in another split; used as one block), "
        f"val {n['val']} slices of {known['val']} patients (temperature, abstention, kind of quantisation), "
        f"test {n['test']} slices of {known['test']} patients (scored once, after all was chosen; two earlier "
        "versions with other settings had been scored on them before). n: patients of val and test",
        "known_bias": "A patient has one type and up to several dozen slices. The planes are mixed, and pituitary tumours are "
        "cut in other planes than gliomas, so that the outline of the head tells part of the type: see the baselines.",
        "licence": "commonly given as CC BY 4.0; no picture is part of the bundle",
    }


def _input(found: Findings) -> dict[str, Any]:
    return {
        "modality": MODALITY,
        "shape": [1, found.side, found.side, 1],
        "dtype": found.dtype,
        "unit": "none: a slice is scaled by its own percentiles",
        "orientation": "as viewers show it, the top of the head or the nose up; left and right may be exchanged",
        "preprocessing": PREPROCESSING,
    }
