"""The anomaly network for the comparison, on LGG's test patients.

Statistics, calibration and threshold are fitted anew for each variant, as the training does it: a quantised network has
residuals of its own. Fine-tuning is that of a plain autoencoder, ‖x − D(G(x))‖₁, since the rounded copies of both networks
would each need their own game.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from models.anomaly_scores import Score
from tools.training.brain.anomaly import measure, reading
from tools.training.brain.anomaly.measure import Measured
from tools.training.brain.anomaly.slices import Images, augmented, load
from tools.training.clusters import auroc_of
from tools.training.compress.compressible import Compressible, Judged
from tools.training.compress.trained import saved_model
from tools.training.reliability import brier, ece
from tools.training.run import seed_of

FILE = "brain-anomaly.keras"
RATE, EPOCHS, BATCH, EXAMPLES = 1e-4, 2, 32, 200
HEALTHY_EVERY = 2
"""One of so many training slices without a tumour is behind a variant's statistics."""
SCORES = (Score.RESIDUAL, Score.MAHALANOBIS, Score.Z_SCORE)
"""Those that need the network only once for a slice."""


def parts(data_dir: Path, trained_dir: Path, seed: int) -> list[Compressible]:
    """Return the model that `tools.training.brain.anomaly.train` has left in ``trained_dir``."""
    fresh = saved_model(trained_dir, FILE)
    learnt, validation, test = (load(data_dir, split) for split in ("train", "val", "test"))
    healthy = learnt.image[learnt.label == 0]
    some = healthy[::HEALTHY_EVERY]

    def judge(outputs: Sequence[NDArray[Any]]) -> Judged:
        answers = _Answers(np.concatenate([some, validation.image, test.image]), outputs)
        statistics = measure.fit_statistics(measure.residuals(some, answers))
        return _judged(*(measure.measure(slices, answers, statistics) for slices in (validation, test)))

    def batches(epoch: int) -> Any:
        import tensorflow as tf

        rng = np.random.default_rng(seed_of(seed, "compression", epoch))
        changed = augmented(healthy[rng.permutation(len(healthy))], rng)[..., None]
        nothing = np.zeros((len(changed), 1), dtype=np.float32)
        return tf.data.Dataset.from_tensor_slices((changed, (changed, nothing))).batch(BATCH, drop_remainder=True)

    return [
        Compressible(
            model="brain-anomaly",
            name="brain-anomaly",
            fresh=fresh,
            compiled=_compiled,
            batches=batches,
            steps=len(healthy) // BATCH,
            epochs=EPOCHS,
            examples=healthy[:: max(1, len(healthy) // EXAMPLES)][..., None],
            inputs=np.concatenate([some, validation.image, test.image])[..., None],
            judge=judge,
            population=f"{len(test.label)} slices of {len(np.unique(test.patient))} LGG test patients",
            note="Statistics, calibration and threshold fitted anew for each variant; fine-tuned as a plain autoencoder.",
        )
    ]


def _judged(validation: Measured, test: Measured) -> Judged:
    label = test.slices.label
    used = max(SCORES, key=lambda score: auroc_of(validation.slices.label, validation.score[score]))
    read_as, _ = reading.choose(used, validation.slices.label, validation.score[used], 0.0)
    probability = read_as.probability(test.score[used])
    return Judged(
        {"auroc": auroc_of(label, test.score[used])},
        {"ece": ece(label, probability), "brier": brier(label, probability)},
        read_as.called(test.score[used]),
    )


class _Answers:
    """A network that was asked before: prepared slices [n, 64, 64] and what it gave for each."""

    def __init__(self, images: Images, outputs: Sequence[NDArray[Any]]) -> None:
        made = next(one for one in outputs if one.ndim == 4)[..., 0]
        latent = next(one for one in outputs if one.ndim == 2)
        self._known = {image.tobytes(): pair for image, *pair in zip(images, made, latent, strict=True)}
        self._nothing = np.zeros_like(latent[0])

    def __call__(self, image: Images) -> tuple[Images, Images]:
        """Return reconstruction and latent; of a reconstruction nothing was asked, so `Score.LATENT` is not to be had."""
        found = self._known.get(image.tobytes())
        return (image, self._nothing) if found is None else (found[0], found[1])


def _compiled(model: Any, steps: int) -> Any:
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    model.compile(optimizer=keras.optimizers.Adam(rate, beta_1=0.5), loss=["mae", None], jit_compile=False)
    return model
