"""The lesion network for the comparison, on LGG's test patients."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from models.lesion_input import SERIES
from tools.training.brain.data import Slice, gliomas, of_split, tumour_types
from tools.training.brain.lesion import fit, measure, network, reading
from tools.training.brain.lesion.measure import Ask, Measured, of_keras
from tools.training.brain.lesion.sampling import Images, read
from tools.training.brain.lesion.slim import slim
from tools.training.compress.compressible import Compressible, Judged
from tools.training.compress.trained import saved_model
from tools.training.reliability import brier, ece
from tools.training.scores import auroc

RATE, EPOCHS, MOST_STEPS, EXAMPLES = 1e-4, 2, 20, 60
MASKS_FROM = tuple(round(float(share), 2) for share in np.arange(0.2, 0.71, 0.1))
EVERY = 3
"""One of so many slices is measured: each variant is asked about all of them."""


def parts(data_dir: Path, trained_dir: Path, seed: int) -> list[Compressible]:
    """Return the model that `tools.training.brain.lesion.train` has left in ``trained_dir``."""
    saved = saved_model(trained_dir, known={network.loss.__name__: network.loss})

    def fresh() -> Any:
        return _bare(saved())

    slices = gliomas(data_dir)
    training, validation, test = (of_split(slices, split) for split in ("train", "val", "test"))
    validation, test = validation[::EVERY], test[::EVERY]
    floating = of_keras(fresh())
    mask_from = measure.best_mask_from(floating, validation, MASKS_FROM)
    read_as, _ = reading.choose(measure.measure(floating, validation, SERIES, mask_from), 0.0)
    prepared = read([*training, *of_split(tumour_types(data_dir), "train")])

    def judge(outputs: Sequence[NDArray[Any]]) -> Judged:
        return _judged(measure.measure(_given(outputs[0]), test, SERIES, mask_from), read_as)

    return [
        Compressible(
            model="brain-lesion",
            name="brain-lesion",
            fresh=fresh,
            compiled=_compiled,
            batches=lambda epoch: fit.Batches(prepared, seed, epoch),
            steps=min(MOST_STEPS, fit.steps(prepared)),
            epochs=EPOCHS,
            examples=_inputs(training[:: max(1, len(training) // EXAMPLES)]),
            inputs=_inputs(test),
            judge=judge,
            population=f"{len(test)} slices (every {EVERY}rd) of {len({one.patient for one in test})} LGG test patients",
            finished=slim,
        )
    ]


def _judged(found: Measured, read_as: reading.Reading) -> Judged:
    probability = read_as.probability(found.score)
    return Judged(
        {"auroc": auroc(found.label, found.score), "dice": float(found.dice[found.seen].mean())},
        {"ece": ece(found.label, probability), "brier": brier(found.label, probability)},
        read_as.called(found.score),
    )


def _given(cells: NDArray[Any]) -> Ask:
    """Return something to ask that answers with ``cells``, one after another."""
    rest = iter(cells[..., 0])

    def ask(images: Images) -> Images:
        return np.stack([next(rest) for _ in images])

    return ask


def _inputs(slices: Sequence[Slice]) -> Images:
    return np.stack([measure.input_of(one, SERIES)[0] for one in slices])


def _bare(model: Any) -> Any:
    """Return ``model`` with the same layers, the network inside it not compiled: how it was is not to be copied."""
    inner = next(layer for layer in model.layers if hasattr(layer, "layers"))
    return network.both_ways(keras.Model(inner.inputs[0], inner.outputs[0], name=inner.name))


def _compiled(model: Any, steps: int) -> Any:
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate, global_clipnorm=1.0), loss=network.loss)
    return model
