"""One training that can be interrupted: the same seed gives the same weights, whether it was killed in between or not.

After each epoch everything that the next one depends on is written to the work folder in one step: all variables of the model
(weights, statistics of normalisation, states of dropout) and of its optimiser. What is random in an epoch is seeded from the
run's seed and the epoch's number alone. So the data and the callbacks must be functions of the epoch too; see `Run.fit`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # its kernels may sum in another order from run to run

from tools.training.memory import keep_freed_memory
from tools.training.progress import Bar, Say, numbers
from tools.training.state import State, StateFile, Weights

Arrays = Mapping[str, NDArray[Any]]


def set_up(seed: int, threads: int = 1) -> None:
    """Make what follows repeatable on one machine, and not slower than it must be; before any other use of TensorFlow."""
    keep_freed_memory()
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        return  # TensorFlow has started already, in the same process: it keeps its threads


def seed_of(seed: int, *words: object) -> int:
    """Return a seed below 2³¹ of its own for each use of a run's ``seed``: ``seed_of(1, "augmentation", epoch)``."""
    digest = hashlib.sha256(repr((seed, *map(str, words))).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


class Run:
    """A work folder, and the trainings of one seed in it."""

    def __init__(self, work_dir: Path, seed: int, *, about: Mapping[str, object] | None = None, progress: Say = print) -> None:
        """``about`` holds what else the results depend on (hash of the data, size, ...); a folder of another run is refused."""
        self.work_dir = work_dir
        self.seed = seed
        self._about = {"seed": str(seed), **{key: str(value) for key, value in (about or {}).items()}}
        self._say = progress

    def fit(
        self,
        model: Any,
        dataset: Callable[[int], Any] | Any,
        *,
        epochs: int,
        name: str,
        validation: Any = None,
        callbacks: Sequence[Any] = (),
        keep_best: str | None = None,
        steps: int | None = None,
    ) -> dict[str, list[float]]:
        """Train the compiled ``model`` up to ``epochs``, going on where an earlier call stopped; return the history.

        ``dataset`` is a function from the epoch's number (from 0) to what `keras.Model.fit` takes, or one such thing whose
        order does not change from pass to pass. Build augmentation on `seed_of` and stateless random operations.
        ``callbacks`` must keep nothing from one epoch to the next; learning rates belong into a
        `keras.optimizers.schedules.LearningRateSchedule`, whose step is part of the optimiser.
        ``keep_best`` names a logged number (``val_loss``, ``val_accuracy``); at the end the model has the weights of the epoch
        in which it was best (lowest for names with ``loss``, highest for others).

        Raises `PlaceTaken` where the folder holds a training that differs in seed, epochs, ``about`` or the model's shapes.
        """
        file = StateFile(self.work_dir / name, {**self._about, "epochs": str(epochs), "keep_best": str(keep_best)})
        model.optimizer.build(model.trainable_variables)
        state = file.read(model) or State(0, {}, None)
        if state.epoch:
            self._say(f"{name}: going on after epoch {state.epoch} of {epochs}")
        log = EventLog(self.work_dir / "tensorboard" / name)
        while state.epoch < epochs:
            logs, weights = self._epoch(model, dataset, state.epoch, epochs, name, validation, callbacks, steps)
            state = state.after(logs, model, keep_best)
            weights.put_into(model)
            file.write(state, model)
            log.write(state.epoch, logs)
            self._say(f"{name}, epoch {state.epoch} of {epochs}: {numbers(logs)}")
        log.close()
        model.optimizer.finalize_variable_values(model.trainable_variables)  # averaged weights (use_ema), if they are asked for
        if state.best is not None:
            state.best.put_into(model)
        return state.history

    def once(self, name: str, compute: Callable[[], Arrays]) -> dict[str, NDArray[Any]]:
        """Return the arrays that ``compute`` returns; an interrupted run does not compute them again."""
        return StateFile(self.work_dir / name, self._about).once(compute)

    def _epoch(
        self,
        model: Any,
        dataset: Any,
        epoch: int,
        epochs: int,
        name: str,
        validation: Any,
        callbacks: Sequence[Any],
        steps: int | None,
    ) -> tuple[dict[str, float], Weights]:
        """Train one epoch; return what was logged, and the weights before the optimiser put its averages in their place."""
        import keras

        keras.utils.set_random_seed(seed_of(self.seed, name, epoch))
        data = dataset(epoch) if callable(dataset) else dataset
        bar, weights, total = Bar(), list[Weights](), steps or _length(data)

        class Watching(keras.callbacks.Callback):  # type: ignore[misc]  # keras is not typed
            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                bar.draw(f"{name}, epoch {epoch + 1} of {epochs}", batch + 1, total)

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                weights.append(Weights.of(model))

        history = model.fit(
            data,
            initial_epoch=epoch,
            epochs=epoch + 1,
            shuffle=False,
            verbose=0,
            steps_per_epoch=steps,
            validation_data=validation,
            callbacks=[*callbacks, Watching()],
        )
        bar.clear()
        return {key: float(values[-1]) for key, values in history.history.items()}, weights[0]


class EventLog:
    """Scalars for TensorBoard. Writing them needs TensorFlow alone; looking at them needs TensorBoard."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: Any = None

    def write(self, epoch: int, logs: Mapping[str, float]) -> None:
        import tensorflow as tf

        if self._writer is None:
            self._writer = tf.summary.create_file_writer(str(self._folder))
        plugin = tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars")
        with self._writer.as_default():
            for name, value in logs.items():
                metadata = tf.compat.v1.SummaryMetadata(plugin_data=plugin, data_class=1)  # a scalar (summary.proto)
                tf.summary.write(f"epoch/{name}", np.float32(value), step=epoch, metadata=metadata)
        self._writer.flush()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()


def _length(data: Any) -> int:
    """Return the number of batches, 0 where it is not known."""
    try:
        return max(len(data), 0)
    except TypeError:
        return 0
