"""Six networks on brain-type with one protocol: what pretraining and size bring where data and time are short.

The protocol is what a CPU bears, not what each network could reach: pictures of 48 px, each seen twice. Under it, a large
network that starts from random weights has no chance, which is a result about the protocol as much as about the network.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # on one thread its kernels sum in one order, and are faster

import keras
import numpy as np
from numpy.typing import NDArray

from models.interpreter import Network
from tools.training.brain.data import TYPES
from tools.training.brain.type import fit
from tools.training.brain.type.answers import probabilities
from tools.training.brain.type.network import to_range
from tools.training.brain.type.pictures import Pictures, load
from tools.training.clusters import cluster_macro_auroc, cluster_mean
from tools.training.convert import Kind, to_tflite
from tools.training.run import Arrays, Run, seed_of
from tools.training.scores import Estimate

Progress = Callable[[str], None]

SIDE, EPOCHS, PEAK_RATE = 48, 2, 5e-4
EXAMPLES = 64
"""Training pictures from which the converter takes the ranges of activations."""
RUNS = 20
MOMENTUM = 0.9
"""Of normalisation statistics: Keras' 0.99 takes more steps to forget its start than there are."""


def _custom(_weights: Path) -> Any:
    x = inner = keras.Input((SIDE, SIDE, 3))
    for filters in (16, 32, 64, 128):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = keras.layers.BatchNormalization(momentum=MOMENTUM)(x)
        x = keras.layers.MaxPooling2D()(keras.layers.ReLU()(x))
    return keras.Model(inner, x)


def _published(name: str, **arguments: Any) -> Any:
    model = getattr(keras.applications, name)(input_shape=(SIDE, SIDE, 3), weights=None, include_top=False, **arguments)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = MOMENTUM
    return model


def _pretrained(weights: Path) -> Any:
    model = _published("MobileNetV2", alpha=1.0)
    model.load_weights(weights)
    for layer in model.layers:  # its normalisation is folded into the convolutions and has no statistics of its own
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    return model


def _efficient(_weights: Path) -> Any:
    inner = keras.Input((SIDE, SIDE, 3))
    raw = keras.layers.Rescaling(127.5, offset=127.5)(inner)  # it scales by itself, from 0 to 255
    return keras.Model(inner, _published("EfficientNetB0")(raw))


BACKBONES: Mapping[str, tuple[str, Callable[[Path], Any]]] = {
    "custom CNN": ("random", _custom),
    "MobileNetV2 1.0, pretrained": ("ImageNet", _pretrained),
    "MobileNetV2 1.0": ("random", lambda _: _published("MobileNetV2", alpha=1.0)),
    "EfficientNet-B0": ("random", _efficient),
    "ResNet50": ("random", lambda _: _published("ResNet50")),
    "VGG16": ("random", lambda _: _published("VGG16")),
}


def measure(data_dir: Path, progress: Progress = print, *, weights: Path, work_dir: Path, seed: int = 1) -> dict[str, Any]:
    """Train and measure every backbone; return the table. What is done already in ``work_dir`` is not done again."""
    training, test = load(data_dir, "train", SIDE), load(data_dir, "test", SIDE)
    run = Run(work_dir, seed, about={"side": SIDE, "epochs": EPOCHS, "rate": PEAK_RATE}, progress=progress)
    rows = []
    for name, (start, make) in BACKBONES.items():
        progress(f"{name}: {EPOCHS} epoch(s) of {len(training)} slices at {SIDE} px")

        def trained(name: str = name, make: Callable[[Path], Any] = make) -> Arrays:
            return _trained(name, make(weights), training, test, seed)

        found = run.once(name.replace(" ", "-").replace(",", ""), trained)
        rows.append(_row(name, start, found, test, seed))
        progress(f"{name}: accuracy {rows[-1]['accuracy'][0]:.3f}, macro-AUROC {rows[-1]['macro_auroc'][0]:.3f}")
    return {"protocol": _protocol(training, test, seed), "rows": rows}


