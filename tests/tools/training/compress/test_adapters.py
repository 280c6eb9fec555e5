"""What the models' own parts of the comparison do with outputs that were measured before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="TensorFlow comes with the training extra only")

from tools.training.compress.brain_anomaly import _Answers
from tools.training.compress.brain_lesion import _bare, _given
from tools.training.compress.breast import _Judge
from tools.training.compress.trained import saved_model


def test_a_slice_is_answered_with_its_own_outputs_whatever_their_order() -> None:
    rng = np.random.default_rng(1)
    images = rng.normal(size=(5, 64, 64)).astype(np.float32)
    made, latent = images[..., None] * 2, np.arange(5.0)[:, None]
    for outputs in ((made, latent), (latent, made)):
        answers = _Answers(images, outputs)
        for index in (3, 0, 4):
            rebuilt, code = answers(images[index])
            assert np.array_equal(rebuilt, 2 * images[index])
            assert code == [index]
        assert answers(made[0, ..., 0])[1] == [0.0], "of a reconstruction nothing was asked"


def test_maps_are_given_in_the_order_of_the_slices() -> None:
    cells = np.arange(6.0).reshape(6, 1, 1, 1)
    ask = _given(cells)
    assert ask(np.zeros((4, 2, 2), np.float32)).ravel().tolist() == [0, 1, 2, 3]
    assert ask(np.zeros((2, 2, 2), np.float32)).ravel().tolist() == [4, 5]


def test_the_breast_network_is_judged_on_the_years_with_both_classes() -> None:
    label = np.tile([0, 1], 20)
    mixed = np.arange(40) < 30
    score = np.where(mixed, label * 2.0 - 1 + np.linspace(-1, 1, 40), -label)[:, None]
    found = _Judge(mixed, label)([score])
    assert found.metrics["auroc"] > 0.9
    assert len(found.decisions) == 30
    assert found.calibration["brier"] < 0.25


def test_a_network_is_found_and_copied_whose_inner_one_was_compiled_with_a_loss_of_ours(tmp_path: Path) -> None:
    """As the lesion network: trained one way, shipped looking both ways."""
    import keras

    from tools.training.brain.lesion import network
    from tools.training.compress.rounding import with_rounded_activations

    inner = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(1, 3, padding="same")])
    inner.compile(optimizer="adam", loss=network.loss)
    whole = network.both_ways(inner)
    whole.save(tmp_path / "final.keras")
    image = np.random.default_rng(1).normal(size=(1, 8, 8, 1)).astype(np.float32)
    fresh = _bare(saved_model(tmp_path, known={"loss": network.loss})())
    np.testing.assert_array_equal(fresh(image), whole(image))
    np.testing.assert_allclose(with_rounded_activations(fresh)(image), whole(image), atol=0.1)
