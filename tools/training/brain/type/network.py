"""The network: MobileNetV2 up to its last stage with a stride of 16, and one evidence map for each tumour type.

The normalisation layers of the pretrained network are folded into its convolutions, so it is built without any. A slice is
grey: the first convolution's three input channels are summed into one, which is exactly what three equal channels would give.
A logit is the mean of its evidence map, so that the map shows without remainder where the answer comes from (class activation
mapping; Zhou et al., CVPR 2016, section 2). How much each place counts is decided by where the network sees a tumour: the
outline that it learns beside the type, as weights with the sum 1 (attention-based pooling; Ilse et al., ICML 2018, equation 7).
What is shipped looks at the slice and at its mirror image, and takes the mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

SIDE = 144
STRIDE = 16
BLOCKS = (
    *((16, 1, 1), (24, 6, 2), (24, 6, 1), (32, 6, 2), (32, 6, 1), (32, 6, 1)),
    *((64, 6, 2), (64, 6, 1), (64, 6, 1), (64, 6, 1), (96, 6, 1), (96, 6, 1), (96, 6, 1)),
)
"""Filters, expansion and stride of each inverted residual block (Sandler et al., CVPR 2018, table 2), as far as block 12."""
LAST = 576
"""Filters of the expansion of block 13, where the network is cut: its features still lie 16 pixels apart."""
NEW = ("outline", "everywhere")
"""Convolutions without a counterpart in the pretrained network."""
FROZEN = "block_2_add"
"""The last layer that keeps its pretrained weights: edges are edges in every picture, and cost the most to train."""


def build(classes: int, *, side: int = SIDE, dropout: float = 0.3) -> Any:
    """Return an untrained network: [n, side, side, 1] in −1 to 1 → logits [n, classes] and evidence.

    The evidence is [n, side / 16, side / 16, classes], weighted by what lies in the outline.
    """
    picture = keras.Input((side, side, 1), name="slice")
    x = _convolution(picture, 32, 3, 2, "Conv1")
    for number, (filters, expansion, stride) in enumerate(BLOCKS):
        x = _block(x, filters, expansion, stride, "expanded_conv" if number == 0 else f"block_{number}")
    x = _convolution(x, LAST, 1, 1, "block_13_expand")
    outline = keras.layers.Conv2D(1, 1, bias_initializer=keras.initializers.Constant(-3.0), name="outline")(x)
    x = keras.layers.SpatialDropout2D(dropout)(x)
    everywhere = keras.layers.Conv2D(classes, 1, name="everywhere")(x)
    evidence = keras.layers.Multiply(name="evidence")([everywhere, _weights(outline)])
    return keras.Model(picture, [keras.layers.GlobalAveragePooling2D(name="logits")(evidence), evidence])


def with_outline(model: Any) -> Any:
    """Return ``model`` with one output more, for training alone: the logit of each cell's share of tumour."""
    return keras.Model(model.input, [*model.outputs, model.get_layer("outline").output])


def both_ways(model: Any) -> Any:
    """Return the mean of what ``model`` sees in a slice and in its mirror image; the weights are there once, and shared.

    Its logits are the mean of its evidence too, which lies on the slice as it is. It takes twice the time.
    """
    picture = keras.Input(model.input_shape[1:], name="slice")
    both = keras.layers.Concatenate(axis=0)([picture, picture[:, :, ::-1]])
    plain, mirrored = keras.ops.split(model(both)[1], 2, axis=0)
    evidence = keras.layers.Average(name="evidence")([plain, mirrored[:, :, ::-1]])
    return keras.Model(picture, [keras.layers.GlobalAveragePooling2D(name="logits")(evidence), evidence])


def _weights(outline: Any) -> Any:
    """Return how much each place counts, with the mean 1, for the logits of an outline [n, rows, columns, 1]."""
    rows, columns = outline.shape[1:3]
    share = keras.layers.Softmax(name="attention")(keras.layers.Reshape((rows * columns,))(outline))
    return keras.layers.Rescaling(rows * columns)(keras.layers.Reshape((rows, columns, 1))(share))


def _convolution(x: Any, filters: int, size: int, stride: int, name: str) -> Any:
    x = keras.layers.Conv2D(filters, size, stride, padding="same", name=name)(x)
    return keras.layers.ReLU(6.0, name=f"{name}_relu")(x)


def _block(x: Any, filters: int, expansion: int, stride: int, name: str) -> Any:
    before = x
    if expansion > 1:
        x = _convolution(x, expansion * x.shape[-1], 1, 1, f"{name}_expand")
    x = keras.layers.DepthwiseConv2D(3, stride, padding="same", name=f"{name}_depthwise")(x)
    x = keras.layers.ReLU(6.0, name=f"{name}_depthwise_relu")(x)
    x = keras.layers.Conv2D(filters, 1, name=f"{name}_project")(x)
    return keras.layers.Add(name=f"{name}_add")([before, x]) if before.shape[-1] == filters and stride == 1 else x


def start_from(model: Any, weights: Path) -> None:
    """Copy the weights of a Keras MobileNetV2 (alpha 1, no top) into every layer of ``model`` that has a counterpart.

    The first layers, up to `FROZEN`, are not trained any further.
    """
    source = keras.applications.MobileNetV2(input_shape=(224, 224, 3), alpha=1.0, weights=None, include_top=False)
    source.load_weights(weights)
    for layer in model.layers:
        if not isinstance(layer, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)) or layer.name in NEW:
            continue
        kernel, bias = _folded(source, layer.name)
        layer.set_weights([kernel.sum(axis=2, keepdims=True) if layer.name == "Conv1" else kernel, bias])
    for layer in model.layers[: model.layers.index(model.get_layer(FROZEN)) + 1]:
        layer.trainable = False


def _folded(source: Any, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return kernel and bias of a convolution with the normalisation after it folded in."""
    (kernel,) = source.get_layer(name).get_weights()
    after = source.get_layer("bn_Conv1" if name == "Conv1" else f"{name}_BN")
    gamma, beta, mean, variance = after.get_weights()
    factor = gamma / np.sqrt(variance + after.epsilon)
    shaped = factor[:, None] if "depthwise" in name else factor
    return kernel * shaped, beta - mean * factor


def to_range(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return pictures of 0 to 1 [..., side, side] as the network takes them: −1 to 1, with a channel axis."""
    return (2 * image - 1)[..., None]


def outputs(model: Any, image: NDArray[np.float32], batch: int = 64) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return logits [n, classes] and evidence [n, side/16, side/16, classes] for pictures of 0 to 1 [n, side, side]."""
    parts = [model(to_range(part), training=False) for part in _parts(image, batch)]
    logits = np.concatenate([np.asarray(part[0]) for part in parts]).astype(np.float64)
    return logits, np.concatenate([np.asarray(part[1]) for part in parts])


def _parts(image: NDArray[np.float32], batch: int) -> Iterator[NDArray[np.float32]]:
    for start in range(0, len(image), batch):
        yield image[start : start + batch]
