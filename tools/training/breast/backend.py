"""Fits the candidates of the cross-validation, so that an interrupted training goes on where it was."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from tools.training import convert
from tools.training.breast import asymmetry, logistic, network
from tools.training.breast.candidates import Candidate, Kind
from tools.training.breast.patients import Images
from tools.training.progress import Say
from tools.training.run import Run, seed_of
from tools.training.scores import Floats, Ints
from tools.training.state import Weights

EPOCHS = 8
BATCH = 32
LABEL_SMOOTHING = 0.1
"""Keeps the logits small, so that eight bits resolve them and unseen patients stay inside the quantised range."""


class Compiled:
    """One network of a kind with its optimiser, used for one fit after the other: compiling takes longer than fitting."""

    def __init__(self, kind: Kind) -> None:
        self.model = network.build(kind)[0]
        self.model.compile(
            optimizer=keras.optimizers.AdamW(2e-3, weight_decay=1e-2),
            loss=keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING),
        )
        self.model.optimizer.build(self.model.trainable_variables)
        self._fresh = [variable.numpy().copy() for variable in self.model.optimizer.variables]

    def begin(self, weights: Weights) -> None:
        """Forget everything and start at ``weights``."""
        weights.put_into(self.model)
        for variable, value in zip(self.model.optimizer.variables, self._fresh, strict=True):
            variable.assign(value)


class Trained:
    """The real backend of `crossval.CrossValidation`."""

    def __init__(self, run: Run, *, epochs: int = EPOCHS, progress: Say = print) -> None:
        self._run = run
        self._epochs = epochs
        self._say = progress
        self._shared: dict[Kind, Compiled] = {}

    def fit(self, candidate: Candidate, inputs: Images, label: Ints, name: str) -> Any:
        """Return a Keras model fitted on ``inputs`` [patients, views, 24, 32, 2], both classes weighing alike."""
        views = inputs.shape[1]
        flat, each = inputs.reshape(-1, *inputs.shape[2:]), np.repeat(label, views)
        if candidate.kind is Kind.LOGISTIC:
            weight = np.full(len(flat), 1 / views)
            return network.from_logistic(logistic.fit(asymmetry.features(flat), each, weight))
        keras.utils.set_random_seed(seed_of(self._run.seed, name))
        members, mean = network.build(candidate.kind)
        compiled = self._compiled(candidate.kind)
        compiled.begin(Weights.of(members))
        self._run.fit(compiled.model, lambda epoch: self._batches(flat, each, name, epoch), epochs=self._epochs, name=name)
        Weights.of(compiled.model).put_into(members)
        self._say(f"fitted {name}")
        return mean

    def score(self, model: Any, inputs: Images) -> Floats:
        """Return the float model's logit for each of ``inputs`` [n, 24, 32, 2]."""
        batches = [np.asarray(model(inputs[i : i + 512], training=False)) for i in range(0, len(inputs), 512)]
        return np.concatenate(batches).astype(np.float64)[:, 0]

    def convert(self, candidate: Candidate, model: Any, examples: Images, name: str) -> bytes:
        """Return the model as a file: a network in int8, a regression as it is (a dozen numbers)."""
        kind = file_kind(candidate)

        def converted() -> dict[str, Any]:
            weights = Weights.of(model)
            keras.backend.clear_session()  # or the names in the file would tell how many networks were made before it
            self._shared.clear()
            anew = model if candidate.kind is Kind.LOGISTIC else network.build(candidate.kind)[1]
            weights.put_into(anew)
            return {"network": np.frombuffer(convert.to_tflite(anew, kind, examples), dtype=np.uint8)}

        return self._run.once(f"{name}-{kind}", converted)["network"].tobytes()

    def _compiled(self, kind: Kind) -> Compiled:
        if kind not in self._shared:
            self._shared[kind] = Compiled(kind)
        return self._shared[kind]

    def _batches(self, inputs: Images, label: Ints, name: str, epoch: int) -> Any:
        """Return one pass in an order of its own. Half of the images are mirrored: the label has no side, so both have it."""
        import tensorflow as tf

        rng = np.random.default_rng(seed_of(self._run.seed, name, "order", epoch))
        order = rng.permutation(len(inputs))
        turned = rng.random(len(inputs)) < 0.5
        images = np.where(turned[:, None, None, None], inputs[order][:, :, ::-1], inputs[order])
        weight = np.where(label == 1, 0.5 / (label == 1).mean(), 0.5 / (label == 0).mean())[order]
        target = np.repeat(label[order, None].astype(np.float32), network.MEMBERS, axis=1)
        return tf.data.Dataset.from_tensor_slices((images, target, weight.astype(np.float32))).batch(
            min(BATCH, len(inputs)), drop_remainder=True
        )


def file_kind(candidate: Candidate) -> convert.Kind:
    return convert.Kind.FLOAT32 if candidate.kind is Kind.LOGISTIC else convert.Kind.INT8
