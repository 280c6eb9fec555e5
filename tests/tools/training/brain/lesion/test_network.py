from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="TensorFlow comes with the training extra only")

import tensorflow as tf

from models.interpreter import Network
from models.lesion_input import CELLS, SERIES, SIDE
from tests.tools.training.brain.lesion import making
from tools.training.brain.lesion import network, train
from tools.training.brain.lesion.findings import Data
from tools.training.brain.lesion.fit import PEAK_RATE, Batches, fit, schedule, steps
from tools.training.brain.lesion.sampling import read
from tools.training.brain.lesion.slim import slim
from tools.training.convert import Kind, to_tflite
from tools.training.run import Run


def truth(ill: bool, counts: float = 1.0) -> np.ndarray:
    """Return the target of one slice: a square tumour, or none."""
    target = np.zeros((1, CELLS, CELLS, 2), dtype=np.float32)
    target[..., 1] = counts
    if ill:
        target[0, 20:30, 20:30, 0] = 1
    return target


def loss_of(logits: np.ndarray, target: np.ndarray) -> float:
    return float(network.loss(tf.constant(target), tf.constant(logits, dtype=tf.float32)))


def test_the_right_answer_costs_nothing_and_the_opposite_much() -> None:
    target = truth(True)
    right = np.where(target[..., :1] > 0, 20.0, -20.0)
    assert loss_of(right, target) < 0.01
    assert loss_of(-right, target) > 10


def test_without_a_tumour_only_false_alarms_cost() -> None:
    quiet = np.full((1, CELLS, CELLS, 1), -20.0)
    alarm = quiet.copy()
    alarm[0, 40:44, 40:44] = 10.0
    assert loss_of(quiet, truth(False)) < 1e-6
    assert loss_of(alarm, truth(False)) > network.SLICE_WEIGHT * 9


def test_a_slice_that_does_not_count_has_no_term_of_its_own() -> None:
    alarm = np.full((1, CELLS, CELLS, 1), -20.0)
    alarm[0, 40:44, 40:44] = 10.0
    difference = loss_of(alarm, truth(False)) - loss_of(alarm, truth(False, counts=0.0))
    assert difference == pytest.approx(network.SLICE_WEIGHT * 10.0, rel=0.01)


def test_dice_is_that_of_slices_with_a_tumour() -> None:
    """A missed tumour costs the same beside any number of slices without one."""
    quiet = np.full((1, CELLS, CELLS, 1), -20.0)
    alone = loss_of(quiet, truth(True, counts=0.0))
    together = loss_of(np.repeat(quiet, 4, axis=0), np.concatenate([truth(True, counts=0.0), *[truth(False, counts=0.0)] * 3]))
    cells = 100 * 20 / CELLS**2
    assert alone == pytest.approx(1 + cells, abs=0.02)
    assert together == pytest.approx(1 + cells / 4, abs=0.02)


def test_the_int8_network_is_small_and_does_what_the_float_one_does() -> None:
    tf.keras.utils.set_random_seed(1)
    model = network.both_ways(network.build(None))
    inputs = train.golden_inputs(1)
    converted = to_tflite(model, Kind.INT8, list(inputs))
    slimmed = slim(converted)
    assert len(slimmed) <= train.MODEL_LIMIT < len(converted)
    small, whole = Network(slimmed), Network(converted)
    assert small.input == whole.input
    for one in inputs:
        assert np.array_equal(small(one), whole(one))
    assert small.input.shape == (1, SIDE, SIDE, len(SERIES))
    assert small.output.shape == (1, CELLS, CELLS, 1)
    expected = np.asarray(model(inputs[:1], training=False))
    assert np.abs(small(inputs[0]) - expected).max() < 0.25 * np.ptp(expected) + 0.1


def test_a_mirrored_slice_gives_the_mirrored_map() -> None:
    tf.keras.utils.set_random_seed(1)
    one_way = network.build(None)
    model = network.both_ways(one_way)
    slices = train.golden_inputs(1)[:2]
    plain, mirrored = np.asarray(model(slices)), np.asarray(model(slices[:, :, ::-1]))
    assert plain.shape == (2, CELLS, CELLS, 1)
    assert np.allclose(plain, mirrored[:, :, ::-1], atol=1e-5)
    assert np.allclose(
        plain, (np.asarray(one_way(slices)) + np.asarray(one_way(slices[:, :, ::-1]))[:, :, ::-1]) / 2, atol=1e-5
    )
    assert model.count_params() == one_way.count_params()


def test_the_learning_rate_rises_and_falls() -> None:
    rate = schedule(200)
    found = [float(rate(step)) for step in (0, 10, 105, 200)]
    assert found == pytest.approx([PEAK_RATE / 20, PEAK_RATE, PEAK_RATE * 0.51, PEAK_RATE * 0.02], rel=0.01)


def test_a_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    data = Data.read(making.write(tmp_path / "data"))
    prepared = read([*data.train, *data.types_train])
    assert steps(prepared) == 1
    said: list[str] = []
    run = Run(tmp_path / "work", 1, progress=said.append)
    first = fit(prepared, read(data.val), run, epochs=1, weights=None)
    again = fit(prepared, read(data.val), run, epochs=1, weights=None)
    assert any("going on after epoch 1" in line for line in said)
    for one, other in zip(first.variables, again.variables, strict=True):
        assert np.array_equal(np.array(one), np.array(other))


def test_batches_are_functions_of_seed_and_epoch(tmp_path: Path) -> None:
    data = Data.read(making.write(tmp_path))
    prepared = read([*data.train, *data.types_train])
    one, same, later = (Batches(prepared, 1, epoch)[0] for epoch in (0, 0, 1))
    assert np.array_equal(one[0], same[0])
    assert np.array_equal(one[1], same[1])
    assert not np.array_equal(one[0], later[0])
    assert len(one[0]) == 14
