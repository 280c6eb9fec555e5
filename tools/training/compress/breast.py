"""The breast network for the comparison: those of the four folds, each measured on the patients it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tools.training.breast import network
from tools.training.breast.backend import BATCH, LABEL_SMOOTHING, Trained
from tools.training.breast.candidates import Candidate, Kind
from tools.training.breast.crossval import CrossValidation
from tools.training.breast.patients import Images, make_patients, prepare_all
from tools.training.breast.thermograms import load, usable_for_scores
from tools.training.breast.train import begun
from tools.training.compress.compressible import Compressible, Judged
from tools.training.operating import calibrate
from tools.training.reliability import brier, ece
from tools.training.run import seed_of
from tools.training.scores import Floats, Ints, auroc

CANDIDATE = Candidate(Kind.IMAGE, mixed_only=False)
"""The network of which a compression says something; a regression over a dozen numbers has nothing to prune."""
RATE, EPOCHS, EXAMPLE_VIEWS = 3e-4, 2, 4


def parts(data_dir: Path, trained_dir: Path, seed: int) -> list[Compressible]:
    """Return the networks that `tools.training.breast.train` has left in ``trained_dir``, fold by fold."""
    data = usable_for_scores(load(data_dir))
    patients = make_patients(data, prepare_all(data), seed)
    folds = CrossValidation(patients, Trained(begun(trained_dir, seed, data), progress=_silent))
    order = np.concatenate([np.flatnonzero(patients.fold == k) for k in folds.folds])
    mixed, label = patients.mixed[order], patients.label[order]
    judge = _Judge(mixed, label)
    found = []
    for k in folds.folds:
        rows = patients.fold != k
        inputs, sick = patients.training[rows], patients.label[rows]
        weights = folds.without(CANDIDATE, (k,)).get_weights()
        part = Compressible(
            model="breast",
            name=f"breast-fold-{k}",
            fresh=_Fresh(weights),
            compiled=_compiled,
            batches=_Batches(inputs.reshape(-1, *inputs.shape[2:]), np.repeat(sick, inputs.shape[1]), seed),
            steps=inputs.shape[0] * inputs.shape[1] // BATCH,
            epochs=EPOCHS,
            examples=inputs[:, :EXAMPLE_VIEWS].reshape(-1, *inputs.shape[2:]),
            inputs=patients.nominal[patients.fold == k],
            judge=judge,
            population=f"{int(mixed.sum())} patients of 2013-2015, each by the network of a fold that did not see them",
            note=f"The candidate '{CANDIDATE.name}', whichever was shipped. Calibrated anew for each variant.",
        )
        found.append(part)
    return found


class _Judge:
    """AUROC and calibration on the years with both classes; decisions of everybody."""

    def __init__(self, mixed: NDArray[np.bool_], label: Ints) -> None:
        self._mixed, self._label = mixed, label

    def __call__(self, outputs: Sequence[NDArray[Any]]) -> Judged:
        score: Floats = outputs[0][:, 0].astype(np.float64)[self._mixed]
        label = self._label[self._mixed]
        platt, threshold = calibrate(label, score)
        probability = platt.probability(score)
        return Judged(
            {"auroc": auroc(label, score)},
            {"ece": ece(label, probability), "brier": brier(label, probability)},
            probability >= threshold,
        )


class _Fresh:
    """Builds the network with the weights of one fold."""

    def __init__(self, weights: list[NDArray[Any]]) -> None:
        self._weights = weights

    def __call__(self) -> Any:
        _, mean = network.build(CANDIDATE.kind)
        mean.set_weights(self._weights)
        return mean


class _Batches:
    """Passes over the training views of one fold, half of them mirrored, both classes weighing alike."""

    def __init__(self, inputs: Images, label: Ints, seed: int) -> None:
        self._inputs, self._label, self._seed = inputs, label, seed

    def __call__(self, epoch: int) -> Any:
        import tensorflow as tf

        rng = np.random.default_rng(seed_of(self._seed, "compression", epoch))
        order, turned = rng.permutation(len(self._inputs)), rng.random(len(self._inputs)) < 0.5
        images = self._inputs[order]
        images = np.where(turned[:, None, None, None], images[:, :, ::-1], images)
        weight = np.where(self._label == 1, 0.5 / (self._label == 1).mean(), 0.5 / (self._label == 0).mean())[order]
        columns = (images, self._label[order, None].astype(np.float32), weight.astype(np.float32))
        return tf.data.Dataset.from_tensor_slices(columns).batch(BATCH, drop_remainder=True)


def _compiled(model: Any, steps: int) -> Any:
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps)
    loss = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss, jit_compile=False)
    return model


def _silent(text: str) -> None:
    """The networks are only taken from where they are."""
