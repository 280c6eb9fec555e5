"""Measures a brain-type network on the test patients: for its card, and again later (`firstlight evaluate brain-type`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.answers import ClassAnswer
from models.brain_type import PATCH, STEP
from models.bundle import Bundle
from models.explain import occlusion_map
from models.head import TISSUE
from tools.training.brain.data import TYPES, of_split, tumour_types
from tools.training.brain.type import answers, measure, trivial
from tools.training.brain.type.measure import Outputs, Reading, Scored
from tools.training.brain.type.pictures import Pictures, load
from tools.training.brain.type.pointing import TOLERANCE
from tools.training.evaluation import Classified, Evaluation
from tools.training.scores import Floats

Progress = Callable[[str], None]
Rows = list[dict[str, Any]]

OCCLUDED = 2
"""Slices of each patient for which an occlusion map is made: it runs the network a hundred times."""


def evaluate(bundle_path: Path, data_dir: Path, *, progress: Progress = print) -> Evaluation:
    """Return the card's figures, measured again with the bundle's own network; raises a `TrainingError` or `ModelError`."""
    bundle = Bundle.open(bundle_path)
    answer = bundle.card.answer_as(ClassAnswer)
    seed = int(bundle.card.document["training"]["seed"])
    side = bundle.card.input.shape[1]
    outputs = measure.outputs_of(bundle.model)
    test = Scored.by(outputs, load(data_dir, "test", side))
    kept = answers.Point(0.0, 0.0, answer.least_probability)
    reading = Reading(answer.temperature, kept, ())
    progress(f"{len(test.label)} test slices scored")
    figures = [*measure.figures(test, reading, seed), *simple_baselines(data_dir, test.pictures, seed)]
    figures += [_as_figure(row) for row in explanations(test, outputs, reading, seed)]
    return Evaluation(
        figures=figures,
        classified=(Classified(measure.TEST, TYPES, test.label, reading.probabilities(test), answer.least_probability),),
        not_remade="Frozen ImageNet features need the pretrained weights; they are measured by the training alone.",
    )


def simple_baselines(data_dir: Path, test: Pictures, seed: int) -> Rows:
    """Return what the most frequent type, intensities, outlines and the tumour's place reach on the test patients."""
    slices = tumour_types(data_dir)
    train, others = of_split(slices, "train"), of_split(slices, "test")
    label = np.array([TYPES.index(one.kind) for one in train])
    share = np.bincount(label, minlength=len(TYPES)) / len(label)
    rows = measure.baseline(
        "the most frequent type of the training split", test, np.tile(share, (len(test), 1)), seed, "Looks at nothing."
    )
    for name, probability in trivial.boosted(train, label, others).items():
        note = "No tumour is seen in it." if "tumour, as if" not in name else "Needs a person who has outlined the tumour."
        rows += measure.baseline(name, test, probability, seed, f"Trained on the training split. {note}")
    return rows


def explanations(test: Scored, outputs: Outputs, reading: Reading, seed: int) -> Rows:
    """Return the pointing games of the evidence map (all slices) and of the occlusion map (some slices of each patient)."""
    chosen = _some(test.pictures.patient, OCCLUDED)
    few = Pictures(*(part[chosen] for part in (test.pictures.image, test.pictures.mask, test.label, test.pictures.patient)))
    called = test.logits[chosen].argmax(axis=1)
    maps = np.stack([_occlusion(image, int(k), outputs, reading) for image, k in zip(few.image, called, strict=True)])
    note = "The first and the middle one of each patient's slices. The occlusion map has no part in training."
    return [
        *measure.explanations(test, seed),
        *(measure.pointing_game("occlusion map", maps, few, tolerance, seed, note) for tolerance in (0, TOLERANCE)),
    ]


def _some(patient: Sequence[str] | Any, count: int) -> Any:
    """Return the indices of ``count`` slices of each patient, evenly over their order."""
    rows = [np.flatnonzero(patient == one) for one in np.unique(patient)]
    return np.concatenate([own[np.unique(np.arange(count) * len(own) // count)] for own in rows])


def _occlusion(image: Any, which: int, outputs: Outputs, reading: Reading) -> Any:
    tissue = image[image > TISSUE]
    cover = float(np.median(tissue)) if tissue.size else 0.0

    def probability(covered: Any) -> float:
        logits: Floats = outputs(covered[None])[0]
        return float(answers.probabilities(logits, reading.temperature)[0, which])

    return occlusion_map(image, cover, probability, patch=PATCH, step=STEP)


def _as_figure(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "name": f"pointing game, {row['method']}", "subject": "this model", "unit": "patients", "evidence": True}