def _protocol(training: Pictures, test: Pictures, seed: int) -> dict[str, Any]:
    return {
        "side": SIDE,
        "epochs": EPOCHS,
        "batch": fit.BATCH,
        "peak_rate": PEAK_RATE,
        "optimiser": "AdamW, warm-up and cosine, clipped gradients",
        "seed": seed,
        "training_slices": len(training),
        "test_slices": len(test),
        "test_patients": len(np.unique(test.patient)),
        "split": "by patient",
        "note": "The same augmentation, class weights, label smoothing, order of pictures and seed for all; one run each. "
        "Chosen by what a CPU bears; no setting was tuned for any of them. Intervals: 95 %, 10,000 resamplings of patients. "
        "Time of one inference: int8, built-in kernels, processor time on one thread, median of 20.",
    }


def _with_top(backbone: Any) -> Any:
    grey = keras.Input((SIDE, SIDE, 1))
    x = backbone(keras.layers.Concatenate()([grey, grey, grey]))
    x = keras.layers.Dropout(0.3)(keras.layers.GlobalAveragePooling2D()(x))
    return keras.Model(grey, keras.layers.Dense(len(TYPES))(x))


def _trained(name: str, backbone: Any, training: Pictures, test: Pictures, seed: int) -> dict[str, NDArray[Any]]:
    """Return the test's logits in float and int8, sizes in bytes, parameters, and milliseconds of inference and training."""
    keras.utils.set_random_seed(seed_of(seed, name))
    model = _with_top(backbone)
    steps = fit.steps_in(training)
    optimiser = keras.optimizers.AdamW(
        fit.schedule(steps * EPOCHS, PEAK_RATE), weight_decay=fit.WEIGHT_DECAY, global_clipnorm=1.0
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=fit.LABEL_SMOOTHING)
    model.compile(optimizer=optimiser, loss=loss, jit_compile=False)
    begun = time.process_time()
    for epoch in range(EPOCHS):
        for image, (target, *_), (weight, *_) in fit.batches(training, len(TYPES), seed, epoch):
            model.train_on_batch(image, target, sample_weight=weight)
    seconds = time.process_time() - begun
    parts = [to_range(test.image[start : start + 64]) for start in range(0, len(test), 64)]
    logits = np.concatenate([np.asarray(model(part, training=False)) for part in parts])
    examples = to_range(training.image[:: max(1, len(training) // EXAMPLES)])
    files = {kind: to_tflite(model, kind, examples) for kind in (Kind.FLOAT32, Kind.INT8)}
    network = Network(files[Kind.INT8])
    return {
        "logits": logits,
        "int8": np.concatenate([network(one) for one in to_range(test.image)]),
        "parameters": np.array(model.count_params()),
        "bytes": np.array([len(files[Kind.FLOAT32]), len(files[Kind.INT8])]),
        "milliseconds": np.array(_milliseconds(network, to_range(test.image[:1]))),
        "training_s": np.array(seconds),
    }


def _milliseconds(network: Network, image: NDArray[np.float32]) -> float:
    """Return the processor time of one inference: on one thread it is what a machine with nothing else to do needs."""
    raw = network.input.quantise(image)
    network.run(raw)
    times = []
    for _ in range(RUNS):
        begun = time.process_time()
        network.run(raw)
        times.append(time.process_time() - begun)
    return float(np.median(times) * 1000)


def _row(name: str, start: str, found: Mapping[str, NDArray[Any]], test: Pictures, seed: int) -> dict[str, Any]:
    logits = found["logits"].astype(np.float64)
    probability = probabilities(logits, 1.0)
    right, right8 = logits.argmax(axis=1) == test.label, found["int8"].argmax(axis=1) == test.label
    return {
        "network": name,
        "starts_from": start,
        "parameters": int(found["parameters"]),
        "float_bytes": int(found["bytes"][0]),
        "int8_bytes": int(found["bytes"][1]),
        "accuracy": _numbers(cluster_mean(right, test.patient, seed)),
        "macro_auroc": _numbers(cluster_macro_auroc(test.label, probability, test.patient, seed)),
        "int8_accuracy": round(float(right8.mean()), 4),
        "inference_ms": round(float(found["milliseconds"]), 2),
        "training_s": round(float(found["training_s"])),
    }


def _numbers(estimate: Estimate) -> list[float]:
    return [round(value, 4) for value in estimate]
