from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="TensorFlow comes with the training extra only")

from tests.tools.training.brain.type.making import made_up
from tools.training.brain.type import fit, network
from tools.training.brain.type.pictures import Pictures, load

SIDE = 64


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return random weights of a whole MobileNetV2, with statistics that folding must take into account."""
    import keras

    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV2(input_shape=(SIDE, SIDE, 3), alpha=1.0, weights=None, include_top=False)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape).astype(np.float32) for weight in layer.get_weights()])
    path = tmp_path_factory.mktemp("weights") / "mobilenet.weights.h5"
    model.save_weights(path)
    return path


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    return load(made_up(tmp_path_factory.mktemp("data")), "train", SIDE)


def test_the_cut_grey_network_is_the_published_one(weights: Path, pictures: Pictures) -> None:
    import keras

    whole = keras.applications.MobileNetV2(input_shape=(SIDE, SIDE, 3), alpha=1.0, weights=None, include_top=False)
    whole.load_weights(weights)
    expected = keras.Model(whole.input, whole.get_layer("block_13_expand_relu").output)
    own = network.build(3, side=SIDE)
    network.start_from(own, weights)
    found = keras.Model(own.input, own.get_layer("block_13_expand_relu").output)
    grey = network.to_range(pictures.image[:2])
    assert np.asarray(found(grey)) == pytest.approx(np.asarray(expected(np.repeat(grey, 3, axis=-1))), abs=2e-3)


def test_the_logits_are_the_mean_of_the_evidence(weights: Path, pictures: Pictures) -> None:
    model = network.build(3, side=SIDE)
    network.start_from(model, weights)
    logits, evidence = network.outputs(model, pictures.image[:3])
    assert evidence.shape == (3, 4, 4, 3)
    assert logits == pytest.approx(evidence.mean(axis=(1, 2)), abs=1e-4)


def test_a_slice_and_its_mirror_image_get_one_answer_and_mirrored_maps(weights: Path, pictures: Pictures) -> None:
    single = network.build(3, side=SIDE)
    network.start_from(single, weights)
    model, some = network.both_ways(single), pictures.image[:3]
    (logits, evidence), (mirrored, turned) = network.outputs(model, some), network.outputs(model, some[:, :, ::-1])
    assert logits == pytest.approx(mirrored, abs=1e-4)
    assert evidence == pytest.approx(turned[:, :, ::-1], abs=1e-4)
    alone = [network.outputs(single, one)[0] for one in (some, some[:, :, ::-1])]
    assert logits == pytest.approx((alone[0] + alone[1]) / 2, abs=1e-4)
    assert logits == pytest.approx(evidence.mean(axis=(1, 2)), abs=1e-4)


def test_the_outline_is_learnt_by_the_network_that_is_shipped(weights: Path) -> None:
    model = network.build(3, side=SIDE)
    network.start_from(model, weights)
    whole = network.with_outline(model)
    assert whole.output_shape == [(None, 3), (None, 4, 4, 3), (None, 4, 4, 1)]
    assert whole.get_layer("block_12_project").kernel is model.get_layer("block_12_project").kernel


def test_evidence_counts_where_the_outline_is(pictures: Pictures) -> None:
    """An outline that is sure of one cell leaves the evidence of that cell alone, as many times as there are cells."""
    import keras

    model = network.build(3, side=SIDE)
    inner = keras.Model(model.input, [model.get_layer(name).output for name in ("outline", "everywhere", "evidence")])
    outline, everywhere, evidence = (np.asarray(one) for one in inner(network.to_range(pictures.image[:2])))
    share = np.exp(outline - outline.max(axis=(1, 2, 3), keepdims=True))
    share /= share.sum(axis=(1, 2, 3), keepdims=True)
    assert evidence == pytest.approx(everywhere * share * 16, abs=1e-4)


def test_an_outline_that_is_right_costs_little() -> None:
    share = np.zeros((2, 4, 4, 1), dtype=np.float32)
    share[:, 1:3, 1:3] = 1
    right = np.where(share > 0, 12.0, -12.0).astype(np.float32)
    found = np.asarray(fit.outline_loss(share, np.stack([right[0], -right[0]])))
    assert found[0] == pytest.approx(0, abs=1e-2)
    assert found[1] > 10


def test_evidence_at_and_beside_the_tumour_is_free() -> None:
    mask = np.zeros((64, 64), dtype=np.float32)
    mask[2:6, 2:6] = 1
    outside = fit.outside_of(mask)[..., 0]
    assert outside.tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]
    assert not fit.outside_of(np.zeros((64, 64), dtype=np.float32)).any()


def test_only_evidence_that_decides_and_lies_outside_costs() -> None:
    outside = np.ones((1, 2, 2, 1), dtype=np.float32)
    alike = np.full((1, 2, 2, 3), 5.0, dtype=np.float32)
    assert float(fit.outside_share(outside, alike)[0]) == pytest.approx(0)
    deciding = np.zeros((1, 2, 2, 3), dtype=np.float32)
    deciding[0, 0, 0, 0] = 3.0
    assert float(fit.outside_share(outside, deciding)[0]) == pytest.approx((2 + 1 + 1) / (4 * 3))
    outside[0, 0, 0] = 0
    assert float(fit.outside_share(outside, deciding)[0]) == pytest.approx(0)


def test_every_type_weighs_the_same_in_an_epoch(pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "BATCH", len(pictures))
    ((image, (target, outside, outline), (weight, again, third)),) = fit.batches(pictures, 3, seed=1, epoch=0)
    assert image.shape == (len(pictures), SIDE, SIDE, 1)
    assert image.min() >= -1
    assert image.max() <= 1
    assert outside.shape == outline.shape == (len(pictures), 4, 4, 1)
    assert 0 < outline.max() <= 1
    assert not (outline * outside).any(), "where there is tumour, evidence is free"
    assert (target * weight[:, None]).sum(axis=0) == pytest.approx([len(pictures) / 3] * 3)
    assert np.array_equal(weight, again)
    assert np.array_equal(weight, third)


def test_an_epoch_is_the_same_each_time_and_unlike_the_next(pictures: Pictures) -> None:
    first, again, following = (next(fit.batches(pictures, 3, seed=1, epoch=epoch))[0] for epoch in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, following)


def test_the_first_blocks_keep_their_pretrained_weights_and_the_others_do_not(weights: Path) -> None:
    model = network.build(3, side=SIDE)
    network.start_from(model, weights)
    trained = {layer.name: layer.trainable for layer in model.layers if layer.weights}
    assert not trained["Conv1"]
    assert not trained["block_2_project"]
    assert trained["block_3_expand"]
    assert trained["everywhere"]


def test_the_rate_rises_and_falls() -> None:
    schedule = fit.schedule(100, 1e-3)
    rates = [float(schedule(step)) for step in range(101)]
    assert rates[0] == pytest.approx(1e-5)
    assert max(rates) == pytest.approx(1e-3)
    assert rates.index(max(rates)) == 10
    assert rates[-1] == pytest.approx(1e-5)
