"""Fine-tuning: class weights, warm-up and cosine, label smoothing, averaged weights, and two uses of the tumour's mask.

Beside the type, each training slice has a mask of its tumour. The evidence outside of it is penalised ("right for the right
reasons", Ross et al., IJCAI 2017): a network that tells the type from the scanner, the plane or the patient's age pays for it.
And the same features have to tell where the tumour is, which holds them to it (multi-task learning; Caruana, 1997).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tools.training.brain.type.augment import varied
from tools.training.brain.type.network import STRIDE, to_range
from tools.training.brain.type.pictures import Pictures
from tools.training.run import seed_of

BATCH = 16
PEAK_RATE = 1e-3
WARM_UP = 0.1
"""Share of the steps."""
WEIGHT_DECAY = 1e-2
LABEL_SMOOTHING = 0.1
AVERAGED = 0.99
"""Of the weights' moving average, for each step; the average is what is kept."""
OUTSIDE_WEIGHT = 0.3
OUTLINE_WEIGHT = 0.5
CELL_WEIGHT = 5.0
"""Of the cells' cross-entropy beside Dice."""


def steps_in(pictures: Pictures) -> int:
    """Return how many whole batches an epoch has."""
    return max(1, len(pictures) // BATCH)


def batches(pictures: Pictures, classes: int, seed: int, epoch: int) -> Iterator[tuple[Any, Any, Any]]:
    """Yield one epoch of varied pictures, the same ones for the same seed and epoch.

    Each batch: pictures, (one-hot types, where no evidence should be, share of tumour), and weights by which the types count
    alike.
    """
    share = np.bincount(pictures.label, minlength=classes) / len(pictures)
    weights = (1 / (classes * np.maximum(share, 1e-9)))[pictures.label].astype(np.float32)
    rng = np.random.default_rng(seed_of(seed, "variation", epoch))
    order = rng.permutation(len(pictures))
    for index in range(steps_in(pictures)):
        chosen = order[index * BATCH : (index + 1) * BATCH]
        pairs = [varied(pictures.image[one], pictures.mask[one], rng) for one in chosen]
        target = np.eye(classes, dtype=np.float32)[pictures.label[chosen]]
        outside = np.stack([outside_of(mask) for _, mask in pairs])
        outline = np.stack([cells_of(mask) for _, mask in pairs])
        yield to_range(np.stack([image for image, _ in pairs])), (target, outside, outline), (weights[chosen],) * 3


def cells_of(mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the share of each cell of the evidence that is tumour: [side/16, side/16, 1]."""
    import cv2

    cells = cv2.resize(mask, (len(mask) // STRIDE,) * 2, interpolation=cv2.INTER_AREA)
    return np.asarray(cells, dtype=np.float32)[..., None]


def outside_of(mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 1 for each cell of the evidence that lies clear of the tumour, else 0: [side/16, side/16, 1].

    The tumour's cells and their neighbours are not clear: a type shows at a tumour's edge and in what it sits on. Nothing is
    clear in a slice without a mask.
    """
    import cv2

    if not mask.any():
        return np.zeros((len(mask) // STRIDE, len(mask) // STRIDE, 1), dtype=np.float32)
    near = cv2.dilate((cells_of(mask) > 0).astype(np.uint8), np.ones((3, 3), dtype=np.uint8))
    return np.asarray(1 - near, dtype=np.float32)[..., None]


def outside_share(outside: Any, evidence: Any) -> Any:
    """Return for each slice how much of its logits comes from outside the tumour, counted without sign: [n]."""
    difference = evidence - keras.ops.mean(evidence, axis=-1, keepdims=True)  # what all types share decides nothing
    return keras.ops.mean(keras.ops.abs(difference) * outside, axis=(1, 2, 3))


def outline_loss(share: Any, logit: Any) -> Any:
    """Return for each slice the cells' cross-entropy (times `CELL_WEIGHT`) and Dice's loss: [n]."""
    ops = keras.ops
    cells = ops.maximum(logit, 0.0) - logit * share + ops.log1p(ops.exp(-ops.abs(logit)))
    found = ops.sigmoid(logit)
    both = ops.sum(found * share, axis=(1, 2, 3))
    each = ops.sum(found, axis=(1, 2, 3)) + ops.sum(share, axis=(1, 2, 3))
    return CELL_WEIGHT * ops.mean(cells, axis=(1, 2, 3)) + 1 - (2 * both + 1) / (each + 1)


def schedule(steps: int, rate: float) -> Any:
    """Return the learning rate: a linear warm-up to ``rate``, then half a cosine down to a hundredth of it."""
    warm = max(1, math.ceil(WARM_UP * steps))
    return keras.optimizers.schedules.CosineDecay(
        rate / 100, max(1, steps - warm), alpha=0.01, warmup_target=rate, warmup_steps=warm
    )


def compiled(model: Any, steps: int, rate: float = PEAK_RATE) -> Any:
    """Return ``model``, which has `network.with_outline`'s outputs, ready for ``steps`` steps of training."""
    averaging = {"use_ema": True, "ema_momentum": AVERAGED}
    types = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=LABEL_SMOOTHING)
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule(steps, rate), weight_decay=WEIGHT_DECAY, global_clipnorm=1.0, **averaging),
        loss=[types, outside_share, outline_loss],
        loss_weights=[1.0, OUTSIDE_WEIGHT, OUTLINE_WEIGHT],
        jit_compile=False,
    )
    return model
