"""One training of the lesion network: batches, learning rate, epochs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from models.lesion_input import CELLS, SIDE
from tools.training.brain.lesion import network
from tools.training.brain.lesion.sampling import Images, Prepared, example, middle
from tools.training.run import Run, seed_of

BATCH = 32
PEAK_RATE = 1e-3
WARM_UP = 0.05
"""Share of the steps in which the learning rate rises; then it falls as a cosine."""
OTHERS = 0.5
"""Share of the slices without the three series that an epoch takes: all of them have a tumour."""


def schedule(total: int) -> Any:
    """Return the learning rate by step of ``total``: a rise from a twentieth, then a cosine down to a fiftieth."""
    rise = max(1, round(WARM_UP * total))
    return keras.optimizers.schedules.CosineDecay(
        PEAK_RATE / 20, max(1, total - rise), alpha=0.02, warmup_target=PEAK_RATE, warmup_steps=rise
    )


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """One epoch of varied slices: the same ones for the same seed and epoch, in whatever order they are asked for."""

    def __init__(self, prepared: Prepared, seed: int, epoch: int) -> None:
        super().__init__()
        self._prepared, self._seed, self._epoch = prepared, seed, epoch
        rng = np.random.default_rng(seed_of(seed, "order", epoch))
        others = np.flatnonzero(~prepared.glioma)
        taken = rng.choice(others, round(len(others) * OTHERS), replace=False)
        self._order: NDArray[np.int64] = rng.permutation(np.concatenate([np.flatnonzero(prepared.glioma), taken]))

    def __len__(self) -> int:
        return steps(self._prepared)

    def __getitem__(self, index: int) -> tuple[Images, Images]:
        """Return inputs [n, 144, 144, 3] and what `network.loss` compares with, [n, 72, 72, 2]."""
        rng = np.random.default_rng(seed_of(self._seed, "variation", self._epoch, index))
        data = self._prepared
        rows = self._order[index * BATCH : (index + 1) * BATCH]
        made = [example(data.images[row], data.masks[row], bool(data.glioma[row]), rng) for row in rows]
        return np.stack([image for image, _ in made]), np.stack([truth for _, truth in made])


def steps(prepared: Prepared) -> int:
    """Return the number of batches in an epoch."""
    others = int((~prepared.glioma).sum())
    return max(1, (int(prepared.glioma.sum()) + round(others * OTHERS)) // BATCH)


def fit(prepared: Prepared, validation: Prepared, run: Run, *, epochs: int, weights: Path | None) -> Any:
    """Return the trained model, going on where ``run`` stopped: Adam at the rate of `schedule`.

    The loss on ``validation`` is logged, and decides nothing.
    """
    model = network.build(weights)
    rate = schedule(steps(prepared) * epochs)
    model.compile(optimizer=keras.optimizers.Adam(rate, global_clipnorm=1.0), loss=network.loss)
    pairs = [middle(image, mask) for image, mask in zip(validation.images, validation.masks, strict=True)]
    images = np.stack([image for image, _ in pairs]).reshape(-1, SIDE, SIDE, 3)
    truth = np.stack([place for _, place in pairs]).reshape(-1, CELLS, CELLS, 2)
    run.fit(
        model,
        lambda epoch: Batches(prepared, run.seed, epoch),
        epochs=epochs,
        name="fit",
        validation=(images, truth),
    )
    return model
