"""The tumour type's network for the comparison, on the test patients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tools.training.brain.data import TYPES
from tools.training.brain.type import fit, measure, network
from tools.training.brain.type.answers import probabilities
from tools.training.brain.type.measure import Reading, Scored
from tools.training.brain.type.pictures import Pictures, load
from tools.training.compress.compressible import Compressible, Judged
from tools.training.compress.trained import saved_model
from tools.training.reliability import brier_of_classes, ece_of_classes

RATE, EPOCHS, EXAMPLES = 1e-4, 2, 200
EVERY = 2
"""One of so many test slices is measured: each variant is asked about all of them."""


def parts(data_dir: Path, trained_dir: Path, seed: int) -> list[Compressible]:
    """Return the model that `tools.training.brain.type.train` has left in ``trained_dir``."""
    fresh = saved_model(trained_dir)
    training, validation, test = (load(data_dir, split, network.SIDE) for split in ("train", "val", "test"))
    test = Pictures(test.image[::EVERY], test.mask[::EVERY], test.label[::EVERY], test.patient[::EVERY])
    floating = fresh()
    reading = Reading.chosen_on(Scored.by(lambda image: network.outputs(floating, image), validation))

    def judge(outputs: Sequence[NDArray[Any]]) -> Judged:
        logits = next(one for one in outputs if one.ndim == 2).astype(np.float64)
        probability = probabilities(logits, reading.temperature)
        right = logits.argmax(axis=1) == test.label
        return Judged(
            {"accuracy": float(right.mean()), "macro_auroc": measure.macro_auroc(test.label, probability)},
            {"ece": ece_of_classes(test.label, probability), "brier": brier_of_classes(test.label, probability)},
            logits.argmax(axis=1),
        )

    return [
        Compressible(
            model="brain-type",
            name="brain-type",
            fresh=fresh,
            compiled=_compiled,
            batches=lambda epoch: _without_outline(fit.batches(training, len(TYPES), seed, epoch)),
            steps=fit.steps_in(training),
            epochs=EPOCHS,
            examples=network.to_range(training.image[:: max(1, len(training) // EXAMPLES)]),
            inputs=network.to_range(test.image),
            judge=judge,
            population=f"{len(test)} slices (every second) of {len(np.unique(test.patient))} test patients",
        )
    ]


def _without_outline(batches: Iterator[tuple[Any, Any, Any]]) -> Iterator[tuple[Any, Any, Any]]:
    """Yield ``batches`` for the shipped network, which has no outline."""
    return ((image, target[:2], weight[:2]) for image, target, weight in batches)


def _compiled(model: Any, steps: int) -> Any:
    """Without averaged weights: an average of pruned and unpruned ones is not pruned."""
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(RATE, steps), global_clipnorm=1.0),
        loss=[
            keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=fit.LABEL_SMOOTHING),
            fit.outside_share,
        ],
        loss_weights=[1.0, fit.OUTSIDE_WEIGHT],
        jit_compile=False,
    )
    return model
