"""The lesion network: a U-Net (Ronneberger et al., MICCAI 2015) on a MobileNetV2 (Sandler et al., CVPR 2018).

The encoder is MobileNetV2 1.0, trained on ImageNet, up to the expansion of its thirteenth block. Its batch normalisation was
folded into the convolutions by who published the weights, so here it has plain convolutions with biases. The decoder is small
convolutions without depthwise ones, which are slow to train on a CPU. There is one output, a map of logits at half of the
input's resolution; the slice's score is the mean of its highest cells, so there is no answer without a place. What is shipped
looks at the slice and at its mirror image, and takes the mean: half of the training slices were mirrored, and two looks at a
tumour agree where it is and less where noise is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from models.brain_lesion import HIGHEST
from models.lesion_input import SERIES, SIDE
from tools.training.errors import TrainingDataMissing

BLOCKS = (
    (16, 1, 1),
    *((24, 6, 2 - i) for i in range(2)),
    *((32, 6, 2 if i == 0 else 1) for i in range(3)),
    *((64, 6, 2 if i == 0 else 1) for i in range(4)),
    *((96, 6, 1) for _ in range(3)),
)
"""Channels, expansion and stride of MobileNetV2's blocks 0 to 12."""
LEVELS = ((64, 48), (48, 32), (24, 24))
"""Of the decoder's steps upwards: channels after the merge, and taken from the encoder."""
BOTTOM = 96
SLICE_WEIGHT = 0.2
"""Of the slice's own cross-entropy beside Dice and the cells' cross-entropy."""
MOMENTUM = 0.9


def build(weights: Path | None) -> Any:
    """Return the untrained Keras model, [n, 144, 144, 3] in −1 to 1 → logits [n, 72, 72, 1].

    ``weights`` holds MobileNetV2 from ImageNet; ``None`` starts from random weights. Raises `TrainingDataMissing`.
    """
    image = keras.Input((SIDE, SIDE, len(SERIES)), name="image")
    deepest, skips = _encoder(image)
    x = _convolution(deepest, BOTTOM, 1, "bottom_reduce")
    x = _convolution(x, BOTTOM, 3, "bottom")
    for level, ((channels, taken), skip) in enumerate(zip(LEVELS, reversed(skips), strict=True)):
        x = keras.layers.UpSampling2D(2, interpolation="nearest", name=f"up_{level}")(x)
        x = keras.layers.Concatenate(name=f"merge_{level}")([x, _convolution(skip, taken, 1, f"skip_{level}")])
        x = _convolution(x, channels, 1, f"reduce_{level}")
        x = _convolution(x, channels, 3, f"refine_{level}")
    x = _convolution(x, LEVELS[-1][0], 3, "last")
    logits = keras.layers.Conv2D(1, 1, bias_initializer=keras.initializers.Constant(-3.0), name="logits")(x)
    model = keras.Model(image, logits, name="brain_lesion")
    if weights is not None:
        _load(model, weights)
    return model


def both_ways(model: Any) -> Any:
    """Return the mean of the maps that ``model`` draws of a slice and of its mirror image; the weights are there once.

    It takes twice the time.
    """
    picture = keras.Input(model.input_shape[1:], name="image")
    both = keras.layers.Concatenate(axis=0)([picture, picture[:, :, ::-1]])
    plain, mirrored = keras.ops.split(model(both), 2, axis=0)
    return keras.Model(picture, keras.layers.Average(name="map")([plain, mirrored[:, :, ::-1]]), name="brain_lesion_both_ways")


