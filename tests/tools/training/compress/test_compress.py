"""Pruning, rounding and the table, on a network and pictures that were made up."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools.training.convert import Kind, to_tflite
from tools.training.errors import TrainingDataMissing
from tools.training.run import Run, set_up
from tools.training.scores import auroc

keras = pytest.importorskip("keras", reason="TensorFlow comes with the training extra only")

from tools.training.compress.compressible import Compressible, Judged  # noqa: E402
from tools.training.compress.models import PARTS, parts_of  # noqa: E402
from tools.training.compress.pruning import kept, prunable, share_at, sparsity  # noqa: E402
from tools.training.compress.rounding import (  # noqa: E402
    Rounded,
    RoundedWeights,
    kernels,
    rounded_weights,
    with_rounded_activations,
)
from tools.training.compress.study import study  # noqa: E402
from tools.training.compress.trained import every_layer, saved_model  # noqa: E402
from tools.training.compress.variants import Variant, tuned, variants  # noqa: E402

STEPS, SIDE = 20, 12
Callback: Any = keras.callbacks.Callback


def network() -> Any:
    keras.utils.set_random_seed(4)
    image = keras.Input((SIDE, SIDE, 1))
    x = keras.layers.Conv2D(12, 3, use_bias=False, padding="same")(image)
    x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
    x = keras.layers.ReLU(6.0)(keras.layers.DepthwiseConv2D(3)(x))
    x = keras.layers.ReLU()(keras.layers.Conv2D(16, 3)(x))
    return keras.Model(image, keras.layers.Dense(1)(keras.layers.GlobalAveragePooling2D()(x)))


def pictures(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return noise, half of it with a bright spot."""
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(n, SIDE, SIDE, 1)).astype(np.float32)
    label = np.arange(n) % 2
    images[label == 1, 4:8, 4:8] += 1.0
    return images, label


def compiled(model: Any, steps: int) -> Any:
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss=keras.losses.BinaryCrossentropy(from_logits=True))
    return model


def batches(epoch: int) -> Any:
    import tensorflow as tf

    images, label = pictures(STEPS * 8, epoch)
    return tf.data.Dataset.from_tensor_slices((images, label[:, None].astype(np.float32))).batch(8)


def judge(outputs: Sequence[np.ndarray]) -> Judged:
    (logit,) = outputs
    label = np.resize(pictures(40, 99)[1], len(logit))
    return Judged({"auroc": auroc(label, logit[:, 0])}, {"brier": 0.1}, logit[:, 0] > 0)


@pytest.fixture(scope="module")
def trained() -> Compressible:
    set_up(4)
    model = compiled(network(), 1)
    for epoch in range(3):
        model.fit(batches(epoch + 50), verbose=0)
    weights = model.get_weights()

    def fresh() -> Any:
        made = network()
        made.set_weights(weights)
        return made

    examples, inputs = pictures(64, 7)[0], pictures(40, 99)[0]
    return Compressible("spots", "spots", fresh, compiled, batches, STEPS, 2, examples, inputs, judge, "40 made-up pictures")


def test_the_schedule_starts_fast_and_ends_at_the_share() -> None:
    shares = [share_at(step, 100, 0.8) for step in range(101)]
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert shares[30] == pytest.approx(0.8 * (1 - 0.5**3))
    assert shares[60] == shares[100] == pytest.approx(0.8)


def test_the_smallest_weights_go_first_and_stay_away() -> None:
    weights = np.array([[0.1, -0.5], [0.0, 2.0]], dtype=np.float32)
    assert kept(weights, 0.5).tolist() == [[False, True], [False, True]]
    assert kept(weights * kept(weights, 0.5), 0.5).tolist() == [[False, True], [False, True]]
    assert kept(weights, 0.0).all()


def test_only_large_kernels_are_pruned(trained: Compressible) -> None:
    (kernel,) = prunable(trained.fresh())
    assert kernel.shape == (3, 3, 12, 16)


def test_half_of_a_pruned_network_is_nothing(trained: Compressible, tmp_path: Path) -> None:
    run = Run(tmp_path, 1, progress=lambda _: None)
    assert sparsity(trained.fresh()) == 0
    assert sparsity(tuned(trained, 0.5, False, run)) == pytest.approx(0.5, abs=1e-3)
    assert sparsity(tuned(trained, 0.5, True, run)) == pytest.approx(0.5, abs=1e-3), "nothing comes back"


def test_weights_are_rounded_for_each_channel() -> None:
    weights = np.array([[100.0, 0.01], [-127.0, 0.0127], [0.4, 0.0]], dtype=np.float32)
    assert rounded_weights(weights, 1) == pytest.approx(np.array([[100, 0.01], [-127, 0.0127], [0, 0]]), abs=1e-6)


def test_activations_keep_zero_and_256_steps() -> None:
    x = np.linspace(-1, 3, 1001, dtype=np.float32)
    x[0] = 0
    found = np.asarray(Rounded()(x))
    assert found[0] == 0
    assert len(np.unique(found.round(5))) <= 256
    assert np.abs(found - x).max() <= 4 / 255 / 2 + 1e-5


def test_gradients_pass_the_rounding() -> None:
    import tensorflow as tf

    x = tf.Variable([0.1, 0.7, 2.0])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(Rounded()(x) * [1.0, 2.0, 3.0])
    assert np.asarray(tape.gradient(y, x)).tolist() == [1.0, 2.0, 3.0]


def test_what_is_fused_is_not_rounded_and_weights_are_shared(trained: Compressible) -> None:
    model = trained.fresh()
    twin = with_rounded_activations(model)
    rounded = [layer for layer in twin.layers if isinstance(layer, Rounded)]
    # ReLU, ReLU6, ReLU, pooling and the logit; nothing between convolution, normalisation and ReLU
    assert len(rounded) == 5
    assert all(any(one is other for other in model.variables) for one in twin.trainable_variables)
    images = trained.inputs
    assert np.abs(np.asarray(twin(images)) - np.asarray(model(images))).max() < 0.2


def test_networks_inside_a_network_are_rounded_and_pruned_too(trained: Compressible) -> None:
    outer = keras.Input((SIDE, SIDE, 1))
    model = keras.Model(outer, trained.fresh()(outer))
    assert len(prunable(model)) == 1
    assert len(kernels(model)) == 4
    twin = with_rounded_activations(model)
    assert sum(isinstance(layer, Rounded) for layer in every_layer(twin)) >= 5
    assert all(any(one is other for other in model.variables) for one in twin.trainable_variables)


def test_a_step_is_computed_with_rounded_and_applied_to_exact_weights(trained: Compressible) -> None:
    model = trained.fresh()
    before = [variable.numpy() for variable, _ in kernels(model)]
    seen = list[np.ndarray]()

    class Spy(Callback):  # type: ignore[misc]
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            seen.extend(variable.numpy() for variable, _ in kernels(model))

    compiled(model, 1).optimizer.learning_rate = 1e-4
    model.fit(*pictures(8, 1), batch_size=8, verbose=0, callbacks=[RoundedWeights(kernels(model)), Spy()])
    for was, during, (variable, axis) in zip(before, seen, kernels(model), strict=True):
        assert np.array_equal(during, rounded_weights(was, axis))
        assert 0 < np.abs(variable.numpy() - was).max() < 3e-4, "the exact weights move by the step alone"


def test_variants_begin_with_what_all_are_held_against() -> None:
    found = list(variants((0.0, 0.5)))
    assert found[0] == Variant(0.0, False, Kind.FLOAT32)
    assert len({variant.key for variant in found}) == len(found) == 10


def test_the_table_and_that_folds_are_judged_together(trained: Compressible, tmp_path: Path) -> None:
    run = Run(tmp_path, 1, progress=lambda _: None)
    table = study([trained], run, lambda _: None, shares=(0.0,), rounds=3)
    rows = {(row["kind"], row["rounding"]): row for row in table["rows"]}
    floating, int8 = rows["float32", False], rows["int8", False]
    assert floating["flipped"] == 0
    assert int8["bytes"] < floating["bytes"]
    assert all(row["latency_ms"]["threads_1"] > 0 and row["latency_ms"]["threads_2"] > 0 for row in table["rows"])
    assert floating["metrics"]["auroc"] > 0.9
    assert int8["metrics"]["auroc"] > 0.9
    assert table["n"] == 40
    twice = study([trained, trained], run, lambda _: None, shares=(0.0,), rounds=1)
    assert twice["n"] == 80
    assert [row["metrics"] for row in twice["rows"]] == [row["metrics"] for row in table["rows"]]
    assert [row["flipped"] for row in twice["rows"]] == [2 * row["flipped"] for row in table["rows"]]


def test_pruning_shows_in_the_compressed_size(trained: Compressible, tmp_path: Path) -> None:
    run = Run(tmp_path, 1, progress=lambda _: None)
    whole, half = (to_tflite(tuned(trained, share, False, run), Kind.FLOAT32) for share in (0.0, 0.5))
    assert abs(len(whole) - len(half)) < 200
    assert len(gzip.compress(half)) < 0.9 * len(gzip.compress(whole))


def test_a_compiled_network_can_be_rounded(trained: Compressible) -> None:
    def own_loss(truth: Any, found: Any) -> Any:
        return keras.ops.mean(keras.ops.abs(truth - found))

    model = trained.fresh()
    model.compile(optimizer="adam", loss=own_loss)
    assert with_rounded_activations(model).count_params() == model.count_params()


def test_a_training_that_left_no_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataMissing, match=r"final\.keras is missing"):
        saved_model(tmp_path)


def test_every_model_of_the_comparison_can_be_imported() -> None:
    assert {name: callable(parts_of(name)) for name in PARTS} == dict.fromkeys(PARTS, True)