def loss(truth: Any, logits: Any) -> Any:
    """Return Dice + binary cross-entropy, + `SLICE_WEIGHT` times the slice's own cross-entropy; one number for the batch.

    ``truth`` is [n, 72, 72, 2]: the share of each cell that is tumour, and 1 where the slice counts for the slice's own term.
    Dice is taken for each slice with a tumour, as it is reported (Milletari et al., 3DV 2016, without the squares).
    """
    mask, counts = truth[..., 0], truth[:, 0, 0, 1]
    logit = logits[..., 0]
    cells = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(mask, logit))
    share = tf.sigmoid(logit)
    both = tf.reduce_sum(share * mask, (1, 2))
    each = tf.reduce_sum(share, (1, 2)) + tf.reduce_sum(mask, (1, 2))
    seen = tf.cast(tf.reduce_max(mask, (1, 2)) > 0, tf.float32)
    dice = tf.reduce_sum(seen * (1 - (2 * both + 1) / (each + 1))) / (tf.reduce_sum(seen) + 1e-6)
    highest = tf.math.top_k(tf.reshape(logit, (-1, logit.shape[1] * logit.shape[2])), HIGHEST, sorted=False).values
    own = tf.nn.sigmoid_cross_entropy_with_logits(seen, tf.reduce_mean(highest, 1))
    whole = tf.reduce_sum(counts * own) / (tf.reduce_sum(counts) + 1e-6)
    return cells + dice + SLICE_WEIGHT * whole


def _encoder(image: Any) -> tuple[Any, list[Any]]:
    """Return the expansion of block 13 (stride 16), and what lies before each stride from the second on: stride 2, 4, 8."""
    x = _relu(_pad(image), 32, 3, "Conv1", strides=2)
    skips = []
    for number, (channels, expansion, stride) in enumerate(BLOCKS):
        prefix = f"block_{number}_" if number else "expanded_conv_"
        inner = _relu(x, x.shape[-1] * expansion, 1, f"{prefix}expand") if number else x
        if stride == 2:
            skips.append(inner)
            inner = _pad(inner)
        padding = "same" if stride == 1 else "valid"
        inner = keras.layers.DepthwiseConv2D(3, strides=stride, padding=padding, name=f"{prefix}depthwise")(inner)
        inner = keras.layers.ReLU(6.0, name=f"{prefix}depthwise_relu")(inner)
        inner = keras.layers.Conv2D(channels, 1, name=f"{prefix}project")(inner)
        same = stride == 1 and x.shape[-1] == channels
        x = keras.layers.Add(name=f"{prefix}add")([x, inner]) if same else inner
    deepest = _relu(x, x.shape[-1] * 6, 1, "block_13_expand")
    return deepest, skips


def _load(model: Any, weights: Path) -> None:
    """Copy the published kernels, and the shift of the batch normalisation behind each as its bias."""
    if not weights.is_file():
        raise TrainingDataMissing(f"{weights} is missing; it holds MobileNetV2 from ImageNet (docs/data.md)")
    published = keras.applications.MobileNetV2((SIDE, SIDE, 3), 1.0, include_top=False, weights=None)
    published.load_weights(weights)
    for layer in model.layers:
        deep = isinstance(layer, keras.layers.DepthwiseConv2D)
        if deep or layer.name.endswith(("expand", "project")) or layer.name == "Conv1":
            batch = published.get_layer("bn_Conv1" if layer.name == "Conv1" else f"{layer.name}_BN")
            gamma, beta, mean, variance = (array.astype("float64") for array in batch.get_weights())
            factor = gamma / (variance + batch.epsilon) ** 0.5
            kernel = published.get_layer(layer.name).get_weights()[0]
            layer.set_weights([kernel * (factor[:, None] if deep else factor), beta - mean * factor])


def _pad(x: Any) -> Any:
    """Pad below and to the right, as MobileNetV2 does before each stride of 2."""
    return keras.layers.ZeroPadding2D(((0, 1), (0, 1)))(x)


def _relu(x: Any, channels: int, size: int, name: str, strides: int = 1) -> Any:
    padding = "same" if strides == 1 else "valid"
    x = keras.layers.Conv2D(channels, size, strides=strides, padding=padding, name=name)(x)
    return keras.layers.ReLU(6.0, name=f"{name}_relu")(x)


def _convolution(x: Any, channels: int, size: int, name: str) -> Any:
    x = keras.layers.Conv2D(channels, size, padding="same", use_bias=False, kernel_initializer="he_normal", name=name)(x)
    x = keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_bn")(x)
    return keras.layers.ReLU(6.0, name=f"{name}_relu")(x)
